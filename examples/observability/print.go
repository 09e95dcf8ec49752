package main

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.opentelemetry.io/otel/trace"
)

// shown are the attributes that the tree shows, of many more.
var shown = []struct{ key, label string }{
	{"error.type", "error"},
	{"http.response.status_code", "status"},
	{"gen_ai.response.finish_reasons", "finish"},
	{"keeprouter.run.steps", "steps"},
	{"gen_ai.usage.input_tokens", "input"},
	{"gen_ai.usage.output_tokens", "output"},
	{"keeprouter.cost", "cost"},
}

func printTree(out io.Writer, spans tracetest.SpanStubs) {
	slices.SortStableFunc(spans, func(a, b tracetest.SpanStub) int { return a.StartTime.Compare(b.StartTime) })
	printChildren(out, spans, trace.SpanID{}, "")
}

func printChildren(out io.Writer, spans tracetest.SpanStubs, parent trace.SpanID, indent string) {
	children := slices.DeleteFunc(slices.Clone(spans), func(s tracetest.SpanStub) bool { return s.Parent.SpanID() != parent })
	for i, s := range children {
		branch, below := "├─ ", "│  "
		if i == len(children)-1 {
			branch, below = "└─ ", "   "
		}
		if !parent.IsValid() {
			branch, below = "", ""
		}
		head := indent + branch + s.Name
		fmt.Fprintf(out, "%-32s %6s  %s\n", head, s.EndTime.Sub(s.StartTime).Round(time.Millisecond), strings.Join(described(s), " "))
		printChildren(out, spans, s.SpanContext.SpanID(), indent+below)
	}
}

func described(s tracetest.SpanStub) []string {
	var words []string
	for _, what := range shown {
		for _, a := range s.Attributes {
			if string(a.Key) == what.key {
				words = append(words, what.label+"="+a.Value.String())
			}
		}
	}
	return words
}

func printMetrics(out io.Writer, data metricdata.ResourceMetrics) {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	for _, scope := range data.ScopeMetrics {
		for _, m := range scope.Metrics {
			switch d := m.Data.(type) {
			case metricdata.Histogram[float64]:
				for _, p := range d.DataPoints {
					fmt.Fprintf(w, "%s\t%s\t%d times, %.3f in all\t%s\n", m.Name, m.Unit, p.Count, p.Sum, apart(p.Attributes))
				}
			case metricdata.Histogram[int64]:
				for _, p := range d.DataPoints {
					fmt.Fprintf(w, "%s\t%s\t%d times, %d in all\t%s\n", m.Name, m.Unit, p.Count, p.Sum, apart(p.Attributes))
				}
			case metricdata.Sum[float64]:
				for _, p := range d.DataPoints {
					fmt.Fprintf(w, "%s\t%s\t%.8f\t%s\n", m.Name, m.Unit, p.Value, apart(p.Attributes))
				}
			}
		}
	}
	if err := w.Flush(); err != nil {
		fmt.Fprintln(out, err)
	}
}

// apart are the attributes that tell the points of a metric apart.
func apart(set attribute.Set) string {
	var words []string
	for _, key := range []attribute.Key{"gen_ai.token.type", "gen_ai.tool.name", "error.type"} {
		if value, ok := set.Value(key); ok {
			words = append(words, value.String())
		}
	}
	return strings.Join(words, " ")
}
