package keeprouter

import (
	"context"
	"encoding/json"
	"iter"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/keeprouter/keeprouter-go/internal/jsonx"
	"github.com/keeprouter/keeprouter-go/internal/transport"
)

// ModelsService tells what the gateway serves. It is [Client.Models].
type ModelsService struct{ client *Client }

// Model is a model that the gateway serves. A field that the gateway doesn't report is
// zero.
type Model struct {
	// ID is what a request names.
	ID string `json:"id"`

	// DisplayName is for people.
	DisplayName string `json:"display_name,omitzero"`

	// OwnedBy is who made or runs the model.
	OwnedBy string `json:"owned_by,omitzero"`

	// Created is when the model was made available.
	Created time.Time `json:"created_at,omitzero"`

	// MaxInputTokens is the size of the context window.
	MaxInputTokens int64 `json:"max_input_tokens,omitzero"`

	// MaxTokens is the most tokens that an answer can have.
	MaxTokens int64 `json:"max_tokens,omitzero"`

	// Extra holds fields that aren't modelled here, such as capabilities.
	Extra map[string]json.RawMessage `json:"-"`

	// Meta is what came beside the model in answer to [ModelsService.Get].
	Meta Meta `json:"-"`
}

// UnmarshalJSON reads the wire's form in either format; what no field takes goes
// into Extra.
func (m *Model) UnmarshalJSON(data []byte) error {
	var w struct {
		ID             string          `json:"id"`
		DisplayName    string          `json:"display_name"`
		OwnedBy        string          `json:"owned_by"`
		Created        json.RawMessage `json:"created"`
		CreatedAt      json.RawMessage `json:"created_at"`
		MaxInputTokens int64           `json:"max_input_tokens"`
		MaxTokens      int64           `json:"max_tokens"`
	}
	extra, err := jsonx.Unmarshal(data, &w)
	*m = Model{
		ID: w.ID, DisplayName: w.DisplayName, OwnedBy: w.OwnedBy, Created: readTime(w.CreatedAt, w.Created),
		MaxInputTokens: w.MaxInputTokens, MaxTokens: w.MaxTokens, Extra: extra,
	}
	return err
}

// MarshalJSON writes the form of the Messages format, Extra included.
func (m Model) MarshalJSON() ([]byte, error) {
	type plain Model
	return jsonx.Marshal(plain(m), m.Extra)
}

// readTime returns the first of the values that is a time: RFC 3339 text, or seconds
// since 1970. None is the zero time.
func readTime(values ...json.RawMessage) time.Time {
	for _, value := range values {
		text := strings.Trim(string(value), `" `)
		if at, err := time.Parse(time.RFC3339, text); err == nil {
			return at
		}
		if seconds, err := strconv.ParseFloat(text, 64); err == nil && seconds > 0 && seconds < 1<<40 {
			return time.Unix(int64(seconds), 0).UTC()
		}
	}
	return time.Time{}
}

// List returns the models. It asks for a page of them when the loop gets there, so
// leaving the loop saves the rest. An error is the last pair.
//
//	for model, err := range client.Models.List(ctx) {
//		if err != nil {
//			return err
//		}
//		fmt.Println(model.ID)
//	}
func (s *ModelsService) List(ctx context.Context) iter.Seq2[*Model, error] {
	return func(yield func(*Model, error) bool) {
		asked := map[string]bool{"": true}
		for after := ""; ; {
			page, err := s.page(ctx, after)
			if err != nil {
				yield(nil, err)
				return
			}
			for _, m := range page.Data {
				if !yield(m, nil) {
					return
				}
			}
			if !page.HasMore {
				return
			}
			if after = page.next(); asked[after] {
				yield(nil, &Error{
					Kind: ErrBadResponse, Operation: "models.list",
					Message: "the list says that it goes on, and its next page is one that was read already",
				})
				return
			}
			asked[after] = true
		}
	}
}

// Get returns one model.
func (s *ModelsService) Get(ctx context.Context, id string) (*Model, error) {
	call := &Call{Operation: "models.get", Model: id}
	if ctx == nil {
		return nil, callError(noContext(), call)
	}
	if !validModelID(id) {
		return nil, callError(invalidRequest("id", "not the id of a model"), call)
	}
	model := &Model{}
	w := wire{Request: transport.Request{Method: http.MethodGet, Path: "/v1/models/" + url.PathEscape(id), MessagesWire: true}}
	if err := s.client.callJSON(ctx, call, w, model, "id"); err != nil {
		return nil, err
	}
	model.Meta = call.Meta
	return model, nil
}

// validModelID refuses what could lead to another path.
func validModelID(id string) bool {
	return !slices.ContainsFunc(strings.Split(id, "/"), func(segment string) bool {
		return segment == "" || segment == "." || segment == ".."
	})
}

// modelPage is a page of the list, in either format: only one of the two has pages.
type modelPage struct {
	Data    []*Model `json:"data"`
	HasMore bool     `json:"has_more"`
	LastID  string   `json:"last_id"`
}

// next is the id after which the next page begins, empty if the page tells none.
func (p *modelPage) next() string {
	switch {
	case p.LastID != "":
		return p.LastID
	case len(p.Data) > 0:
		return p.Data[len(p.Data)-1].ID
	}
	return ""
}

func (s *ModelsService) page(ctx context.Context, after string) (*modelPage, error) {
	call := &Call{Operation: "models.list"}
	if ctx == nil {
		return nil, callError(noContext(), call)
	}
	w := wire{Request: transport.Request{Method: http.MethodGet, Path: "/v1/models", MessagesWire: true}}
	if after != "" {
		w.Query = url.Values{"after_id": {after}}
	}
	page := &modelPage{}
	if err := s.client.callJSON(ctx, call, w, page, "data"); err != nil {
		return nil, err
	}
	if slices.Contains(page.Data, nil) {
		return nil, &Error{Kind: ErrBadResponse, Operation: call.Operation, RequestID: call.Meta.RequestID, Message: "a model of the list is null"}
	}
	return page, nil
}
