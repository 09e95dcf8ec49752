package translate

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/keeprouter/keeprouter-go"
	"github.com/keeprouter/keeprouter-go/internal/jsonx"
)

// messagesDecoder reads a Messages request. What only that format can say is
// reported where it is met.
type messagesDecoder struct {
	*ledger
	conv          *conversation
	withoutHeader bool // leave the billing header out
}

func decodeMessagesRequest(req *keeprouter.MessagesRequest, t Translator, l *ledger) *conversation {
	d := &messagesDecoder{ledger: l, withoutHeader: t.DropBillingHeader, conv: &conversation{
		model:  t.model(req.Model),
		header: foreignHeader(req.Header, l),
	}}
	d.conv.system = d.instruction(req.System, "system")
	for i := range req.Messages {
		d.message(&req.Messages[i], at("messages", i))
	}
	for i := range req.Tools {
		d.tool(&req.Tools[i], at("tools", i))
	}
	d.choice(req.ToolChoice, len(req.Tools))
	d.limits(req)
	d.thinking(req)
	d.format(req)
	d.account(req)
	d.extra(req)
	return d.conv
}

func (d *messagesDecoder) message(m *keeprouter.Message, path string) {
	d.unknown(path, names(m.Extra))
	t := turn{path: path}
	switch m.Role {
	case "user":
		t.parts = d.blocks(m.Content, path+".content")
	case "assistant":
		t.role, t.parts = assistant, d.blocks(m.Content, path+".content")
	case "system":
		t.role, t.parts = instructor, d.instruction(m.Content, path+".content")
		if len(t.parts) == 0 {
			d.note(path, Dropped, "it says nothing")
			return
		}
	default:
		d.refuse(path+".role", fmt.Sprintf("there is no role %q", m.Role))
		return
	}
	for _, p := range t.parts {
		d.belongs(p, t.role)
	}
	d.conv.turns = append(d.conv.turns, t)
}

// belongs refuses parts in the turn of the wrong side.
func (d *messagesDecoder) belongs(p part, who role) {
	switch p.(type) {
	case *callPart, *thoughtPart:
		if who != assistant {
			d.refuse(p.from().path, "it belongs into an assistant message")
		}
	case *resultPart:
		if who != user {
			d.refuse(p.from().path, "it belongs into a user message")
		}
	case *mediaPart:
		if who == assistant {
			d.lose(p.from().path, Dropped, "an assistant message of the Chat format is text only")
		}
	}
}

// billingHeader begins the system block that changes with each request.
const billingHeader = "x-anthropic-billing-header:"

func (d *messagesDecoder) instruction(blocks keeprouter.Blocks, path string) []part {
	var parts []part
	for _, p := range d.blocks(blocks, path) {
		text, ok := p.(*textPart)
		switch {
		case !ok:
			d.lose(p.from().path, Dropped, "an instruction can only be text")
		case d.withoutHeader && strings.HasPrefix(text.text, billingHeader):
			d.note(text.path, Dropped, "it changes with each request, which prompt caches notice")
		default:
			parts = append(parts, p)
		}
	}
	return parts
}

// limits reads how long and in which way an answer is given.
func (d *messagesDecoder) limits(req *keeprouter.MessagesRequest) {
	s := &d.conv.settings
	s.stream, s.includeUsage = req.Stream, req.Stream
	s.temperature, s.topP, s.topK = req.Temperature, req.TopP, req.TopK
	for _, f := range []struct {
		name  string
		value *float64
	}{{"temperature", req.Temperature}, {"top_p", req.TopP}} {
		if f.value != nil && !(*f.value >= 0 && *f.value <= 1) {
			d.refuse(f.name, "want a number from 0 to 1")
		}
	}
	switch {
	case req.MaxTokens < 0:
		d.refuse("max_tokens", fmt.Sprintf("%d is no limit: want at least 1", req.MaxTokens))
	case req.MaxTokens == 0:
		d.change("max_tokens", Changed, "the Chat format can't fill a cache without an answer: it asks for one token")
		s.maxTokens = new(1)
	default:
		s.maxTokens = new(req.MaxTokens)
	}
	for i, stop := range req.StopSequences {
		if stop == "" {
			d.note(at("stop_sequences", i), Dropped, "it is empty")
			continue
		}
		s.stops = append(s.stops, stop)
	}
}

// thinking reads whether and how much the model should think. In this format it
// doesn't unless asked.
func (d *messagesDecoder) thinking(req *keeprouter.MessagesRequest) {
	t := &d.conv.settings.thinking
	if req.OutputConfig != nil {
		t.effort, t.path = req.OutputConfig.Effort, "output_config.effort"
		d.unknown("output_config", names(req.OutputConfig.Extra))
	}
	if t.effort != "" {
		t.mode = thinkingOn
	}
	wanted := req.Thinking
	if wanted == nil {
		return
	}
	t.path, t.omitted = "thinking", wanted.Display == "omitted"
	d.unknown("thinking", names(wanted.Extra), "block_binding")
	switch wanted.Type {
	case "disabled":
		if t.effort != "" {
			d.change("output_config.effort", Dropped, "thinking is disabled")
		}
		t.mode, t.effort = thinkingOff, ""
	case "enabled", "adaptive", "between_tools":
		t.mode, t.budget = thinkingOn, wanted.BudgetTokens
		if wanted.Type == "between_tools" {
			d.change("thinking.type", Changed, "the Chat format can't say when to think")
		}
	default:
		d.refuse("thinking.type", fmt.Sprintf("there is no thinking %q", wanted.Type))
	}
}

func (d *messagesDecoder) format(req *keeprouter.MessagesRequest) {
	path, f := "output_format", betaFormat(req)
	if req.OutputConfig != nil && req.OutputConfig.Format != nil {
		path, f = "output_config.format", req.OutputConfig.Format
	}
	if f == nil {
		return
	}
	d.unknown(path, names(f.Extra))
	switch {
	case f.Type != "json_schema":
		d.lose(path+".type", Dropped, fmt.Sprintf("the Chat format has no form %q", f.Type))
	case jsonx.Kind(f.Schema) != '{' || !jsonx.Valid(f.Schema):
		d.refuse(path+".schema", "want a JSON Schema, an object")
	default:
		d.conv.settings.format = &outputFormat{path: path, schema: f.Schema, name: schemaName(f.Schema), strict: true}
	}
}

// account reads the fields that don't reach the model.
func (d *messagesDecoder) account(req *keeprouter.MessagesRequest) {
	s := &d.conv.settings
	s.cache = blockMark(req.CacheControl, "")
	if s.cache != nil {
		s.cache.path = "cache_control"
	}
	if m := req.Metadata; m != nil {
		s.user, s.userPath = m.UserID, "metadata.user_id"
		d.unknown("metadata", names(m.Extra))
	}
	switch req.ServiceTier {
	case "", "auto":
		s.tier = req.ServiceTier
	case "standard_only":
		s.tier = "standard"
	default:
		d.change("service_tier", Dropped, fmt.Sprintf("the Chat format has no tier %q", req.ServiceTier))
	}
	if req.Container != nil {
		d.lose("container", Dropped, "the Chat format can't run code")
	}
	for _, f := range []struct {
		name string
		set  bool
	}{
		{"speed", req.Speed != "" && req.Speed != "standard"},
		{"inference_geo", req.InferenceGeo != ""},
		{"diagnostics", req.Diagnostics != nil},
		{"betas", len(req.Betas) > 0},
	} {
		if f.set {
			d.note(f.name, Dropped, "the Chat format has no such setting")
		}
	}
}

// quietFields are those of the betas that don't change what the model is asked.
var quietFields = []string{"context_management", "fallbacks", "fallback_credit_token", "compaction", "billing_policy"}

// A request with the field may hold only what is new of a conversation. Clients know by
// the code that they must send all of it.
const (
	threadField       = "thread"
	threadUnsupported = "thread_unsupported_request"
)

func (d *messagesDecoder) extra(req *keeprouter.MessagesRequest) {
	for _, name := range slices.Sorted(maps.Keys(req.Extra)) {
		value, err := jsonx.Encode(req.Extra[name])
		switch {
		case err != nil:
			d.refuse(name, "it can't be written as JSON")
		case jsonx.IsNull(value):
		case name == "mcp_servers":
			if string(value) != "[]" {
				d.lose(name, Dropped, "the Chat format has no MCP servers: connect to them yourself, and pass their tools")
			}
		case name == threadField:
			d.refuse(name, threadUnsupported+": the Chat format keeps no conversation: send all of it in messages, without thread")
		case slices.Contains(quietFields, name):
			d.note(name, Dropped, "the Chat format has no such setting")
		default:
			d.change(join("", name), Dropped, "the Chat format has no such field")
		}
	}
}

func isNilBlock(b keeprouter.Block) bool { return b == nil || reflect.ValueOf(b).IsNil() }
