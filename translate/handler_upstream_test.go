package translate_test

import (
	"compress/gzip"
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/keeprouter/keeprouter-go/translate"
)

// before puts a handler before a server of Chat.
func before(t *testing.T, rt *translate.RoundTripper, server http.HandlerFunc) (proxy http.Handler, connections *atomic.Int32) {
	t.Helper()
	connections = new(atomic.Int32)
	upstream := httptest.NewUnstartedServer(server)
	upstream.Config.ConnState = func(_ net.Conn, s http.ConnState) {
		if s == http.StateNew {
			connections.Add(1)
		}
	}
	upstream.Start()
	t.Cleanup(upstream.Close)
	address, err := url.Parse(upstream.URL)
	require.NoError(t, err)
	if rt.Next == nil {
		transport := &http.Transport{}
		t.Cleanup(transport.CloseIdleConnections)
		rt.Next = transport
	}
	rt.Server = translate.Chat
	return translate.Handler(address, rt), connections
}

// asked is a proxy's answer to a client of Messages.
func asked(t *testing.T, proxy http.Handler, method, path, body string, header ...string) *httptest.ResponseRecorder {
	t.Helper()
	req := httptest.NewRequestWithContext(t.Context(), method, path, strings.NewReader(body))
	req.Header.Set("Anthropic-Version", "2023-06-01")
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	recorder := httptest.NewRecorder()
	proxy.ServeHTTP(recorder, req)
	return recorder
}

const chatStreamOK = "data: {\"id\":\"1\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"a\"},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n"

func TestTranslatedStreamsShareAConnection(t *testing.T) {
	proxy, connections := before(t, &translate.RoundTripper{}, func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		w.Header().Set("Content-Type", "text/event-stream")
		_, _ = io.WriteString(w, chatStreamOK)
		_ = http.NewResponseController(w).Flush() // so that the end comes on its own
	})
	for range 10 {
		require.Contains(t, asked(t, proxy, http.MethodPost, "/v1/messages", askStream).Body.String(), "message_stop")
	}
	require.Less(t, connections.Load(), int32(6), "of ten streams; a machine under load may be late with an end")
}

func TestStreamsWithoutTheirMediaType(t *testing.T) {
	for _, kind := range []string{"text/plain", "application/octet-stream", "application/x-ndjson"} {
		proxy, _ := before(t, &translate.RoundTripper{}, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", kind)
			_, _ = io.WriteString(w, chatStreamOK)
		})
		answer := asked(t, proxy, http.MethodPost, "/v1/messages", askStream)
		require.Equal(t, "text/event-stream", answer.Header().Get("Content-Type"), kind)
		require.Contains(t, answer.Body.String(), "message_stop", kind)
	}
}

func TestKeysOfEveryScheme(t *testing.T) {
	for given, want := range map[string]string{"Bearer k": "Bearer k", "bearer k": "Bearer k", "BEARER  k": "Bearer k", "Basic dTpw": "Basic dTpw"} {
		var got string
		proxy, _ := before(t, &translate.RoundTripper{}, func(_ http.ResponseWriter, r *http.Request) { got = r.Header.Get("Authorization") })
		asked(t, proxy, http.MethodPost, "/v1/messages", askStream, "Authorization", given)
		require.Equal(t, want, got)
	}
}

// TestErrorsOfTheWayKeepTheirMeaning has what goes wrong between client and server.
func TestErrorsOfTheWayKeepTheirMeaning(t *testing.T) {
	t.Run("a request that someone before the handler finds too large", func(t *testing.T) {
		proxy, _ := before(t, &translate.RoundTripper{}, func(http.ResponseWriter, *http.Request) {})
		answer := asked(t, http.MaxBytesHandler(proxy, 20), http.MethodPost, "/v1/messages", askStream)
		require.Equal(t, http.StatusRequestEntityTooLarge, answer.Code)
		require.Contains(t, answer.Body.String(), "request_too_large")
	})
	t.Run("an event that is larger than the limit", func(t *testing.T) {
		proxy, _ := before(t, &translate.RoundTripper{MaxBody: 1 << 10}, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/event-stream")
			_, _ = io.WriteString(w, strings.Replace(chatStreamOK, `"a"`, `"`+strings.Repeat("a", 2<<10)+`"`, 1))
		})
		require.Contains(t, asked(t, proxy, http.MethodPost, "/v1/messages", askStream).Body.String(), "exceeds the limit of 1024 bytes")
	})
	t.Run("a server that takes too long", func(t *testing.T) {
		released := make(chan struct{})
		transport := &http.Transport{ResponseHeaderTimeout: time.Millisecond}
		t.Cleanup(transport.CloseIdleConnections)
		proxy, _ := before(t, &translate.RoundTripper{Next: transport}, func(http.ResponseWriter, *http.Request) { <-released })
		answer := asked(t, proxy, http.MethodPost, "/v1/messages", askStream)
		close(released)
		require.Equal(t, http.StatusGatewayTimeout, answer.Code)
	})
	t.Run("an error whose body is cut", func(t *testing.T) {
		proxy, _ := before(t, &translate.RoundTripper{}, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "500")
			w.Header().Set("X-Should-Retry", "true")
			w.WriteHeader(http.StatusTooManyRequests)
			_, _ = io.WriteString(w, `{"error":{"mess`)
		})
		answer := asked(t, proxy, http.MethodPost, "/v1/messages", askStream)
		require.Equal(t, http.StatusTooManyRequests, answer.Code)
		require.Equal(t, "true", answer.Header().Get("X-Should-Retry"))
		require.Contains(t, answer.Body.String(), "rate_limit_error")
	})
	t.Run("a compressed error on a path beside the messages", func(t *testing.T) {
		proxy, _ := before(t, &translate.RoundTripper{}, func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Encoding", "gzip")
			w.WriteHeader(http.StatusNotFound)
			zipped := gzip.NewWriter(w)
			_, _ = io.WriteString(zipped, `{"error":{"message":"nothing here"}}`)
			_ = zipped.Close()
		})
		answer := asked(t, proxy, http.MethodGet, "/v1/files", "", "Accept-Encoding", "gzip")
		require.Equal(t, http.StatusNotFound, answer.Code)
		require.Contains(t, answer.Body.String(), "nothing here")
	})
}

func TestTheRequestIsLeftAsItIs(t *testing.T) {
	rt := &translate.RoundTripper{Server: translate.Chat, Next: tripper(func(req *http.Request) (*http.Response, error) {
		return nil, io.ErrUnexpectedEOF
	})}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://server.test/v1/messages", nil)
	require.NoError(t, err)
	resp, err := rt.RoundTrip(req)
	require.NoError(t, err)
	require.Equal(t, http.StatusBadRequest, resp.StatusCode)
	require.Nil(t, req.Body)
}

func TestCachedTokensOutliveALaterCount(t *testing.T) {
	srv := served{format: translate.Messages, sse: true, body: `data: {"type":"message_start","message":{"id":"1","content":[],"usage":{"input_tokens":10,"cache_read_input_tokens":100,"cache_creation_input_tokens":50,"output_tokens":1}}}` + "\n\n" +
		`data: {"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{"input_tokens":10,"output_tokens":5}}` + "\n\n" + `data: {"type":"message_stop"}` + "\n\n"}
	_, body := srv.ask(t, http.MethodPost, "/v1/chat/completions", strings.Replace(askStream, `"stream":true`, `"stream":true,"stream_options":{"include_usage":true}`, 1))
	require.Contains(t, body, `"prompt_tokens":160`)
}

func TestArgumentsBehindTheEndOfACallAreRefused(t *testing.T) {
	piece := func(members string) string {
		return `data: {"id":"1","choices":[{"index":0,"delta":{"tool_calls":[{"index":0,` + members + `}]}}]}` + "\n\n"
	}
	srv := served{format: translate.Chat, sse: true, body: piece(`"id":"c","function":{"name":"f","arguments":"{\"a\":1}"}`) + piece(`"function":{"arguments":"}"}`) +
		`data: {"id":"1","choices":[{"index":0,"delta":{},"finish_reason":"tool_calls"}]}` + "\n\ndata: [DONE]\n\n"}
	_, body := srv.ask(t, http.MethodPost, "/v1/messages", askStream)
	require.Contains(t, body, "event: error")
	require.NotContains(t, body, "message_stop")
}

// TestErrorsUnderASuccessKeepTheirWords has a server that answers 200 with an error.
func TestErrorsUnderASuccessKeepTheirWords(t *testing.T) {
	proxy, _ := before(t, &translate.RoundTripper{}, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, `{"error":{"message":"too many calls","type":"rate_limit_error","code":429}}`)
	})
	for _, body := range []string{askStream, strings.Replace(askStream, `"stream":true,`, "", 1)} {
		answer := asked(t, proxy, http.MethodPost, "/v1/messages", body)
		require.Equal(t, http.StatusTooManyRequests, answer.Code)
		require.Contains(t, answer.Body.String(), "too many calls")
	}
}

func TestAMessagesStreamMayEndBehindItsReason(t *testing.T) {
	srv := served{format: translate.Messages, sse: true, body: `data: {"type":"message_start","message":{"id":"1","content":[]}}` + "\n\n" +
		`data: {"type":"message_delta","delta":{"stop_reason":"end_turn"}}` + "\n\n"}
	_, body := srv.ask(t, http.MethodPost, "/v1/chat/completions", askStream)
	require.True(t, strings.HasSuffix(body, "data: [DONE]\n\n"), body)
	require.NotContains(t, body, "error")
}

// TestACutStreamSaysSo breaks the connection inside a stream.
func TestACutStreamSaysSo(t *testing.T) {
	proxy, _ := before(t, &translate.RoundTripper{}, func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		w.Header().Set("Content-Type", "text/event-stream")
		first, _, _ := strings.Cut(strings.Replace(chatStreamOK, `"stop"`, "null", 1), "data: [DONE]")
		_, _ = io.WriteString(w, first)
		_ = http.NewResponseController(w).Flush()
		panic(http.ErrAbortHandler)
	})
	answer := asked(t, proxy, http.MethodPost, "/v1/messages", askStream)
	require.Contains(t, answer.Body.String(), "ended before its end was marked")
}

// TestTheClientsOwnEndIsNoErrorOfTheServer lets the client's time pass while the server
// is silent.
func TestTheClientsOwnEndIsNoErrorOfTheServer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		rt := &translate.RoundTripper{Server: translate.Chat, Next: tripper(func(req *http.Request) (*http.Response, error) {
			silent, writer := io.Pipe()
			context.AfterFunc(req.Context(), func() { _ = writer.CloseWithError(req.Context().Err()) })
			header := http.Header{"Content-Type": {"text/event-stream"}}
			return &http.Response{StatusCode: http.StatusOK, Header: header, Body: silent, Request: req}, nil
		})}
		req, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://server.test/v1/messages", strings.NewReader(askStream))
		require.NoError(t, err)
		resp, err := rt.RoundTrip(req)
		require.NoError(t, err)
		data, err := io.ReadAll(resp.Body)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		require.Empty(t, string(data))
		require.NoError(t, resp.Body.Close())
	})
}
