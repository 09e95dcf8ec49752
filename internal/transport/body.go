package transport

import (
	"bytes"
	"compress/flate"
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/keeprouter/keeprouter-go/internal/failure"
)

const (
	drainBytes = 4 << 10
	drainTime  = 100 * time.Millisecond
)

// body reads an answer. The server's silence counts while a read waits for it, not
// while the reader of a stream is busy with what came; an error is classified.
type body struct {
	ctx   context.Context
	r     io.Reader
	watch *watchdog
	ended bool // whether the end was read
}

func (b *body) Read(p []byte) (int, error) {
	b.watch.wait()
	n, err := b.r.Read(p)
	b.watch.rest()
	switch {
	case err == nil:
		return n, nil
	case err == io.EOF:
		b.ended = true
		return n, err
	case isBrokenGzip(err): // net/http undid the compression
		return n, brokenGzip(err)
	}
	return n, endOf(b.ctx, err)
}

// capped ends in a failure behind its limit.
type capped struct {
	r           io.Reader
	left, limit int64
}

func newCapped(r io.Reader, limit int64) *capped { return &capped{r: r, left: limit, limit: limit} }

func (c *capped) Read(p []byte) (int, error) {
	if int64(len(p)) > c.left+1 {
		p = p[:c.left+1]
	}
	n, err := c.r.Read(p)
	if c.left -= int64(n); c.left < 0 {
		return n, &failure.Failure{
			Kind:    failure.TooLarge,
			Message: fmt.Sprintf("the answer is larger than Limits.Body, %d bytes", c.limit),
		}
	}
	return n, err
}

const (
	scratchPiece = 8 << 10
	firstPiece   = 4 << 10
	lastPiece    = 1 << 20
)

// ReadAll reads a body of at most limit bytes; a larger one is a *failure.Failure.
// The bytes are copied once, at the end, so that a body which turns out too large
// takes no more memory than the limit.
func ReadAll(r io.Reader, limit int64) ([]byte, error) {
	return readRest(newCapped(r, limit), make([]byte, 0, firstPiece))
}

// ReadObject reads the whole body of an answer that is no stream, if its first
// character is that of a JSON object. Else it returns the little that it has read. The
// data is good until the answer's handler returns, since another answer may be read into
// the same memory then.
func ReadObject(resp *Response) (data []byte, ok bool, err error) {
	return readObject(resp, resp.piece())
}

// piece is memory to read the beginning of a body into, or all of it.
func (r *Response) piece() []byte {
	switch {
	case r.Size >= scratchPiece:
		return make([]byte, min(r.Size+1, lastPiece)) // one more, for the read that finds the end
	case r.scratch == nil:
		return make([]byte, firstPiece)
	}
	r.lent = r.scratch.Get().(*[scratchPiece]byte)
	return r.lent[:]
}

// giveBack ends the use of what piece returned.
func (r *Response) giveBack() {
	if r.lent != nil {
		r.scratch.Put(r.lent)
		r.lent = nil
	}
}

// readObject is ReadObject with a place for the first of the bytes, or for all of them.
func readObject(resp *Response, piece []byte) (data []byte, ok bool, err error) {
	n, err := resp.Body.Read(piece)
	piece = piece[:n]
	switch {
	case err != nil && err != io.EOF:
		return nil, false, err
	case n == 0 || piece[0] != '{':
		return piece, false, nil
	case err == io.EOF:
		return piece, true, nil
	}
	data, err = readRest(resp.Body, piece)
	return data, true, err
}

// readRest reads on behind what a piece holds already.
func readRest(r io.Reader, piece []byte) ([]byte, error) {
	var full [][]byte
	for empty := 0; ; {
		if len(piece) == cap(piece) {
			full = append(full, piece)
			piece = make([]byte, 0, max(firstPiece, min(2*cap(piece), lastPiece)))
		}
		n, err := r.Read(piece[len(piece):cap(piece)])
		piece = piece[:len(piece)+n]
		switch {
		case err == io.EOF && full == nil:
			return piece, nil
		case err == io.EOF:
			return bytes.Join(append(full, piece), nil), nil
		case err != nil:
			return nil, err
		case n > 0:
			empty = 0
		default:
			if empty++; empty == maxEmptyReads {
				return nil, io.ErrNoProgress
			}
		}
	}
}

const maxEmptyReads = 100

// decoded undoes a content encoding that net/http has left in place, because the
// caller's client asked for it or the server sent it unasked.
func decoded(resp *http.Response, r io.Reader) (io.Reader, error) {
	switch encoding := strings.ToLower(strings.TrimSpace(strings.Join(resp.Header.Values("Content-Encoding"), ", "))); encoding {
	case "", "identity":
		return r, nil
	case "gzip", "x-gzip":
		return &lazyGzip{r: r}, nil
	default:
		return nil, &failure.Failure{
			Kind: failure.BadResponse, Status: resp.StatusCode,
			Message: fmt.Sprintf("the answer is encoded as %.40q, which was not asked for", encoding),
		}
	}
}

// lazyGzip waits with the first read, so that the header of a slow answer doesn't
// hold up its caller.
type lazyGzip struct {
	r   io.Reader
	gz  *gzip.Reader
	err error
}

func (l *lazyGzip) Read(p []byte) (n int, err error) {
	if l.gz == nil && l.err == nil {
		l.gz, l.err = gzip.NewReader(l.r)
	}
	if l.err != nil {
		return 0, gzipError(l.err)
	}
	n, l.err = l.gz.Read(p)
	return n, gzipError(l.err)
}

func gzipError(err error) error {
	switch {
	case isBrokenGzip(err):
		return brokenGzip(err)
	case err == io.ErrUnexpectedEOF:
		return &failure.Failure{Kind: failure.Connection, Message: "the answer was cut", Retryable: true, Cause: err}
	}
	return err
}

func isBrokenGzip(err error) bool {
	switch err.(type) {
	case flate.CorruptInputError, flate.InternalError:
		return true
	}
	return err == gzip.ErrHeader || err == gzip.ErrChecksum
}

func brokenGzip(err error) error {
	return &failure.Failure{Kind: failure.BadResponse, Message: "the answer's compression is broken", Cause: err}
}

// drain reads the little that may be left of a body, such as the end mark of a
// chunked one, so that the connection can serve another call.
func drain(r io.Reader) {
	_, _ = io.CopyN(io.Discard, r, drainBytes) // a connection that breaks now is not reused, that is all
}
