package keeproutertest

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// exchange is a request and its answer.
type exchange struct{ request, response message }

// message is one side of an exchange.
type message struct {
	start  string // such as "POST /v1/messages" or "200"
	header http.Header
	body   []byte
}

// The headers that are kept: of a request those that change what it means, of an
// answer those that the client reads.
var (
	requestHeaders  = []string{"Content-Type", "Accept", "Anthropic-Version", "Anthropic-Beta"}
	responseHeaders = []string{"Content-Type", "X-Request-Id", "Request-Id", "Retry-After", "Retry-After-Ms", "X-Should-Retry"}
)

func keptHeader(h http.Header, names []string) http.Header {
	kept := http.Header{}
	for name, values := range h {
		if slices.Contains(names, name) || strings.Contains(name, "Ratelimit") {
			kept[name] = slices.Clone(values)
		}
	}
	return kept
}

// The file is a sequence of messages. Each begins with a mark and its start; its header
// follows, a line each; then its body, each line behind two spaces.
const (
	requestMark  = "> "
	responseMark = "< "
	bodyMark     = "  "
	base64Name   = "body-is-base64" // a body that no text file keeps as it is
)

func writeCassette(exchanges []*exchange) string {
	var b strings.Builder
	for i, e := range exchanges {
		if i > 0 {
			b.WriteString("\n")
		}
		e.request.write(&b, requestMark)
		e.response.write(&b, responseMark)
	}
	return b.String()
}

func (m *message) write(b *strings.Builder, mark string) {
	b.WriteString(mark + m.start + "\n")
	names := make([]string, 0, len(m.header))
	for name := range m.header {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		for _, value := range m.header[name] {
			b.WriteString(strings.ToLower(name) + ": " + value + "\n")
		}
	}
	if len(m.body) == 0 {
		return
	}
	body := string(pretty(m.body, mark))
	if !utf8.ValidString(body) || strings.ContainsAny(body, "\r\x00") {
		b.WriteString(base64Name + ": true\n")
		body = base64.StdEncoding.EncodeToString(m.body)
	}
	for line := range strings.SplitSeq(body, "\n") {
		b.WriteString(bodyMark + line + "\n")
	}
}

// pretty indents a request; an answer is kept to the byte.
func pretty(body []byte, mark string) []byte {
	var indented bytes.Buffer
	if mark == requestMark && json.Indent(&indented, body, "", "  ") == nil {
		return indented.Bytes()
	}
	return body
}

func readCassette(text string) ([]*exchange, error) {
	var exchanges []*exchange
	lines := strings.Split(strings.TrimRight(text, "\n"), "\n")
	for at := 0; at < len(lines); {
		if lines[at] == "" {
			at++
			continue
		}
		e := &exchange{}
		for _, side := range []struct {
			mark string
			m    *message
		}{{requestMark, &e.request}, {responseMark, &e.response}} {
			n, err := side.m.read(lines[at:], side.mark)
			if err != nil {
				return nil, fmt.Errorf("line %d: %w", at+n+1, err)
			}
			at += n
		}
		if _, err := strconv.Atoi(e.response.start); err != nil {
			return nil, fmt.Errorf("the answer to %q has no status", e.request.start)
		}
		exchanges = append(exchanges, e)
	}
	return exchanges, nil
}

// read takes a message from the first lines, and returns how many they are.
func (m *message) read(lines []string, mark string) (n int, err error) {
	if len(lines) == 0 || !strings.HasPrefix(lines[0], mark) {
		return 0, fmt.Errorf("want a line that begins with %q", mark)
	}
	m.start, m.header = strings.TrimPrefix(lines[0], mark), http.Header{}
	n = 1
	for ; n < len(lines) && lines[n] != "" && !strings.HasPrefix(lines[n], bodyMark) && !strings.HasPrefix(lines[n], responseMark); n++ {
		name, value, found := strings.Cut(lines[n], ": ")
		if !found {
			return n, fmt.Errorf("%.80q is no header", lines[n])
		}
		m.header.Add(name, value)
	}
	var body []string
	for ; n < len(lines) && strings.HasPrefix(lines[n], bodyMark); n++ {
		body = append(body, strings.TrimPrefix(lines[n], bodyMark))
	}
	m.body = []byte(strings.Join(body, "\n"))
	if m.header.Get(base64Name) != "" {
		m.header.Del(base64Name)
		m.body, err = base64.StdEncoding.DecodeString(string(m.body))
	}
	return n, err
}

// answer is the recorded one.
func (e *exchange) answer(req *http.Request) (*http.Response, error) {
	status, err := strconv.Atoi(e.response.start)
	if err != nil {
		return nil, err
	}
	return &http.Response{
		StatusCode: status, Status: e.response.start + " " + http.StatusText(status),
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: e.response.header.Clone(), Request: req,
		Body: io.NopCloser(bytes.NewReader(e.response.body)), ContentLength: int64(len(e.response.body)),
	}, nil
}

// sameBody compares JSON by its values.
func sameBody(a, b []byte) bool {
	if bytes.Equal(a, b) {
		return true
	}
	x, okX := jsonValue(a)
	y, okY := jsonValue(b)
	return okX && okY && reflect.DeepEqual(x, y)
}

func jsonValue(data []byte) (v any, ok bool) {
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.UseNumber()
	return v, dec.Decode(&v) == nil
}

// difference shows two requests but for the lines that they share at both ends.
func difference(want, got message) string {
	a := strings.Split(want.start+"\n"+string(pretty(want.body, requestMark)), "\n")
	b := strings.Split(got.start+"\n"+string(pretty(got.body, requestMark)), "\n")
	head := 0
	for head < min(len(a), len(b)) && a[head] == b[head] {
		head++
	}
	tail := 0
	for tail < min(len(a), len(b))-head && a[len(a)-1-tail] == b[len(b)-1-tail] {
		tail++
	}
	var out strings.Builder
	fmt.Fprintf(&out, "%s (- recorded, + asked):", want.start)
	if head > 0 {
		out.WriteString("\n  …")
	}
	for _, line := range a[head : len(a)-tail] {
		out.WriteString("\n- " + line)
	}
	for _, line := range b[head : len(b)-tail] {
		out.WriteString("\n+ " + line)
	}
	return out.String()
}
