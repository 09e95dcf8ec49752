package feed

import (
	"io"
	"net/http"
)

// Reads says how many bytes one Read of a body may return.
type Reads string

// The two ways in which a stream arrives: as it is flushed, or all of it waiting.
const (
	OneEvent Reads = "one event a read"
	Many     Reads = "16 KiB a read"
)

// body gives the parts of an answer, of each at most what a Read takes.
type body struct {
	parts [][]byte
	rest  []byte
}

func (b *body) Read(p []byte) (int, error) {
	if len(b.rest) == 0 {
		if len(b.parts) == 0 {
			return 0, io.EOF
		}
		b.rest, b.parts = b.parts[0], b.parts[1:]
	}
	n := copy(p, b.rest)
	b.rest = b.rest[n:]
	return n, nil
}

func (*body) Close() error { return nil }

// Transport answers every request with the same bytes, without a network.
type Transport struct {
	mediaType string
	parts     [][]byte
}

// NewTransport answers with a stream.
func NewTransport(s *Stream, reads Reads) *Transport {
	parts := s.Events
	if reads == Many {
		parts = nil
		all := make([]byte, 0, s.Size())
		for _, e := range s.Events {
			all = append(all, e...)
		}
		for len(all) > 16<<10 {
			parts = append(parts, all[:16<<10])
			all = all[16<<10:]
		}
		parts = append(parts, all)
	}
	return &Transport{mediaType: "text/event-stream", parts: parts}
}

// NewWholeTransport answers with one JSON object.
func NewWholeTransport(w *Whole) *Transport {
	return &Transport{mediaType: "application/json", parts: [][]byte{w.Body}}
}

// RoundTrip reads the request's body as a network would.
func (t *Transport) RoundTrip(req *http.Request) (*http.Response, error) {
	if req.Body != nil {
		var buf [4 << 10]byte
		for {
			if _, err := req.Body.Read(buf[:]); err != nil {
				break
			}
		}
		if err := req.Body.Close(); err != nil {
			return nil, err
		}
	}
	return &http.Response{
		Status: "200 OK", StatusCode: http.StatusOK, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: http.Header{"Content-Type": {t.mediaType}}, ContentLength: -1,
		Body: &body{parts: t.parts}, Request: req,
	}, nil
}

// Client returns an http.Client on the transport.
func (t *Transport) Client() *http.Client { return &http.Client{Transport: t} }

// Offline is the address that goes with a [Transport]; nothing listens there.
const Offline = "http://127.0.0.1:9"
