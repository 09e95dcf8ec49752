package keeproutertest

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strings"
	"sync"
	"testing"
)

// RecordVariable is the environment variable that has a [Cassette] record.
const RecordVariable = "KEEPROUTER_RECORD"

// Cassette makes a test that once called a real gateway run offline for ever. It is an
// HTTP client for Options.HTTPClient. With KEEPROUTER_RECORD set, requests go to the
// gateway of the Options, and the exchanges are kept in the file when the test passes;
// without it, the file answers, and nothing is sent.
//
//	opts := &keeprouter.Options{HTTPClient: keeproutertest.Cassette(t, "testdata/hello.cassette")}
//
// The file is text, to be read in a review. It holds no header but those that say how
// to read a body, no key, and of each answer the request id and rate limits.
//
// A request gets the first answer, not yet given, that was recorded for the same
// method, path and body; JSON is compared by its values. One for which there is none
// fails the test, and shows in what it differs from the next. So does a recorded
// exchange that the test no longer makes.
func Cassette(tb testing.TB, file string) *http.Client {
	tb.Helper()
	if os.Getenv(RecordVariable) != "" {
		r := &recorder{tb: tb, file: file, next: &http.Transport{Proxy: http.ProxyFromEnvironment, ForceAttemptHTTP2: true, DisableCompression: true}}
		tb.Cleanup(r.save)
		return &http.Client{Transport: r}
	}
	data, err := os.ReadFile(file)
	if err != nil {
		tb.Fatalf("keeproutertest: %v; record it: run the test once with %s=1 and a key", err, RecordVariable)
	}
	exchanges, err := readCassette(string(data))
	if err != nil {
		tb.Fatalf("keeproutertest: %s: %v", file, err)
	}
	p := &player{tb: tb, file: file, left: exchanges}
	tb.Cleanup(p.report)
	return &http.Client{Transport: p}
}

// recorder keeps what goes through it.
type recorder struct {
	tb   testing.TB
	file string
	next *http.Transport

	mu        sync.Mutex
	exchanges []*exchange
}

func (r *recorder) RoundTrip(req *http.Request) (*http.Response, error) {
	sent, req, err := takeRequest(req)
	if err != nil {
		return nil, err
	}
	resp, err := r.next.RoundTrip(req)
	if err != nil {
		return nil, err
	}
	key := strings.TrimPrefix(req.Header.Get("Authorization"), "Bearer ") + req.Header.Get("X-Api-Key")
	e := &exchange{request: sent, response: message{start: fmt.Sprint(resp.StatusCode), header: keptHeader(resp.Header, responseHeaders)}}
	r.mu.Lock()
	r.exchanges = append(r.exchanges, e)
	r.mu.Unlock()
	resp.Body = &taped{ReadCloser: resp.Body, end: func(body []byte) {
		r.mu.Lock()
		defer r.mu.Unlock()
		e.request.body = []byte(without(key, string(e.request.body)))
		e.response.body = []byte(without(key, string(body)))
		for _, values := range e.response.header {
			for i := range values {
				values[i] = without(key, values[i])
			}
		}
	}}
	return resp, nil
}

// without takes a key out of a text, also as some servers write it.
func without(key, text string) string {
	if key == "" {
		return text
	}
	return strings.NewReplacer(
		key, "[key]",
		strings.ReplaceAll(key, "/", `\/`), "[key]",
		url.QueryEscape(key), "[key]",
	).Replace(text)
}

func (r *recorder) save() {
	r.next.CloseIdleConnections()
	if r.tb.Failed() {
		return // the file stays what it was
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if err := os.WriteFile(r.file, []byte(writeCassette(r.exchanges)), 0o644); err != nil {
		r.tb.Errorf("keeproutertest: %v", err)
	}
}

// taped hands on a body and keeps it.
type taped struct {
	io.ReadCloser
	kept bytes.Buffer
	end  func([]byte)
	once sync.Once
}

func (t *taped) Read(p []byte) (int, error) {
	n, err := t.ReadCloser.Read(p)
	t.kept.Write(p[:n])
	return n, err
}

func (t *taped) Close() error {
	t.once.Do(func() { t.end(bytes.Clone(t.kept.Bytes())) })
	return t.ReadCloser.Close()
}

// player answers from a file.
type player struct {
	tb   testing.TB
	file string

	mu   sync.Mutex
	left []*exchange
}

func (p *player) RoundTrip(req *http.Request) (*http.Response, error) {
	asked, req, err := takeRequest(req)
	if err != nil {
		return nil, err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	for i, e := range p.left {
		if e.request.start == asked.start && sameBody(e.request.body, asked.body) {
			p.left = append(p.left[:i:i], p.left[i+1:]...)
			return e.answer(req)
		}
	}
	wanted := "nothing: all of its exchanges have been made"
	if len(p.left) > 0 {
		wanted = difference(p.left[0].request, asked)
	}
	p.tb.Errorf("keeproutertest: %s has no answer to %s. The next that it has is for\n%s\nIf the change is wanted, record anew with %s=1.", p.file, asked.start, wanted, RecordVariable)
	return nil, fmt.Errorf("keeproutertest: %s was not recorded", asked.start)
}

func (p *player) report() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.left) > 0 && !p.tb.Failed() {
		p.tb.Errorf("keeproutertest: %d exchanges of %s were not made, the first of them %s", len(p.left), p.file, p.left[0].request.start)
	}
}

// takeRequest reads a request, and returns it with its body still to be sent.
func takeRequest(req *http.Request) (message, *http.Request, error) {
	var body []byte
	if req.Body != nil {
		var err error
		if body, err = io.ReadAll(req.Body); err != nil {
			return message{}, nil, err
		}
		if err := req.Body.Close(); err != nil {
			return message{}, nil, err
		}
	}
	again := req.Clone(req.Context())
	again.Body, again.GetBody = http.NoBody, nil
	if len(body) > 0 {
		again.Body = io.NopCloser(bytes.NewReader(body))
	}
	return message{
		start:  req.Method + " " + req.URL.RequestURI(),
		header: keptHeader(req.Header, requestHeaders),
		body:   body,
	}, again, nil
}
