package battery

import (
	"fmt"
	"strings"
)

// wired is an answer's bytes on the wire.
type wired struct {
	bytes []byte
	head  int   // bytes of the header
	body  []int // bytes of the body that have come with so many bytes of the wire
}

// header is the head of an answer without the framing of its body.
func header(status, contentType string, more ...string) string {
	lines := []string{"HTTP/1.1 " + status, "X-Request-Id: req_battery"}
	if contentType != "" {
		lines = append(lines, "Content-Type: "+contentType)
	}
	return strings.Join(append(lines, more...), "\r\n") + "\r\n"
}

const (
	sse      = "text/event-stream"
	jsonType = "application/json"
)

func (r *reference) contentType() string {
	if r.lane.op.streams {
		return sse
	}
	return jsonType
}

// http1 is the answer as a server of HTTP/1.1 sends it: a stream in a chunk for each
// event, anything else with its length.
func (r *reference) http1() wired {
	head := header("200 OK", r.contentType())
	if !r.lane.op.streams {
		return measured(head, r.body)
	}
	var pieces [][]byte
	begin := 0
	for _, ev := range r.events {
		pieces = append(pieces, r.body[begin:ev.end])
		begin = ev.end
	}
	return chunked(head, pieces)
}

// measured is a body with a Content-Length.
func measured(head string, body []byte) wired {
	head += fmt.Sprintf("Content-Length: %d\r\n\r\n", len(body))
	w := wired{body: []int{0}, head: len(head)}
	w.add(head, 0)
	w.add(string(body), 1)
	return w
}

// chunked is a body in chunks.
func chunked(head string, pieces [][]byte) wired {
	w := wired{body: []int{0}}
	w.add(head+"Transfer-Encoding: chunked\r\n\r\n", 0)
	w.head = len(w.bytes)
	for _, piece := range pieces {
		if len(piece) == 0 { // it would be the end
			continue
		}
		w.add(fmt.Sprintf("%x\r\n", len(piece)), 0)
		w.add(string(piece), 1)
		w.add("\r\n", 0)
	}
	w.add("0\r\n\r\n", 0)
	return w
}

// add adds bytes of which each brings so many bytes of the body.
func (w *wired) add(text string, each int) {
	for i := range len(text) {
		w.bytes = append(w.bytes, text[i])
		w.body = append(w.body, w.body[len(w.body)-1]+each)
	}
}
