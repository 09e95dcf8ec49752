package keeprouter_test

import (
	"context"
	"encoding/json"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/keeprouter/keeprouter-go"
)

type fuzzArgs struct {
	Name  string            `json:"name"`
	Count int               `json:"count,omitzero"`
	When  *time.Time        `json:"when"`
	Tags  map[string]string `json:"tags,omitzero"`
	Child *fuzzArgs         `json:"child,omitzero"`
	Free  json.RawMessage   `json:"free,omitzero"`
}

// FuzzToolArguments feeds a tool what a model might write: the function is called
// with arguments that fit, or the error says that they don't.
func FuzzToolArguments(f *testing.F) {
	for _, seed := range []string{
		`{"name":"a","when":null}`, `{"name":"a","when":"2026-11-23T00:00:00Z","child":{"name":"b","when":null}}`,
		`{"name":1}`, `[]`, ``, `{"name":"a","count":1e99,"when":null}`, `{"name":"a","when":null,"tags":{"k":"v"},"free":[1]}`, `{'name': 'a',}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, arguments []byte) {
		called := false
		tool := keeprouter.NewTool("f", "", func(_ context.Context, in fuzzArgs) (fuzzArgs, error) {
			called = true
			return in, nil
		})
		result, err := tool.Call(t.Context(), arguments)
		if err == nil {
			require.True(t, called)
			require.True(t, json.Valid([]byte(result)))
			return
		}
		_, panicked := errors.AsType[*keeprouter.ToolPanic](err)
		require.False(t, panicked, err)
		if !called {
			require.ErrorIs(t, err, keeprouter.ErrToolArguments)
		}
	})
}
