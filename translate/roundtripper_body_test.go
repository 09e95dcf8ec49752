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
