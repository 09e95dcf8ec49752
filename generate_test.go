package keeprouter_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"github.com/keeprouter/keeprouter-go"
	"github.com/keeprouter/keeprouter-go/keeproutertest"
)

type invoice struct {
	Customer string   `json:"customer"`
	Items    []string `json:"items"`
	Cents    int64    `json:"total_cents" jsonschema:"the total in cents"`
}

const (
	goodInvoice = `{"customer":"Nordlicht","items":["chain","brake \"Alpin\""],"total_cents":25810}`
	badInvoice  = `{"customer":"Nordlicht","items":["chain"],"total_cents":"258.10"}`
)

func wantInvoice() invoice {
	return invoice{Customer: "Nordlicht", Items: []string{"chain", `brake "Alpin"`}, Cents: 25810}
}

// generated is what came of structured output in either format.
type generated struct {
	value invoice
	usage keeprouter.Usage
	cost  keeprouter.Cost
	came  bool // whether there is a response
}

type generateFunc func(context.Context, *keeprouter.Client, keeprouter.Generator[invoice]) (generated, error)

var generators = map[string]generateFunc{
	"chat": func(ctx context.Context, c *keeprouter.Client, g keeprouter.Generator[invoice]) (generated, error) {
		value, resp, err := g.Chat(ctx, c, hello())
		out := generated{value: value, came: resp != nil}
		if resp != nil {
			out.usage, out.cost = resp.Usage, resp.Cost
		}
		return out, err
	},
	"messages": func(ctx context.Context, c *keeprouter.Client, g keeprouter.Generator[invoice]) (generated, error) {
		value, resp, err := g.Messages(ctx, c, ask())
		out := generated{value: value, came: resp != nil}
		if resp != nil {
			out.usage, out.cost = resp.Usage, resp.Cost
		}
		return out, err
	},
	"chat stream": func(ctx context.Context, c *keeprouter.Client, g keeprouter.Generator[invoice]) (generated, error) {
		value, resp, err := g.ChatStream(ctx, c, hello()).Result()
		out := generated{value: value, came: resp != nil}
		if resp != nil {
			out.usage, out.cost = resp.Usage, resp.Cost
		}
		return out, err
	},
	"messages stream": func(ctx context.Context, c *keeprouter.Client, g keeprouter.Generator[invoice]) (generated, error) {
		value, resp, err := g.MessagesStream(ctx, c, ask()).Result()
		out := generated{value: value, came: resp != nil}
		if resp != nil {
			out.usage, out.cost = resp.Usage, resp.Cost
		}
		return out, err
	},
}

func TestGenerate(t *testing.T) {
	for name, tc := range map[string]struct {
		generator keeprouter.Generator[invoice]
		replies   []keeproutertest.Reply
		onlyWhole bool // not for streams
		kind      error
		param     string
		usage     keeprouter.Usage
	}{
		"value": {replies: []keeproutertest.Reply{says(goodInvoice)}, usage: keeprouter.Usage{Input: 20, Output: 2}},
		"value in the arguments of a call": {
			generator: keeprouter.Generator[invoice]{ForcedTool: true},
			replies:   []keeproutertest.Reply{calls(call("c1", "invoice", goodInvoice))}, usage: keeprouter.Usage{Input: 10, Output: 5},
		},
		"code fence repaired": {
			generator: keeprouter.Generator[invoice]{Repair: true},
			replies:   []keeproutertest.Reply{says("```json\n" + goodInvoice + "\n```")}, usage: keeprouter.Usage{Input: 20, Output: 2},
		},
		"code fence":   {replies: []keeproutertest.Reply{says("```json\n" + goodInvoice + "\n```")}, kind: keeprouter.ErrBadOutput, usage: keeprouter.Usage{Input: 20, Output: 2}},
		"wrong type":   {replies: []keeproutertest.Reply{says(badInvoice)}, kind: keeprouter.ErrBadOutput, param: "total_cents", usage: keeprouter.Usage{Input: 20, Output: 2}},
		"empty answer": {replies: []keeproutertest.Reply{says(" ")}, kind: keeprouter.ErrBadOutput, usage: keeprouter.Usage{Input: 20, Output: 2}},
		"corrected": {
			generator: keeprouter.Generator[invoice]{Retry: true}, onlyWhole: true,
			replies: []keeproutertest.Reply{says(badInvoice), says(goodInvoice)}, usage: keeprouter.Usage{Input: 40, Output: 4},
		},
		"corrected call": {
			generator: keeprouter.Generator[invoice]{Retry: true, ForcedTool: true}, onlyWhole: true,
			replies: []keeproutertest.Reply{calls(call("c1", "invoice", badInvoice)), calls(call("c2", "invoice", goodInvoice))}, usage: keeprouter.Usage{Input: 20, Output: 10},
		},
		"wrong twice": {
			generator: keeprouter.Generator[invoice]{Retry: true}, onlyWhole: true, kind: keeprouter.ErrBadOutput, param: "total_cents",
			replies: []keeproutertest.Reply{says(badInvoice), says(badInvoice)}, usage: keeprouter.Usage{Input: 40, Output: 4},
		},
		"failure at the second try": {
			generator: keeprouter.Generator[invoice]{Retry: true}, onlyWhole: true, kind: keeprouter.ErrInvalidRequest,
			replies: []keeproutertest.Reply{says(badInvoice), {Status: 400}}, usage: keeprouter.Usage{Input: 20, Output: 2},
		},
		"cut": {
			replies: []keeproutertest.Reply{{Text: goodInvoice[:30], Finish: "length", Usage: &keeproutertest.Usage{Input: 20, Output: 2}}},
			kind:    keeprouter.ErrOutputLimit, usage: keeprouter.Usage{Input: 20, Output: 2},
		},
		"refused": {
			replies: []keeproutertest.Reply{{Text: "I can't.", Finish: "content_filter", Usage: &keeproutertest.Usage{Input: 20, Output: 2}}},
			kind:    keeprouter.ErrRefused, usage: keeprouter.Usage{Input: 20, Output: 2},
		},
	} {
		for way, generate := range generators {
			if tc.onlyWhole && strings.Contains(way, "stream") {
				continue
			}
			t.Run(name+"/"+way, func(t *testing.T) {
				srv := keeproutertest.NewServer(t, tc.replies...)
				got, err := generate(t.Context(), clientOf(t, srv, nil), tc.generator)
				require.True(t, got.came)
				require.Equal(t, tc.usage, got.usage)
				keeproutertest.AssertCost(t, got.cost, strings.TrimPrefix(price(tc.usage.Input, tc.usage.Output).String(), "$"))
				if tc.kind != nil {
					require.ErrorIs(t, err, tc.kind)
					e, ok := errors.AsType[*keeprouter.Error](err)
					require.True(t, ok)
					if tc.param != "" {
						require.Equal(t, tc.param, e.Param)
					}
					return
				}
				require.NoError(t, err)
				if diff := gocmp.Diff(wantInvoice(), got.value); diff != "" {
					t.Errorf("value (-want +got):\n%s", diff)
				}
				if tc.generator.Retry {
					second := string(srv.Requests()[1].Body)
					require.Contains(t, second, "total_cents: want an integer, got a string")
				}
			})
		}
	}
}

func TestGenerateSendsTheSchema(t *testing.T) {
	const schema = `{"type":"object","properties":{"customer":{"type":"string"},"items":{"type":"array","items":{"type":"string"}},"total_cents":{"description":"the total in cents","type":"integer"}},"required":["customer","items","total_cents"],"additionalProperties":false}`
	for way, want := range map[string]string{
		"chat":     `"response_format":{"type":"json_schema","json_schema":{"name":"invoice","schema":` + schema + `,"strict":true}}`,
		"messages": `"output_config":{"format":{"type":"json_schema","schema":` + schema + `}}`,
	} {
		srv := keeproutertest.NewServer(t, says(goodInvoice))
		_, err := generators[way](t.Context(), clientOf(t, srv, nil), keeprouter.Generator[invoice]{})
		require.NoError(t, err)
		require.Contains(t, string(srv.Requests()[0].Body), want)
	}
	for way, want := range map[string]string{
		"chat":     `"tool_choice":{"type":"function","function":{"name":"bill"}}`,
		"messages": `"tool_choice":{"type":"tool","name":"bill"}`,
	} {
		srv := keeproutertest.NewServer(t, calls(call("c1", "bill", goodInvoice)))
		_, err := generators[way](t.Context(), clientOf(t, srv, nil), keeprouter.Generator[invoice]{ForcedTool: true, Name: "bill"})
		require.NoError(t, err)
		require.Contains(t, string(srv.Requests()[0].Body), want)
		require.Contains(t, string(srv.Requests()[0].Body), schema)
	}
}

func TestGenerateValuesThatAreNoObjects(t *testing.T) {
	srv := keeproutertest.NewServer(t, says(`{"value":["a","b"]}`), says(`{"value":7}`))
	client := clientOf(t, srv, nil)
	list, _, err := keeprouter.GenerateChat[[]string](t.Context(), client, hello())
	require.NoError(t, err)
	require.Equal(t, []string{"a", "b"}, list)
	number, _, err := keeprouter.GenerateMessages[int](t.Context(), client, ask())
	require.NoError(t, err)
	require.Equal(t, 7, number)
}

func TestGenerateRefusesWhatCannotWork(t *testing.T) {
	srv := keeproutertest.NewServer(t)
	client := clientOf(t, srv, nil)
	_, _, err := keeprouter.GenerateChat[chan int](t.Context(), client, hello())
	require.ErrorIs(t, err, keeprouter.ErrConfig)
	_, _, err = keeprouter.GenerateChat[invoice](t.Context(), client, nil)
	require.ErrorIs(t, err, keeprouter.ErrInvalidRequest)
	formatted := hello()
	formatted.ResponseFormat = &keeprouter.ChatResponseFormat{}
	_, _, err = keeprouter.GenerateChat[invoice](t.Context(), client, formatted)
	require.ErrorIs(t, err, keeprouter.ErrInvalidRequest)
	withTools := ask()
	withTools.Tools = []keeprouter.MessagesTool{{Name: "a"}}
	_, _, err = keeprouter.Generator[invoice]{}.MessagesStream(t.Context(), client, withTools).Result()
	require.ErrorIs(t, err, keeprouter.ErrInvalidRequest)
	require.Empty(t, srv.Requests())
}

func TestGenerationGrows(t *testing.T) {
	deltas := strings.SplitAfter(goodInvoice, "")
	for name, all := range map[string]func(*keeprouter.Client) func(func(invoice, error) bool){
		"chat": func(c *keeprouter.Client) func(func(invoice, error) bool) {
			return keeprouter.Generator[invoice]{}.ChatStream(t.Context(), c, hello()).All()
		},
		"messages": func(c *keeprouter.Client) func(func(invoice, error) bool) {
			return keeprouter.Generator[invoice]{}.MessagesStream(t.Context(), c, ask()).All()
		},
	} {
		t.Run(name, func(t *testing.T) {
			srv := keeproutertest.NewServer(t, keeproutertest.Reply{Deltas: deltas})
			var seen []invoice
			for value, err := range all(clientOf(t, srv, nil)) {
				require.NoError(t, err)
				seen = append(seen, value)
			}
			require.Greater(t, len(seen), 10)
			require.Equal(t, wantInvoice(), seen[len(seen)-1])
			for i, value := range seen[:len(seen)-1] {
				next := seen[i+1]
				require.True(t, strings.HasPrefix(next.Customer, value.Customer), "%q, then %q", value.Customer, next.Customer)
				require.GreaterOrEqual(t, len(next.Items), len(value.Items))
				for j := range value.Items {
					require.True(t, strings.HasPrefix(next.Items[j], value.Items[j]), "%q, then %q", value.Items[j], next.Items[j])
				}
			}
		})
	}
}

func TestGenerationCutKeepsWhatThereIs(t *testing.T) {
	srv := keeproutertest.NewServer(t, keeproutertest.Reply{Deltas: []string{`{"customer":"Nord`, `licht","items":["ch`, `ain"`}, Fault: keeproutertest.Fault{EndAfterEvents: new(4)}})
	gen := keeprouter.Generator[invoice]{}.ChatStream(t.Context(), clientOf(t, srv, nil), hello())
	value, resp, err := gen.Result()
	require.ErrorIs(t, err, keeprouter.ErrTruncated)
	require.NotNil(t, resp)
	require.Equal(t, invoice{Customer: "Nordlicht", Items: []string{"chain"}}, value)
	for _, err := range gen.All() {
		require.ErrorIs(t, err, keeprouter.ErrConsumed)
	}
}

func TestGenerationLeft(t *testing.T) {
	srv := keeproutertest.NewServer(t, keeproutertest.Reply{Deltas: strings.SplitAfter(goodInvoice, "")})
	gen := keeprouter.Generator[invoice]{}.ChatStream(t.Context(), clientOf(t, srv, nil), hello())
	for range gen.All() {
		break
	}
	_, _, err := gen.Result()
	require.ErrorIs(t, err, keeprouter.ErrUnfinished)
}
