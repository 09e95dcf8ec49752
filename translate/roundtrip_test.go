package translate

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"github.com/keeprouter/keeprouter-go"
	"github.com/keeprouter/keeprouter-go/internal/jsonx"
)

const rounds = 100

func wire(t testing.TB, v any) string {
	t.Helper()
	data, err := jsonx.Encode(v)
	require.NoError(t, err)
	var indented bytes.Buffer
	require.NoError(t, json.Indent(&indented, data, "", " "))
	return indented.String()
}

// meaningful leaves out the minor diagnostics.
func meaningful(diagnostics []Diagnostic) []Diagnostic {
	var kept []Diagnostic
	for _, d := range diagnostics {
		if !d.Minor {
			kept = append(kept, d)
		}
	}
	return kept
}

// canned answers every request; only what is refused before it is sent fails.
type canned struct{}

func (canned) RoundTrip(req *http.Request) (*http.Response, error) {
	body := `{"id":"a","choices":[{"index":0,"finish_reason":"stop","message":{"role":"assistant","content":"ok"}}]}`
	if strings.HasSuffix(req.URL.Path, "/messages") {
		body = `{"id":"a","type":"message","role":"assistant","content":[],"stop_reason":"end_turn","usage":{}}`
	}
	return &http.Response{
		StatusCode: http.StatusOK, Header: http.Header{"Content-Type": {"application/json"}},
		Body: io.NopCloser(strings.NewReader(body)), Request: req,
	}, nil
}

func newClient(t testing.TB) *keeprouter.Client {
	t.Helper()
	client, err := keeprouter.NewClient(&keeprouter.Options{
		Key: keeprouter.NewKey("kr-test-translate"), BaseURL: "https://gateway.example",
		HTTPClient: &http.Client{Transport: canned{}},
	})
	require.NoError(t, err)
	return client
}

func TestChatRequestSurvivesMessages(t *testing.T) {
	client := newClient(t)
	for seed := range uint64(rounds) {
		req := newGenerator(seed).chatRequest()
		there, _, diagnostics, err := Translator{Policy: Strict}.ToMessages(req)
		require.NoError(t, err, "seed %d: %s", seed, wire(t, req))
		require.Empty(t, meaningful(diagnostics), "seed %d", seed)
		_, err = client.Messages.Create(context.Background(), there)
		require.NoError(t, err, "seed %d: %s", seed, wire(t, there))
		back, _, diagnostics, err := Translator{Policy: Strict}.ToChat(reread(t, there))
		require.NoError(t, err, "seed %d: %s", seed, wire(t, there))
		require.Empty(t, meaningful(diagnostics), "seed %d", seed)
		if diff := cmp.Diff(wire(t, req), wire(t, back)); diff != "" {
			t.Fatalf("seed %d (-want +got):\n%s", seed, diff)
		}
	}
}

func TestMessagesRequestSurvivesChat(t *testing.T) {
	client := newClient(t)
	for seed := range uint64(rounds) {
		req := newGenerator(seed).messagesRequest()
		there, _, diagnostics, err := Translator{Policy: Strict}.ToChat(req)
		require.NoError(t, err, "seed %d: %s", seed, wire(t, req))
		require.Empty(t, meaningful(diagnostics), "seed %d", seed)
		_, err = client.Chat.Create(context.Background(), there)
		require.NoError(t, err, "seed %d: %s", seed, wire(t, there))
		back, _, diagnostics, err := Translator{Policy: Strict}.ToMessages(reread(t, there))
		require.NoError(t, err, "seed %d: %s", seed, wire(t, there))
		require.Empty(t, meaningful(diagnostics), "seed %d", seed)
		if diff := cmp.Diff(wire(t, req), wire(t, back)); diff != "" {
			t.Fatalf("seed %d (-want +got):\n%s", seed, diff)
		}
	}
}

// reread sends a value over the wire.
func reread[T any](t testing.TB, v *T) *T {
	t.Helper()
	data, err := jsonx.Encode(v)
	require.NoError(t, err)
	read := new(T)
	require.NoError(t, json.Unmarshal(data, read))
	return read
}

func answering(policy Policy) *Session {
	return &Session{translator: Translator{Policy: policy, Now: func() time.Time { return time.Unix(created, 0) }}}
}

func TestChatResponseSurvivesMessages(t *testing.T) {
	for seed := range uint64(rounds) {
		resp := reread(t, newGenerator(seed).chatResponse())
		there, diagnostics, err := answering(Strict).MessagesResponse(resp)
		require.NoError(t, err, "seed %d: %s", seed, wire(t, resp))
		require.Empty(t, meaningful(diagnostics), "seed %d", seed)
		arrived := reread(t, there)
		require.Equal(t, resp.Usage, there.Usage, "seed %d", seed)
		require.Equal(t, resp.Usage, arrived.Usage, "seed %d", seed)
		back, diagnostics, err := answering(Strict).ChatResponse(arrived)
		require.NoError(t, err, "seed %d: %s", seed, wire(t, there))
		require.Empty(t, meaningful(diagnostics), "seed %d", seed)
		if diff := cmp.Diff(wire(t, resp), wire(t, back)); diff != "" {
			t.Fatalf("seed %d (-want +got):\n%s", seed, diff)
		}
	}
}

func TestMessagesResponseSurvivesChat(t *testing.T) {
	for seed := range uint64(rounds) {
		resp := reread(t, newGenerator(seed).messagesResponse())
		there, diagnostics, err := answering(Strict).ChatResponse(resp)
		require.NoError(t, err, "seed %d: %s", seed, wire(t, resp))
		require.Empty(t, meaningful(diagnostics), "seed %d", seed)
		arrived := reread(t, there)
		require.Equal(t, resp.Usage, there.Usage, "seed %d", seed)
		back, diagnostics, err := answering(Strict).MessagesResponse(arrived)
		require.NoError(t, err, "seed %d: %s", seed, wire(t, there))
		require.Empty(t, meaningful(diagnostics), "seed %d", seed)
		require.Equal(t, resp.Usage, back.Usage, "seed %d", seed)
		if diff := cmp.Diff(wire(t, resp), wire(t, back)); diff != "" {
			t.Fatalf("seed %d (-want +got):\n%s", seed, diff)
		}
	}
}
