package keeprouter

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// FuzzMessagesFold holds that no bytes panic, that reads don't matter, and that the
// text handed out is the text of the answer.
func FuzzMessagesFold(f *testing.F) {
	for _, wire := range messagesStreams(f) {
		f.Add(wire, len(wire)/2)
	}
	for _, wire := range []string{
		messagesWire(messageStart, textDelta, textStart, textDelta, endTurn, "[DONE]"),
		messagesWire(messageStart, toolStart, inputDelta(`{"a":`), messageStop),
		messagesWire(`{"type":"error","error":{"message":"x"}}`),
		"event: error\ndata: x\n\n",
		"data: {\"type\":\"message_start\",\"message\":{\"content\":[[],1,null,{\"type\":\"text\"}],\"usage\":{\"input_tokens\":1e3}}}\n\n",
		"data: {\"type\":\"content_block_start\",\"index\":-1e99,\"content_block\":{\"type\":\"x\",\"text\":1}}\n\ndata: {\"type\":\"content_block_delta\",\"delta\":{\"text\":\"\\ud83d\"}}\n\n",
	} {
		f.Add(wire, 7)
	}
	f.Fuzz(func(t *testing.T, wire string, at int) {
		resp, text, err := foldMessages(strings.NewReader(wire))
		cut := 0
		if len(wire) > 0 {
			cut = int(uint(at) % uint(len(wire)))
		}
		again, textAgain, errAgain := foldMessages(&reads{[]string{wire[:cut], wire[cut:]}})
		if fmt.Sprint(err) != fmt.Sprint(errAgain) || text != textAgain || !reflect.DeepEqual(resp, again) {
			t.Errorf("split at byte %d: errors %v and %v, texts %q and %q, answers (-whole +split):\n%s", cut, err, errAgain, text, textAgain, cmp.Diff(resp, again))
		}
		if resp == nil {
			return
		}
		if len(resp.Text()) != len(text) || textBlocks(resp) < 2 && resp.Text() != text {
			t.Errorf("handed out %q, the answer has %q", text, resp.Text())
		}
		data, err := json.Marshal(resp)
		if err != nil {
			t.Fatalf("the answer doesn't marshal: %v", err)
		}
		var back MessagesResponse
		if err := json.Unmarshal(data, &back); err != nil {
			t.Fatalf("the answer can't be read back: %v", err)
		}
	})
}

func textBlocks(r *MessagesResponse) int {
	n := 0
	for _, b := range r.Content {
		if _, ok := b.(*TextBlock); ok {
			n++
		}
	}
	return n
}

// FuzzBlocks holds that what can be read can be written, and comes back the same.
func FuzzBlocks(f *testing.F) {
	for _, seed := range []string{
		`"a"`, `[]`, `null`, `[{"type":"text","text":"a","x":1}]`, `[{"type":"tool_use","input":null}]`, `[{"type":"image","source":{"type":"url"}}]`,
		`[{"type":"tool_result","content":[{"type":"text","text":"a"}]},{"type":"search_result","content":"x"},1]`, `[{"type":"document","source":"x"}]`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		var blocks Blocks
		if json.Unmarshal(data, &blocks) != nil {
			return
		}
		first, err := json.Marshal(blocks)
		if err != nil {
			t.Fatalf("%s can't be written: %v", data, err)
		}
		var back Blocks
		if err := json.Unmarshal(first, &back); err != nil {
			t.Fatalf("%s can't be read back: %v", first, err)
		}
		second, err := json.Marshal(back)
		if err != nil || string(first) != string(second) {
			t.Errorf("a round trip changes it: %v (-first +second):\n%s", err, cmp.Diff(string(first), string(second)))
		}
	})
}
