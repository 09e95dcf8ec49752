package translate

import (
	"io"
	"net/http"
	"net/http/httputil"
	"net/url"
)

// Handler is a reverse proxy before a server of one format that gives it both: clients
// of the other are served through rt, and those of the server's own as they are. The
// server's address is as in [keeprouter.Options], without /v1. Keys are handed on.
//
//	upstream, err := url.Parse("http://localhost:8000")
//	…
//	err = http.ListenAndServe("localhost:8080", translate.Handler(upstream, &translate.RoundTripper{Server: translate.Chat}))
func Handler(upstream *url.URL, rt *RoundTripper) http.Handler {
	return &httputil.ReverseProxy{
		Transport:     rt,
		FlushInterval: -1, // each event of a stream goes out at once
		Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(upstream)
			r.Out.Header.Del("X-Forwarded-For")
			endBody(r.Out)
		},
		ErrorHandler: func(w http.ResponseWriter, r *http.Request, err error) {
			answer := rt.unreachable(r, err)
			for name, values := range answer.Header {
				w.Header()[name] = values
			}
			w.WriteHeader(answer.Status)
			_, _ = w.Write(answer.Body) // the client may have gone
		},
	}
}

// endBody has the request's body end with its last byte. net/http's transport asks once
// more whether that was all, and breaks the connection if the client's request has been
// closed meanwhile, as it is when the server answers at once.
func endBody(req *http.Request) {
	if body := req.Body; req.ContentLength > 0 {
		req.Body = &boundedBody{io.LimitReader(body, req.ContentLength), body}
	}
}

type boundedBody struct {
	io.Reader
	io.Closer
}
