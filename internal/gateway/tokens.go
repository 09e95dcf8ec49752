package gateway

import "encoding/json"

// bytesPerToken and mediaTokens make counts that are plausible and the same on
// each run. They are not the model's own.
const (
	bytesPerToken = 4
	mediaTokens   = 256
)

func tokens(n int) int64 { return int64((n + bytesPerToken - 1) / bytesPerToken) }

// tokens counts what the model reads of the request, alike in both formats.
func (p *prompt) tokens() int64 {
	n := countText(p.System) + 1
	for _, m := range p.Messages {
		n += countText(m.Content)
		for _, c := range m.ToolCalls {
			n += tokens(len(c.Function.Name) + len(c.Function.Arguments))
		}
	}
	for _, t := range p.Tools {
		name, schema := t.schema()
		n += tokens(len(name) + len(schema))
	}
	return n
}

func countText(raw json.RawMessage) int64 {
	if !present(raw) {
		return 0
	}
	var v any
	if err := json.Unmarshal(raw, &v); err != nil {
		return tokens(len(raw))
	}
	return countValue(v)
}

func countValue(v any) int64 {
	switch v := v.(type) {
	case string:
		return tokens(len(v))
	case []any:
		var n int64
		for _, item := range v {
			n += countValue(item)
		}
		return n
	case map[string]any:
		return countPart(v)
	}
	return 0
}

// countPart counts the texts of a part; media of any size count the same.
func countPart(part map[string]any) int64 {
	var n int64
	for key, value := range part {
		switch key {
		case "text", "thinking", "content", "refusal":
			n += countValue(value)
		case "input":
			n += tokens(len(encode(value)))
		case "source", "image_url", "input_audio", "file", "video_url", "audio_url":
			n += mediaTokens
		}
	}
	return n
}
