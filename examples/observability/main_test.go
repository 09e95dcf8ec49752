package main

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestObservability(t *testing.T) {
	t.Setenv("KEEPROUTER_KEY", "")
	var out bytes.Buffer
	require.NoError(t, run(t.Context(), &out))
	for _, want := range []string{
		"Bern, at 21.5 degrees",
		"invoke_agent traveller",
		"\n├─ chat gemma-4-31B-it",
		"\n│  ├─ attempt",
		"error=rate_limited status=429",
		"\n├─ execute_tool temperature",
		"\n└─ chat gemma-4-31B-it",
		"steps=2 input=470 output=59 cost=0.00007705",
		"gen_ai.client.token.usage",
		"0.00007705",
	} {
		require.Contains(t, out.String(), want)
	}
}
