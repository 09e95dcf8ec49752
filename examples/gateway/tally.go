package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"strings"
	"sync"

	"github.com/keeprouter/keeprouter-go"
)

// maxLine bounds what is looked at of an answer at once. A longer line, or answer that
// is no stream, passes uncounted.
const maxLine = 1 << 20

// tally is what the server counted for one request.
type tally struct {
	mu     sync.Mutex
	model  string
	chat   json.RawMessage            // the usage of a Chat answer
	merged map[string]json.RawMessage // the usage of a Messages answer, whose events each have a part
}

type tallyKey struct{}

func withTally(ctx context.Context) (context.Context, *tally) {
	t := &tally{}
	return context.WithValue(ctx, tallyKey{}, t), t
}

// usage is what the library makes of the counts, if any came.
func (t *tally) usage() (model string, usage keeprouter.Usage, ok bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	switch {
	case t.chat != nil:
		var answer keeprouter.ChatResponse
		ok = json.Unmarshal(joined(t.chat), &answer) == nil
		usage = answer.Usage
	case t.merged != nil:
		counts, err := json.Marshal(t.merged)
		var answer keeprouter.MessagesResponse
		ok = err == nil && json.Unmarshal(joined(counts), &answer) == nil
		usage = answer.Usage
	}
	return t.model, usage, ok && !usage.Unknown
}

func joined(usage json.RawMessage) []byte {
	return append(append([]byte(`{"usage":`), usage...), '}')
}

// add takes an answer, a chunk or an event.
func (t *tally) add(data []byte) {
	if !bytes.Contains(data, []byte(`"usage"`)) {
		return
	}
	type counted struct {
		Model string
		Usage json.RawMessage
	}
	var item struct {
		Type    string
		Message *counted // of message_start
		counted
	}
	if json.Unmarshal(data, &item) != nil {
		return
	}
	inner := item.counted
	if item.Message != nil {
		inner = *item.Message
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.model = cmp.Or(t.model, inner.Model)
	if len(inner.Usage) == 0 || string(inner.Usage) == "null" {
		return
	}
	if item.Type == "" {
		t.chat = inner.Usage
		return
	}
	var counts map[string]json.RawMessage
	if json.Unmarshal(inner.Usage, &counts) != nil {
		return
	}
	if t.merged == nil {
		t.merged = map[string]json.RawMessage{}
	}
	maps.Copy(t.merged, counts)
}

// counting looks into the answers that pass.
type counting struct{ next http.RoundTripper }

// RoundTrip leaves compression to net/http, which undoes it: what the client asked for
// would come as bytes in which nothing can be counted.
func (c counting) RoundTrip(req *http.Request) (*http.Response, error) {
	if req.Header.Get("Accept-Encoding") != "" {
		req = req.Clone(req.Context())
		req.Header.Del("Accept-Encoding")
	}
	resp, err := c.next.RoundTrip(req)
	t, ok := req.Context().Value(tallyKey{}).(*tally)
	if err != nil || !ok || resp.StatusCode != http.StatusOK {
		return resp, err
	}
	stream := strings.HasPrefix(resp.Header.Get("Content-Type"), "text/event-stream")
	resp.Body = &countedBody{ReadCloser: resp.Body, tally: t, stream: stream}
	return resp, nil
}

// countedBody adds the lines of a stream, or the whole of another answer, to a tally.
type countedBody struct {
	io.ReadCloser
	tally   *tally
	stream  bool
	pending []byte // of the line, or the answer, that hasn't ended
	skip    bool   // the line is too long
}

func (b *countedBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	b.take(p[:n])
	if err == io.EOF {
		b.flush()
	}
	return n, err
}

func (b *countedBody) take(data []byte) {
	for b.stream {
		line, rest, ended := bytes.Cut(data, []byte("\n"))
		if !ended {
			break
		}
		b.keep(line)
		b.flush()
		data = rest
	}
	b.keep(data)
}

func (b *countedBody) keep(data []byte) {
	b.skip = b.skip || len(b.pending)+len(data) > maxLine
	if !b.skip {
		b.pending = append(b.pending, data...)
	}
}

func (b *countedBody) flush() {
	if line := b.pending; !b.skip {
		b.tally.add(bytes.TrimPrefix(line, []byte("data:")))
	}
	b.pending, b.skip = b.pending[:0], false
}
