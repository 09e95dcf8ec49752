package battery

import (
	"fmt"
	"strings"
	"time"

	"github.com/keeprouter/keeprouter-go"
)

// variant is one of several answers of the same sort.
type variant struct {
	name string
	raw  func(r *reference) []byte
	end  ending
	want func(r *reference) want
}

// variants is a fault whose places are different answers.
func variants(name string, on func(operation) bool, list []variant) *fault {
	return &fault{
		name: name, on: on,
		offsets: func(*reference) int { return len(list) },
		play:    func(tr *trial, l *line, _ int) { l.send(list[tr.at].raw(tr.reference), list[tr.at].end) },
		want:    func(tr *trial) want { return list[tr.at].want(tr.reference) },
	}
}

func streaming(op operation) bool { return op.streams }
func creating(op operation) bool  { return !op.streams }
func simple(op operation) bool    { return !op.tools }

// always makes a function of what doesn't depend on the answer.
func always(w want) func(*reference) want { return func(*reference) want { return w } }

// errorBody is an error in the words of the format.
func (r *reference) errorBody(kind string) string {
	if r.lane.format.name == "chat" {
		return fmt.Sprintf(`{"error":{"message":"it is so","type":%q,"param":null,"code":null}}`, kind)
	}
	return fmt.Sprintf(`{"type":"error","error":{"type":%q,"message":"it is so"}}`, kind)
}

func status(code int, kind string, more ...string) func(*reference) []byte {
	return func(r *reference) []byte {
		return measured(header(fmt.Sprint(code, " Odd"), jsonType, more...), []byte(r.errorBody(kind))).bytes
	}
}

// plain is an answer with status 200 and a body that is none.
func plain(contentType, body string) func(*reference) []byte {
	return func(*reference) []byte { return measured(header("200 OK", contentType), []byte(body)).bytes }
}

// unlike is the outcome when something else came than an answer.
func unlike(kind keeprouter.ErrorKind) want {
	w := refused(kind, 200, false)
	w.basis = keeprouter.ChargedInFull
	return w
}

const html = "<html><head><title>Sorry</title></head><body>proxy</body></html>"

// answerFaults are answers that say something else than they should.
func answerFaults() []*fault {
	stays := func(w want, more func(*want)) want { more(&w); return w }
	statuses := []variant{}
	for _, s := range []struct {
		code  int
		typ   string
		kind  keeprouter.ErrorKind
		again bool
	}{
		{400, "invalid_request_error", keeprouter.ErrInvalidRequest, false},
		{401, "authentication_error", keeprouter.ErrAuthentication, false},
		{402, "billing_error", keeprouter.ErrInsufficientCredit, false},
		{403, "permission_error", keeprouter.ErrPermission, false},
		{404, "not_found_error", keeprouter.ErrNotFound, false},
		{408, "timeout_error", keeprouter.ErrTimeout, true},
		{409, "conflict", keeprouter.ErrInvalidRequest, true},
		{413, "request_too_large", keeprouter.ErrRequestTooLarge, false},
		{422, "invalid_request_error", keeprouter.ErrInvalidRequest, false},
		{429, "rate_limit_error", keeprouter.ErrRateLimited, true},
		{429, "insufficient_quota", keeprouter.ErrInsufficientCredit, false},
		{500, "api_error", keeprouter.ErrServer, true},
		{501, "api_error", keeprouter.ErrServer, false},
		{502, "api_error", keeprouter.ErrServer, true},
		{503, "api_error", keeprouter.ErrOverloaded, true},
		{504, "timeout_error", keeprouter.ErrTimeout, true},
		{529, "overloaded_error", keeprouter.ErrOverloaded, true},
	} {
		statuses = append(statuses, variant{fmt.Sprint(s.code), status(s.code, s.typ), goOn, always(refused(s.kind, s.code, s.again))})
	}
	waits := func(d time.Duration) want {
		w := refused(keeprouter.ErrRateLimited, 429, true)
		w.atLeast, w.atMost = d, d
		return w
	}
	givesUp := refused(keeprouter.ErrRateLimited, 429, true)
	givesUp.attempts = 1
	redirect := func(code int, to string) func(*reference) []byte {
		return func(*reference) []byte {
			more := []string{"Content-Length: 0"}
			if to != "" {
				more = append(more, "Location: "+to)
			}
			return []byte(header(fmt.Sprint(code, " Elsewhere"), "", more...) + "\r\n")
		}
	}
	refusedTo := func(code int) func(*reference) want { return always(refused(keeprouter.ErrRedirect, code, false)) }
	return []*fault{
		variants("an error's status", nil, statuses),
		variants("429 with Retry-After", nil, []variant{
			{"2 s", status(429, "rate_limit_error", "Retry-After: 2"), goOn, always(waits(4 * time.Second))},
			{"1500 ms", status(429, "rate_limit_error", "Retry-After-Ms: 1500"), goOn, always(waits(3 * time.Second))},
			{"an hour", status(429, "rate_limit_error", "Retry-After: 3600"), goOn, always(givesUp)},
			{"negative", status(429, "rate_limit_error", "Retry-After: -5"), goOn, always(refused(keeprouter.ErrRateLimited, 429, true))},
			{"no number", status(429, "rate_limit_error", "Retry-After: abc"), goOn, always(refused(keeprouter.ErrRateLimited, 429, true))},
			{"past", status(429, "rate_limit_error", "Retry-After: Fri, 31 Dec 1999 00:00:00 GMT"), goOn, always(refused(keeprouter.ErrRateLimited, 429, true))},
		}),
		{
			name: "529 twice, then a whole answer",
			play: func(tr *trial, l *line, attempt int) {
				if attempt == 2 {
					l.send(tr.http1().bytes, goOn)
					return
				}
				l.send(status(529, "overloaded_error")(tr.reference), goOn)
			},
			want: func(*trial) want {
				w := whole()
				w.attempts, w.earlier = 3, keeprouter.ChargedNothing
				return w
			},
		},
		{
			name:    "503, cut at every byte",
			offsets: func(r *reference) int { return len(status(503, "overloaded_error")(r)) },
			play: func(tr *trial, l *line, _ int) {
				l.send(status(503, "overloaded_error")(tr.reference)[:tr.at], reset)
			},
			want: func(tr *trial) want {
				raw := string(status(503, "overloaded_error")(tr.reference))
				if tr.at < strings.Index(raw, "\r\n\r\n")+4 {
					return unanswered()
				}
				w := refused(keeprouter.ErrOverloaded, 503, true)
				w.open = 0
				return w
			},
		},
		variants("a redirect elsewhere", nil, []variant{
			{"307", redirect(307, "https://thief.example.com/v1"), goOn, refusedTo(307)},
			{"308", redirect(308, "https://thief.example.com/v1"), goOn, refusedTo(308)},
			{"another port", redirect(307, "http://localhost:8080/v1"), goOn, refusedTo(307)},
			{"another scheme", redirect(308, "https://localhost/v1"), goOn, refusedTo(308)},
			{"301", redirect(301, "/elsewhere"), goOn, refusedTo(301)},
			{"302", redirect(302, "/elsewhere"), goOn, refusedTo(302)},
			{"303", redirect(303, "/elsewhere"), goOn, refusedTo(303)},
			{"nowhere", redirect(307, ""), goOn, refusedTo(307)},
			{"300", redirect(300, ""), goOn, refusedTo(300)},
			{"304", redirect(304, ""), goOn, refusedTo(304)},
		}),
		{
			name:    "a redirect on the same host",
			offsets: func(*reference) int { return 2 },
			play: func(tr *trial, l *line, attempt int) {
				if attempt == 1 {
					l.send(tr.http1().bytes, goOn)
					return
				}
				l.send(redirect(307+tr.at, "/v1/there")(tr.reference), goOn)
			},
			want: func(*trial) want { return stays(whole(), func(w *want) { w.unasked = 1 }) },
		},
		variants("a redirect in a circle", nil, []variant{{"", redirect(307, "/again"), goOn, func(*reference) want {
			return stays(refused(keeprouter.ErrRedirect, 307, false), func(w *want) { w.unasked = 5 })
		}}}),
		variants("something else than a stream", streaming, []variant{
			{"HTML", plain("text/html", html), goOn, always(unlike(keeprouter.ErrNotAStream))},
			{"HTML as a stream", plain(sse, html), goOn, always(unlike(keeprouter.ErrNotAStream))},
			{"text", plain("text/plain", "OK"), goOn, always(unlike(keeprouter.ErrNotAStream))},
			{"nothing", plain(jsonType, ""), goOn, always(unlike(keeprouter.ErrNotAStream))},
			{"white space", plain(jsonType, "\n\n"), goOn, always(unlike(keeprouter.ErrNotAStream))},
			{"nothing as a stream", plain(sse, ""), goOn, func(r *reference) want { return r.received(0, clean) }},
			{"{}", plain(jsonType, "{}"), goOn, always(unlike(keeprouter.ErrNotAStream))},
			{"[]", plain(jsonType, "[]"), goOn, always(unlike(keeprouter.ErrNotAStream))},
			{"null", plain(jsonType, "null"), goOn, always(unlike(keeprouter.ErrNotAStream))},
			{"another type", func(r *reference) []byte { return measured(header("200 OK", "application/octet-stream"), r.body).bytes }, goOn, always(whole())},
			{"no type", func(r *reference) []byte { return measured(header("200 OK", ""), r.body).bytes }, goOn, always(whole())},
			{"JSON's type", func(r *reference) []byte { return measured(header("200 OK", jsonType), r.body).bytes }, goOn, always(whole())},
			{"an encoding", func(r *reference) []byte {
				return measured(header("200 OK", sse, "Content-Encoding: br"), r.body).bytes
			}, goOn, always(stays(unlike(keeprouter.ErrBadResponse), func(w *want) { w.open = 0 }))},
			{"204", func(*reference) []byte { return []byte(header("204 No Content", "") + "\r\n") }, goOn, always(stays(unlike(keeprouter.ErrNotAStream), func(w *want) { w.status = 204 }))},
		}),
		variants("something else than an answer", creating, []variant{
			{"HTML", plain("text/html", html), goOn, always(unlike(keeprouter.ErrBadResponse))},
			{"text", plain("text/plain", "OK"), goOn, always(unlike(keeprouter.ErrBadResponse))},
			{"nothing", plain(jsonType, ""), goOn, always(unlike(keeprouter.ErrBadResponse))},
			{"{}", plain(jsonType, "{}"), goOn, always(unlike(keeprouter.ErrBadResponse))},
			{"[]", plain(jsonType, "[]"), goOn, always(unlike(keeprouter.ErrBadResponse))},
			{"null", plain(jsonType, "null"), goOn, always(unlike(keeprouter.ErrBadResponse))},
			{"another type", func(r *reference) []byte { return measured(header("200 OK", "text/html"), r.body).bytes }, goOn, always(whole())},
			{"a stream's type", func(r *reference) []byte { return measured(header("200 OK", sse), r.body).bytes }, goOn, always(whole())},
			{"an encoding", func(r *reference) []byte {
				return measured(header("200 OK", jsonType, "Content-Encoding: br"), r.body).bytes
			}, goOn, always(stays(unlike(keeprouter.ErrBadResponse), func(w *want) { w.open = 0 }))},
		}),
		variants("a 200 with an error as its body", nil, []variant{
			{"overloaded", func(r *reference) []byte { return plain(jsonType, r.errorBody("overloaded_error"))(r) }, goOn, always(refused(keeprouter.ErrOverloaded, 529, true))},
			{"invalid", func(r *reference) []byte { return plain(jsonType, r.errorBody("invalid_request_error"))(r) }, goOn, always(refused(keeprouter.ErrInvalidRequest, 400, false))},
			{"as a stream", func(r *reference) []byte { return plain(sse, r.errorBody("rate_limit_error"))(r) }, goOn, always(refused(keeprouter.ErrRateLimited, 429, true))},
		}),
		errorInStream(),
	}
}

// errorInStream sends an error in each of its shapes after each event.
func errorInStream() *fault {
	shapes := []string{
		"event: error\ndata: " + `{"type":"error","error":{"type":"overloaded_error","message":"it is so"}}` + "\n\n",
		"data: " + `{"error":{"message":"it is so","type":"overloaded_error","param":null,"code":null}}` + "\n\n",
		"data: " + `{"error":{"message":"it is so","code":529,"type":"overloaded_error"}}` + "\n\ndata: [DONE]\n\n",
		"event: error\ndata: " + `{"error":{"type":"overloaded_error","message":"it is so"},"request_id":"r"}` + "\n\n",
	}
	return &fault{
		name: "an error in the stream", on: streaming,
		offsets: func(r *reference) int { return len(shapes) * (len(r.events) + 1) },
		play: func(tr *trial, l *line, _ int) {
			body := append(tr.joined(tr.at/len(shapes)), shapes[tr.at%len(shapes)]...)
			l.send(chunked(tr.ok(), [][]byte{body}).bytes, goOn)
		},
		want: func(tr *trial) want {
			w := tr.received(len(tr.joined(tr.at/len(shapes))), broken)
			if w.kind == "" {
				return w
			}
			w.kind, w.status, w.inStream, w.open = keeprouter.ErrOverloaded, 529, true, 1
			w.earlier = keeprouter.ChargedNothing
			if w.basis == keeprouter.ChargedInFull {
				w.basis = keeprouter.ChargedNothing
				if begun := tr.at >= len(shapes); begun && tr.lane.format.countsFirst {
					w.basis, w.promptOnly = keeprouter.ChargedUsage, true
				}
			}
			return w
		},
	}
}
