package keeprouter

import (
	"fmt"
	"strings"
	"time"

	"github.com/keeprouter/keeprouter-go/internal/schema"
)

// Toolset is what a run may do: the tools, and the limits on their use.
type Toolset struct {
	// Tools are what the model may call. They are declared in the request by the run.
	Tools []Tool

	// MaxSteps is how many times the model is asked at most. Default: 16.
	MaxSteps int

	// Parallel is how many tools run at once, when the model calls several in one
	// step. Default: 1, one after the other.
	Parallel int

	// Timeout is how long one call of a tool may take; its context ends then, and the
	// model is told. Default: none.
	Timeout time.Duration

	// Strict has the server hold the arguments to the schemas, where it can: every
	// property is then required, and those that are optional may be null. A type that
	// a strict schema can't express, such as a map, is an [ErrConfig].
	Strict bool

	// Repair mends arguments that are nearly JSON (single quotes, trailing commas, no
	// closing brace) rather than have the model write them again. What was changed is
	// in [ToolCall.Repaired].
	Repair bool

	// Whole asks for each answer as a whole rather than as a stream, for servers that
	// can't stream tool calls. Its text then comes in one piece.
	Whole bool

	middleware []ToolMiddleware
}

const defaultMaxSteps = 16

// validate checks the tools before anything is sent.
func (s *Toolset) validate() error {
	switch {
	case s.MaxSteps < 0:
		return configError("Toolset.MaxSteps", "a negative value can't work")
	case s.Parallel < 0:
		return configError("Toolset.Parallel", "a negative value can't work")
	case s.Timeout < 0:
		return configError("Toolset.Timeout", "a negative value can't work")
	}
	names := map[string]bool{}
	for i, t := range s.Tools {
		path := fmt.Sprintf("Toolset.Tools[%d]", i)
		if err := t.Err(); err != nil {
			return &Error{Kind: ErrConfig, Param: path, Err: err}
		}
		if names[t.name] {
			return configError(path, fmt.Sprintf("another tool has the name %q", t.name))
		}
		names[t.name] = true
	}
	return nil
}

// find returns a tool by its name.
func (s *Toolset) find(name string) (Tool, bool) {
	for _, t := range s.Tools {
		if t.name == name {
			return t, true
		}
	}
	return Tool{}, false
}

// known lists the tools for a model that called another.
func (s *Toolset) known() string {
	names := make([]string, 0, len(s.Tools))
	for _, t := range s.Tools {
		names = append(names, t.name)
	}
	return strings.Join(names, ", ")
}

// Chat declares the tools for Chat Completions, for loops of one's own.
func (s Toolset) Chat() ([]ChatTool, error) {
	if err := s.validate(); err != nil {
		return nil, err
	}
	tools := make([]ChatTool, 0, len(s.Tools))
	for i, t := range s.Tools {
		parameters, err := s.parameters(i, schema.StrictChat)
		if err != nil {
			return nil, err
		}
		tool := ChatTool{Name: t.name, Description: t.description, Parameters: parameters}
		if s.Strict {
			tool.Strict = new(true)
		}
		tools = append(tools, tool)
	}
	return tools, nil
}

// Messages declares the tools for Messages, for loops of one's own.
func (s Toolset) Messages() ([]MessagesTool, error) {
	if err := s.validate(); err != nil {
		return nil, err
	}
	tools := make([]MessagesTool, 0, len(s.Tools))
	for i, t := range s.Tools {
		parameters, err := s.parameters(i, schema.StrictMessages)
		if err != nil {
			return nil, err
		}
		tool := MessagesTool{Name: t.name, Description: t.description, InputSchema: parameters}
		if s.Strict {
			tool.Strict = new(true)
		}
		tools = append(tools, tool)
	}
	return tools, nil
}

func (s *Toolset) parameters(i int, strictness schema.Strictness) ([]byte, error) {
	t := s.Tools[i]
	if !s.Strict {
		return t.schema.JSON(), nil
	}
	strict, err := t.schema.Strict(strictness)
	if err != nil {
		return nil, configError(fmt.Sprintf("Toolset.Tools[%d]", i), fmt.Sprintf("the tool %q has no strict schema: %v", t.name, err))
	}
	return strict.JSON(), nil
}
