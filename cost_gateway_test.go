package keeprouter_test

import (
	"context"
	"fmt"
	"log"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/keeprouter/keeprouter-go"
	"github.com/keeprouter/keeprouter-go/keeproutertest"
)

const chatCompletion = `{"id":"1","object":"chat.completion","created":1,"model":"gemma-4-31B-it","choices":[{"index":0,"message":{"role":"assistant","content":"Hi."},"finish_reason":"stop"}],"usage":{"prompt_tokens":1000,"completion_tokens":500,"total_tokens":1500,"cost":0.0005}}`

func TestGatewaysOwnCostIsKeptBesideOurs(t *testing.T) {
	chunks := replaced(chatEvents, `"total_tokens":1500`, `"total_tokens":1500,"cost":0.0005`)
	events := replaced(messagesEvents, `"output_tokens":500`, `"output_tokens":500,"cost":"0.0005"`)
	const message = `{"id":"1","type":"message","role":"assistant","model":"gemma-4-31B-it","content":[{"type":"text","text":"Hi."}],"stop_reason":"end_turn","usage":{"input_tokens":1000,"output_tokens":500,"cost":"0.0005"}}`
	for name, tc := range map[string]struct {
		reply keeproutertest.Reply
		call  func(*keeprouter.Client) (keeprouter.Cost, error)
	}{
		"chat": {raw("application/json", chatCompletion), func(c *keeprouter.Client) (keeprouter.Cost, error) {
			r, err := c.Chat.Create(t.Context(), hello())
			return r.Cost, err
		}},
		"chat stream": {raw(sse, chunks...), func(c *keeprouter.Client) (keeprouter.Cost, error) {
			r, err := c.Chat.Stream(t.Context(), hello()).Result()
			return r.Cost, err
		}},
		"messages": {raw("application/json", message), func(c *keeprouter.Client) (keeprouter.Cost, error) {
			r, err := c.Messages.Create(t.Context(), ask())
			return r.Cost, err
		}},
		"messages stream": {raw(sse, events...), func(c *keeprouter.Client) (keeprouter.Cost, error) {
			r, err := c.Messages.Stream(t.Context(), ask()).Result()
			return r.Cost, err
		}},
	} {
		t.Run(name, func(t *testing.T) {
			var seen keeprouter.Cost
			client := clientOf(t, keeproutertest.NewServer(t, tc.reply), func(o *keeprouter.Options) {
				o.Middleware = []keeprouter.Middleware{func(ctx context.Context, call *keeprouter.Call, next func(context.Context) error) error {
					defer func() { seen = call.Cost }()
					return next(ctx)
				}}
			})
			cost, err := tc.call(client)
			require.NoError(t, err)
			require.Equal(t, cost, seen)
			keeproutertest.AssertCost(t, cost, "0.000295")
			require.Equal(t, new(500*keeprouter.Micro), cost.Reported)
			difference, ok := cost.Discrepancy()
			require.True(t, ok)
			require.Equal(t, 205*keeprouter.Micro, difference)
		})
	}
}

func ExampleCost_Discrepancy() {
	srv := keeproutertest.Start(keeproutertest.Reply{Body: chatCompletion})
	defer srv.Close()
	client, err := keeprouter.NewClient(srv.Options())
	if err != nil {
		log.Fatal(err)
	}
	resp, err := client.Chat.Create(context.Background(), hello())
	if err != nil {
		log.Fatal(err)
	}
	if difference, ok := resp.Cost.Discrepancy(); ok {
		fmt.Println("the gateway charged", resp.Cost.Reported, "for what should cost", resp.Cost, "- a difference of", difference)
	}
	// Output: the gateway charged $0.0005 for what should cost $0.000295 - a difference of $0.000205
}
