package keeprouter_test

import (
	"runtime"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"

	"github.com/keeprouter/keeprouter-go"
	"github.com/keeprouter/keeprouter-go/keeproutertest"
)

// TestAbandonedStreamsLeaveNothing leaves fifty loops in the middle of an answer
// that would go on for ever.
func TestAbandonedStreamsLeaveNothing(t *testing.T) {
	const streams = 50
	leave := map[string]func(*testing.T, *keeprouter.Client){
		"chat by break": func(t *testing.T, c *keeprouter.Client) {
			stream := c.Chat.Stream(t.Context(), hello())
			for _, err := range stream.All() {
				require.NoError(t, err)
				break
			}
			_, err := stream.Result()
			require.ErrorIs(t, err, keeprouter.ErrUnfinished)
		},
		"messages by break": func(t *testing.T, c *keeprouter.Client) {
			for _, err := range c.Messages.Stream(t.Context(), ask()).Text() {
				require.NoError(t, err)
				break
			}
		},
		"chat by panic": func(t *testing.T, c *keeprouter.Client) {
			defer func() { require.Equal(t, "stop", recover()) }()
			for range c.Chat.Stream(t.Context(), hello()).All() {
				panic("stop")
			}
		},
		"never begun": func(t *testing.T, c *keeprouter.Client) {
			c.Chat.Stream(t.Context(), hello())
			c.Messages.Stream(t.Context(), ask())
		},
	}
	for name, abandon := range leave {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				srv := keeproutertest.NewServerFunc(t, func(keeproutertest.Request) keeproutertest.Reply {
					return keeproutertest.Reply{Text: "Hello to you.", Fault: keeproutertest.Fault{StallAfterEvents: new(4)}}
				})
				client := clientOf(t, srv, nil)
				before := runtime.NumGoroutine()
				for range streams {
					abandon(t, client)
				}
				synctest.Wait()
				if n := srv.Open(); n != 0 {
					t.Errorf("%d requests are open at the server", n)
				}
				if n := runtime.NumGoroutine(); n > before {
					t.Errorf("%d goroutines, %d before", n, before)
				}
			})
		})
	}
}
