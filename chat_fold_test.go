package keeprouter

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"iter"
	"maps"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/stretchr/testify/require"

	"github.com/keeprouter/keeprouter-go/internal/events"
)

func TestChatChunks(t *testing.T) {
	const stream = `data: {"id":"c","created":7,"model":"m","choices":[{"index":0,"delta":{"role":"assistant","content":"a","reasoning":"r"}}]}

data: {"id":"c","created":7,"model":"m","choices":[{"index":0,"delta":{"tool_calls":[{"index":5,"id":"x","function":{"name":"f","arguments":"{"}}]}}]}

data: {"id":"c","created":7,"model":"m","choices":[{"index":0,"delta":{"tool_calls":[{"index":5,"id":"x","function":{"name":"f","arguments":"}"}}]},"finish_reason":"TOOL_USE","logprobs":{"content":[]}}]}

data: {"id":"c","choices":[],"usage":{"prompt_tokens":1,"completion_tokens":2,"total_tokens":3}}

data: [DONE]

`
	want := []ChatChunk{
		{ID: "c", Created: 7, Model: "m", Choices: []ChatChunkChoice{{Delta: ChatDelta{Role: "assistant", Content: "a", Reasoning: "r"}}}},
		{ID: "c", Created: 7, Model: "m", Choices: []ChatChunkChoice{{Delta: ChatDelta{
			ToolCalls: []ChatToolCallDelta{{ID: "x", Type: "function", Name: "f", Arguments: "{"}},
		}}}},
		{ID: "c", Created: 7, Model: "m", Choices: []ChatChunkChoice{{
			Delta: ChatDelta{ToolCalls: []ChatToolCallDelta{{Arguments: "}"}}}, FinishReason: FinishToolCalls, NativeFinishReason: "TOOL_USE",
			Logprobs: json.RawMessage(`{"content":[]}`),
		}}},
		{ID: "c", WireUsage: &ChatUsage{PromptTokens: 1, CompletionTokens: 2, TotalTokens: 3}},
	}
	lines := strings.Split(stream, "\n\n")
	for i, c := range recordChat(t, stream) {
		if got := "data: " + string(c.Raw); got != lines[i] {
			t.Errorf("chunk %d: raw %s, want %s", i, got, lines[i])
		}
		if diff := cmp.Diff(want[i], *c, cmpopts.IgnoreFields(ChatChunk{}, "Raw"), cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("chunk %d (-want +got):\n%s", i, diff)
		}
	}
}

// recordChat returns copies of a stream's chunks.
func recordChat(t testing.TB, stream string) []*ChatChunk {
	t.Helper()
	var chunks []*ChatChunk
	f := newChatFold()
	require.NoError(t, readEvents(f, events.Read(strings.NewReader(stream), 1<<20), func(c *ChatChunk) bool {
		kept := *c
		kept.Raw = bytes.Clone(c.Raw)
		kept.Choices = append([]ChatChunkChoice(nil), c.Choices...)
		for i := range kept.Choices {
			choice := &kept.Choices[i]
			choice.Logprobs = bytes.Clone(choice.Logprobs)
			for j, detail := range choice.Delta.ReasoningDetails {
				choice.Delta.ReasoningDetails[j] = bytes.Clone(detail)
			}
		}
		chunks = append(chunks, &kept)
		return true
	}))
	return chunks
}

func sequence(chunks []*ChatChunk, end error) iter.Seq2[*ChatChunk, error] {
	return func(yield func(*ChatChunk, error) bool) {
		for _, c := range chunks {
			if !yield(c, nil) {
				return
			}
		}
		if end != nil {
			yield(nil, end)
		}
	}
}

// A recording of a stream gives what the stream gave.
func TestChatStreamOfARecording(t *testing.T) {
	for name, data := range chatCorpus(t) {
		whole := readChat(bytes.NewReader(data))
		if whole.Error != nil || strings.HasPrefix(name, "done-") || name == "content-parts" {
			continue // ends with an error, without a reason, or has a form that chunks don't have
		}
		t.Run(name, func(t *testing.T) {
			stream := NewChatStream(sequence(recordChat(t, string(data)), nil))
			var text string
			for piece, err := range stream.Text() {
				require.NoError(t, err)
				text += piece
			}
			r, err := stream.Result()
			if anyFinish.Match(data) {
				require.NoError(t, err)
			}
			diffChat(t, "recording", whole, chatOutcome{Text: text, Usage: counts(r.Usage), Response: r, Calls: whole.Calls})
		})
	}
}

func TestChatStreamEndsAsItsSequenceDoes(t *testing.T) {
	chunk := &ChatChunk{Choices: []ChatChunkChoice{{Delta: ChatDelta{Content: "Half"}}}}
	broken := errors.New("the recording is broken")
	for name, tc := range map[string]struct {
		chunks []*ChatChunk
		end    error
		want   error
	}{
		"nothing":         {nil, nil, ErrTruncated},
		"an error":        {[]*ChatChunk{chunk}, broken, broken},
		"no reason":       {[]*ChatChunk{chunk, nil}, nil, ErrTruncated},
		"a reason":        {[]*ChatChunk{chunk, {Choices: []ChatChunkChoice{{FinishReason: FinishStop}}}}, nil, nil},
		"a failed reason": {[]*ChatChunk{chunk, {Choices: []ChatChunkChoice{{FinishReason: "error"}}}}, nil, ErrServer},
	} {
		t.Run(name, func(t *testing.T) {
			r, err := NewChatStream(sequence(tc.chunks, tc.end)).Result()
			if !errors.Is(err, tc.want) {
				t.Fatalf("error %v, want %v", err, tc.want)
			}
			if len(tc.chunks) > 0 && r.Text() != "Half" {
				t.Errorf("text %q, want what had come", r.Text())
			}
		})
	}
}

func TestChatAnswerThatCameWhole(t *testing.T) {
	const choice = `{"index":0,"finish_reason":"stop","message":{"role":"assistant","content":"Hi"}}`
	for name, tc := range map[string]struct {
		data    string
		text    string
		refused bool
		defect  error
	}{
		"an answer":        {`{"id":"c","choices":[` + choice + `]}`, "Hi", false, nil},
		"no role":          {`{"choices":[{"message":{"content":"Hi"}}]}`, "Hi", false, nil},
		"an empty object":  {`{}`, "", true, nil},
		"no choices":       {`{"id":"c","choices":[]}`, "", true, nil},
		"null choices":     {`{"id":"c","choices":null}`, "", true, nil},
		"no message":       {`{"choices":[{"index":0,"text":"Hi"}]}`, "", true, nil},
		"a chunk":          {`{"choices":[{"index":0,"delta":{"content":"Hi"}}]}`, "", true, nil},
		"a list":           {`[` + choice + `]`, "", true, nil},
		"cut":              {`{"choices":[`, "", true, nil},
		"broken arguments": {`{"choices":[{"finish_reason":"tool_calls","message":{"content":"Hi","tool_calls":[{"id":"a","function":{"name":"f","arguments":"{"}}]}}]}`, "Hi", false, ErrToolArguments},
		"cut arguments":    {`{"choices":[{"finish_reason":"length","message":{"content":"Hi","tool_calls":[{"id":"a","function":{"name":"f","arguments":"{"}}]}}]}`, "Hi", false, nil},
		"a failed reason":  {`{"choices":[{"finish_reason":"abort","message":{"content":"Hi"}}]}`, "Hi", false, ErrServer},
	} {
		t.Run(name, func(t *testing.T) {
			f := newChatFold()
			err := f.whole([]byte(tc.data))
			if tc.refused {
				require.Error(t, err)
				return
			}
			require.NoError(t, err)
			chunk, r := f.wholeItem(), f.result()
			if f.text(chunk) != tc.text || r.Text() != tc.text || !f.complete() {
				t.Errorf("chunk %q, response %q, complete %v", f.text(chunk), r.Text(), f.complete())
			}
			if r.Choices[0].Message.Role != "assistant" || r.Choices[0].FinishReason == "" {
				t.Errorf("role %q, reason %q", r.Choices[0].Message.Role, r.Choices[0].FinishReason)
			}
			if err := callError(verdict(f, nil), &Call{}); !errors.Is(err, tc.defect) {
				t.Errorf("error %v, want %v", err, tc.defect)
			}
		})
	}
}

func TestChatResultSoFar(t *testing.T) {
	f := newChatFold()
	if f.result() != nil {
		t.Error("there is a result before anything came")
	}
	read := func(data string) {
		t.Helper()
		_, err := f.read(&events.Event{Data: []byte(data)})
		require.NoError(t, err)
	}
	read(`{"id":"c","choices":[{"delta":{"content":"One ","tool_calls":[{"index":0,"id":"a","function":{"name":"f","arguments":"{}"}},{"index":1,"id":"b","function":{"name":"f","arguments":"{\"x"}}]}}]}`)
	first := f.result()
	if got := first.Text(); got != "One " || first.FinishReason() != "" {
		t.Errorf("so far %q, %q", got, first.FinishReason())
	}
	if calls := first.ToolCalls(); calls[0].Truncated || !calls[1].Truncated {
		t.Errorf("calls so far: %+v, want the second one truncated", calls)
	}
	if f.result() != first {
		t.Error("the result was made anew though nothing came")
	}
	read(`{"id":"c","choices":[{"delta":{"content":"two","tool_calls":[{"index":1,"function":{"arguments":"\":1}"}}]},"finish_reason":"stop"}]}`)
	if first.Text() != "One " {
		t.Error("an earlier result was changed")
	}
	if got := f.result(); got.Text() != "One two" || got.ToolCalls()[1].Truncated || got.ToolCalls()[1].Arguments != `{"x":1}` {
		t.Errorf("result %q, calls %+v", got.Text(), got.ToolCalls())
	}
}

func TestChatStreamIsBounded(t *testing.T) {
	for name, event := range map[string]func(int) string{
		"choices": func(i int) string { return `{"choices":[{"index":` + strconv.Itoa(i) + `,"delta":{}}]}` },
		"tool calls": func(i int) string {
			return `{"choices":[{"delta":{"tool_calls":[{"index":` + strconv.Itoa(i) + `}]}}]}`
		},
	} {
		t.Run(name, func(t *testing.T) {
			f := newChatFold()
			var err error
			for i := 0; i < 10_000 && err == nil; i++ {
				_, err = f.read(&events.Event{Data: []byte(event(i))})
			}
			require.Error(t, err)
		})
	}
}

// holdsTogether checks what is true of every stream, however odd: the result can be
// written and read back, and its text is what was handed out.
func holdsTogether(t *testing.T, o chatOutcome) {
	t.Helper()
	if o.Response == nil {
		return
	}
	written, err := json.Marshal(o.Response)
	require.NoError(t, err)
	var r ChatResponse
	require.NoError(t, json.Unmarshal(written, &r), "the result can't be read back")
	again, err := json.Marshal(r)
	require.NoError(t, err)
	sameJSON(t, string(written), string(again))
	inStream := o.Error != nil && o.Error.InStream
	rest, ok := strings.CutPrefix(r.Text(), strings.ToValidUTF8(o.Text, "\ufffd"))
	if !ok || rest != "" && rest != "\ufffd" && !inStream {
		t.Errorf("handed out %q, the result is %q", o.Text, r.Text())
	}
}

// Events of all streams in any order still hold together.
func TestChatStreamsShuffled(t *testing.T) {
	corpus := chatCorpus(t)
	var parts []string
	for _, name := range slices.Sorted(maps.Keys(corpus)) {
		parts = append(parts, strings.SplitAfter(string(corpus[name]), "\n\n")...)
	}
	random := rand.New(rand.NewPCG(3, 4))
	for range 3000 {
		var stream strings.Builder
		for range 1 + random.IntN(12) {
			stream.WriteString(parts[random.IntN(len(parts))])
		}
		holdsTogether(t, readChat(strings.NewReader(stream.String())))
		if t.Failed() {
			t.Fatalf("the stream was:\n%s", stream.String())
		}
	}
}

func FuzzChatFold(f *testing.F) {
	for _, data := range chatCorpus(f) {
		f.Add(data, uint(len(data)/2))
	}
	f.Fuzz(func(t *testing.T, data []byte, at uint) {
		at %= uint(len(data) + 1)
		whole := readChat(bytes.NewReader(data))
		split := readChat(io.MultiReader(bytes.NewReader(data[:at]), bytes.NewReader(data[at:])))
		diffChat(t, "split in two", whole, split)
		holdsTogether(t, whole)
	})
}
