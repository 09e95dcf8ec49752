package translate

import (
	"encoding/json"

	"github.com/keeprouter/keeprouter-go"
	"github.com/keeprouter/keeprouter-go/internal/jsonx"
)

// maxCacheMarks is how many marks the Messages format allows.
const maxCacheMarks = 4

// extraMark reads the cache_control that some servers take beside a Chat part.
func extraMark(extra map[string]json.RawMessage, path string) *cacheMark {
	if raw, ok := extra["cache_control"]; ok {
		return controlMark(raw, path+".cache_control")
	}
	return nil
}

func controlMark(raw json.RawMessage, path string) *cacheMark {
	if jsonx.Kind(raw) != '{' {
		return nil
	}
	ttl, _ := jsonx.Head(raw, "ttl")
	return &cacheMark{hour: ttl == "1h", path: path}
}

// blockMark reads the mark of a Messages block.
func blockMark(c *keeprouter.CacheControl, path string) *cacheMark {
	if c == nil {
		return nil
	}
	return &cacheMark{hour: c.TTL == "1h", path: path + ".cache_control"}
}

// control writes a mark for Messages.
func (m *cacheMark) control() *keeprouter.CacheControl {
	switch {
	case m == nil:
		return nil
	case m.hour:
		return &keeprouter.CacheControl{Type: "ephemeral", TTL: "1h"}
	}
	return &keeprouter.CacheControl{Type: "ephemeral"}
}

// lastMarks leaves the last marks that the format allows; with a mark for the
// prompt's end that is one less.
func (c *conversation) lastMarks(l *ledger) {
	marks := c.marks()
	most := maxCacheMarks
	if c.settings.cache != nil {
		most--
	}
	for i := range len(marks) - most {
		l.note((*marks[i]).path, Dropped, "the Messages format allows four cache marks: the last ones count")
		*marks[i] = nil
	}
}

// marks returns the places of the marks in the order of the prompt.
func (c *conversation) marks() []**cacheMark {
	var marks []**cacheMark
	add := func(m **cacheMark) {
		if *m != nil {
			marks = append(marks, m)
		}
	}
	for i := range c.tools {
		add(&c.tools[i].cache)
	}
	for _, p := range c.system {
		add(&p.from().cache)
	}
	for _, t := range c.turns {
		for _, p := range t.parts {
			if r, ok := p.(*resultPart); ok {
				for _, inner := range r.parts {
					add(&inner.from().cache)
				}
			}
			add(&p.from().cache)
		}
	}
	return marks
}
