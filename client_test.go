package keeprouter_test

import (
	"fmt"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/keeprouter/keeprouter-go"
	"github.com/keeprouter/keeprouter-go/keeproutertest"
)

// TestClientIsSafeForConcurrentUse has many goroutines share a client, and one
// request between two of them.
func TestClientIsSafeForConcurrentUse(t *testing.T) {
	srv := keeproutertest.NewServerFunc(t, func(r keeproutertest.Request) keeproutertest.Reply {
		return keeproutertest.Reply{Text: "You said " + r.Header.Get("X-Caller")}
	})
	client := clientOf(t, srv, nil)
	shared := ask()
	var callers sync.WaitGroup
	for i := range 20 {
		callers.Go(func() {
			for _, format := range []wireFormat{chat, messages} {
				if _, err := format.create(t.Context(), client); err != nil {
					t.Error(err)
				}
			}
			if _, err := client.Messages.Create(t.Context(), shared); err != nil {
				t.Error(err)
			}
			req := hello()
			req.Header = map[string][]string{"X-Caller": {fmt.Sprint(i)}}
			text, err := readText(client.Chat.Stream(t.Context(), req).Text())
			if want := fmt.Sprintf("You said %d", i); err != nil || text != want {
				t.Errorf("caller %d got %q, %v", i, text, err)
			}
			derived, err := client.With(func(o *keeprouter.Options) { o.Timeouts.Idle = 1e9 })
			if err != nil || derived == client {
				t.Errorf("derived %p from %p, %v", derived, client, err)
			}
		})
	}
	callers.Wait()
	require.Len(t, srv.Requests(), 20*4)
}
