package main

import (
	"bytes"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestQuickstart(t *testing.T) {
	t.Setenv("KEEPROUTER_KEY", "")
	var out bytes.Buffer
	require.NoError(t, run(t.Context(), &out))
	for _, want := range []string{
		"the answers come from a local gateway",
		"gemma-4-31B-it, Chat Completions:\n  Hello!",
		"gemma-4-31B-it, Messages:\n  Hello!",
		"gemma-4-31B-it     $0.000295\n",
		"gemini-3.5-flash   $0.006\n",
	} {
		require.Contains(t, out.String(), want)
	}
	if n := strings.Count(out.String(), " in, "); n != 2 {
		t.Errorf("usage is printed %d times, want after each reply:\n%s", n, out.String())
	}
}
