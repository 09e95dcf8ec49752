package gateway

import (
	"compress/gzip"
	"errors"
	"io"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// endpoint is one of the things that the gateway can be asked.
type endpoint int

const (
	noEndpoint endpoint = iota
	rootEndpoint
	chatEndpoint
	messagesEndpoint
	countEndpoint
	modelsEndpoint
	modelEndpoint
)

// route tells the endpoint of a path, with and without /v1, and the model's id
// where there is one.
func route(path string) (endpoint, string) {
	path = strings.TrimPrefix(path, "/v1")
	switch path {
	case "", "/":
		return rootEndpoint, ""
	case "/chat/completions":
		return chatEndpoint, ""
	case "/messages":
		return messagesEndpoint, ""
	case "/messages/count_tokens":
		return countEndpoint, ""
	case "/models", "/models/":
		return modelsEndpoint, ""
	}
	if id, ok := strings.CutPrefix(path, "/models/"); ok {
		return modelEndpoint, id
	}
	return noEndpoint, ""
}

func (e endpoint) methods() []string {
	switch e {
	case chatEndpoint, messagesEndpoint, countEndpoint:
		return []string{http.MethodPost, http.MethodOptions}
	}
	return []string{http.MethodGet, http.MethodHead, http.MethodOptions}
}

// allow is the value of the Allow header.
func (e endpoint) allow() string { return strings.Join(e.methods(), ", ") }

// exchange is one request and its answer.
type exchange struct {
	gateway  *Gateway
	w        http.ResponseWriter
	r        *http.Request
	endpoint endpoint
	messages bool // the format: Messages rather than chat
	number   int64
	request  Request
}

// ServeHTTP answers a request. A fault that ends the connection panics with
// [http.ErrAbortHandler], which net/http's server takes as the order to do so.
func (g *Gateway) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	e, model := route(r.URL.Path)
	x := &exchange{gateway: g, w: w, r: r, endpoint: e, messages: isMessages(e, r)}
	body, f := x.read()
	x.request = received(r, body)
	x.number = g.journal.add(x.request)
	x.request.RequestID = requestID(x.number)
	x.setHeader()
	if f == nil {
		f = x.admit()
	}
	if f != nil {
		x.fail(f)
		return
	}
	x.serve(model, body)
}

func isMessages(e endpoint, r *http.Request) bool {
	switch e {
	case messagesEndpoint, countEndpoint:
		return true
	case chatEndpoint:
		return false
	}
	return r.Header.Get("Anthropic-Version") != "" || strings.HasPrefix(strings.TrimPrefix(r.URL.Path, "/v1"), "/messages")
}

// read takes the whole body, decompressed and bounded.
func (x *exchange) read() ([]byte, *failure) {
	limit := x.gateway.maxBody
	var src io.Reader = http.MaxBytesReader(x.w, x.r.Body, limit)
	switch encoding := x.r.Header.Get("Content-Encoding"); encoding {
	case "", "identity":
	case "gzip":
		unzipped, err := gzip.NewReader(src)
		if err != nil {
			return nil, invalid("", "the request body is not gzip as its header says")
		}
		src = unzipped
	default:
		return nil, &failure{status: http.StatusUnsupportedMediaType, message: "the content encoding " + clip(encoding, 40) + " is not supported: send gzip or none"}
	}
	body, err := io.ReadAll(io.LimitReader(src, limit+1))
	if _, large := errors.AsType[*http.MaxBytesError](err); large || int64(len(body)) > limit {
		return body[:min(int64(len(body)), limit)], &failure{status: http.StatusRequestEntityTooLarge}
	}
	if err != nil {
		return body, invalid("", "the request body could not be read")
	}
	return body, nil
}

// admit checks path, method and key.
func (x *exchange) admit() *failure {
	method := x.r.Method
	switch {
	case x.endpoint == noEndpoint:
		return &failure{status: http.StatusNotFound, message: "there is no " + clip(x.r.URL.Path, 100) + " here"}
	case !slices.Contains(x.endpoint.methods(), method):
		x.w.Header().Set("Allow", x.endpoint.allow())
		return &failure{status: http.StatusMethodNotAllowed, message: "the method " + clip(method, 20) + " is not allowed here: use " + x.endpoint.allow()}
	case method == http.MethodOptions || x.endpoint == rootEndpoint:
		return nil
	case !x.gateway.authorized(x.r.Header):
		return &failure{status: http.StatusUnauthorized}
	case x.endpoint == messagesEndpoint || x.endpoint == countEndpoint:
		return checkVersion(x.r.Header.Get("Anthropic-Version"))
	}
	return nil
}

var apiVersion = regexp.MustCompile(`^20[0-9]{2}-[01][0-9]-[0-3][0-9]$`)

// checkVersion takes any date, so that clients newer than this gateway work with it.
func checkVersion(version string) *failure {
	if version == "" {
		return invalid("anthropic-version", "header is required")
	}
	if !apiVersion.MatchString(version) {
		return invalid("anthropic-version", strconv.Quote(clip(version, 40))+" is not a valid version")
	}
	return nil
}

func (x *exchange) serve(model string, body []byte) {
	switch {
	case x.r.Method == http.MethodOptions:
		x.w.Header().Set("Allow", x.endpoint.allow())
		x.w.WriteHeader(http.StatusNoContent)
	case x.endpoint == rootEndpoint:
		x.writeJSON(http.StatusOK, encode(map[string]string{"server": ServerName}))
	case x.endpoint == modelsEndpoint:
		x.writeJSON(http.StatusOK, x.gateway.modelList())
	case x.endpoint == modelEndpoint:
		x.serveModel(model)
	default:
		x.servePrompt(body)
	}
}

func (x *exchange) serveModel(id string) {
	body, f := x.gateway.model(id)
	if f != nil {
		x.fail(f)
		return
	}
	x.writeJSON(http.StatusOK, body)
}

func (x *exchange) servePrompt(body []byte) {
	p, f := parsePrompt(body)
	if f == nil {
		p.interleaved = strings.Contains(strings.Join(x.r.Header.Values("Anthropic-Beta"), ","), "interleaved-thinking")
		f = x.gateway.validate(p, x.endpoint)
	}
	switch {
	case f != nil:
		x.fail(f)
	case x.endpoint == countEndpoint:
		x.writeJSON(http.StatusOK, encode(map[string]int64{"input_tokens": p.tokens()}))
	default:
		x.reply(p)
	}
}

func (x *exchange) fail(f *failure) { x.writeJSON(f.status, x.failureBody(f)) }

func (x *exchange) failureBody(f *failure) []byte {
	if x.messages {
		return f.messages(x.request.RequestID)
	}
	return f.chat()
}
