package translate

import (
	"fmt"
	"slices"
)

// settle holds a choice against the tools that there are. Without any, a choice says
// nothing, and servers refuse it; but one that demands a tool which was left out
// can't be met.
func (c *conversation) settle(wanted *choice, declared bool, l *ledger) *choice {
	switch {
	case wanted == nil:
		return nil
	case len(c.tools) == 0 && !declared:
		l.note(wanted.path, Dropped, "there are no tools")
		return nil
	case len(c.tools) == 0 && !wanted.forced():
		return nil
	case len(c.tools) == 0:
		l.refuse(wanted.path, "it demands a call, and no tool can be carried over")
		return nil
	}
	known := slices.ContainsFunc(c.tools, func(t tool) bool { return t.name == wanted.name })
	if wanted.mode == callOne && !known {
		l.refuse(wanted.path, fmt.Sprintf("it demands a call of %q, and no such tool can be carried over", wanted.name))
	}
	return wanted
}

// stubTools declares the tools of earlier calls.
func (c *conversation) stubTools(l *ledger) {
	declared := map[string]bool{}
	for _, t := range c.turns {
		for _, call := range t.calls() {
			if !declared[call.name] {
				declared[call.name] = true
				c.tools = append(c.tools, tool{path: call.path, name: call.name, schema: []byte(emptySchema)})
			}
		}
	}
	if len(declared) > 0 {
		l.change("tools", Emulated, "the server wants the tools of earlier calls declared: they are, and must not be called")
		c.choice = &choice{path: "tools", mode: callNone}
	}
}
