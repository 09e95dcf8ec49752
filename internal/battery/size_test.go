package battery

import (
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"net/http"
	"strings"

	"github.com/keeprouter/keeprouter-go"
)

// zipped is the body compressed, flushed after each piece.
func (r *reference) zipped() (packed []byte, ends []int) {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	for _, piece := range r.pieces() {
		_, _ = w.Write(piece)
		_ = w.Flush()
		ends = append(ends, b.Len())
	}
	_ = w.Close()
	return b.Bytes(), ends
}

// unzipped is what the first bytes decode to, and how that ends.
func unzipped(packed []byte) (int, error) {
	r, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		return 0, err
	}
	data, err := io.ReadAll(r)
	return len(data), err
}

const packed = "Content-Encoding: gzip"

// sizeFaults are compressed, and too large in every way.
func sizeFaults() []*fault {
	zippedLength := func(r *reference) int {
		data, _ := r.zipped()
		return len(data)
	}
	return []*fault{
		{
			name: "gzip, cut cleanly", on: simple,
			offsets: func(r *reference) int { return zippedLength(r) + 1 },
			play: func(tr *trial, l *line, _ int) {
				data, _ := tr.zipped()
				l.send(chunked(tr.ok(packed), [][]byte{data[:tr.at]}).bytes, goOn)
			},
			want: func(tr *trial) want {
				data, _ := tr.zipped()
				n, err := unzipped(data[:tr.at])
				if err == nil || err == io.EOF {
					return tr.received(n, clean)
				}
				w := tr.received(n, broken)
				w.open = 1
				return w
			},
		},
		{
			name: "gzip, connection reset", on: simple,
			offsets: zippedLength,
			play: func(tr *trial, l *line, _ int) {
				data, _ := tr.zipped()
				raw := chunked(tr.ok(packed), [][]byte{data[:tr.at]}).bytes
				l.send(bytes.TrimSuffix(raw, []byte("0\r\n\r\n")), reset)
			},
			want: func(tr *trial) want {
				data, _ := tr.zipped()
				n, _ := unzipped(data[:tr.at])
				return tr.received(n, broken)
			},
		},
		{
			name: "gzip with a bit that is wrong", on: creating,
			offsets: zippedLength,
			play: func(tr *trial, l *line, _ int) {
				data, _ := tr.zipped()
				data[tr.at] ^= 0x10
				l.send(measured(tr.ok(packed), data).bytes, goOn)
			},
			want: func(tr *trial) want {
				data, _ := tr.zipped()
				data[tr.at] ^= 0x10
				n, err := unzipped(data)
				switch {
				case err == nil:
					return tr.received(n, clean)
				case errors.Is(err, io.ErrUnexpectedEOF):
					w := tr.received(n, broken)
					w.open = 1
					return w
				}
				w := unlike(keeprouter.ErrBadResponse)
				w.status = 0
				return w
			},
		},
		variants("garbage that calls itself gzip", nil, []variant{{"", func(r *reference) []byte {
			return measured(r.ok(packed), []byte(garbage)).bytes
		}, goOn, func(*reference) want {
			w := unlike(keeprouter.ErrBadResponse)
			w.status = 0
			return w
		}}}),
		{
			name: "a large body from little gzip", on: simple,
			play: func(tr *trial, l *line, _ int) {
				var b bytes.Buffer
				w := gzip.NewWriter(&b)
				_, _ = io.WriteString(w, `{"padding":"`+strings.Repeat("x", 4<<20))
				_ = w.Close()
				l.send(measured(tr.ok(packed), b.Bytes()).bytes, goOn)
			},
			options: smallLimits,
			want:    func(tr *trial) want { return tooLarge(false) },
		},
		endless("an endless body", nil, `{"padding":"`, "xxxxxxxx", tooLarge(false)),
		endless("an endless line", streaming, "data: {", "xxxxxxxx", tooLarge(true)),
		endless("an endless event", streaming, "", "data: xxxxxxxx\n", tooLarge(true)),
		endless("endless events", streaming, "", "data: {\"type\":\"ping\"}\n\n", tooLarge(true)),
		{
			name: "an endless body of an error", on: simple,
			play: func(_ *trial, l *line, _ int) {
				l.flood(header("500 Odd", jsonType, "Connection: close")+"\r\n"+`{"error":{"message":"`, "xxxxxxxx")
			},
			options: smallLimits,
			want: func(*trial) want {
				w := refused(keeprouter.ErrServer, 500, true)
				w.open = 0
				return w
			},
		},
		{
			name: "an endless header", on: simple, network: smallHeaders,
			play: func(_ *trial, l *line, _ int) { l.flood("HTTP/1.1 200 OK\r\n", "X-Padding: xxxxxxxx\r\n") },
			want: func(*trial) want { return unanswered() },
		},
		{
			name: "endless informational answers", on: simple, network: smallHeaders,
			play: func(_ *trial, l *line, _ int) { l.flood("", "HTTP/1.1 103 Early Hints\r\n\r\n") },
			want: func(*trial) want { return unanswered() },
		},
		{
			name: "ten thousand comments", on: streaming,
			play: func(tr *trial, l *line, _ int) {
				body := append([]byte(strings.Repeat(": keep-alive\n\n", 10_000)), tr.body...)
				l.send(chunked(tr.ok(), [][]byte{body}).bytes, goOn)
			},
			want: func(*trial) want { return whole() },
		},
	}
}

func smallLimits(_ *trial, o *keeprouter.Options) {
	o.Limits = keeprouter.Limits{Body: 256 << 10, Event: 64 << 10, Stream: 256 << 10, ErrorBody: 64 << 10}
}

// smallHeaders lowers net/http's limit of 10 MiB.
func smallHeaders(_ *trial, n *network) {
	n.prepare = func(t *http.Transport) { t.MaxResponseHeaderBytes = 256 << 10 }
}

func tooLarge(inStream bool) want {
	w := unlike(keeprouter.ErrTooLarge)
	w.status, w.open, w.inStream = 0, 0, inStream
	return w
}

// endless sends a body until the client has enough of it.
func endless(name string, on func(operation) bool, begin, more string, w want) *fault {
	return &fault{
		name: name, on: on, options: smallLimits,
		play: func(tr *trial, l *line, _ int) { l.flood(tr.ok("Connection: close")+"\r\n"+begin, more) },
		want: func(*trial) want { return w },
	}
}

func (l *line) flood(begin, more string) {
	data := []byte(begin)
	for {
		if _, err := l.Write(data); err != nil {
			return
		}
		data = []byte(strings.Repeat(more, 1000))
	}
}
