package keeprouterotel

import (
	"context"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	"go.opentelemetry.io/otel/semconv/v1.41.0/genaiconv"
)

// TestConventions holds the names and units that are in the released conventions
// against the module that is generated from them, and the boundaries against those that
// they advise.
func TestConventions(t *testing.T) {
	reader := sdkmetric.NewManualReader()
	var m metrics
	require.NoError(t, m.open(sdkmetric.NewMeterProvider(sdkmetric.WithReader(reader)).Meter("")))
	ctx := context.Background()
	m.callTime.Record(ctx, 1)
	m.firstChunk.Record(ctx, 1)
	m.chunk.Record(ctx, 1)
	m.tokens.Record(ctx, 1)
	var data metricdata.ResourceMetrics
	require.NoError(t, reader.Collect(ctx, &data))

	type shape struct {
		Unit   string
		Bounds []float64
	}
	got := map[string]shape{}
	for _, m := range data.ScopeMetrics[0].Metrics {
		switch d := m.Data.(type) {
		case metricdata.Histogram[float64]:
			got[m.Name] = shape{m.Unit, d.DataPoints[0].Bounds}
		case metricdata.Histogram[int64]:
			got[m.Name] = shape{m.Unit, d.DataPoints[0].Bounds}
		}
	}
	doubled, quadrupled := []float64{0.01}, []float64{1}
	for len(doubled) < 14 {
		doubled = append(doubled, 2*doubled[len(doubled)-1])
		quadrupled = append(quadrupled, 4*quadrupled[len(quadrupled)-1])
	}
	want := map[string]shape{
		genaiconv.ClientOperationDuration{}.Name():           {genaiconv.ClientOperationDuration{}.Unit(), doubled},
		genaiconv.ClientOperationTimeToFirstChunk{}.Name():   {genaiconv.ClientOperationTimeToFirstChunk{}.Unit(), doubled},
		genaiconv.ClientOperationTimePerOutputChunk{}.Name(): {genaiconv.ClientOperationTimePerOutputChunk{}.Unit(), doubled},
		genaiconv.ClientTokenUsage{}.Name():                  {genaiconv.ClientTokenUsage{}.Unit(), quadrupled},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("metrics (-want +got):\n%s", diff)
	}
}

func TestServer(t *testing.T) {
	for baseURL, want := range map[string][]string{
		"https://keeprouter.com":       {"server.address=keeprouter.com", "server.port=443"},
		"http://localhost/v1":          {"server.address=localhost", "server.port=80"},
		"https://gateway.example:8443": {"server.address=gateway.example", "server.port=8443"},
		"http://[::1]:8080":            {"server.address=::1", "server.port=8080"},
		"":                             nil,
	} {
		var got []string
		for _, a := range serverAttributes(baseURL) {
			got = append(got, fmt.Sprint(a.Key, "=", a.Value.String()))
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%q (-want +got):\n%s", baseURL, diff)
		}
	}
}
