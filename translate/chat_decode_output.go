package translate

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/keeprouter/keeprouter-go"
	"github.com/keeprouter/keeprouter-go/internal/jsonx"
)

// output reads what form the answer should have.
func (d *chatDecoder) output(req *keeprouter.ChatRequest) {
	d.effort(req.ReasoningEffort)
	d.format(req.ResponseFormat)
	if req.Verbosity != "" {
		d.change("verbosity", Dropped, "the Messages format has no verbosity: say it in the prompt")
	}
	if slices.Contains(req.Modalities, "audio") {
		d.lose("modalities", Dropped, "the Messages format has no audio")
	} else if slices.ContainsFunc(req.Modalities, func(m string) bool { return m != "text" }) {
		d.lose("modalities", Dropped, "the Messages format answers in text")
	}
	if req.Audio != nil {
		d.lose("audio", Dropped, "the Messages format has no audio")
	}
	if req.Prediction != nil {
		d.change("prediction", Dropped, "the Messages format has no predicted output: the answer comes slower")
	}
	if req.WebSearchOptions != nil {
		d.lose("web_search_options", Dropped, "the server can't search the web")
	}
	if req.Moderation != nil {
		d.lose("moderation", Dropped, "the Messages format has no moderation")
	}
}

func (d *chatDecoder) effort(effort string) {
	t := &d.conv.settings.thinking
	t.path = "reasoning_effort"
	switch effort {
	case "":
	case "none":
		t.mode = thinkingOff
	case "minimal":
		d.change("reasoning_effort", Changed, "the Messages format begins at low")
		t.mode, t.effort = thinkingOn, "low"
	case "low", "medium", "high", "xhigh", "max":
		t.mode, t.effort = thinkingOn, effort
	default:
		d.lose("reasoning_effort", Dropped, fmt.Sprintf("there is no effort %q", effort))
	}
}

func (d *chatDecoder) format(f *keeprouter.ChatResponseFormat) {
	if f == nil {
		return
	}
	kind := f.Type
	if kind == "" && f.Schema != nil {
		kind = "json_schema"
	}
	d.unknown("response_format", names(f.Extra))
	switch kind {
	case "", "text":
	case "json_object":
		d.change("response_format", Emulated, "the Messages format knows JSON by schema only: the prompt asks for an object")
		d.conv.settings.format = &outputFormat{path: "response_format", anyObject: true}
	case "json_schema":
		d.schema(f)
	default:
		d.lose("response_format.type", Dropped, fmt.Sprintf("the Messages format has no form %q", kind))
	}
}

func (d *chatDecoder) schema(f *keeprouter.ChatResponseFormat) {
	const path = "response_format.json_schema"
	if jsonx.Kind(f.Schema) != '{' || !json.Valid(f.Schema) {
		d.refuse(path+".schema", "want a JSON Schema, an object")
		return
	}
	if f.Description != "" {
		d.change(path+".description", Dropped, "the Messages format has no description of the answer: put it into the schema")
	}
	if f.Strict == nil || !*f.Strict {
		d.change(path+".strict", Changed, "the Messages format always enforces the schema")
	}
	if name := schemaName(f.Schema); f.Name != name {
		d.note(path+".name", Dropped, "the Messages format has no name of the answer")
	}
	d.conv.settings.format = &outputFormat{path: path, schema: f.Schema, name: f.Name, strict: true}
}

// tools reads the tools, those of the deprecated form included.
func (d *chatDecoder) tools(req *keeprouter.ChatRequest) {
	for i := range req.Tools {
		d.tool(&req.Tools[i], at("tools", i))
	}
	d.functionTools(req)
}

func (d *chatDecoder) tool(t *keeprouter.ChatTool, path string) {
	read := tool{
		path: path, name: t.Name, description: t.Description, custom: t.Type == "custom",
		strict: t.Strict != nil && *t.Strict, cache: extraMark(t.Extra, path),
	}
	switch kind := cmp.Or(t.Type, "function"); {
	case kind != "function" && kind != "custom":
		d.lose(path, Dropped, fmt.Sprintf("a tool of type %q can't be served", t.Type))
		return
	case t.Name == "":
		d.refuse(join(path, kind)+".name", "a tool needs a name")
		return
	case read.custom:
		d.change(path, Emulated, "the Messages format has no free text tools: it becomes a function of one string")
		if t.Format != nil && !isTextFormat(t.Format) {
			d.change(path+".custom.format", Dropped, "the Messages format has no grammars")
		}
		read.schema = json.RawMessage(customSchema)
	default:
		read.schema = toolSchema(t.Parameters, path+".function.parameters", d.ledger)
	}
	d.unknown(path, names(t.Extra), "cache_control")
	d.conv.tools = append(d.conv.tools, read)
}

func isTextFormat(format json.RawMessage) bool {
	kind, _ := jsonx.Head(format, "type")
	return kind == "text"
}

// choice reads which tools must be called.
func (d *chatDecoder) choice(req *keeprouter.ChatRequest) {
	c := d.toolChoice(req.ToolChoice)
	if c == nil {
		c = d.functionChoice(req)
	}
	if req.ParallelToolCalls != nil && !*req.ParallelToolCalls {
		if c == nil {
			c = &choice{path: "parallel_tool_calls"}
		}
		c.single = c.mode != callNone
	}
	d.conv.choice = d.conv.settle(c, len(req.Tools) > 0 || len(d.conv.tools) > 0, d.ledger)
}

func (d *chatDecoder) toolChoice(wanted *keeprouter.ChatToolChoice) *choice {
	if wanted == nil {
		return nil
	}
	d.unknown("tool_choice", names(wanted.Extra))
	c := &choice{path: "tool_choice"}
	switch {
	case wanted.Allowed == nil && wanted.Type != "" && (wanted.Type != "function" && wanted.Type != "custom" || wanted.Name == ""):
		d.refuse("tool_choice", fmt.Sprintf("a choice of type %q without a tool's name can't be carried", wanted.Type))
	case wanted.Name != "":
		c.mode, c.name = callOne, wanted.Name
		return c
	case wanted.Allowed != nil:
		d.allow(wanted.Allowed)
	}
	return d.choiceMode(c, wanted.Mode)
}

func (d *chatDecoder) choiceMode(c *choice, mode string) *choice {
	switch mode {
	case "", "auto":
	case "none":
		c.mode = callNone
	case "required":
		c.mode = callAny
	default:
		d.refuse(c.path, fmt.Sprintf("there is no choice %q", mode))
	}
	return c
}

// allow leaves the tools that may be called.
func (d *chatDecoder) allow(allowed []keeprouter.ChatTool) {
	d.change("tool_choice.allowed_tools", Emulated, "the Messages format can't narrow the choice: the other tools are left out, which prompt caches notice")
	d.conv.tools = slices.DeleteFunc(d.conv.tools, func(t tool) bool {
		return !slices.ContainsFunc(allowed, func(a keeprouter.ChatTool) bool { return a.Name == t.name })
	})
}
