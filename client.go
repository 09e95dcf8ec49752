// Package keeprouter calls language models through the KeepRouter gateway, which
// speaks two wire formats behind one host: OpenAI-compatible Chat Completions and
// Anthropic-compatible Messages.
//
// A [Client] has a service for each: [Client.Chat] and [Client.Messages]. Both
// have Create, for a whole answer, and Stream, for an answer as it is written:
//
//	client, err := keeprouter.NewClient(nil) // the key comes from KEEPROUTER_KEY
//	…
//	req := &keeprouter.ChatRequest{
//		Model:    keeprouter.Gemma4_31B,
//		Messages: []keeprouter.ChatMessage{keeprouter.User("Hello")},
//	}
//	for text, err := range client.Chat.Stream(ctx, req).Text() {
//		if err != nil {
//			return err
//		}
//		fmt.Print(text)
//	}
//
// Most programs need one client, one of the two services, and [Stream].
//
// # Guarantees
//
// Nothing is lost without an error: a stream that ends early, an error inside a
// 200, an answer that is too large or a tool call that is cut each give a typed
// [*Error], and the result keeps what had arrived.
//
// Money is exact: [Cost] is computed in integers from a dated [PriceTable], and
// tokens without a price are an error rather than free.
//
// Names that begin with Chat, the parts, and [User], [System] and [Assistant] belong
// to Chat Completions; names that begin with Messages, [Message], the blocks and
// [StopReason] belong to Messages. [Usage], [Money], [Cost], [Stream], [Error] and
// [Meta] mean the same on both.
//
// The repository's folder docs has a page each on streaming, errors and retries, tools,
// cost, testing a service, and translation between the formats.
package keeprouter

import (
	"net/http"

	"github.com/keeprouter/keeprouter-go/internal/transport"
)

// Client calls a gateway. Make one with [NewClient] and share it: it is safe for
// concurrent use, never changes, and keeps connections open between calls.
type Client struct {
	Chat     *ChatService     // Chat Completions
	Messages *MessagesService // Messages
	Models   *ModelsService   // what the gateway serves

	options   Options
	transport *transport.Client
}

// NewClient makes a client. Nil options are the defaults: the key from
// KEEPROUTER_KEY and the address from KEEPROUTER_BASE_URL. A setting that can't
// work is an [ErrConfig] here, not at the first call.
func NewClient(opts *Options) (*Client, error) {
	var o Options
	if opts != nil {
		o = opts.clone()
	}
	o.fromEnvironment()
	return newClient(o, transport.New)
}

// With derives a client: change gets a copy of the options in force. The derived
// client shares the connections of this one unless change sets another HTTPClient,
// and what may be repeated unless it sets another BaseURL.
func (c *Client) With(change func(*Options)) (*Client, error) {
	o := c.options.clone()
	if change != nil {
		change(&o)
	}
	return newClient(o, c.transport.With)
}

func newClient(o Options, connect func(transport.Config) *transport.Client) (*Client, error) {
	base, err := o.validate()
	if err != nil {
		return nil, err
	}
	if o.HTTPClient == nil {
		o.HTTPClient = &http.Client{Transport: transport.NewRoundTripper()}
	}
	if o.Prices == nil {
		o.Prices = DefaultPrices()
	}
	if o.Prices.Prices() == nil {
		return nil, configError("Options.Prices", "the table is nil: check the error of reading it, or leave it out for DefaultPrices")
	}
	if o.TokenCounter == nil {
		o.TokenCounter = DefaultTokenCounter()
	}
	c := &Client{options: o, transport: connect(o.transportConfig(base))}
	c.Chat = &ChatService{client: c}
	c.Messages = &MessagesService{client: c}
	c.Models = &ModelsService{client: c}
	return c, nil
}
