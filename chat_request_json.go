package keeprouter

import (
	"cmp"
	"encoding/json"
	"errors"

	"github.com/keeprouter/keeprouter-go/internal/jsonx"
)

// MarshalJSON writes the request as the format has it, and the fields of Extra.
func (r ChatRequest) MarshalJSON() ([]byte, error) {
	if data, ok := r.appendJSON(); ok {
		return data, nil
	}
	return r.marshal()
}

// marshal is MarshalJSON by reflection.
func (r ChatRequest) marshal() ([]byte, error) {
	type plain ChatRequest
	if r.Messages == nil {
		r.Messages = []ChatMessage{}
	}
	return jsonx.MarshalAny(plain(r), r.Extra)
}

// UnmarshalJSON reads the request as the format has it. Unknown fields are in Extra,
// each a [json.RawMessage].
func (r *ChatRequest) UnmarshalJSON(data []byte) error {
	type plain ChatRequest
	*r = ChatRequest{}
	rest, err := unmarshalRequest(data, (*plain)(r))
	if len(rest) > 0 {
		r.Extra = make(map[string]any, len(rest))
	}
	for name, value := range rest {
		r.Extra[name] = value
	}
	return err
}

// UnmarshalJSON reads a string or a list.
func (s *ChatStop) UnmarshalJSON(data []byte) error {
	*s = nil
	switch jsonx.Kind(data) {
	case 'n':
		return nil
	case '"':
		*s = ChatStop{""}
		return jsonx.Decode(data, &(*s)[0])
	}
	return jsonx.Decode(data, (*[]string)(s))
}

// MarshalJSON writes the options and the fields of Extra.
func (o ChatStreamOptions) MarshalJSON() ([]byte, error) {
	type plain ChatStreamOptions
	return jsonx.Marshal(plain(o), o.Extra)
}

// UnmarshalJSON reads the options and keeps unknown fields in Extra.
func (o *ChatStreamOptions) UnmarshalJSON(data []byte) (err error) {
	type plain ChatStreamOptions
	*o = ChatStreamOptions{}
	o.Extra, err = unmarshalObject(data, (*plain)(o))
	return err
}

// MarshalJSON writes the settings and the fields of Extra.
func (c ChatPromptCache) MarshalJSON() ([]byte, error) {
	type plain ChatPromptCache
	return jsonx.Marshal(plain(c), c.Extra)
}

// UnmarshalJSON reads the settings and keeps unknown fields in Extra.
func (c *ChatPromptCache) UnmarshalJSON(data []byte) (err error) {
	type plain ChatPromptCache
	*c = ChatPromptCache{}
	c.Extra, err = unmarshalObject(data, (*plain)(c))
	return err
}

const schemaType = "json_schema"

type (
	formatWire struct {
		Type   string          `json:"type"`
		Schema json.RawMessage `json:"json_schema,omitzero"`
	}
	schemaWire struct {
		Name        string          `json:"name"`
		Description string          `json:"description,omitzero"`
		Schema      json.RawMessage `json:"schema,omitzero"`
		Strict      *bool           `json:"strict,omitzero"`
	}
)

// kind is the type that goes on the wire.
func (f *ChatResponseFormat) kind() string {
	if f.Type == "" && f.Schema != nil {
		return schemaType
	}
	return cmp.Or(f.Type, "text")
}

// MarshalJSON writes the format as the wire has it.
func (f ChatResponseFormat) MarshalJSON() ([]byte, error) {
	w := formatWire{Type: f.kind()}
	if w.Type != schemaType {
		return jsonx.Marshal(w, f.Extra)
	}
	inner, err := writeNested(schemaWire{f.Name, f.Description, f.Schema, f.Strict}, schemaType, f.Extra)
	if err != nil {
		return nil, err
	}
	w.Schema = inner
	return jsonx.Marshal(w, without(f.Extra, schemaType))
}

// UnmarshalJSON reads the format as the wire has it.
func (f *ChatResponseFormat) UnmarshalJSON(data []byte) error {
	var w formatWire
	extra, err := unmarshalObject(data, &w)
	if err != nil {
		return err
	}
	var inner schemaWire
	err = readNested(w.Schema, schemaType, &inner, &extra)
	*f = ChatResponseFormat{
		Type: w.Type, Name: inner.Name, Description: inner.Description,
		Schema: inner.Schema, Strict: inner.Strict, Extra: extra,
	}
	return err
}

type (
	audioOptionsWire struct {
		Format string          `json:"format"`
		Voice  json.RawMessage `json:"voice"`
	}
	voiceWire struct {
		ID string `json:"id"`
	}
)

// MarshalJSON writes a named voice as a string and the caller's own as an object.
func (o ChatAudioOptions) MarshalJSON() ([]byte, error) {
	w := audioOptionsWire{Format: o.Format}
	var err error
	if o.VoiceID != "" {
		w.Voice, err = writeNested(voiceWire{o.VoiceID}, "voice", o.Extra)
	} else {
		w.Voice, err = jsonx.Encode(o.Voice)
	}
	if err != nil {
		return nil, err
	}
	return jsonx.Marshal(w, without(o.Extra, "voice"))
}

// UnmarshalJSON reads both forms of a voice.
func (o *ChatAudioOptions) UnmarshalJSON(data []byte) error {
	var w audioOptionsWire
	extra, err := unmarshalObject(data, &w)
	if err != nil {
		return err
	}
	*o = ChatAudioOptions{Format: w.Format}
	if jsonx.Kind(w.Voice) == '"' {
		err = jsonx.Decode(w.Voice, &o.Voice)
	} else {
		var voice voiceWire
		err = readNested(w.Voice, "voice", &voice, &extra)
		o.VoiceID = voice.ID
	}
	o.Extra = extra
	return err
}

type predictionWire struct {
	Type    string    `json:"type"`
	Content ChatParts `json:"content"`
}

// MarshalJSON writes the prediction as the format has it.
func (p ChatPrediction) MarshalJSON() ([]byte, error) {
	return jsonx.Marshal(predictionWire{"content", p.Content}, p.Extra)
}

// UnmarshalJSON reads the prediction as the format has it.
func (p *ChatPrediction) UnmarshalJSON(data []byte) error {
	var w predictionWire
	extra, err := unmarshalObject(data, &w)
	if w.Type != "" && w.Type != "content" {
		err = errors.New("the prediction is not of type content")
	}
	*p = ChatPrediction{Content: w.Content, Extra: extra}
	return err
}

type (
	webSearchWire struct {
		Size     string          `json:"search_context_size,omitzero"`
		Location json.RawMessage `json:"user_location,omitzero"`
	}
	locationWire struct {
		Type        string          `json:"type"`
		Approximate json.RawMessage `json:"approximate"`
	}
	approximateWire struct {
		City     string `json:"city,omitzero"`
		Country  string `json:"country,omitzero"`
		Region   string `json:"region,omitzero"`
		Timezone string `json:"timezone,omitzero"`
	}
)

// MarshalJSON writes the settings as the format has them.
func (s ChatWebSearch) MarshalJSON() ([]byte, error) {
	w := webSearchWire{Size: s.SearchContextSize}
	place := approximateWire{s.City, s.Country, s.Region, s.Timezone}
	rest := nestedExtra(s.Extra, "user_location")
	if place != (approximateWire{}) || rest != nil {
		inner, err := writeNested(place, "approximate", rest)
		if err != nil {
			return nil, err
		}
		if w.Location, err = jsonx.Marshal(locationWire{"approximate", inner}, without(rest, "approximate")); err != nil {
			return nil, err
		}
	}
	return jsonx.Marshal(w, without(s.Extra, "user_location"))
}

// UnmarshalJSON reads the settings as the format has them.
func (s *ChatWebSearch) UnmarshalJSON(data []byte) error {
	var w webSearchWire
	extra, err := unmarshalObject(data, &w)
	if err != nil {
		return err
	}
	var location locationWire
	rest, err := unmarshalObject(w.Location, &location)
	if err != nil {
		return err
	}
	var place approximateWire
	if err := readNested(location.Approximate, "approximate", &place, &rest); err != nil {
		return err
	}
	if err := keepNested("user_location", rest, &extra); err != nil {
		return err
	}
	*s = ChatWebSearch{
		SearchContextSize: w.Size, City: place.City, Country: place.Country,
		Region: place.Region, Timezone: place.Timezone, Extra: extra,
	}
	return nil
}

type (
	moderationWire struct {
		Model  string          `json:"model"`
		Policy json.RawMessage `json:"policy,omitzero"`
	}
	policyWire struct {
		Input  *policyModeWire `json:"input,omitzero"`
		Output *policyModeWire `json:"output,omitzero"`
	}
	policyModeWire struct {
		Mode string `json:"mode"`
	}
)

// MarshalJSON writes the settings as the format has them.
func (m ChatModeration) MarshalJSON() ([]byte, error) {
	w := moderationWire{Model: m.Model}
	var policy policyWire
	if m.Input != "" {
		policy.Input = &policyModeWire{m.Input}
	}
	if m.Output != "" {
		policy.Output = &policyModeWire{m.Output}
	}
	if _, rest := m.Extra["policy"]; rest || policy != (policyWire{}) {
		inner, err := writeNested(policy, "policy", m.Extra)
		if err != nil {
			return nil, err
		}
		w.Policy = inner
	}
	return jsonx.Marshal(w, without(m.Extra, "policy"))
}

// UnmarshalJSON reads the settings as the format has them.
func (m *ChatModeration) UnmarshalJSON(data []byte) error {
	var w moderationWire
	extra, err := unmarshalObject(data, &w)
	if err != nil {
		return err
	}
	var policy policyWire
	err = readNested(w.Policy, "policy", &policy, &extra)
	*m = ChatModeration{Model: w.Model, Extra: extra}
	if policy.Input != nil {
		m.Input = policy.Input.Mode
	}
	if policy.Output != nil {
		m.Output = policy.Output.Mode
	}
	return err
}
