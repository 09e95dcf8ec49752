package keeprouter

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/keeprouter/keeprouter-go/internal/failure"
	"github.com/keeprouter/keeprouter-go/internal/jsonx"
	"github.com/keeprouter/keeprouter-go/internal/transport"
)

// callJSON makes a call whose answer is one JSON object, and decodes it into out. The
// object must have the members named.
func (c *Client) callJSON(ctx context.Context, call *Call, w wire, out any, required ...string) error {
	return c.perform(ctx, call, &w, func(resp *transport.Response) error {
		data, err := transport.ReadAll(resp.Body, c.options.Limits.Body)
		if err != nil {
			return err
		}
		if failure.IsError(data) {
			return failure.FromEvent(data, resp.Status, resp.Header)
		}
		if err := decodeAnswer(data, out, required); err != nil {
			return &failure.Failure{
				Kind: failure.BadResponse, Status: resp.Status, Body: excerpt(data), Cause: err,
				Message: fmt.Sprintf("the answer (%q) is not what was asked for", resp.MediaType),
			}
		}
		return nil
	})
}

// noContext refuses a call without a context.
func noContext() error {
	return invalidRequest("ctx", "the context is nil: pass context.Background() if there is none")
}

func decodeAnswer(data []byte, out any, required []string) error {
	if jsonx.Kind(data) != '{' {
		return errors.New("it is not a JSON object")
	}
	if err := json.Unmarshal(data, out); err != nil {
		return err
	}
	there := map[string]bool{}
	for name, value := range jsonx.Members(data) {
		there[name] = !jsonx.IsNull(value)
	}
	for _, name := range required {
		if !there[name] {
			return fmt.Errorf("it has no %s", name)
		}
	}
	return nil
}

// encodingError tells which part of a request can't be encoded.
func encodingError(err error) error {
	if err == nil {
		return nil
	}
	if clash, ok := errors.AsType[*jsonx.ClashError](err); ok {
		return invalidRequest("Extra["+quoteName(clash.Name)+"]", "a typed field has this name: set that instead")
	}
	e := invalidRequest("", "it can't be written as JSON")
	e.Err = err
	return e
}
