package mcp_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	sdk "github.com/modelcontextprotocol/go-sdk/mcp"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/keeprouter/keeprouter-go"
	"github.com/keeprouter/keeprouter-go/keeproutertest"
	"github.com/keeprouter/keeprouter-go/mcp"
)

// serveVariable makes the test's binary an MCP server on its standard streams.
const serveVariable = "MCP_TEST_SERVE"

func TestMain(m *testing.M) {
	if os.Getenv(serveVariable) != "" {
		if err := serve(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	goleak.VerifyTestMain(m)
}

type addArgs struct {
	A int `json:"a"`
	B int `json:"b" jsonschema:"the other number"`
}

func ownTools() []keeprouter.Tool {
	return []keeprouter.Tool{
		keeprouter.NewTool("add", "Adds two numbers.", func(_ context.Context, in addArgs) (int, error) { return in.A + in.B, nil }),
		keeprouter.NewTool("fail", "Fails.", func(context.Context, struct{}) (string, error) { return "", errors.New("no weather today") }),
		keeprouter.NewTool("crash", "Panics.", func(context.Context, struct{}) (string, error) { panic("a secret") }),
		keeprouter.NewTool("wait", "Waits for the end.", func(ctx context.Context, _ struct{}) (string, error) {
			<-ctx.Done()
			return "", ctx.Err()
		}),
		keeprouter.NewTool("die", "Ends the server.", func(context.Context, struct{}) (string, error) { os.Exit(3); return "", nil }),
	}
}

func serve() error {
	server := sdk.NewServer(&sdk.Implementation{Name: "test", Version: "v1"}, &sdk.ServerOptions{PageSize: 2})
	if err := mcp.AddTools(server, ownTools()...); err != nil {
		return err
	}
	object := json.RawMessage(`{"type":"object"}`)
	result := func(r sdk.CallToolResult) sdk.ToolHandler {
		return func(context.Context, *sdk.CallToolRequest) (*sdk.CallToolResult, error) { return &r, nil }
	}
	server.AddTool(&sdk.Tool{Name: "weather.today/all", Title: "Weather", InputSchema: object}, result(sdk.CallToolResult{Content: []sdk.Content{
		&sdk.TextContent{Text: "sunny"},
		&sdk.ImageContent{MIMEType: "image/png", Data: []byte("png")},
		&sdk.AudioContent{MIMEType: "audio/wav", Data: []byte("wave")},
		&sdk.ResourceLink{URI: "file:///map", Name: "map", Description: "the map"},
		&sdk.EmbeddedResource{Resource: &sdk.ResourceContents{URI: "file:///log", Text: "all quiet"}},
		&sdk.EmbeddedResource{Resource: &sdk.ResourceContents{URI: "file:///bin", MIMEType: "x/y", Blob: []byte("12345")}},
	}}))
	server.AddTool(&sdk.Tool{Name: "structured", Description: "d", InputSchema: object}, result(sdk.CallToolResult{Content: []sdk.Content{}, StructuredContent: map[string]any{"degrees": 21}}))
	return server.Run(context.Background(), &sdk.StdioTransport{})
}

// connect starts the server as a process of its own.
func connect(t *testing.T) *sdk.ClientSession {
	t.Helper()
	self, err := os.Executable()
	require.NoError(t, err)
	command := exec.Command(self)
	command.Env = append(os.Environ(), serveVariable+"=1")
	client := sdk.NewClient(&sdk.Implementation{Name: "test", Version: "v1"}, nil)
	session, err := client.Connect(t.Context(), &sdk.CommandTransport{Command: command}, nil)
	require.NoError(t, err)
	t.Cleanup(func() { _ = session.Close() }) // the process may have died on purpose
	return session
}

func toolsOf(t *testing.T, session *sdk.ClientSession) map[string]keeprouter.Tool {
	t.Helper()
	list, err := mcp.Tools(t.Context(), session)
	require.NoError(t, err)
	tools := map[string]keeprouter.Tool{}
	for _, tool := range list {
		require.NoError(t, tool.Err())
		tools[tool.Name()] = tool
	}
	return tools
}

func TestToolsOfAServerProcess(t *testing.T) {
	tools := toolsOf(t, connect(t))
	var names []string
	for name := range tools {
		if strings.HasPrefix(name, "weather") {
			names = append(names, name)
		}
	}
	require.Len(t, tools, 7, "all pages")
	require.Len(t, names, 1)
	require.Regexp(t, `^weather_today_all_[0-9a-f]{8}$`, names[0])
	require.Equal(t, "Weather", tools[names[0]].Description())

	var schema map[string]any
	require.NoError(t, json.Unmarshal(tools["add"].Parameters(), &schema))
	var own map[string]any
	require.NoError(t, json.Unmarshal(ownTools()[0].Parameters(), &own))
	if diff := cmp.Diff(own, schema); diff != "" {
		t.Errorf("schema (-served +listed):\n%s", diff)
	}

	for name, tc := range map[string]struct {
		tool, arguments string
		want            string
		err             string
	}{
		"structured result": {"structured", `{}`, `{"degrees":21}`, ""},
		"typed tool":        {"add", `{"a":9007199254740993,"b":1}`, "9007199254740994", ""},
		"bad arguments":     {"add", `{"a":1,"b":"2"}`, "", "b: want an integer, got a string"},
		"error":             {"fail", `{}`, "", "no weather today"},
		"panic":             {"crash", `{}`, "", "The tool failed unexpectedly."},
		"all contents": {names[0], `{}`, "sunny\n[an image, image/png, 3 bytes, left out]\n[sound, audio/wav, 4 bytes, left out]\n[resource file:///map] the map\n" +
			"[resource file:///log]\nall quiet\n[resource file:///bin, x/y, 5 bytes, left out]", ""},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := tools[tc.tool].Call(t.Context(), json.RawMessage(tc.arguments))
			require.Equal(t, tc.want, got)
			if tc.err == "" {
				require.NoError(t, err)
				return
			}
			require.ErrorContains(t, err, tc.err)
		})
	}
	_, err := tools["fail"].Call(t.Context(), nil)
	failed, ok := errors.AsType[*mcp.ToolError](err)
	require.True(t, ok)
	require.Equal(t, "fail", failed.Tool)
}

func TestCancellationReachesTheServer(t *testing.T) {
	tools := toolsOf(t, connect(t))
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	_, err := tools["wait"].Call(ctx, nil)
	require.ErrorIs(t, err, context.DeadlineExceeded)
	_, ok := errors.AsType[*mcp.CallError](err)
	require.True(t, ok)
	got, err := tools["add"].Call(t.Context(), json.RawMessage(`{"a":1,"b":2}`))
	require.NoError(t, err, "the session goes on")
	require.Equal(t, "3", got)
}

func TestServerThatDies(t *testing.T) {
	tools := toolsOf(t, connect(t))
	_, err := tools["die"].Call(t.Context(), nil)
	died, ok := errors.AsType[*mcp.CallError](err)
	require.True(t, ok, "%v", err)
	require.Equal(t, "die", died.Tool)
	_, err = tools["add"].Call(t.Context(), json.RawMessage(`{"a":1,"b":2}`))
	_, ok = errors.AsType[*mcp.CallError](err)
	require.True(t, ok, "%v", err)
}

func TestToolsInRuns(t *testing.T) {
	session := connect(t)
	list, err := mcp.Tools(t.Context(), session)
	require.NoError(t, err)
	replies := []keeproutertest.Reply{
		{ToolCalls: []keeproutertest.ToolCall{{Name: "add", Arguments: `{"a":1,"b":2}`}, {Name: "fail", Arguments: `{}`}}},
		{Text: "It is 3."},
	}
	set := keeprouter.Toolset{Tools: list, Parallel: 2}
	for name, run := range map[string]func(*keeprouter.Client) (string, error){
		"chat": func(c *keeprouter.Client) (string, error) {
			resp, err := c.Chat.Run(t.Context(), &keeprouter.ChatRequest{Model: keeprouter.Gemma4_31B, Messages: []keeprouter.ChatMessage{keeprouter.User("1 + 2?")}}, set).Result()
			return resp.Text(), err
		},
		"messages": func(c *keeprouter.Client) (string, error) {
			resp, err := c.Messages.Run(t.Context(), &keeprouter.MessagesRequest{Model: keeprouter.Gemma4_31B, MaxTokens: 50, Messages: []keeprouter.Message{keeprouter.UserMessage("1 + 2?")}}, set).Result()
			return resp.Text(), err
		},
	} {
		t.Run(name, func(t *testing.T) {
			srv := keeproutertest.NewServer(t, replies...)
			client, err := keeprouter.NewClient(srv.Options())
			require.NoError(t, err)
			text, err := run(client)
			require.NoError(t, err)
			require.Equal(t, "It is 3.", text)
			second := string(srv.Requests()[1].Body)
			require.Contains(t, second, `"content":"3"`)
			require.Contains(t, second, `no weather today`)
		})
	}
}

func TestAddToolsRefusesWhatCannotBeServed(t *testing.T) {
	server := sdk.NewServer(&sdk.Implementation{Name: "test", Version: "v1"}, nil)
	require.ErrorIs(t, mcp.AddTools(server, keeprouter.Tool{}), keeprouter.ErrConfig)
	list := keeprouter.NewRawTool("list", "", json.RawMessage(`{"anyOf":[{"type":"object"}]}`), func(context.Context, json.RawMessage) (string, error) { return "", nil })
	require.ErrorContains(t, mcp.AddTools(server, list), `"type": "object"`)
}
