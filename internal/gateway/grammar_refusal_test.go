package gateway_test

import (
	"fmt"
	"testing"

	"github.com/keeprouter/keeprouter-go/internal/gateway"
)

// TestGrammarRefusesFaultyStreams shows that the automata of the grammar can fail:
// each of these streams breaks one of the rules.
func TestGrammarRefusesFaultyStreams(t *testing.T) {
	faults := map[string]gateway.Fault{
		"CR":            {LineEnd: "\r"},
		"CRLF":          {LineEnd: "\r\n"},
		"BOM":           {BOM: true},
		"no terminator": {OmitDone: true},
	}
	// The streams have six events in chat, eight in Messages.
	for n := range 6 {
		faults[fmt.Sprint("end after ", n)] = gateway.Fault{EndAfterEvents: &n}
		faults[fmt.Sprint("error after ", n)] = gateway.Fault{ErrorAfterEvents: &n}
		faults[fmt.Sprint("malformed after ", n)] = gateway.Fault{MalformedAfterEvents: &n}
	}
	for name, f := range faults {
		t.Run(name, func(t *testing.T) {
			r := gateway.Reply{Deltas: []string{"Hel", "lo"}, Fault: f}
			if got, err := readChat(post(t, always(r), chatPath, streamed(chatAsk)).body, true); err == nil {
				t.Errorf("chat: accepted as %+v", got)
			}
			if got, err := readMessages(post(t, always(r), messagesPath, streamed(messagesAsk)).body, true); err == nil {
				t.Errorf("messages: accepted as %+v", got)
			}
		})
	}
	nameless := always(gateway.Reply{Fault: gateway.Fault{NoEventNames: true}})
	if got, err := readMessages(post(t, nameless, messagesPath, streamed(messagesAsk)).body, true); err == nil {
		t.Errorf("messages without event names: accepted as %+v", got)
	}
}
