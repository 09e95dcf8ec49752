package keeprouterotel_test

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.opentelemetry.io/otel/trace"

	"github.com/keeprouter/keeprouter-go"
	"github.com/keeprouter/keeprouter-go/keeproutertest"
	keeprouterotel "github.com/keeprouter/keeprouter-go/otel"
)

// recorder keeps what a client tells of itself.
type recorder struct {
	spans  *tracetest.InMemoryExporter
	reader *sdkmetric.ManualReader
	client *keeprouter.Client
	server *keeproutertest.Server
}

// record makes a client of a gateway with these replies, whose spans and metrics are
// kept.
func record(t *testing.T, config keeprouterotel.Config, change func(*keeprouter.Options), replies ...keeproutertest.Reply) *recorder {
	r := &recorder{spans: tracetest.NewInMemoryExporter(), reader: sdkmetric.NewManualReader(), server: keeproutertest.NewServer(t, replies...)}
	if config.TracerProvider == nil {
		config.TracerProvider = sdktrace.NewTracerProvider(sdktrace.WithSyncer(r.spans))
	}
	config.MeterProvider = sdkmetric.NewMeterProvider(sdkmetric.WithReader(r.reader))
	opts := r.server.Options()
	if change != nil {
		change(opts)
	}
	require.NoError(t, keeprouterotel.Instrument(opts, &config))
	var err error
	r.client, err = keeprouter.NewClient(opts)
	require.NoError(t, err)
	return r
}

// tree writes the spans as a tree, with every attribute.
func (r *recorder) tree() string {
	spans := r.spans.GetSpans()
	slices.SortStableFunc(spans, func(a, b tracetest.SpanStub) int { return a.StartTime.Compare(b.StartTime) })
	var b strings.Builder
	writeSpans(&b, spans, trace.SpanID{}, "")
	return b.String()
}

func writeSpans(b *strings.Builder, spans tracetest.SpanStubs, parent trace.SpanID, indent string) {
	for _, s := range spans {
		if s.Parent.SpanID() != parent {
			continue
		}
		fmt.Fprintf(b, "%s%s %v %v", indent, s.Name, strings.ToUpper(s.SpanKind.String()), s.EndTime.Sub(s.StartTime))
		if s.Status.Code != codes.Unset {
			fmt.Fprintf(b, " %v: %s", s.Status.Code, s.Status.Description)
		}
		b.WriteString("\n")
		for _, line := range sorted(s.Attributes) {
			fmt.Fprintf(b, "%s  %s\n", indent, line)
		}
		writeSpans(b, spans, s.SpanContext.SpanID(), indent+"    ")
	}
}

func sorted(attrs []attribute.KeyValue) []string {
	var lines []string
	for _, a := range attrs {
		lines = append(lines, fmt.Sprintf("%s=%s", a.Key, a.Value.String()))
	}
	slices.Sort(lines)
	return lines
}

// measured writes every point of every metric: of histograms count and sum.
func (r *recorder) measured(t *testing.T) string {
	var lines []string
	for _, m := range r.collect(t) {
		switch data := m.Data.(type) {
		case metricdata.Histogram[float64]:
			for _, p := range data.DataPoints {
				lines = append(lines, fmt.Sprintf("%s %s count=%d sum=%.4g %v", m.Name, m.Unit, p.Count, p.Sum, sorted(p.Attributes.ToSlice())))
			}
		case metricdata.Histogram[int64]:
			for _, p := range data.DataPoints {
				lines = append(lines, fmt.Sprintf("%s %s count=%d sum=%d %v", m.Name, m.Unit, p.Count, p.Sum, sorted(p.Attributes.ToSlice())))
			}
		case metricdata.Sum[float64]:
			for _, p := range data.DataPoints {
				lines = append(lines, fmt.Sprintf("%s %s total=%.6g %v", m.Name, m.Unit, p.Value, sorted(p.Attributes.ToSlice())))
			}
		case metricdata.Sum[int64]:
			for _, p := range data.DataPoints {
				lines = append(lines, fmt.Sprintf("%s %s total=%d %v", m.Name, m.Unit, p.Value, sorted(p.Attributes.ToSlice())))
			}
		default:
			t.Errorf("%s is a %T", m.Name, data)
		}
	}
	slices.Sort(lines)
	return strings.Join(lines, "\n") + "\n"
}

func (r *recorder) collect(t *testing.T) []metricdata.Metrics {
	var data metricdata.ResourceMetrics
	require.NoError(t, r.reader.Collect(context.Background(), &data))
	var all []metricdata.Metrics
	for _, s := range data.ScopeMetrics {
		all = append(all, s.Metrics...)
	}
	slices.SortFunc(all, func(a, b metricdata.Metrics) int { return cmp.Compare(a.Name, b.Name) })
	return all
}

// attribute returns an attribute of the first span that has it.
func (r *recorder) attribute(key string) string {
	for _, s := range r.spans.GetSpans() {
		if value := attributeOf(s.Attributes, key); value != "" {
			return value
		}
	}
	return ""
}

func attributeOf(attrs []attribute.KeyValue, key string) string {
	for _, a := range attrs {
		if string(a.Key) == key {
			return a.Value.String()
		}
	}
	return ""
}
