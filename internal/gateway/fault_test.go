package gateway_test

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"github.com/keeprouter/keeprouter-go/internal/gateway"
)

const readAll = 1 << 30

// text is a reply of two pieces: a chat stream of six events with its usage and
// terminator, a Messages stream of eight.
func text(f gateway.Fault) gateway.Reply {
	return gateway.Reply{Deltas: []string{"Hel", "lo"}, Usage: &gateway.Usage{Input: 9, Output: 7}, Fault: f}
}

// streams runs a test on a healthy stream and a faulty one, in both formats.
func streams(t *testing.T, f gateway.Fault, check func(t *testing.T, healthy, faulty string)) {
	t.Helper()
	for _, tt := range []struct{ name, path, body string }{
		{"chat", chatPath, streamed(chatAsk)},
		{"messages", messagesPath, streamed(messagesAsk)},
	} {
		t.Run(tt.name, func(t *testing.T) {
			healthy := post(t, always(text(gateway.Fault{})), tt.path, tt.body)
			_, faulty, err := send(t, always(text(f)), tt.path, tt.body, readAll)
			require.NoError(t, err)
			check(t, healthy.body, faulty)
		})
	}
}

func blocks(stream string) []string { return strings.SplitAfter(stream, "\n\n") }

func TestEndAfterEvents(t *testing.T) {
	for n := range 9 {
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			streams(t, gateway.Fault{EndAfterEvents: &n}, func(t *testing.T, healthy, faulty string) {
				all := blocks(healthy)
				if diff := cmp.Diff(strings.Join(all[:min(n, len(all))], ""), faulty); diff != "" {
					t.Errorf("stream (-want +got):\n%s", diff)
				}
			})
		})
	}
}

func TestErrorAfterEvents(t *testing.T) {
	streams(t, gateway.Fault{ErrorAfterEvents: new(1)}, func(t *testing.T, healthy, faulty string) {
		got := blocks(faulty)
		if len(got) != 3 || got[0] != blocks(healthy)[0] || !strings.Contains(got[1], `upstream stream ended early`) || got[2] != "" {
			t.Errorf("stream = %q", faulty)
		}
	})
	r := gateway.Reply{Status: 529, ErrorMessage: "full", Fault: gateway.Fault{ErrorAfterEvents: new(0)}}
	for _, tt := range []struct{ name, path, body, want string }{
		{"chat stream", chatPath, streamed(chatAsk), `data: {"error":{"message":"full","type":"overloaded_error","param":null,"code":null}}` + "\n\n"},
		{"messages stream", messagesPath, streamed(messagesAsk), `event: error` + "\n" + `data: {"type":"error","error":{"type":"overloaded_error","message":"full"},"request_id":"req_1"}` + "\n\n"},
		{"chat", chatPath, chatAsk, `{"error":{"message":"full","type":"overloaded_error","param":null,"code":null}}`},
		{"messages", messagesPath, messagesAsk, `{"type":"error","error":{"type":"overloaded_error","message":"full"},"request_id":"req_1"}`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			a := post(t, always(r), tt.path, tt.body)
			if diff := cmp.Diff(answered{200, nil, tt.want}, answered{a.status, nil, a.body}, cmp.AllowUnexported(answered{})); diff != "" {
				t.Errorf("answer (-want +got):\n%s", diff)
			}
		})
	}
}

func TestMalformedAfterEvents(t *testing.T) {
	streams(t, gateway.Fault{MalformedAfterEvents: new(1)}, func(t *testing.T, healthy, faulty string) {
		got := blocks(faulty)
		rest := append([]string{got[0]}, got[2:]...)
		if diff := cmp.Diff(blocks(healthy), rest); diff != "" {
			t.Errorf("the other events (-want +got):\n%s", diff)
		}
		if !strings.HasSuffix(got[1], `"del`+"\n\n") && !strings.HasSuffix(got[1], `"ty`+"\n\n") {
			t.Errorf("malformed event = %q", got[1])
		}
	})
}

func TestStreamBytes(t *testing.T) {
	without := func(s, drop string) string {
		var b strings.Builder
		for _, block := range blocks(s) {
			if !strings.Contains(block, drop) {
				b.WriteString(block)
			}
		}
		return b.String()
	}
	for _, tt := range []struct {
		name  string
		fault gateway.Fault
		want  func(healthy string) string
	}{
		{"CRLF", gateway.Fault{LineEnd: "\r\n"}, func(s string) string { return strings.ReplaceAll(s, "\n", "\r\n") }},
		{"CR", gateway.Fault{LineEnd: "\r"}, func(s string) string { return strings.ReplaceAll(s, "\n", "\r") }},
		{"BOM", gateway.Fault{BOM: true}, func(s string) string { return "\ufeff" + s }},
		{"comments", gateway.Fault{Comments: 2}, func(s string) string {
			return strings.TrimSuffix(": keep-alive\n\n: keep-alive\n\n"+strings.ReplaceAll(s, "\n\n", "\n\n: keep-alive\n\n: keep-alive\n\n"), ": keep-alive\n\n: keep-alive\n\n")
		}},
		{"no terminator", gateway.Fault{OmitDone: true}, func(s string) string {
			return without(without(s, "[DONE]"), "event: message_stop")
		}},
		{"no event names", gateway.Fault{NoEventNames: true}, func(s string) string {
			var b strings.Builder
			for line := range strings.Lines(s) {
				if !strings.HasPrefix(line, "event:") {
					b.WriteString(line)
				}
			}
			return b.String()
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			streams(t, tt.fault, func(t *testing.T, healthy, faulty string) {
				if diff := cmp.Diff(tt.want(healthy), faulty); diff != "" {
					t.Errorf("stream (-want +got):\n%s", diff)
				}
			})
		})
	}
}

func TestLongLine(t *testing.T) {
	const n = 100_000
	streams(t, gateway.Fault{LongLine: n}, func(t *testing.T, healthy, faulty string) {
		first, rest, _ := strings.Cut(faulty, "\n\n")
		if rest != healthy {
			t.Error("the other events differ")
		}
		if line := first[strings.Index(first, "data: "):]; len(line) != n {
			t.Errorf("the line has %d bytes, want %d", len(line), n)
		}
	})
}

func TestCutAfterBytes(t *testing.T) {
	for _, tt := range []struct{ name, path, body string }{
		{"chat", chatPath, chatAsk},
		{"chat stream", chatPath, streamed(chatAsk)},
		{"messages", messagesPath, messagesAsk},
		{"messages stream", messagesPath, streamed(messagesAsk)},
	} {
		for _, n := range []int{0, 1, 150} {
			t.Run(fmt.Sprint(tt.name, " ", n), func(t *testing.T) {
				healthy := post(t, always(text(gateway.Fault{})), tt.path, tt.body).body
				_, got, err := send(t, always(text(gateway.Fault{CutAfterBytes: &n})), tt.path, tt.body, readAll)
				require.ErrorIs(t, err, io.ErrUnexpectedEOF)
				if diff := cmp.Diff(healthy[:n], got); diff != "" {
					t.Errorf("body (-want +got):\n%s", diff)
				}
			})
		}
	}
}

func TestDropConnection(t *testing.T) {
	_, _, err := send(t, always(text(gateway.Fault{DropConnection: true})), chatPath, chatAsk, readAll)
	require.ErrorIs(t, err, io.EOF)
}

// TestEndlessAnswersEndWithTheClient reads a part and closes: that the test ends says
// that the handler did, as closing the server waits for it.
func TestEndlessAnswersEndWithTheClient(t *testing.T) {
	for _, tt := range []struct {
		name   string
		fault  gateway.Fault
		prefix string
	}{
		{"line", gateway.Fault{EndlessLine: true}, `data: {"object":"chat.completion.chunk","choices":[],"obfuscation":"xxxxxxxx`},
		{"body", gateway.Fault{EndlessBody: true}, `{"padding":"xxxx`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, got, err := send(t, always(text(tt.fault)), chatPath, streamed(chatAsk), 1<<20)
			require.NoError(t, err)
			if len(got) != 1<<20 || !strings.HasPrefix(got, tt.prefix) || strings.Contains(got, "\n") {
				t.Errorf("%d bytes that begin with %q", len(got), got[:100])
			}
		})
	}
}

func TestStallAfterEvents(t *testing.T) {
	healthy := post(t, always(text(gateway.Fault{})), chatPath, streamed(chatAsk)).body
	want := strings.Join(blocks(healthy)[:2], "")
	// The reader takes what comes before the silence and closes.
	_, got, err := send(t, always(text(gateway.Fault{StallAfterEvents: new(2)})), chatPath, streamed(chatAsk), int64(len(want)))
	require.NoError(t, err)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("stream (-want +got):\n%s", diff)
	}
}

func TestLargeBodies(t *testing.T) {
	const n = 3<<20 + 5
	_, got, err := send(t, always(gateway.Reply{Status: 500, Fault: gateway.Fault{BodySize: n}}), chatPath, chatAsk, readAll)
	require.NoError(t, err)
	if len(got) != n || !json.Valid([]byte(got)) {
		t.Errorf("%d bytes, want %d of JSON", len(got), n)
	}

	resp, packed, err := send(t, always(gateway.Reply{Fault: gateway.Fault{GzipBomb: n}}), chatPath, chatAsk, readAll)
	require.NoError(t, err)
	if resp.Header.Get("Content-Encoding") != "gzip" || len(packed) > n/100 {
		t.Errorf("%q of %d bytes", resp.Header.Get("Content-Encoding"), len(packed))
	}
	r, err := gzip.NewReader(bytes.NewReader([]byte(packed)))
	require.NoError(t, err)
	decoded, err := io.ReadAll(r)
	require.NoError(t, err)
	if len(decoded) != n || !json.Valid(decoded) {
		t.Errorf("it decodes to %d bytes, want %d of JSON", len(decoded), n)
	}
}

func TestVerbatimAnswers(t *testing.T) {
	type wire struct {
		Status                                         int
		Type, Location, RetryAfter, RetryAfterMs, Body string
		Extra, Server                                  []string
	}
	for _, tt := range []struct {
		name  string
		reply gateway.Reply
		body  string
		want  wire
	}{
		{"HTML", gateway.Reply{Status: 502, Body: "<h1>502</h1>", ContentType: "text/html"}, chatAsk, wire{Status: 502, Type: "text/html", Body: "<h1>502</h1>"}},
		{"text error", gateway.Reply{Status: 400, Body: `{"error":"text"}`}, chatAsk, wire{Status: 400, Type: "application/json", Body: `{"error":"text"}`}},
		{"empty error", gateway.Reply{Status: 500, Fault: gateway.Fault{EndAfterEvents: new(0)}}, chatAsk, wire{Status: 500, Type: "application/json"}},
		{"stream", gateway.Reply{Body: "data: x\r\r"}, streamed(chatAsk), wire{Status: 200, Type: "text/event-stream", Body: "data: x\r\r"}},
		{"JSON to a stream", gateway.Reply{Body: "{}", ContentType: "application/json"}, streamed(chatAsk), wire{Status: 200, Type: "application/json", Body: "{}"}},
		{"error to a stream", gateway.Reply{Status: 429, RetryAfter: 1500 * time.Millisecond, ErrorType: "insufficient_quota"}, streamed(chatAsk), wire{
			Status: 429, Type: "application/json", RetryAfter: "2", RetryAfterMs: "1500",
			Body: `{"error":{"message":"rate limit reached, try again later","type":"insufficient_quota","param":null,"code":"insufficient_quota"}}`,
		}},
		{"header", gateway.Reply{Body: "{}", RetryAfter: time.Second, Header: http.Header{"Retry-After": {"abc"}, "X-Extra": {"a", "b"}, "Server": nil}}, chatAsk, wire{Status: 200, Type: "application/json", RetryAfter: "abc", Extra: []string{"a", "b"}, Body: "{}"}},
		{"redirect", gateway.Reply{Fault: gateway.Fault{RedirectTo: "https://example.com/x"}}, chatAsk, wire{Status: 307, Location: "https://example.com/x"}},
		{"another redirect", gateway.Reply{Status: 308, Fault: gateway.Fault{RedirectTo: "/x"}}, chatAsk, wire{Status: 308, Location: "/x"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			resp, body, err := send(t, always(tt.reply), chatPath, tt.body, readAll)
			require.NoError(t, err)
			h := resp.Header
			got := wire{
				Status: resp.StatusCode, Type: h.Get("Content-Type"), Location: h.Get("Location"),
				RetryAfter: h.Get("Retry-After"), RetryAfterMs: h.Get("Retry-After-Ms"), Extra: h["X-Extra"], Body: body,
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("answer (-want +got):\n%s", diff)
			}
		})
	}
}

func TestErrorsByStatus(t *testing.T) {
	for _, tt := range []struct {
		status               int
		chat, code, messages string
	}{
		{400, "invalid_request_error", "", "invalid_request_error"},
		{401, "invalid_request_error", "invalid_api_key", "authentication_error"},
		{402, "billing_error", "", "billing_error"},
		{403, "permission_error", "", "permission_error"},
		{404, "invalid_request_error", "", "not_found_error"},
		{408, "invalid_request_error", "", "timeout_error"},
		{409, "invalid_request_error", "", "invalid_request_error"},
		{413, "invalid_request_error", "", "request_too_large"},
		{429, "rate_limit_error", "rate_limit_exceeded", "rate_limit_error"},
		{500, "server_error", "", "api_error"},
		{502, "server_error", "", "api_error"},
		{503, "server_error", "", "overloaded_error"},
		{504, "server_error", "", "timeout_error"},
		{529, "overloaded_error", "", "overloaded_error"},
	} {
		t.Run(fmt.Sprint(tt.status), func(t *testing.T) {
			g := always(gateway.Reply{Status: tt.status})
			chat := post(t, g, chatPath, chatAsk)
			checkRefusal(t, refusal{Status: tt.status, Type: tt.chat, Code: tt.code}, chat)
			if refusalOf(t, chat).Message == "" {
				t.Error("the message is empty")
			}
			checkRefusal(t, refusal{Status: tt.status, Type: tt.messages}, post(t, g, messagesPath, messagesAsk))
		})
	}
	given := always(gateway.Reply{Status: 400, ErrorType: "t", ErrorCode: "c", ErrorMessage: "m"})
	checkRefusal(t, refusal{400, "t", "", "c", "m"}, post(t, given, chatPath, chatAsk))
	checkRefusal(t, refusal{Status: 400, Type: "t", Message: "m"}, post(t, given, messagesPath, messagesAsk))
}

// TestClientGone writes to a client that doesn't take it.
func TestClientGone(t *testing.T) {
	w := &brokenWriter{header: http.Header{}}
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, chatPath, strings.NewReader(streamed(chatAsk)))
	require.NoError(t, err)
	r.Header.Set("X-Api-Key", key)
	always(gateway.Reply{Text: "one two three"}).ServeHTTP(w, r)
	if w.writes != 1 {
		t.Errorf("%d writes, want none after the first fails", w.writes)
	}
}

type brokenWriter struct {
	header http.Header
	writes int
}

func (w *brokenWriter) Header() http.Header { return w.header }
func (w *brokenWriter) WriteHeader(int)     {}

func (w *brokenWriter) Write([]byte) (int, error) {
	w.writes++
	return 0, errors.New("gone")
}
