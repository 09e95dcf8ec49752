package keeprouter

import (
	"encoding/json"
	"reflect"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"github.com/keeprouter/keeprouter-go/internal/failure"
	"github.com/keeprouter/keeprouter-go/internal/jsonx"
)

// errorSeeds are objects that are an error, or nearly.
var errorSeeds = []string{
	`{"error":{"message":"x"}}`, `{"error":null,"choices":[{"message":{"content":"a"}}]}`, `{"choices":[{"message":{"content":"a"}}],"error":{"message":"late"}}`,
	`{"id":"c","object":"error","message":"x","choices":[{"message":{"content":"a"}}]}`, `{"object":"error","choices":[{"message":{"content":"\"error\""}}]}`,
	`{"id":"c","object":"error","choices":[{"message":{"content":"a"}}],"object":"chat.completion"}`, `{"choices":[{"message":{"content":"a"}}],"\u0065rror":"x"}`,
	`{"type":"error","error":{"type":"overloaded_error","message":"x"}}`, `{"type":"error","content":[]}`, `{"type":"message","content":[{"type":"text","text":"error"}],"message":"x","code":1}`,
	`{"message":"x","code":5}`, `{"detail":"x"}`, `{"detail":[{"msg":"x"}],"usage":{}}`, `{"errors":["x"]}`, `{"message":"x","object":"list"}`, `{"type":"message","message":"x"}`,
	`{"error":"","choices":[{"message":{"content":"\"error\""}}]}`, `{"error":false,"content":[]}`, `{"code":1,"status":2,"choices":[]}`, `{"error":{"message":"x"}`, `{"id":"\"error\""`,
}

// checkWhole holds a fold to telling errors as failure.IsError does, and to keeping
// nothing of the data.
func checkWhole[C, R any](t *testing.T, data string, fresh func() fold[C, R]) (read bool) {
	t.Helper()
	buffer := []byte(data)
	got := fresh()
	err := got.whole(buffer)
	if want := failure.IsError([]byte(data)); want != (err == errErrorObject) {
		t.Errorf("%s: error = %v, want an error object: %t", data, err, want)
	}
	for i := range buffer {
		buffer[i] = 'x'
	}
	want := fresh()
	if again := want.whole([]byte(data)); (err == nil) != (again == nil) || err != nil && err.Error() != again.Error() {
		t.Errorf("%s: error = %v, then %v", data, err, again)
	}
	if err == nil && !reflect.DeepEqual(want.result(), got.result()) {
		t.Errorf("%s changed with its data (-want +got):\n%s", data, cmp.Diff(want.result(), got.result()))
	}
	if err != nil && got.result() != nil {
		t.Errorf("%s: a result behind %v", data, err)
	}
	return err == nil
}

// checkInputs holds the inputs of an answer's tool calls to being JSON.
func checkInputs(t *testing.T, data string) {
	t.Helper()
	f := &messagesFold{}
	if f.whole([]byte(data)) != nil {
		return
	}
	for _, use := range f.result().ToolUses() {
		if use.PartialInput == "" && (jsonx.Kind(use.Input) != '{' || !json.Valid(use.Input)) {
			t.Errorf("of %s an input is %q", data, use.Input)
		}
	}
}

func checkBothWholes(t *testing.T, data string) (chat, messages bool) {
	t.Helper()
	chat = checkWhole(t, data, func() fold[ChatChunk, ChatResponse] { return &chatFold{} })
	checkInputs(t, data)
	messages = checkWhole(t, data, func() fold[MessagesEvent, MessagesResponse] { return &messagesFold{} })
	return chat, messages
}

func TestWholeAnswersAreCopiesAndNoErrors(t *testing.T) {
	chats, messages := 0, 0
	all := append(answers(t), errorSeeds...)
	for _, data := range all {
		chat, message := checkBothWholes(t, data)
		if chat {
			chats++
		}
		if message {
			messages++
		}
	}
	if chats < len(all)/5 || messages < len(all)/5 {
		t.Errorf("of %d answers %d and %d are read", len(all), chats, messages)
	}
}

func FuzzWholeAnswers(f *testing.F) {
	for _, data := range append(answers(f), errorSeeds...) {
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data string) { checkBothWholes(t, data) })
}

// TestStringsTogether: strings that share memory are what they are alone, whatever
// comes between them.
func TestStringsTogether(t *testing.T) {
	for _, data := range answers(t) {
		alone, ok := readChatResponse([]byte(data), false)
		together, also := readChatResponse([]byte(data), true)
		if ok != also || ok && !reflect.DeepEqual(alone, together) {
			t.Errorf("%s is read otherwise (-alone +together):\n%s", data, cmp.Diff(alone, together))
		}
		message, _, ok := readMessagesResponse([]byte(data), false)
		messageToo, _, also := readMessagesResponse([]byte(data), true)
		require.Equal(t, ok, also, data)
		if ok && !reflect.DeepEqual(message, messageToo) {
			t.Errorf("%s is read otherwise (-alone +together):\n%s", data, cmp.Diff(message, messageToo))
		}
	}
}
