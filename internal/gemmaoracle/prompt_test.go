package gemmaoracle

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/keeprouter/keeprouter-go/internal/prompt"
)

// The ids of a text that others published for gemma-4-31B-it.
func TestPublishedIDs(t *testing.T) {
	want := []int32{9259, 1902, 236888, 62367, 29234, 11042, 2192, 236743, 236770, 236778, 236800, 103453}
	if diff := cmp.Diff(want, ours.Encode(nil, "Hello world! Café déjà vu — 123 😊")); diff != "" {
		t.Error(diff)
	}
}

func TestPromptOverhead(t *testing.T) {
	user := prompt.Turn{Role: "user", Parts: []prompt.Part{{Kind: prompt.Text, Text: "Name three primary colors."}}}
	model := prompt.Turn{Role: "assistant", Parts: []prompt.Part{{Kind: prompt.Text, Text: "Red."}}}
	text := int64(ours.Count("Name three primary colors."))
	weather := prompt.Turn{Role: "assistant", Parts: []prompt.Part{
		{Kind: prompt.ToolCall, Name: "get_weather", Text: `{"city":"Berlin","days":10}`},
	}}
	cases := []struct {
		name   string
		prompt prompt.Prompt
		want   int64
	}{
		{"one turn", prompt.Prompt{Turns: []prompt.Turn{user}}, 18},
		{"one turn is its text and 13", prompt.Prompt{Turns: []prompt.Turn{user}}, 13 + text},
		{"thinking is 16", prompt.Prompt{Thinking: true, Turns: []prompt.Turn{user}}, 16 + text},
		{
			"a message is its text and 5",
			prompt.Prompt{Turns: []prompt.Turn{user, model, user}},
			13 + text + 5 + int64(ours.Count("Red.")) + 5 + text,
		},
		// <bos>, the user's turn, the model's opening, the call, and the opening of its result.
		{"a call is 19", prompt.Prompt{Turns: []prompt.Turn{user, weather}}, 1 + 5 + text + 3 + 19 + 1},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if got, template := ours.CountPrompt(&c.prompt); got != c.want {
				t.Errorf("got %d tokens in %s, want %d", got, template, c.want)
			}
		})
	}
}
