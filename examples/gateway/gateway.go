package main

import (
	"cmp"
	"log/slog"
	"net/http"
	"net/url"
	"time"

	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/keeprouter/keeprouter-go"
	"github.com/keeprouter/keeprouter-go/translate"
)

// gateway is a proxy that translates, logs and counts.
type gateway struct {
	translator translate.Translator
	prices     *keeprouter.PriceTable
	next       http.RoundTripper // nil for net/http's
	log        *slog.Logger
	metrics    *metrics
}

func (g *gateway) handler(upstream *url.URL, format translate.Format) http.Handler {
	next := g.next
	if next == nil {
		next = http.DefaultTransport
	}
	proxy := translate.Handler(upstream, &translate.RoundTripper{
		Server:     format,
		Translator: g.translator,
		Next:       counting{next},
		Report:     g.report,
	})
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", promhttp.HandlerFor(g.metrics.registry, promhttp.HandlerOpts{}))
	mux.Handle("/", g.watched(proxy))
	return mux
}

// report counts what a translation changed.
func (g *gateway) report(req *http.Request, d translate.Diagnostic) {
	g.metrics.changes.WithLabelValues(string(d.What)).Inc()
	g.log.DebugContext(req.Context(), "changed in translation", "path", d.Path, "what", d.What, "why", d.Why)
}

// watched logs and counts each request when its answer has ended, also when the client
// went away before. Nothing of prompts, answers and keys is logged.
func (g *gateway) watched(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		start, endpoint := time.Now(), endpointOf(r.URL.Path)
		answer := &answerWriter{ResponseWriter: w}
		ctx, spent := withTally(r.Context())
		g.metrics.open.Inc()
		ended := false
		defer func() { // a client that leaves ends the proxy by a panic
			g.metrics.open.Dec()
			g.record(r, endpoint, answer, spent, time.Since(start), ended)
		}()
		next.ServeHTTP(answer, r.WithContext(ctx))
		ended = true
	})
}

func (g *gateway) record(r *http.Request, endpoint string, answer *answerWriter, spent *tally, took time.Duration, ended bool) {
	outcome := "ok"
	switch {
	case !ended:
		outcome = "cut"
	case answer.status >= http.StatusBadRequest:
		outcome = "error"
	}
	g.metrics.requests.WithLabelValues(endpoint, outcome).Inc()
	g.metrics.duration.WithLabelValues(endpoint).Observe(took.Seconds())
	attrs := []any{
		"method", r.Method, "endpoint", endpoint, "status", answer.status, "outcome", outcome,
		"took", took, "bytes", answer.bytes,
	}
	if model, usage, ok := spent.usage(); ok {
		g.metrics.tokens.WithLabelValues("input").Add(float64(usage.Input))
		g.metrics.tokens.WithLabelValues("output").Add(float64(usage.Output))
		attrs = append(attrs, "model", model, "usage", usage)
		if cost, err := g.prices.Cost(model, usage); err == nil {
			g.metrics.dollars.Add(float64(cost.Total) / float64(keeprouter.Dollar)) // the exact amount is in the log
			attrs = append(attrs, "cost", cost.Total.String())
		} else {
			g.metrics.unpriced.Inc()
		}
	}
	level := slog.LevelInfo
	if outcome != "ok" {
		level = slog.LevelWarn
	}
	g.log.Log(r.Context(), level, "request", attrs...)
}

// endpointOf keeps the paths that anybody may ask for from becoming labels.
func endpointOf(path string) string {
	switch path {
	case "/v1/chat/completions", "/v1/messages", "/v1/messages/count_tokens", "/v1/models":
		return path
	}
	return "other"
}

// answerWriter remembers what was answered.
type answerWriter struct {
	http.ResponseWriter
	status int
	bytes  int64
}

func (w *answerWriter) WriteHeader(status int) {
	if status >= http.StatusOK {
		w.status = cmp.Or(w.status, status)
	}
	w.ResponseWriter.WriteHeader(status)
}

func (w *answerWriter) Write(data []byte) (int, error) {
	w.status = cmp.Or(w.status, http.StatusOK)
	n, err := w.ResponseWriter.Write(data)
	w.bytes += int64(n)
	return n, err
}

// Unwrap lets the proxy flush each event.
func (w *answerWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }
