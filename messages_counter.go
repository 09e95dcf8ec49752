package keeprouter

import "context"

// TokenCounter returns a counter for Options.TokenCounter that asks the gateway: each
// estimate of a [*MessagesRequest] makes a call of CountTokens under ctx, which takes
// its time and, where a [Budget] is set, precedes every call. A [*ChatRequest] is an
// [ErrInvalidRequest], and texts alone are counted as by [DefaultTokenCounter].
//
//	exact, err := client.With(func(o *keeprouter.Options) {
//		o.TokenCounter = client.Messages.TokenCounter(ctx)
//	})
func (s *MessagesService) TokenCounter(ctx context.Context) TokenCounter {
	return gatewayCounter{classCounter{}, ctx, s}
}

type gatewayCounter struct {
	TokenCounter
	ctx     context.Context // the interface has no room for one
	service *MessagesService
}

func (c gatewayCounter) countRequest(req Request) (TokenCount, error) {
	asked, ok := req.(*MessagesRequest)
	if !ok {
		return TokenCount{}, invalidRequest("", "the gateway counts requests of Messages only: use another Options.TokenCounter for Chat Completions")
	}
	answer, err := c.service.CountTokens(c.ctx, asked)
	if err != nil {
		return TokenCount{}, err
	}
	n := answer.InputTokens
	bound, _ := countPrompt(c.TokenCounter, asked.prompt())
	return TokenCount{Low: n, Expected: n, High: n, Bound: max(n, bound.Bound), Method: "count_tokens"}, nil
}
