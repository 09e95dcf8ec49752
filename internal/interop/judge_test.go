package interop

import (
	"bytes"
	"io"
	"mime"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// judge stands before a gateway and checks what passes in the Messages format against
// Anthropic's document: each answer, and if asked also each request.
type judge struct {
	http.Handler
	t        testing.TB
	document *document
	requests bool
}

func newJudge(t testing.TB, gateway http.Handler) *judge {
	t.Helper()
	d, err := anthropicDocument()
	require.NoError(t, err)
	return &judge{Handler: gateway, t: t, document: d}
}

// newerBeta is what the JavaScript SDK asks for first, and the document doesn't know.
const newerBeta = "message-threads-"

// ServeHTTP implements [http.Handler].
func (j *judge) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Header.Get("Anthropic-Version") == "" || strings.Contains(r.Header.Get("Anthropic-Beta"), newerBeta) {
		j.Handler.ServeHTTP(w, r)
		return
	}
	beta := r.URL.Query().Get("beta") == "true" || r.Header.Get("Anthropic-Beta") != ""
	op, ok := j.document.operation(r.Method, r.URL.Path, beta)
	if !ok {
		j.t.Errorf("the document has no %s %s", r.Method, r.URL)
	}
	if j.requests && r.Method == http.MethodPost {
		r.Body = j.request(op, r.Body)
	}
	seen := &recorder{ResponseWriter: w}
	j.Handler.ServeHTTP(seen, r) // when it ends the connection it panics, and nothing is left to check
	j.answer(op, r, seen, beta)
}

func (j *judge) request(op operation, body io.ReadCloser) io.ReadCloser {
	data, err := io.ReadAll(body)
	if err != nil {
		j.t.Errorf("the request can't be read: %v", err)
	}
	if err := j.document.validate(op.RequestBody.schema(), data); err != nil {
		j.t.Errorf("the document forbids the request %s:\n%v", data, err)
	}
	return io.NopCloser(bytes.NewReader(data))
}

func (j *judge) answer(op operation, r *http.Request, seen *recorder, beta bool) {
	var err error
	switch kind, _, _ := mime.ParseMediaType(seen.Header().Get("Content-Type")); kind {
	case "text/event-stream":
		_, err = j.document.events(seen.body.Bytes(), beta)
	case "text/html": // a proxy's page
	default:
		err = j.document.validate(op.response(seen.status), seen.body.Bytes())
	}
	if err != nil {
		j.t.Errorf("the document forbids the answer %d to %s %s:\n%v\n%s", seen.status, r.Method, r.URL, err, &seen.body)
	}
}

// recorder keeps what passes.
type recorder struct {
	http.ResponseWriter
	status int
	body   bytes.Buffer
}

// WriteHeader implements [http.ResponseWriter].
func (r *recorder) WriteHeader(status int) {
	r.status = status
	r.ResponseWriter.WriteHeader(status)
}

// Write implements [http.ResponseWriter].
func (r *recorder) Write(p []byte) (int, error) {
	r.body.Write(p)
	return r.ResponseWriter.Write(p)
}

// Unwrap lets the gateway flush.
func (r *recorder) Unwrap() http.ResponseWriter { return r.ResponseWriter }
