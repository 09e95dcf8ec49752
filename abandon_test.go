package keeprouter_test

import (
	"runtime"
	"strings"
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
				synctest.Wait() // until the server serves
				before := inThisBubble()
				for range streams {
					abandon(t, client)
				}
				synctest.Wait()
				if n := srv.Open(); n != 0 {
					t.Errorf("%d requests are open at the server", n)
				}
				if n := inThisBubble(); n > before {
					t.Errorf("%d goroutines, %d before", n, before)
				}
			})
		})
	}
}

// inThisBubble counts the goroutines of the synctest bubble, and not those that the
// runtime and other tests have.
func inThisBubble() int {
	stacks := make([]byte, 4<<20)
	stacks = stacks[:runtime.Stack(stacks, true)]
	own, _, _ := strings.Cut(string(stacks), "\n")
	_, bubble, _ := strings.Cut(own, "synctest bubble ")
	return strings.Count(string(stacks), "synctest bubble "+bubble+"\n")
}
