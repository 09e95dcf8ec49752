package main

import "github.com/prometheus/client_golang/prometheus"

// metrics are what /metrics shows.
type metrics struct {
	registry *prometheus.Registry
	requests *prometheus.CounterVec   // by endpoint and outcome: ok, error, cut
	duration *prometheus.HistogramVec // by endpoint
	open     prometheus.Gauge
	tokens   *prometheus.CounterVec // by type: input, output
	dollars  prometheus.Counter
	unpriced prometheus.Counter
	changes  *prometheus.CounterVec // by what was done
}

func newMetrics() *metrics {
	m := &metrics{
		registry: prometheus.NewRegistry(),
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "gateway_requests_total", Help: "Requests whose answer has ended, by endpoint and outcome.",
		}, []string{"endpoint", "outcome"}),
		duration: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "gateway_request_duration_seconds", Help: "Time from a request to the end of its answer.",
			Buckets: prometheus.ExponentialBuckets(0.01, 2, 14),
		}, []string{"endpoint"}),
		open: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "gateway_open_requests", Help: "Requests whose answer hasn't ended.",
		}),
		tokens: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "gateway_tokens_total", Help: "Tokens that the server counted, by type.",
		}, []string{"type"}),
		dollars: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "gateway_cost_dollars_total", Help: "Cost of the answers by the table of prices; the log has exact amounts.",
		}),
		unpriced: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "gateway_unpriced_answers_total", Help: "Answers of models that have no price.",
		}),
		changes: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "gateway_translation_changes_total", Help: "What the translation of requests and answers changed.",
		}, []string{"what"}),
	}
	m.registry.MustRegister(m.requests, m.duration, m.open, m.tokens, m.dollars, m.unpriced, m.changes)
	return m
}
