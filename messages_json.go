package keeprouter

import (
	"cmp"
	"encoding/json"

	"github.com/keeprouter/keeprouter-go/internal/jsonx"
)

// MarshalJSON writes the wire's form, Extra included.
func (r MessagesRequest) MarshalJSON() ([]byte, error) {
	if data, ok := r.appendJSON(); ok {
		return data, nil
	}
	return r.marshal()
}

// marshal is MarshalJSON by reflection.
func (r MessagesRequest) marshal() ([]byte, error) {
	type plain MessagesRequest
	return jsonx.MarshalAny(plain(r), r.Extra)
}

// UnmarshalJSON reads the wire's form. The values of Extra are [json.RawMessage].
func (r *MessagesRequest) UnmarshalJSON(data []byte) error {
	type plain MessagesRequest
	extra, err := jsonx.Unmarshal(data, (*plain)(r))
	r.Extra = nil
	for name, value := range extra {
		if r.Extra == nil {
			r.Extra = map[string]any{}
		}
		r.Extra[name] = value
	}
	return err
}

// MarshalJSON writes the wire's form, Extra included.
func (c CacheControl) MarshalJSON() ([]byte, error) {
	type plain CacheControl
	c.Type = cmp.Or(c.Type, "ephemeral")
	return jsonx.Marshal(plain(c), c.Extra)
}

// UnmarshalJSON reads the wire's form; what no field takes goes into Extra.
func (c *CacheControl) UnmarshalJSON(data []byte) (err error) {
	type plain CacheControl
	c.Extra, err = jsonx.Unmarshal(data, (*plain)(c))
	return err
}

// MarshalJSON writes a container with nothing but an ID as a string.
func (c MessagesContainer) MarshalJSON() ([]byte, error) {
	type plain MessagesContainer
	if c.ID != "" && c.Skills == nil && c.ExpiresAt == "" && len(c.Extra) == 0 {
		return jsonx.Encode(c.ID)
	}
	return jsonx.Marshal(plain(c), c.Extra)
}

// UnmarshalJSON reads both forms of the wire, a string and an object.
func (c *MessagesContainer) UnmarshalJSON(data []byte) (err error) {
	type plain MessagesContainer
	if jsonx.Kind(data) == '"' {
		*c = MessagesContainer{}
		return json.Unmarshal(data, &c.ID)
	}
	c.Extra, err = jsonx.Unmarshal(data, (*plain)(c))
	return err
}

// MarshalJSON writes the wire's form, Extra included.
func (t MessagesThinking) MarshalJSON() ([]byte, error) {
	type plain MessagesThinking
	return jsonx.Marshal(plain(t), t.Extra)
}

// UnmarshalJSON reads the wire's form; what no field takes goes into Extra.
func (t *MessagesThinking) UnmarshalJSON(data []byte) (err error) {
	type plain MessagesThinking
	t.Extra, err = jsonx.Unmarshal(data, (*plain)(t))
	return err
}

// MarshalJSON writes the wire's form, Extra included.
func (o MessagesOutputConfig) MarshalJSON() ([]byte, error) {
	type plain MessagesOutputConfig
	return jsonx.Marshal(plain(o), o.Extra)
}

// UnmarshalJSON reads the wire's form; what no field takes goes into Extra.
func (o *MessagesOutputConfig) UnmarshalJSON(data []byte) (err error) {
	type plain MessagesOutputConfig
	o.Extra, err = jsonx.Unmarshal(data, (*plain)(o))
	return err
}

// MarshalJSON writes the wire's form, Extra included.
func (o MessagesOutputFormat) MarshalJSON() ([]byte, error) {
	type plain MessagesOutputFormat
	return jsonx.Marshal(plain(o), o.Extra)
}

// UnmarshalJSON reads the wire's form; what no field takes goes into Extra.
func (o *MessagesOutputFormat) UnmarshalJSON(data []byte) (err error) {
	type plain MessagesOutputFormat
	o.Extra, err = jsonx.Unmarshal(data, (*plain)(o))
	return err
}

// MarshalJSON writes the wire's form, Extra included.
func (m MessagesMetadata) MarshalJSON() ([]byte, error) {
	type plain MessagesMetadata
	return jsonx.Marshal(plain(m), m.Extra)
}

// UnmarshalJSON reads the wire's form; what no field takes goes into Extra.
func (m *MessagesMetadata) UnmarshalJSON(data []byte) (err error) {
	type plain MessagesMetadata
	m.Extra, err = jsonx.Unmarshal(data, (*plain)(m))
	return err
}

// MarshalJSON writes the wire's form, Extra included.
func (s MessagesSkill) MarshalJSON() ([]byte, error) {
	type plain MessagesSkill
	return jsonx.Marshal(plain(s), s.Extra)
}

// UnmarshalJSON reads the wire's form; what no field takes goes into Extra.
func (s *MessagesSkill) UnmarshalJSON(data []byte) (err error) {
	type plain MessagesSkill
	s.Extra, err = jsonx.Unmarshal(data, (*plain)(s))
	return err
}

// MarshalJSON writes the wire's form, Extra included.
func (d MessagesDiagnostics) MarshalJSON() ([]byte, error) {
	type plain MessagesDiagnostics
	return jsonx.Marshal(plain(d), d.Extra)
}

// UnmarshalJSON reads the wire's form; what no field takes goes into Extra.
func (d *MessagesDiagnostics) UnmarshalJSON(data []byte) (err error) {
	type plain MessagesDiagnostics
	d.Extra, err = jsonx.Unmarshal(data, (*plain)(d))
	return err
}

// MarshalJSON writes the wire's form, Extra included.
func (t MessagesTokenCount) MarshalJSON() ([]byte, error) {
	type plain MessagesTokenCount
	return jsonx.Marshal(plain(t), t.Extra)
}

// UnmarshalJSON reads the wire's form; what no field takes goes into Extra.
func (t *MessagesTokenCount) UnmarshalJSON(data []byte) (err error) {
	type plain MessagesTokenCount
	t.Extra, err = jsonx.Unmarshal(data, (*plain)(t))
	return err
}

// MarshalJSON writes the wire's form, Extra included.
func (m Message) MarshalJSON() ([]byte, error) {
	type plain Message
	return jsonx.Marshal(plain(m), m.Extra)
}

// UnmarshalJSON reads the wire's form; what no field takes goes into Extra.
func (m *Message) UnmarshalJSON(data []byte) (err error) {
	type plain Message
	m.Extra, err = jsonx.Unmarshal(data, (*plain)(m))
	return err
}

// MarshalJSON writes the wire's form, Extra included.
func (c CitationsConfig) MarshalJSON() ([]byte, error) {
	type plain CitationsConfig
	return jsonx.Marshal(plain(c), c.Extra)
}

// UnmarshalJSON reads the wire's form; what no field takes goes into Extra.
func (c *CitationsConfig) UnmarshalJSON(data []byte) (err error) {
	type plain CitationsConfig
	c.Extra, err = jsonx.Unmarshal(data, (*plain)(c))
	return err
}

// MarshalJSON writes the wire's form, Extra included.
func (t MessagesTool) MarshalJSON() ([]byte, error) {
	type plain MessagesTool
	return jsonx.Marshal(plain(t), t.Extra)
}

// UnmarshalJSON reads the wire's form; what no field takes goes into Extra.
func (t *MessagesTool) UnmarshalJSON(data []byte) (err error) {
	type plain MessagesTool
	t.Extra, err = jsonx.Unmarshal(data, (*plain)(t))
	return err
}

// MarshalJSON writes the wire's form, Extra included.
func (t MessagesToolChoice) MarshalJSON() ([]byte, error) {
	type plain MessagesToolChoice
	return jsonx.Marshal(plain(t), t.Extra)
}

// UnmarshalJSON reads the wire's form; what no field takes goes into Extra.
func (t *MessagesToolChoice) UnmarshalJSON(data []byte) (err error) {
	type plain MessagesToolChoice
	t.Extra, err = jsonx.Unmarshal(data, (*plain)(t))
	return err
}

// MarshalJSON writes the wire's form, Extra included.
func (u MessagesUsage) MarshalJSON() ([]byte, error) {
	type plain MessagesUsage
	return jsonx.Marshal(plain(u), u.Extra)
}

// UnmarshalJSON reads the wire's form; what no field takes goes into Extra.
func (u *MessagesUsage) UnmarshalJSON(data []byte) (err error) {
	type plain MessagesUsage
	u.Extra, err = jsonx.Unmarshal(data, (*plain)(u))
	return err
}

// MarshalJSON writes the wire's form, Extra included.
func (c MessagesCacheCreation) MarshalJSON() ([]byte, error) {
	type plain MessagesCacheCreation
	return jsonx.Marshal(plain(c), c.Extra)
}

// UnmarshalJSON reads the wire's form; what no field takes goes into Extra.
func (c *MessagesCacheCreation) UnmarshalJSON(data []byte) (err error) {
	type plain MessagesCacheCreation
	c.Extra, err = jsonx.Own(readOwn).Unmarshal(data, (*plain)(c))
	return err
}

// MarshalJSON writes the wire's form, Extra included.
func (o MessagesOutputTokens) MarshalJSON() ([]byte, error) {
	type plain MessagesOutputTokens
	return jsonx.Marshal(plain(o), o.Extra)
}

// UnmarshalJSON reads the wire's form; what no field takes goes into Extra.
func (o *MessagesOutputTokens) UnmarshalJSON(data []byte) (err error) {
	type plain MessagesOutputTokens
	o.Extra, err = jsonx.Unmarshal(data, (*plain)(o))
	return err
}

// MarshalJSON writes the wire's form, Extra included.
func (s MessagesServerToolUse) MarshalJSON() ([]byte, error) {
	type plain MessagesServerToolUse
	return jsonx.Marshal(plain(s), s.Extra)
}

// UnmarshalJSON reads the wire's form; what no field takes goes into Extra.
func (s *MessagesServerToolUse) UnmarshalJSON(data []byte) (err error) {
	type plain MessagesServerToolUse
	s.Extra, err = jsonx.Unmarshal(data, (*plain)(s))
	return err
}

// MarshalJSON writes the wire's form, Extra included.
func (s MessagesStopDetails) MarshalJSON() ([]byte, error) {
	type plain MessagesStopDetails
	return jsonx.Marshal(plain(s), s.Extra)
}

// UnmarshalJSON reads the wire's form; what no field takes goes into Extra.
func (s *MessagesStopDetails) UnmarshalJSON(data []byte) (err error) {
	type plain MessagesStopDetails
	s.Extra, err = jsonx.Unmarshal(data, (*plain)(s))
	return err
}

// MarshalJSON writes the wire's form, Extra included. An empty stop reason or
// sequence is null.
func (r MessagesResponse) MarshalJSON() ([]byte, error) {
	return jsonx.Marshal(struct {
		ID           string               `json:"id"`
		Type         string               `json:"type"`
		Role         string               `json:"role"`
		Model        string               `json:"model"`
		Content      blockList            `json:"content"`
		StopReason   *string              `json:"stop_reason"`
		StopSequence *string              `json:"stop_sequence"`
		StopDetails  *MessagesStopDetails `json:"stop_details,omitzero"`
		Container    *MessagesContainer   `json:"container,omitzero"`
		WireUsage    *MessagesUsage       `json:"usage,omitzero"`
	}{
		r.ID, cmp.Or(r.Type, "message"), cmp.Or(r.Role, "assistant"), r.Model, blockList(r.Content),
		orNull(string(r.StopReason)), orNull(r.StopSequence), r.StopDetails, r.Container, r.WireUsage,
	}, r.Extra)
}

// UnmarshalJSON reads the wire's form, and computes Usage. A count of tokens that
// can't be read is none: the answer was paid for all the same.
func (r *MessagesResponse) UnmarshalJSON(data []byte) error {
	if fast, _, ok := readMessagesResponse(data, false); ok {
		*r = *fast
		return nil
	}
	return r.unmarshal(data)
}

// unmarshal is UnmarshalJSON by reflection.
func (r *MessagesResponse) unmarshal(data []byte) (err error) {
	type plain MessagesResponse
	*r = MessagesResponse{}
	r.Extra, err = jsonx.Unmarshal(data, (*plain)(r))
	if rest := withoutUsage(data, err); rest != nil {
		*r = MessagesResponse{}
		r.Extra, err = jsonx.Unmarshal(rest, (*plain)(r))
	}
	r.Usage = r.counted()
	return err
}

func orNull(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

// encode writes the request for the wire.
func (r *MessagesRequest) encode() ([]byte, error) {
	data, err := r.MarshalJSON()
	return data, encodingError(err)
}

// encodeCount writes what the endpoint that counts tokens takes.
func (r *MessagesRequest) encodeCount() ([]byte, error) {
	extra := map[string]any{}
	for name, value := range r.Extra {
		if !onlyForAnswers(name) {
			extra[name] = value
		}
	}
	data, err := jsonx.MarshalAny(struct {
		Model        string                `json:"model"`
		Messages     []Message             `json:"messages"`
		System       Blocks                `json:"system,omitzero"`
		Tools        []MessagesTool        `json:"tools,omitzero"`
		ToolChoice   *MessagesToolChoice   `json:"tool_choice,omitzero"`
		Thinking     *MessagesThinking     `json:"thinking,omitzero"`
		OutputConfig *MessagesOutputConfig `json:"output_config,omitzero"`
		CacheControl *CacheControl         `json:"cache_control,omitzero"`
		Speed        string                `json:"speed,omitzero"`
	}{r.Model, r.Messages, r.System, r.Tools, r.ToolChoice, r.Thinking, r.OutputConfig, r.CacheControl, r.Speed}, extra)
	return data, encodingError(err)
}

// onlyForAnswers reports whether a field says how to answer, so that counting a
// prompt doesn't take it.
func onlyForAnswers(name string) bool {
	switch name {
	case "max_tokens", "stream", "stop_sequences", "temperature", "top_p", "top_k", "metadata", "service_tier":
		return true
	}
	return false
}
