package mcp

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	sdk "github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/keeprouter/keeprouter-go"
)

// AddTools serves tools on an MCP server. Arguments that don't fit, a tool's own error
// and a panic become results that are marked as errors; of a panic, only that it
// happened is told. A tool that can't be used is its [keeprouter.Tool.Err], one that
// takes anything but an object an error too, and then none is added.
func AddTools(server *sdk.Server, tools ...keeprouter.Tool) error {
	for _, t := range tools {
		if err := t.Err(); err != nil {
			return err
		}
		var schema struct{ Type any }
		if err := json.Unmarshal(t.Parameters(), &schema); err != nil || schema.Type != "object" {
			return fmt.Errorf(`mcp: the tool %s can't be served: its schema must have "type": "object"`, t.Name())
		}
	}
	for _, t := range tools {
		addTool(server, t)
	}
	return nil
}

func addTool(server *sdk.Server, t keeprouter.Tool) {
	server.AddTool(&sdk.Tool{Name: t.Name(), Description: t.Description(), InputSchema: t.Parameters()},
		func(ctx context.Context, req *sdk.CallToolRequest) (*sdk.CallToolResult, error) {
			text, err := t.Call(ctx, req.Params.Arguments)
			if err == nil {
				return &sdk.CallToolResult{Content: []sdk.Content{&sdk.TextContent{Text: text}}}, nil
			}
			text = err.Error()
			if _, panicked := errors.AsType[*keeprouter.ToolPanic](err); panicked {
				text = "The tool failed unexpectedly."
			}
			return &sdk.CallToolResult{IsError: true, Content: []sdk.Content{&sdk.TextContent{Text: text}}}, nil
		})
}
