package gateway

import (
	"encoding/json"
	"slices"
	"strconv"
)

// maxMarks is how many blocks of a request may be marked for the cache.
const maxMarks = 4

// checkMarks checks the marks that say up to where a prompt is to be cached.
func (p *prompt) checkMarks() *failure {
	var c markCount
	system, _ := parts(p.System)
	f := c.blocks(system, "system")
	for i := range p.Tools {
		f = orElse(f, c.mark(p.Tools[i].CacheControl, at("tools", i)))
	}
	for i := range p.Messages {
		list, _ := parts(p.Messages[i].Content)
		f = orElse(f, c.blocks(list, at("messages", i)+".content"))
	}
	return f
}

func orElse(f, other *failure) *failure {
	if f != nil {
		return f
	}
	return other
}

// markCount counts the marks so far.
type markCount int

func (c *markCount) blocks(list []part, path string) *failure {
	for k := range list {
		b, where := &list[k], at(path, k)
		if b.Type == "thinking" && present(b.CacheControl) {
			return invalid(where+".cache_control", "thinking blocks cannot be marked for the cache")
		}
		if f := c.mark(b.CacheControl, where); f != nil {
			return f
		}
		if b.Type != "tool_result" {
			continue
		}
		inner, _ := parts(b.Content)
		if f := c.blocks(inner, where+".content"); f != nil {
			return f
		}
	}
	return nil
}

func (c *markCount) mark(raw json.RawMessage, path string) *failure {
	if !present(raw) {
		return nil
	}
	var m struct {
		Type string `json:"type"`
		TTL  string `json:"ttl"`
	}
	path += ".cache_control"
	switch {
	case json.Unmarshal(raw, &m) != nil:
		return invalid(path, "expected an object")
	case m.Type != "ephemeral":
		return invalid(path+".type", "expected 'ephemeral'")
	case !slices.Contains([]string{"", "5m", "1h"}, m.TTL):
		return invalid(path+".ttl", "expected '5m' or '1h'")
	}
	*c++
	if *c > maxMarks {
		return invalid(path, "a maximum of "+strconv.Itoa(maxMarks)+" blocks with cache_control may be provided")
	}
	return nil
}
