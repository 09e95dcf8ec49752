package gateway

import (
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"sync"
)

// Request is what came in.
type Request struct {
	Method    string
	Path      string
	Query     string
	Header    http.Header
	Body      []byte
	Model     string
	Stream    bool
	RequestID string
}

const (
	journalRequests = 10_000
	journalBytes    = 64 << 20
)

// journal keeps the requests in their order, the oldest ones given up when it is
// full.
type journal struct {
	mu       sync.Mutex
	requests []Request
	bytes    int
	count    int64
}

// add records a request and returns its number, from which its id is made.
func (j *journal) add(r Request) int64 {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.count++
	r.RequestID = requestID(j.count)
	j.requests = append(j.requests, r)
	j.bytes += len(r.Body)
	old := 0
	for len(j.requests)-old > journalRequests || (j.bytes > journalBytes && len(j.requests)-old > 1) {
		j.bytes -= len(j.requests[old].Body)
		old++
	}
	j.requests = slices.Delete(j.requests, 0, old)
	return j.count
}

func requestID(number int64) string { return "req_" + strconv.FormatInt(number, 10) }

func (j *journal) all() []Request {
	j.mu.Lock()
	defer j.mu.Unlock()
	list := slices.Clone(j.requests)
	for i := range list {
		list[i].Header = list[i].Header.Clone()
		list[i].Body = slices.Clone(list[i].Body)
	}
	return list
}

// received describes a request, without its credentials.
func received(r *http.Request, body []byte) Request {
	req := Request{
		Method: r.Method, Path: r.URL.Path, Query: r.URL.RawQuery,
		Header: r.Header.Clone(), Body: body,
	}
	redact(req.Header)
	var head struct {
		Model  string `json:"model"`
		Stream bool   `json:"stream"`
	}
	// A body of another form leaves both empty.
	_ = json.Unmarshal(body, &head)
	req.Model, req.Stream = head.Model, head.Stream
	return req
}
