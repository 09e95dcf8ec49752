package translate

// foreignItem is reasoning of another maker than Claude's.
const foreignItem = `{"type":"reasoning.encrypted","data":"xyz","format":"google-gemini-v1","id":"call_1","index":0}`

// packedItem is the same inside a Messages block.
const packedItem = "keeprouter-detail-v1.eyJ0eXBlIjoicmVhc29uaW5nLmVuY3J5cHRlZCIsImRhdGEiOiJ4eXoiLCJmb3JtYXQiOiJnb29nbGUtZ2VtaW5pLXYxIiwiaWQiOiJjYWxsXzEiLCJpbmRleCI6MH0"

// thinkingPitfalls are those of signatures and of thinking in the history.
var thinkingPitfalls = []pitfall{
	{
		id: "P-129", name: "thinking goes back as it came",
		chat: `[{"role":"user","content":"q"},{"role":"assistant","content":"t","reasoning_content":"ab","reasoning_details":[{"type":"reasoning.text","text":"a","signature":"s1","format":"anthropic-claude-v1","index":0},{"type":"reasoning.text","text":"b","signature":"s2","format":"anthropic-claude-v1","index":1}]},{"role":"user","content":"q"}]`,
		want: map[string]string{
			"messages.1.content.0": `{"type":"thinking","thinking":"a","signature":"s1"}`,
			"messages.1.content.1": `{"type":"thinking","thinking":"b","signature":"s2"}`,
			"messages.1.content.2": `{"type":"text","text":"t"}`,
		},
	},
	{
		id: "P-130", name: "a signature without a text is kept",
		messages: `[{"role":"user","content":"q"},{"role":"assistant","content":[{"type":"thinking","thinking":"","signature":"s"},{"type":"text","text":"t"}]},{"role":"user","content":"q"}]`,
		want:     map[string]string{"messages.1.reasoning_details": `[{"type":"reasoning.text","signature":"s","format":"anthropic-claude-v1","index":0}]`},
	},
	{
		id: "P-131a", name: "unsigned thinking doesn't reach a server that refuses it",
		chat:    `[{"role":"user","content":"q"},{"role":"assistant","content":"t","reasoning_content":"hm"},{"role":"user","content":"q"}]`,
		want:    map[string]string{"messages.1.content": `"t"`},
		reports: []string{"messages[1].reasoning_content"},
	},
	{
		id: "P-131b", name: "another maker's reasoning doesn't reach such a server",
		chat:    `[{"role":"user","content":"q"},{"role":"assistant","content":"t","reasoning_details":[` + foreignItem + `]},{"role":"user","content":"q"}]`,
		want:    map[string]string{"messages.1.content": `"t"`},
		reports: []string{"messages[1].reasoning_details[0]"},
	},
	{
		id: "P-131c", name: "another maker's reasoning travels through a Messages client",
		chatAnswer: `{"id":"a","choices":[{"index":0,"finish_reason":"stop","message":{"content":"t","reasoning_details":[` + foreignItem + `]}}]}`,
		want:       map[string]string{"content.0": `{"type":"redacted_thinking","data":"` + packedItem + `"}`},
	},
	{
		id: "P-131d", name: "and comes back as it was",
		messages: `[{"role":"user","content":"q"},{"role":"assistant","content":[{"type":"redacted_thinking","data":"` + packedItem + `"},{"type":"text","text":"t"}]},{"role":"user","content":"q"}]`,
		want:     map[string]string{"messages.1.reasoning_details": `[` + foreignItem + `]`},
	},
	{
		id: "P-131e", name: "a marked block is unsigned again",
		messages: `[{"role":"user","content":"q"},{"role":"assistant","content":[{"type":"thinking","thinking":"hm","signature":"keeprouter-unsigned-v1"},{"type":"text","text":"t"}]},{"role":"user","content":"q"}]`,
		want:     map[string]string{"messages.1": `{"role":"assistant","content":"t","reasoning_content":"hm"}`},
	},
	{
		id: "P-132a", name: "half a character in signed thinking is reported",
		messages: `[{"role":"user","content":"q"},{"role":"assistant","content":[{"type":"thinking","thinking":"a\ud83d","signature":"s"},{"type":"text","text":"t"}]},{"role":"user","content":"q"}]`,
		want:     map[string]string{"messages.1.reasoning_details.0.signature": `"s"`},
		reports:  []string{"messages[1].content[0]"},
	},
	{
		id: "P-132b", name: "and refused, strictly", translator: Translator{Policy: Strict},
		messages: `[{"role":"user","content":"q"},{"role":"assistant","content":[{"type":"thinking","thinking":"a\ud83d","signature":"s"},{"type":"text","text":"t"}]},{"role":"user","content":"q"}]`,
		refused:  []string{"messages[1].content[0]"},
	},
	{
		id: "P-133", name: "the mark is always the same",
		chatAnswer: `{"id":"a","choices":[{"index":0,"finish_reason":"stop","message":{"content":"t","reasoning_content":"hm"}}]}`,
		want:       map[string]string{"content.0.signature": `"keeprouter-unsigned-v1"`},
	},
	{
		id: "P-134", name: "context management without thinking",
		messages: `[{"role":"user","content":"q"}],"context_management":{"edits":[{"type":"clear_thinking_20251015"}]}`,
		want:     map[string]string{"context_management": absent},
		reports:  []string{"context_management"},
	},
	{
		id: "P-136", name: "unsigned thinking never becomes text",
		chat: `[{"role":"user","content":"q"},{"role":"assistant","content":null,"reasoning_content":"hm","tool_calls":[{"id":"a","type":"function","function":{"name":"f","arguments":"{}"}}]},{"role":"tool","tool_call_id":"a","content":"1"}]`,
		want: map[string]string{"messages.1.content.#": "1", "messages.1.content.0.type": `"tool_use"`},
	},
}
