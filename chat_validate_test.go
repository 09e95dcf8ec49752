package keeprouter

import (
	"encoding/json"
	"errors"
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"
)

func TestChatRequestIsCheckedBeforeItIsSent(t *testing.T) {
	call := ChatMessage{Role: "assistant", ToolCalls: []ChatToolCall{{ID: "a", Name: "f"}, {ID: "b", Name: "f"}}}
	messages := func(ms ...ChatMessage) func(*ChatRequest) {
		return func(r *ChatRequest) { r.Messages = ms }
	}
	for name, tc := range map[string]struct {
		change func(*ChatRequest)
		param  string // empty if the request is fine
	}{
		"fine":                       {func(*ChatRequest) {}, ""},
		"no model":                   {func(r *ChatRequest) { r.Model = "" }, "model"},
		"unknown model":              {func(r *ChatRequest) { r.Model = "no such" }, ""},
		"no messages":                {messages(), "messages"},
		"temperature NaN":            {func(r *ChatRequest) { r.Temperature = new(math.NaN()) }, "temperature"},
		"temperature infinite":       {func(r *ChatRequest) { r.Temperature = new(math.Inf(1)) }, "temperature"},
		"temperature negative":       {func(r *ChatRequest) { r.Temperature = new(-0.1) }, "temperature"},
		"temperature zero":           {func(r *ChatRequest) { r.Temperature = new(0.0) }, ""},
		"temperature highest":        {func(r *ChatRequest) { r.Temperature = new(2.0) }, ""},
		"top_p above one":            {func(r *ChatRequest) { r.TopP = new(1.01) }, "top_p"},
		"frequency penalty":          {func(r *ChatRequest) { r.FrequencyPenalty = new(-2.5) }, "frequency_penalty"},
		"presence penalty":           {func(r *ChatRequest) { r.PresencePenalty = new(3.0) }, "presence_penalty"},
		"logit bias":                 {func(r *ChatRequest) { r.LogitBias = map[string]float64{"1": 0, "2": math.NaN()} }, "logit_bias.2"},
		"max_tokens zero":            {func(r *ChatRequest) { r.MaxTokens = new(0) }, "max_tokens"},
		"max_completion_tokens":      {func(r *ChatRequest) { r.MaxCompletionTokens = new(-1) }, "max_completion_tokens"},
		"n zero":                     {func(r *ChatRequest) { r.N = new(0) }, "n"},
		"n too high":                 {func(r *ChatRequest) { r.N = new(129) }, "n"},
		"top_logprobs alone":         {func(r *ChatRequest) { r.TopLogprobs = new(1) }, "top_logprobs"},
		"top_logprobs too high":      {func(r *ChatRequest) { r.TopLogprobs, r.Logprobs = new(21), new(true) }, "top_logprobs"},
		"top_logprobs with logprobs": {func(r *ChatRequest) { r.TopLogprobs, r.Logprobs = new(20), new(true) }, ""},
		"tool without name":          {func(r *ChatRequest) { r.Tools = []ChatTool{{Name: "a"}, {}} }, "tools[1].function.name"},
		"custom tool without name":   {func(r *ChatRequest) { r.Tools = []ChatTool{{Type: "custom"}} }, "tools[0].custom.name"},
		"tool of an unknown type":    {func(r *ChatRequest) { r.Tools = []ChatTool{{Type: "web_search"}} }, ""},
		"parameters not JSON":        {func(r *ChatRequest) { r.Tools = []ChatTool{{Name: "a", Parameters: json.RawMessage(`{`)}} }, "tools[0].function.parameters"},
		"choice without tools":       {func(r *ChatRequest) { r.ToolChoice = &ChatToolChoice{Mode: "required"} }, "tool_choice"},
		"choice of a missing tool":   {func(r *ChatRequest) { r.ToolChoice = &ChatToolChoice{Name: "f"} }, "tool_choice"},
		"choice auto without tools":  {func(r *ChatRequest) { r.ToolChoice = &ChatToolChoice{Mode: "auto"} }, ""},
		"schema without name":        {func(r *ChatRequest) { r.ResponseFormat = &ChatResponseFormat{Schema: json.RawMessage(`{}`)} }, "response_format.json_schema.name"},
		"schema not JSON": {func(r *ChatRequest) {
			r.ResponseFormat = &ChatResponseFormat{Name: "n", Schema: json.RawMessage(`{`)}
		}, "response_format.json_schema.schema"},
		"audio without format": {func(r *ChatRequest) { r.Audio = &ChatAudioOptions{Voice: "v"} }, "audio.format"},
		"audio without voice":  {func(r *ChatRequest) { r.Audio = &ChatAudioOptions{Format: "wav"} }, "audio.voice"},

		"no role":                     {messages(ChatMessage{Content: ChatParts{}}), "messages[0].role"},
		"unknown role":                {messages(ChatMessage{Role: "model", Content: ChatParts{}}), ""},
		"no content":                  {messages(User("a"), ChatMessage{Role: "user"}), "messages[1].content"},
		"empty content":               {messages(User("")), ""},
		"assistant says nothing":      {messages(ChatMessage{Role: "assistant"}), "messages[0].content"},
		"function without name":       {messages(ChatMessage{Role: "function"}), "messages[0].name"},
		"nil part":                    {messages(ChatMessage{Role: "user", Content: ChatParts{nil}}), "messages[0].content[0]"},
		"typed nil part":              {messages(User("a", (*ImagePart)(nil))), "messages[0].content[1]"},
		"picture without URL":         {messages(User("a", &ImagePart{})), "messages[0].content[1].image_url.url"},
		"sound without data":          {messages(User("a", &AudioPart{Format: "wav"})), "messages[0].content[1].input_audio.data"},
		"sound without format":        {messages(User("a", AudioData("", []byte{1}))), "messages[0].content[1].input_audio.format"},
		"file without anything":       {messages(User("a", &FilePart{Filename: "x"})), "messages[0].content[1].file"},
		"raw part not JSON":           {messages(User("a", &RawPart{Type: "x"})), "messages[0].content[1]"},
		"all parts":                   {messages(User("a", ImageURL("u"), ImageData("image/png", nil), AudioData("wav", []byte{1}), FileData("n", "a/b", nil))), ""},
		"call without id":             {messages(ChatMessage{Role: "assistant", ToolCalls: []ChatToolCall{{Name: "f"}}}), "messages[0].tool_calls[0].id"},
		"call without name":           {messages(ChatMessage{Role: "assistant", ToolCalls: []ChatToolCall{{ID: "a"}}}), "messages[0].tool_calls[0].function.name"},
		"result without id":           {messages(User("a"), ToolResult("", "1")), "messages[1].tool_call_id"},
		"result without call":         {messages(User("a"), ToolResult("x", "1")), "messages[1].tool_call_id"},
		"results in any order":        {messages(User("a"), call, ToolResult("b", "1"), ToolResult("a", "2"), User("c")), ""},
		"result twice":                {messages(call, ToolResult("a", "1"), ToolResult("a", "2"), ToolResult("b", "3")), "messages[2].tool_call_id"},
		"result missing":              {messages(User("a"), call, ToolResult("a", "1"), User("c")), "messages[1].tool_calls[1]"},
		"result missing at the end":   {messages(User("a"), call), "messages[1].tool_calls[0]"},
		"result too late":             {messages(call, ToolResult("a", "1"), User("c"), ToolResult("b", "2")), "messages[0].tool_calls[1]"},
		"the same id in later turns":  {messages(call, ToolResult("a", "1"), ToolResult("b", "1"), call, ToolResult("b", "1"), ToolResult("a", "")), ""},
		"the same id twice in a turn": {messages(ChatMessage{Role: "assistant", ToolCalls: []ChatToolCall{{ID: "a", Name: "f"}, {ID: "a", Name: "f"}}}, ToolResult("a", "1"), ToolResult("a", "2")), ""},
	} {
		t.Run(name, func(t *testing.T) {
			req := &ChatRequest{Model: "m", Messages: []ChatMessage{User("x")}}
			tc.change(req)
			_, err := req.encode(true)
			if tc.param == "" {
				require.NoError(t, err)
				return
			}
			require.ErrorIs(t, err, ErrInvalidRequest)
			e, _ := errors.AsType[*Error](err)
			if diff := cmp.Diff(tc.param, e.Param); diff != "" {
				t.Errorf("param (-want +got):\n%s", diff)
			}
			if e.Message == "" {
				t.Error("the error doesn't say what to do")
			}
		})
	}
}

func TestChatRequestOnTheWire(t *testing.T) {
	around := `{"model":"m","messages":[{"role":"user","content":"x"}]`
	for name, tc := range map[string]struct {
		options   *ChatStreamOptions
		streaming bool
		want      string
	}{
		"create":                  {nil, false, around + `}`},
		"create drops options":    {&ChatStreamOptions{IncludeUsage: new(true)}, false, around + `}`},
		"stream asks for usage":   {nil, true, around + `,"stream":true,"stream_options":{"include_usage":true}}`},
		"stream without usage":    {&ChatStreamOptions{IncludeUsage: new(false)}, true, around + `,"stream":true,"stream_options":{"include_usage":false}}`},
		"stream with obfuscation": {&ChatStreamOptions{IncludeObfuscation: new(false)}, true, around + `,"stream":true,"stream_options":{"include_usage":true,"include_obfuscation":false}}`},
	} {
		t.Run(name, func(t *testing.T) {
			req := &ChatRequest{Model: "m", Messages: []ChatMessage{User("x")}, StreamOptions: tc.options, Stream: !tc.streaming}
			w, err := req.encode(tc.streaming)
			require.NoError(t, err)
			sameJSON(t, tc.want, string(w.Body))
			if req.Stream == tc.streaming || req.StreamOptions != tc.options {
				t.Error("the caller's request was changed")
			}
		})
	}
}

func TestChatRefusesNil(t *testing.T) {
	service := &ChatService{}
	_, err := service.Create(t.Context(), nil)
	require.ErrorIs(t, err, ErrInvalidRequest)
	_, err = service.Stream(t.Context(), nil).Result()
	require.ErrorIs(t, err, ErrInvalidRequest)
	//lint:ignore SA1012 a nil context is the point
	_, err = service.Create(nil, &ChatRequest{Model: "m", Messages: []ChatMessage{User("x")}}) //nolint:staticcheck // see above
	require.ErrorIs(t, err, ErrInvalidRequest)
}
