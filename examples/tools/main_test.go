package main

import (
	"bytes"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestTools(t *testing.T) {
	t.Setenv("KEEPROUTER_KEY", "")
	var out bytes.Buffer
	require.NoError(t, run(t.Context(), &out))
	_, both, found := strings.Cut(out.String(), "Chat Completions: ")
	require.True(t, found)
	chat, messages, found := strings.Cut(both, "\nMessages: ")
	require.True(t, found)
	require.Equal(t, strings.TrimSpace(chat), strings.TrimSpace(messages), "both formats do the same")
	for _, want := range []string{
		`call temperature {"city":"Oslo"}`,
		"temperature returned 21.5\n",
		"convert returned 8.1\n",
		"step 1: 187 in, 42 out, $0.00003714\n",
		"  Bern is warmer, by 8.1 degrees Fahrenheit.\n",
		"in all: 3 steps, $0.00011172\n",
	} {
		require.Contains(t, chat, want)
	}
}
