package battery

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/keeprouter/keeprouter-go"
	"github.com/keeprouter/keeprouter-go/keeproutertest"
)

// reference is an answer of the local gateway, and what is known of each of its bytes.
type reference struct {
	lane   lane
	body   []byte
	events []event // of a stream
	plan   *plan
}

// event is a part of a stream.
type event struct {
	end        int    // of its bytes, with the blank line
	text       string // that it adds to the answer
	said       string // that it adds in text, thought or a call
	finish     bool   // whether it finishes the answer's only choice
	usage      bool   // whether it brings the final count
	terminator bool
}

// plan is a whole operation: the healthy answer of each step, and what comes of them.
type plan struct {
	bodies [][]byte
	spent  []keeprouter.Money
	whole  told
}

// lane is what is tried: an operation of a format, and the step in which the fault
// happens.
type lane struct {
	format format
	op     operation
}

func (l lane) String() string { return l.format.name + ", " + l.op.name }

// stepText is the text before the faulty step.
func (r *reference) earlier() string {
	if r.lane.op.step == 0 {
		return ""
	}
	return firstStepText
}

const (
	firstStepText  = "I look both up."
	secondStepText = "Zürich: 21 °C."

	firstStepInput, lastStepInput = 50, 60
)

// promptCost is what the step's prompt costs, at $0.12 for a million tokens.
func (r *reference) promptCost() keeprouter.Money {
	const token = 12 * keeprouter.Cent / 1_000_000
	if r.lane.op.tools && r.lane.op.step == 0 {
		return firstStepInput * token
	}
	return lastStepInput * token
}

// script is the reply of each step.
func (o operation) script() []keeproutertest.Reply {
	last := keeproutertest.Reply{
		Thinking: "Easy.", Deltas: []string{"Zürich: ", "21 ", "°C."},
		Usage: &keeproutertest.Usage{Input: lastStepInput, Output: 30},
	}
	if !o.tools {
		return []keeproutertest.Reply{last}
	}
	first := keeproutertest.Reply{
		Deltas: []string{"I look ", "both up."},
		ToolCalls: []keeproutertest.ToolCall{
			{ID: "call_1", Name: "weather", Arguments: `{"city":"Zürich"}`},
			{ID: "call_2", Name: "weather", Arguments: `{"city":"Bern"}`},
		},
		Usage: &keeproutertest.Usage{Input: firstStepInput, Output: 20},
	}
	return []keeproutertest.Reply{first, last}
}

// tape keeps the bodies that go past.
type tape struct {
	http.RoundTripper
	mu     sync.Mutex
	bodies []*bytes.Buffer
}

func (t *tape) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := t.RoundTripper.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	body := new(bytes.Buffer)
	t.mu.Lock()
	t.bodies = append(t.bodies, body)
	t.mu.Unlock()
	resp.Body = struct {
		io.Reader
		io.Closer
	}{io.TeeReader(resp.Body, body), resp.Body}
	return resp, nil
}

// record makes the reference of a lane by calling the local gateway.
func record(t *testing.T, l lane) *reference {
	t.Helper()
	srv := keeproutertest.NewServer(t, l.op.script()...)
	opts := srv.Options()
	kept := &tape{RoundTripper: opts.HTTPClient.Transport}
	opts.HTTPClient = &http.Client{Transport: kept}
	healthy := call(context.Background(), t, l, opts)
	require.NoError(t, healthy.err)
	p := &plan{whole: healthy.told}
	for _, c := range healthy.charges {
		require.Equal(t, keeprouter.ChargedUsage, c.Basis)
		p.spent = append(p.spent, c.Spent)
	}
	for _, b := range kept.bodies {
		p.bodies = append(p.bodies, b.Bytes())
	}
	r := &reference{lane: l, body: p.bodies[l.op.step], plan: p}
	if l.op.streams {
		r.events = eventsOf(t, r.body)
	}
	return r
}

// eventsOf reads a stream in the plainest way, without the library.
func eventsOf(t *testing.T, body []byte) []event {
	t.Helper()
	var events []event
	end := 0
	for _, text := range strings.SplitAfter(string(body), "\n\n") {
		if text == "" {
			continue
		}
		end += len(text)
		_, data, _ := strings.Cut(strings.TrimSpace(text), "data: ")
		ev := event{end: end, terminator: data == "[DONE]"}
		if !ev.terminator {
			require.NoError(t, readEvent([]byte(data), &ev), text)
		}
		events = append(events, ev)
	}
	return events
}

func readEvent(data []byte, ev *event) error {
	var wire struct {
		Type    string
		Choices []struct {
			Delta struct {
				Content          string
				ReasoningContent string `json:"reasoning_content"`
				ToolCalls        []struct {
					Function struct{ Name, Arguments string }
				} `json:"tool_calls"`
			}
			FinishReason string `json:"finish_reason"`
		}
		Usage        *struct{}
		ContentBlock struct{ Name string } `json:"content_block"`
		Delta        struct {
			Text, Thinking string
			PartialJSON    string `json:"partial_json"`
		}
	}
	if err := json.Unmarshal(data, &wire); err != nil {
		return err
	}
	for _, c := range wire.Choices {
		ev.text = c.Delta.Content
		ev.said = ev.text + c.Delta.ReasoningContent
		for _, tc := range c.Delta.ToolCalls {
			ev.said += tc.Function.Name + tc.Function.Arguments
		}
		ev.finish = c.FinishReason != ""
	}
	ev.usage = wire.Usage != nil
	if wire.Type != "" {
		ev.text = wire.Delta.Text
		ev.said = fmt.Sprint(ev.text, wire.Delta.Thinking, wire.Delta.PartialJSON, wire.ContentBlock.Name)
		ev.terminator = wire.Type == "message_stop"
	}
	return nil
}
