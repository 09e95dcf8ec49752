// Package mcp joins keeprouter's tools and the Model Context Protocol, in both
// directions, on the protocol's own SDK for Go.
//
// [Tools] makes tools of a server's, for a model to call:
//
//	session, err := client.Connect(ctx, &sdk.CommandTransport{Command: exec.Command("some-mcp-server")}, nil)
//	…
//	tools, err := mcp.Tools(ctx, session)
//	…
//	run := router.Chat.Run(ctx, req, keeprouter.Toolset{Tools: tools})
//
// [AddTools] serves tools on a server, for other programs' models:
//
//	server := sdk.NewServer(&sdk.Implementation{Name: "weather", Version: "v1"}, nil)
//	err := mcp.AddTools(server, forecast)
//	…
//	err = server.Run(ctx, &sdk.StdioTransport{})
//
// Here and in the examples sdk is github.com/modelcontextprotocol/go-sdk/mcp.
package mcp
