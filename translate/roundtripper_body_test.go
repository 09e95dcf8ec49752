package translate_test

import (
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"

	"github.com/keeprouter/keeprouter-go/translate"
)

const askStream = `{"model":"m","max_tokens":9,"stream":true,"messages":[{"role":"user","content":"Hello"}]}`

// tripper is a RoundTripper.
type tripper func(*http.Request) (*http.Response, error)

func (f tripper) RoundTrip(req *http.Request) (*http.Response, error) { return f(req) }

func TestClosingAStreamEndsAReadThatWaits(t *testing.T) {
	for _, server := range []translate.Format{translate.Chat, translate.Messages} {
		t.Run(string(server), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				silent, writer := io.Pipe()
				defer writer.Close()
				rt := &translate.RoundTripper{Server: server, Next: tripper(func(req *http.Request) (*http.Response, error) {
					header := http.Header{"Content-Type": {"text/event-stream"}}
					return &http.Response{StatusCode: http.StatusOK, Header: header, Body: silent, Request: req}, nil
				})}
				path := map[translate.Format]string{translate.Chat: "/v1/messages", translate.Messages: "/v1/chat/completions"}[server]
				req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://server.test"+path, strings.NewReader(askStream))
				require.NoError(t, err)
				resp, err := rt.RoundTrip(req)
				require.NoError(t, err)
				ended := make(chan error)
				go func() {
					_, err := io.Copy(io.Discard, resp.Body)
					ended <- err
				}()
				synctest.Wait()
				require.NoError(t, resp.Body.Close())
				require.ErrorIs(t, <-ended, http.ErrBodyReadAfterClose)
				require.NoError(t, resp.Body.Close(), "again")
			})
		})
	}
}

// TestTheTranslatedBodyHasItsLength gives the server a length, which some want, where
// the client's body came in chunks.
func TestTheTranslatedBodyHasItsLength(t *testing.T) {
	rt := &translate.RoundTripper{Server: translate.Chat, Next: tripper(func(req *http.Request) (*http.Response, error) {
		body, err := io.ReadAll(req.Body)
		require.NoError(t, err)
		require.Equal(t, int64(len(body)), req.ContentLength)
		require.Empty(t, req.TransferEncoding)
		require.Empty(t, req.Trailer)
		header := http.Header{"Content-Type": {"application/json"}}
		answer := `{"id":"a","choices":[{"index":0,"finish_reason":"stop","message":{"role":"assistant","content":"ok"}}]}`
		return &http.Response{StatusCode: http.StatusOK, Header: header, Body: io.NopCloser(strings.NewReader(answer)), Request: req}, nil
	})}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://server.test/v1/messages", io.NopCloser(strings.NewReader(askStream)))
	require.NoError(t, err)
	req.ContentLength, req.TransferEncoding, req.Trailer = -1, []string{"chunked"}, http.Header{"X-Sum": nil}
	resp, err := rt.RoundTrip(req)
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, resp.StatusCode)
}

// TestAWholeAnswerBecomesAStream has servers that don't stream, and clients that read
// nothing else.
func TestAWholeAnswerBecomesAStream(t *testing.T) {
	for name, tc := range map[string]struct {
		server      translate.Format
		path, whole string
		want        []string // in this order
	}{
		"of Chat": {
			translate.Chat, "/v1/messages",
			"{\n\"id\":\"a\",\"model\":\"m\",\"choices\":[{\"index\":0,\"finish_reason\":\"tool_calls\",\"message\":{\"role\":\"assistant\",\"content\":\"Hi\"," +
				"\"tool_calls\":[{\"id\":\"c\",\"type\":\"function\",\"function\":{\"name\":\"f\",\"arguments\":\"{}\"}}]}}],\"usage\":{\"prompt_tokens\":7,\"completion_tokens\":3}}",
			[]string{"event: message_start", "text_delta", "Hi", "event: content_block_stop", "tool_use", "input_json_delta", "event: message_delta", `"stop_reason":"tool_use"`, `"output_tokens":3`, "event: message_stop"},
		},
		"of Messages": {
			translate.Messages, "/v1/chat/completions",
			`{"id":"a","type":"message","role":"assistant","model":"m","content":[{"type":"text","text":"Hi"},{"type":"tool_use","id":"c","name":"f","input":{}}],"stop_reason":"tool_use","usage":{"input_tokens":7,"output_tokens":3}}`,
			[]string{`"role":"assistant"`, `"content":"Hi"`, `"tool_calls"`, `"finish_reason":"tool_calls"`, `"completion_tokens":3`, "data: [DONE]"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			srv := served{format: tc.server, body: tc.whole}
			resp, body := srv.ask(t, http.MethodPost, tc.path, strings.Replace(askStream, `"stream":true`, `"stream":true,"stream_options":{"include_usage":true}`, 1))
			require.Equal(t, "text/event-stream", resp.Header.Get("Content-Type"))
			for _, want := range tc.want {
				_, after, ok := strings.Cut(body, want)
				require.True(t, ok, "%s is missing in what is left:\n%s", want, body)
				body = after
			}
		})
	}
}
