package translate

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/iotest"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"github.com/keeprouter/keeprouter-go"
	"github.com/keeprouter/keeprouter-go/internal/events"
	"github.com/keeprouter/keeprouter-go/internal/jsonx"
)

// A streamPitfall is a pitfall of streams, from the bytes of one format to those of
// the other.
type streamPitfall struct {
	id   string
	name string

	chat     string // the bytes of a Chat server
	messages string // the bytes of a Messages server

	kind    string // of the content; that of streams if empty
	bytes   bool   // come one by one
	max     int64  // RoundTripper.MaxBody
	open    bool   // the server keeps its connection
	want    []string
	reports []string // paths that have a diagnostic
	without []string // texts that the client never gets
}

// d is a chunk with a delta, and whatever else its choice has.
func d(delta string, more ...string) string {
	return `{"id":"1","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":` + delta + strings.Join(more, "") + `}]}`
}

func fin(reason string) string { return d(`{}`, `,"finish_reason":"`+reason+`"`) }

// call is a piece of a call.
func call(members string) string { return d(`{"tool_calls":[{` + members + `}]}`) }

func frames(data ...string) string { return "data: " + strings.Join(data, "\n\ndata: ") + "\n\n" }

func done(chunks ...string) string { return frames(append(chunks, "[DONE]")...) }

// named are the events of a Messages stream between its start and its end.
func named(data ...string) string {
	all := append([]string{`{"type":"message_start","message":{"id":"msg_1","type":"message","role":"assistant","model":"m","content":[],"usage":{"input_tokens":3,"output_tokens":1}}}`}, data...)
	return eventLines(append(all, `{"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{"output_tokens":5}}`, `{"type":"message_stop"}`)...)
}

func eventLines(data ...string) string {
	var b strings.Builder
	for _, item := range data {
		kind, _ := jsonx.Head(json.RawMessage(item), "type")
		b.WriteString("event: " + kind + "\ndata: " + item + "\n\n")
	}
	return b.String()
}

// stayingOpen is a connection from which nothing comes any more: who reads it waits
// until it is closed.
type stayingOpen struct {
	io.Reader
	closed chan struct{}
	close  func()
}

func newStayingOpen(body io.Reader) *stayingOpen {
	closed := make(chan struct{})
	return &stayingOpen{body, closed, sync.OnceFunc(func() { close(closed) })}
}

func (r *stayingOpen) Read(p []byte) (int, error) {
	n, err := r.Reader.Read(p)
	if err == io.EOF && n == 0 {
		<-r.closed
		return 0, http.ErrBodyReadAfterClose
	}
	return n, nil
}

func (r *stayingOpen) Close() error {
	r.close()
	return nil
}

type serverFunc func(*http.Request) *http.Response

func (f serverFunc) RoundTrip(req *http.Request) (*http.Response, error) { return f(req), nil }

func (p streamPitfall) run(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		started := time.Now()
		p.stream(t)
		require.LessOrEqual(t, time.Since(started), drainTime, "the client waits for the end of the connection")
	})
}

func (p streamPitfall) stream(t *testing.T) {
	rt := &RoundTripper{Server: Chat, MaxBody: p.max, Count: func(*keeprouter.MessagesRequest) (int64, error) { return 42, nil }}
	path, request := "/v1/messages", `{"model":"m","max_tokens":99,"stream":true,"thinking":{"type":"adaptive"},"messages":[{"role":"user","content":"q"}],"tools":[{"name":"f","input_schema":{"type":"object"}}]}`
	if p.messages != "" {
		rt.Server = Messages
		path, request = "/v1/chat/completions", `{"model":"m","max_tokens":99,"stream":true,"stream_options":{"include_usage":true},"messages":[{"role":"user","content":"q"}],"tools":[{"type":"function","function":{"name":"f","parameters":{"type":"object"}}}]}`
	}
	var reported []string
	rt.Report = func(_ *http.Request, d Diagnostic) { reported = append(reported, d.Path) }
	rt.Next = serverFunc(func(req *http.Request) *http.Response {
		var body io.Reader = strings.NewReader(p.chat + p.messages)
		if p.bytes {
			body = iotest.OneByteReader(body)
		}
		closing := io.NopCloser(body)
		if p.open {
			closing = newStayingOpen(body)
		}
		kind := p.kind
		if kind == "" {
			kind = "text/event-stream"
		}
		return &http.Response{StatusCode: http.StatusOK, Header: http.Header{"Content-Type": {kind}}, Body: closing, Request: req}
	})
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://gateway.example"+path, strings.NewReader(request))
	require.NoError(t, err)
	resp, err := rt.RoundTrip(req)
	require.NoError(t, err)
	data, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	require.NoError(t, resp.Body.Close())

	got := []string{}
	switch {
	case resp.StatusCode != http.StatusOK:
		got = append(got, strings.TrimSpace("status "+resp.Status[:3]+" "+errorKind(data)))
	case p.messages == "":
		got = messagesTale(t, data)
	default:
		got = chatTale(t, data)
	}
	if diff := cmp.Diff(p.want, got); diff != "" {
		t.Errorf("(-want +got):\n%s\nfrom %.2000s", diff, data)
	}
	for _, path := range p.reports {
		require.Contains(t, reported, path)
	}
	for _, text := range append(p.without, "\uFFFD", `"error":null`) {
		require.NotContains(t, string(data), text)
	}
}

func errorKind(data []byte) string {
	return strings.Trim(pick(data, "error.type"), `"`)
}

// tale is what a stream tells, pieces of one kind joined.
type tale struct {
	lines []string
	last  string
}

func (s *tale) add(kind, text string) {
	if len(text) > 1000 {
		text = fmt.Sprintf("%d bytes", len(text))
	}
	if s.last == kind && kind != "" {
		s.lines[len(s.lines)-1] += text
		return
	}
	s.last = kind
	s.lines = append(s.lines, strings.TrimSpace(kind+" "+text))
}

// textAt is a member's text, or "".
func textAt(data []byte, path string) string {
	text, _ := jsonx.Unquote(json.RawMessage(pick(data, path)))
	return text
}

// messagesTale reads a Messages stream as strictly as a client can: every event names
// itself, blocks follow each other, and nothing comes after the end.
func messagesTale(t *testing.T, data []byte) []string {
	t.Helper()
	var s tale
	blocks, open, begun, over := 0, "", false, false
	for ev, err := range events.Read(bytes.NewReader(data), 64<<20) {
		require.NoError(t, err)
		require.Equal(t, ev.Name, textAt(ev.Data, "type"))
		require.False(t, over, "%s after the end", ev.Name)
		index := pick(ev.Data, "index")
		switch ev.Name {
		case "ping":
			s.add("ping", "")
		case "message_start":
			require.False(t, begun, "begun twice")
			begun = true
			require.Equal(t, "[]", pick(ev.Data, "message.content"))
			require.Equal(t, "42", pick(ev.Data, "message.usage.input_tokens"), "the estimate")
			s.add("start", "")
		case "content_block_start":
			require.Empty(t, open)
			require.JSONEq(t, jsonNumber(blocks), index)
			open = textAt(ev.Data, "content_block.type")
			s.last = ""
			s.add("", strings.TrimSpace(open+" "+textAt(ev.Data, "content_block.name")+textAt(ev.Data, "content_block.data")))
			s.last = ""
		case "content_block_delta":
			require.JSONEq(t, jsonNumber(blocks), index)
			kind := textAt(ev.Data, "delta.type")
			require.Contains(t, map[string]string{"text": "text_delta", "thinking": "thinking_delta signature_delta", "tool_use": "input_json_delta"}[open], kind)
			piece := textAt(ev.Data, "delta.text") + textAt(ev.Data, "delta.thinking") + textAt(ev.Data, "delta.partial_json")
			if kind != "signature_delta" {
				s.add(">", piece)
			}
		case "content_block_stop":
			require.JSONEq(t, jsonNumber(blocks), index)
			require.NotEmpty(t, open)
			open = ""
			blocks++
		case "message_delta":
			require.Empty(t, open)
			s.last = ""
			s.add("end", textAt(ev.Data, "delta.stop_reason")+" "+pick(ev.Data, "usage.output_tokens"))
			require.NotEqual(t, "42", pick(ev.Data, "usage.input_tokens"), "the estimate isn't the truth")
		case "message_stop":
			over = true
		case "error":
			over = true
			s.last = ""
			s.add("error", errorKind(ev.Data))
		default:
			t.Errorf("there is no event %q", ev.Name)
		}
	}
	require.True(t, over, "the stream has no end")
	return s.lines
}

func jsonNumber(n int) string { return string(number(n)) }

// chatTale reads a Chat stream likewise.
func chatTale(t *testing.T, data []byte) []string {
	t.Helper()
	var s tale
	over, calls := false, 0
	for ev, err := range events.Read(bytes.NewReader(data), 64<<20) {
		require.NoError(t, err)
		require.False(t, over, "%s after the end", ev.Data)
		require.Empty(t, ev.Name)
		if string(ev.Data) == "[DONE]" {
			over = true
			continue
		}
		if kind := errorKind(ev.Data); kind != "" {
			s.add("error", kind)
			over = true
			continue
		}
		const delta = "choices.0.delta."
		if text := textAt(ev.Data, delta+"content"); text != "" {
			s.add("text", text)
		}
		if text := textAt(ev.Data, delta+"reasoning_content"); text != "" {
			s.add("thinking", text)
		}
		const piece = delta + "tool_calls.0."
		if name := textAt(ev.Data, piece+"function.name"); name != "" {
			require.JSONEq(t, jsonNumber(calls), pick(ev.Data, piece+"index"))
			require.NotEmpty(t, textAt(ev.Data, piece+"id"))
			require.Equal(t, "function", textAt(ev.Data, piece+"type"))
			calls++
			s.last = ""
			s.add("", "call "+name)
		}
		if args := textAt(ev.Data, piece+"function.arguments"); args != "" {
			s.add(">"+pick(ev.Data, piece+"index"), args)
		}
		if reason := textAt(ev.Data, "choices.0.finish_reason"); reason != "" {
			s.add("end", reason)
		}
		if n := pick(ev.Data, "usage.total_tokens"); n != "" {
			s.add("usage", n)
		}
	}
	require.True(t, over, "the stream has no end")
	return s.lines
}
