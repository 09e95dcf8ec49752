package mcp_test

import (
	"context"
	"encoding/json"
	"fmt"
	"log"

	sdk "github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/keeprouter/keeprouter-go"
	"github.com/keeprouter/keeprouter-go/mcp"
)

// A tool is served, and used through its server; the two may be in different programs.
func Example() {
	type args struct {
		City string `json:"city"`
	}
	forecast := keeprouter.NewTool("forecast", "Weather of the coming days.", func(_ context.Context, in args) (string, error) {
		return "sunny in " + in.City, nil
	})
	ctx := context.Background()
	here, there := sdk.NewInMemoryTransports() // programs apart use sdk.StdioTransport and sdk.CommandTransport

	server := sdk.NewServer(&sdk.Implementation{Name: "weather", Version: "v1"}, nil)
	if err := mcp.AddTools(server, forecast); err != nil {
		log.Fatal(err)
	}
	serving, err := server.Connect(ctx, there, nil)
	if err != nil {
		log.Fatal(err)
	}
	session, err := sdk.NewClient(&sdk.Implementation{Name: "app", Version: "v1"}, nil).Connect(ctx, here, nil)
	if err != nil {
		log.Fatal(err)
	}
	tools, err := mcp.Tools(ctx, session)
	if err != nil {
		log.Fatal(err)
	}
	for _, tool := range tools { // for a keeprouter.Toolset
		result, err := tool.Call(ctx, json.RawMessage(`{"city":"Bern"}`))
		fmt.Println(tool.Name(), result, err)
	}
	if err := session.Close(); err != nil {
		log.Fatal(err)
	}
	if err := serving.Wait(); err != nil {
		log.Fatal(err)
	}
	// Output: forecast sunny in Bern <nil>
}
