package translate_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"github.com/keeprouter/keeprouter-go"
	"github.com/keeprouter/keeprouter-go/keeproutertest"
	"github.com/keeprouter/keeprouter-go/translate"
)

// chatStream reads the bytes of a stream as a client does.
func chatStream(t *testing.T, body string) *keeprouter.ChatStream {
	t.Helper()
	return clientOf(t, body).Chat.Stream(t.Context(), &keeprouter.ChatRequest{
		Model: keeprouter.Gemma4_31B, Messages: []keeprouter.ChatMessage{keeprouter.User("Hello")},
	})
}

func messagesStream(t *testing.T, body string) *keeprouter.MessagesStream {
	t.Helper()
	return clientOf(t, body).Messages.Stream(t.Context(), &keeprouter.MessagesRequest{
		Model: keeprouter.Gemma4_31B, MaxTokens: 10, Messages: []keeprouter.Message{keeprouter.UserMessage("Hello")},
	})
}

func clientOf(t *testing.T, body string) *keeprouter.Client {
	t.Helper()
	srv := keeproutertest.NewServerFunc(t, func(keeproutertest.Request) keeproutertest.Reply {
		return keeproutertest.Reply{Status: 200, ContentType: "text/event-stream", Body: body}
	})
	opts := srv.Options()
	opts.Retry = &keeprouter.RetryPolicy{}
	client, err := keeprouter.NewClient(opts)
	require.NoError(t, err)
	return client
}

// grammar checks the order of the events as the format demands it.
func grammar(events iter.Seq2[*keeprouter.MessagesEvent, error]) (iter.Seq2[*keeprouter.MessagesEvent, error], *error) {
	var wrong error
	return func(yield func(*keeprouter.MessagesEvent, error) bool) {
		state, blocks, open := "before", 0, ""
		fail := func(format string, args ...any) {
			if wrong == nil {
				wrong = fmt.Errorf(format, args...)
			}
		}
		for e, err := range events {
			if err != nil {
				yield(nil, err)
				return
			}
			switch {
			case e.Type == "message_start" && state == "before":
				state = "content"
			case e.Type == "content_block_start" && state == "content" && open == "" && e.Index == blocks:
				open = fmt.Sprintf("%T", e.Block)
				if text, ok := e.Block.(*keeprouter.TextBlock); ok && text.Text != "" {
					fail("a text block begins with %q", text.Text)
				}
			case e.Type == "content_block_delta" && open != "" && e.Index == blocks:
				want := map[string]string{
					"text_delta": "*keeprouter.TextBlock", "thinking_delta": "*keeprouter.ThinkingBlock",
					"signature_delta": "*keeprouter.ThinkingBlock", "input_json_delta": "*keeprouter.ToolUseBlock",
				}[e.DeltaType]
				if want != open || e.Text+e.Thinking+e.Signature+e.PartialJSON == "" {
					fail("%s in a %s", e.DeltaType, open)
				}
			case e.Type == "content_block_stop" && open != "" && e.Index == blocks:
				open = ""
				blocks++
			case e.Type == "message_delta" && state == "content" && open == "" && e.StopReason != "":
				state = "stopped"
			case e.Type == "message_stop" && state == "stopped":
				state = "over"
			default:
				fail("%s %d in the state %s, with %q open", e.Type, e.Index, state, open)
			}
			if !yield(e, nil) {
				return
			}
		}
		if state != "over" {
			fail("the stream ends in the state %s", state)
		}
	}, &wrong
}

func corpus(t *testing.T, format string) map[string]string {
	t.Helper()
	files, err := filepath.Glob("../testdata/streams/" + format + "/*.txt")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	streams := map[string]string{}
	for _, file := range files {
		data, err := os.ReadFile(file)
		require.NoError(t, err)
		streams[strings.TrimSuffix(filepath.Base(file), ".txt")] = string(data)
	}
	return streams
}

// differs lists streams whose translation is another than that of the whole answer,
// and why.
func differs(name string) string {
	return map[string]string{
		"annotations-and-extras":   "a stream has no citations",
		"parts-in-order":           "a stream doesn't tell a text's parts apart",
		"text-after-call":          "blocks come in the order in which they begin",
		"arguments-cut-by-length":  "a call that has begun can't be taken back: it stays, cut",
		"function-call-surrogates": "the old form of a call is read piece by piece, and a pair was cut between two",
	}[name]
}

func TestChatStreamsBecomeMessagesStreams(t *testing.T) {
	for name, body := range corpus(t, "chat") {
		t.Run(name, func(t *testing.T) {
			whole, err := chatStream(t, body).Result()
			events, wrong := grammar(new(translate.Session).MessagesStream(chatStream(t, body).All(), translate.StreamOptions{}))
			got, gotErr := keeprouter.NewMessagesStream(events).Result()
			if err != nil {
				require.Error(t, gotErr, "the source fails: %v", err)
				return
			}
			want, _, wantErr := translate.ToMessagesResponse(whole)
			if wantErr != nil {
				require.Error(t, gotErr, "the whole answer is refused: %v", wantErr)
				return
			}
			require.NoError(t, gotErr)
			require.NoError(t, *wrong)
			if differs(name) != "" {
				require.Equal(t, want.Text(), got.Text())
				return
			}
			if diff := cmp.Diff(messagesGist(t, want), messagesGist(t, got)); diff != "" {
				t.Errorf("answer (-whole +streamed):\n%s", diff)
			}
		})
	}
}

func TestMessagesStreamsBecomeChatStreams(t *testing.T) {
	for name, body := range corpus(t, "messages") {
		t.Run(name, func(t *testing.T) {
			whole, err := messagesStream(t, body).Result()
			chunks := new(translate.Session).ChatStream(messagesStream(t, body).All(), translate.StreamOptions{})
			got, gotErr := keeprouter.NewChatStream(copied(chunks)).Result()
			if err != nil {
				require.Error(t, gotErr, "the source fails: %v", err)
				return
			}
			want, _, wantErr := translate.ToChatResponse(whole)
			if wantErr != nil {
				require.Error(t, gotErr, "the whole answer is refused: %v", wantErr)
				return
			}
			require.NoError(t, gotErr)
			if diff := cmp.Diff(chatGist(want), chatGist(got)); diff != "" {
				t.Errorf("answer (-whole +streamed):\n%s", diff)
			}
		})
	}
}

// wired are the bytes that a client gets of a server's through a RoundTripper, and
// whether it got a stream.
func wired(t *testing.T, server translate.Format, body string) (string, bool) {
	t.Helper()
	srv := keeproutertest.NewServerFunc(t, func(keeproutertest.Request) keeproutertest.Reply {
		return keeproutertest.Reply{Status: 200, ContentType: "text/event-stream", Body: body}
	})
	opts := srv.Options()
	path := map[translate.Format]string{translate.Chat: "/v1/messages", translate.Messages: "/v1/chat/completions"}[server]
	rt := &translate.RoundTripper{
		Server: server, Next: opts.HTTPClient.Transport, Translator: translate.Translator{KeepReasoning: true},
		Count: func(*keeprouter.MessagesRequest) (int64, error) { return 0, nil },
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, opts.BaseURL+path, strings.NewReader(
		`{"model":"gemma-4-31B-it","max_tokens":9,"stream":true,"stream_options":{"include_usage":true},"messages":[{"role":"user","content":"Hello"}]}`))
	require.NoError(t, err)
	req.Header.Set("Authorization", "Bearer "+keeproutertest.Key)
	resp, err := rt.RoundTrip(req)
	require.NoError(t, err)
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	return string(data), resp.StatusCode == http.StatusOK
}

// wireDiffers lists streams that a RoundTripper, which reads bytes, reads in another way
// than comes of a client's chunks, and why.
func wireDiffers(name string) string {
	return map[string]string{
		"function-call-surrogates": "a character is joined before the old form of a call is read piece by piece",
	}[name]
}

// What comes over the wire is what comes of the client's own stream: that reads with
// all that it knows of servers' ways.
func TestWiresSayWhatStreamsSay(t *testing.T) {
	for name, body := range corpus(t, "chat") {
		if wireDiffers(name) != "" {
			continue
		}
		t.Run("chat/"+name, func(t *testing.T) {
			want, wantErr := keeprouter.NewMessagesStream(new(translate.Session).MessagesStream(chatStream(t, body).All(), translate.StreamOptions{})).Result()
			data, ok := wired(t, translate.Chat, body)
			require.True(t, ok, data)
			got, err := messagesStream(t, data).Result()
			if wantErr != nil {
				require.Error(t, err, "the source fails: %v", wantErr)
				return
			}
			require.NoError(t, err)
			want.Model, got.Model = "", ""
			if diff := cmp.Diff(messagesGist(t, want), messagesGist(t, got)); diff != "" {
				t.Errorf("(-stream +wire):\n%s", diff)
			}
		})
	}
	for name, body := range corpus(t, "messages") {
		t.Run("messages/"+name, func(t *testing.T) {
			want, wantErr := keeprouter.NewChatStream(copied(new(translate.Session).ChatStream(messagesStream(t, body).All(), translate.StreamOptions{}))).Result()
			data, ok := wired(t, translate.Messages, body)
			require.True(t, ok, data)
			got, err := chatStream(t, data).Result()
			if wantErr != nil {
				require.Error(t, err, "the source fails: %v", wantErr)
				return
			}
			require.NoError(t, err)
			want.Model, got.Model = "", ""
			if diff := cmp.Diff(chatGist(want), chatGist(got)); diff != "" {
				t.Errorf("(-stream +wire):\n%s", diff)
			}
		})
	}
}

// copied takes each chunk through JSON, as a relay does.
func copied(chunks iter.Seq2[*keeprouter.ChatChunk, error]) iter.Seq2[*keeprouter.ChatChunk, error] {
	return func(yield func(*keeprouter.ChatChunk, error) bool) {
		for chunk, err := range chunks {
			if err != nil {
				yield(nil, err)
				return
			}
			data, err := json.Marshal(chunk)
			if err == nil {
				chunk = new(keeprouter.ChatChunk)
				err = json.Unmarshal(data, chunk)
			}
			if !yield(chunk, err) || err != nil {
				return
			}
		}
	}
}

// messagesGist is what an answer says, without made-up ids.
func messagesGist(t *testing.T, r *keeprouter.MessagesResponse) []string {
	t.Helper()
	var gist []string
	for _, b := range r.Content {
		switch b := b.(type) {
		case *keeprouter.ToolUseBlock:
			gist = append(gist, "call "+b.Name+" "+string(b.Input))
		default:
			data, err := json.Marshal(b)
			require.NoError(t, err)
			gist = append(gist, string(data))
		}
	}
	return append(gist, string(r.StopReason), r.StopSequence, counted(r.WireUsage), r.Model)
}

func counted(usage any) string {
	data, err := json.Marshal(usage)
	if err != nil {
		return err.Error()
	}
	return string(data)
}

func chatGist(r *keeprouter.ChatResponse) []string {
	m := r.Choices[0].Message
	gist := []string{m.Content.Text(), m.Reasoning, m.Refusal, string(r.FinishReason()), r.Choices[0].NativeFinishReason, counted(r.WireUsage), r.Model}
	for _, c := range m.ToolCalls {
		var compact bytes.Buffer
		if json.Compact(&compact, []byte(c.Arguments)) != nil {
			compact.WriteString(c.Arguments)
		}
		gist = append(gist, c.Type+" "+c.Name+" "+compact.String())
	}
	return gist
}

func TestStreamErrorsAndEndsAreHandedOn(t *testing.T) {
	broken := errors.New("broken")
	chunks := func(yield func(*keeprouter.ChatChunk, error) bool) {
		if yield(&keeprouter.ChatChunk{ID: "1", Choices: []keeprouter.ChatChunkChoice{{Delta: keeprouter.ChatDelta{Content: "Hel"}}}}, nil) {
			yield(nil, broken)
		}
	}
	var types []string
	for e, err := range new(translate.Session).MessagesStream(chunks, translate.StreamOptions{InputTokens: 7}) {
		if err != nil {
			require.ErrorIs(t, err, broken)
			types = append(types, "error")
			continue
		}
		if e.Message != nil {
			require.Equal(t, int64(7), e.Message.WireUsage.InputTokens)
		}
		types = append(types, e.Type)
	}
	require.Equal(t, []string{"message_start", "content_block_start", "content_block_delta", "error"}, types)

	released := false
	left := func(yield func(*keeprouter.ChatChunk, error) bool) {
		defer func() { released = true }()
		chunks(yield)
	}
	for range new(translate.Session).MessagesStream(left, translate.StreamOptions{}) {
		break
	}
	require.True(t, released, "leaving the loop leaves the source's")

	for _, err := range new(translate.Session).ChatStream(func(func(*keeprouter.MessagesEvent, error) bool) {}, translate.StreamOptions{}) {
		require.ErrorIs(t, err, keeprouter.ErrBadResponse)
	}
}

// TestStreamsTakeConstantMemory streams a long answer through both translations, and
// looks at what they hold when its end comes.
func TestStreamsTakeConstantMemory(t *testing.T) {
	word := strings.Repeat("word ", 10)
	for name, delta := range map[string]keeprouter.ChatDelta{
		"text":      {Content: word},
		"thinking":  {Reasoning: word},
		"arguments": {ToolCalls: []keeprouter.ChatToolCallDelta{{Arguments: word}}},
	} {
		t.Run(name, func(t *testing.T) {
			short, shortHeld := streamed(t, delta, 1_000)
			long, longHeld := streamed(t, delta, 100_000)
			require.Less(t, long, 12.0, "allocations an event")
			require.Less(t, long, short*1.1, "allocations an event of a longer stream")
			require.Less(t, longHeld-shortHeld, int64(len(word)*100_000/10), "bytes held, of %d", len(word)*100_000)
		})
	}
}

// streamed takes n chunks there and back. It returns the allocations an event, and the
// bytes in use at the end.
func streamed(t *testing.T, delta keeprouter.ChatDelta, n int) (allocations float64, held int64) {
	t.Helper()
	chunk := &keeprouter.ChatChunk{ID: "1", Model: "m", Choices: []keeprouter.ChatChunkChoice{{Delta: delta}}}
	source := func(yield func(*keeprouter.ChatChunk, error) bool) {
		call := keeprouter.ChatToolCallDelta{ID: "a", Type: "function", Name: "f", Arguments: `{"a":"`}
		first := &keeprouter.ChatChunk{ID: "1", Model: "m", Choices: []keeprouter.ChatChunkChoice{{}}}
		last := &keeprouter.ChatChunk{ID: "1", Model: "m", Choices: []keeprouter.ChatChunkChoice{{FinishReason: keeprouter.FinishStop}}}
		if delta.ToolCalls != nil {
			first.Choices[0].Delta.ToolCalls = []keeprouter.ChatToolCallDelta{call}
			last.Choices[0].Delta.ToolCalls = []keeprouter.ChatToolCallDelta{{Arguments: `"}`}}
		}
		if !yield(first, nil) {
			return
		}
		for range n {
			if !yield(chunk, nil) {
				return
			}
		}
		runtime.GC()
		var mem runtime.MemStats
		runtime.ReadMemStats(&mem)
		held = int64(mem.HeapAlloc)
		yield(last, nil)
	}
	session := new(translate.Session)
	run := func() {
		events := session.MessagesStream(source, translate.StreamOptions{})
		for _, err := range session.ChatStream(events, translate.StreamOptions{}) {
			require.NoError(t, err)
		}
	}
	return testing.AllocsPerRun(1, run) / float64(n), held
}

func ExampleSession_MessagesStream() {
	srv := keeproutertest.Start(keeproutertest.Reply{Deltas: []string{"Hel", "lo."}})
	defer srv.Close()
	client, err := keeprouter.NewClient(srv.Options())
	if err != nil {
		fmt.Println(err)
		return
	}
	asked := &keeprouter.MessagesRequest{
		Model: keeprouter.Gemma4_31B, MaxTokens: 100,
		Messages: []keeprouter.Message{keeprouter.UserMessage("Hello")},
	}
	req, session, _, err := translate.Translator{}.ToChat(asked)
	if err != nil {
		fmt.Println(err)
		return
	}
	chunks := client.Chat.Stream(context.Background(), req).All()
	for event, err := range session.MessagesStream(chunks, translate.StreamOptions{}) {
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Printf("%s %q\n", event.Type, event.Text)
	}
	// Output:
	// message_start ""
	// content_block_start ""
	// content_block_delta "Hel"
	// content_block_delta "lo."
	// content_block_stop ""
	// message_delta ""
	// message_stop ""
}
