package keeproutertest_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"github.com/keeprouter/keeprouter-go"
	"github.com/keeprouter/keeprouter-go/keeproutertest"
)

// failing takes the place of a test that is to fail.
type failing struct {
	testing.TB
	failures []string
	cleanups []func()
}

func (f *failing) Helper()           {}
func (f *failing) Failed() bool      { return len(f.failures) > 0 }
func (f *failing) Cleanup(fn func()) { f.cleanups = append(f.cleanups, fn) }
func (f *failing) Errorf(format string, args ...any) {
	f.failures = append(f.failures, fmt.Sprintf(format, args...))
}

func (f *failing) end() {
	for i := len(f.cleanups) - 1; i >= 0; i-- {
		f.cleanups[i]()
	}
}

// cassetteClient is a client of a real port through a cassette.
func cassetteClient(t *testing.T, tb testing.TB, baseURL, file string) *keeprouter.Client {
	t.Helper()
	client, err := keeprouter.NewClient(&keeprouter.Options{
		Key:        keeprouter.NewKey(keeproutertest.Key),
		BaseURL:    baseURL,
		HTTPClient: keeproutertest.Cassette(tb, file),
		Retry:      &keeprouter.RetryPolicy{},
		Prices:     keeprouter.DefaultPrices().At(time.Date(2026, 7, 5, 0, 0, 0, 0, time.UTC)),
	})
	require.NoError(t, err)
	return client
}

func chatOf(text string) *keeprouter.ChatRequest {
	return &keeprouter.ChatRequest{Model: keeprouter.Gemma4_31B, Messages: []keeprouter.ChatMessage{keeprouter.User(text)}}
}

// talk makes the calls of the test and tells what came of them.
func talk(t *testing.T, client *keeprouter.Client) []string {
	t.Helper()
	var came []string
	resp, err := client.Chat.Create(t.Context(), chatOf("One"))
	require.NoError(t, err)
	came = append(came, resp.Text(), resp.Usage.String(), resp.Cost.String(), resp.Meta.RequestID)
	streamed, err := client.Messages.Stream(t.Context(), &keeprouter.MessagesRequest{
		Model: keeprouter.Gemma4_31B, MaxTokens: 10, Messages: []keeprouter.Message{keeprouter.UserMessage("Two")},
	}).Result()
	require.NoError(t, err)
	came = append(came, streamed.Text(), streamed.Usage.String(), streamed.Meta.RequestID)
	_, err = client.Chat.Create(t.Context(), chatOf("Three"))
	require.ErrorIs(t, err, keeprouter.ErrRateLimited)
	return append(came, err.Error())
}

func TestCassetteRecordsAndReplays(t *testing.T) {
	gateway := keeproutertest.NewServer(t,
		keeproutertest.Reply{Text: "Eins, and the key is " + keeproutertest.Key},
		keeproutertest.Reply{Text: "Zwei\r\n- ä"},
		keeproutertest.Reply{Status: 429},
	)
	upstream := httptest.NewServer(gateway)
	defer upstream.Close()
	file := filepath.Join(t.TempDir(), "talk.cassette")

	t.Setenv(keeproutertest.RecordVariable, "1")
	recording := &failing{TB: t}
	live := talk(t, cassetteClient(t, recording, upstream.URL, file))
	recording.end()
	require.Empty(t, recording.failures)

	text, err := os.ReadFile(file)
	require.NoError(t, err)
	require.NotContains(t, string(text), keeproutertest.Key)
	for _, want := range []string{
		"> POST /v1/chat/completions\n", "> POST /v1/messages\n", "anthropic-version: 2023-06-01\n",
		"      \"content\": \"One\"\n", "< 200\n", "< 429\n", "content-type: text/event-stream", "  event: message_stop\n",
	} {
		require.Contains(t, string(text), want)
	}

	t.Setenv(keeproutertest.RecordVariable, "")
	replay := &failing{TB: t}
	again := talk(t, cassetteClient(t, replay, "http://localhost", file))
	replay.end()
	require.Empty(t, replay.failures)
	for i := range live {
		live[i] = strings.ReplaceAll(live[i], keeproutertest.Key, "[key]")
	}
	if diff := cmp.Diff(live, again); diff != "" {
		t.Errorf("what came (-live +replayed):\n%s", diff)
	}
}

// TestCassetteKeepsNoSecret records a gateway that says the key wherever it can, and
// headers of the request that are nobody's business.
func TestCassetteKeepsNoSecret(t *testing.T) {
	const key = "kr-test/cassette+secret"
	upstream := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for _, name := range []string{"X-Request-Id", "Set-Cookie", "X-Echo", "X-Ratelimit-Limit-Requests"} {
			w.Header().Set(name, "of "+r.Header.Get("Authorization")+r.Header.Get("X-Api-Key"))
		}
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusUnauthorized)
		fmt.Fprintf(w, `{"error":{"message":"no %s, %s, %s"}}`, key, strings.ReplaceAll(key, "/", `\/`), url.QueryEscape(key))
	}))
	defer upstream.Close()
	file := filepath.Join(t.TempDir(), "secret.cassette")
	t.Setenv(keeproutertest.RecordVariable, "1")
	recording := &failing{TB: t}
	client := cassetteClient(t, recording, upstream.URL, file)
	client, err := client.With(func(o *keeprouter.Options) {
		o.Key, o.Header = keeprouter.NewKey(key), http.Header{"Cookie": {"session=cassette"}, "X-Tenant": {"of cassette"}}
	})
	require.NoError(t, err)
	for _, xAPIKey := range []bool{false, true} {
		client, err = client.With(func(o *keeprouter.Options) { o.XAPIKey = xAPIKey })
		require.NoError(t, err)
		_, err = client.Messages.Create(t.Context(), &keeprouter.MessagesRequest{
			Model: keeprouter.Gemma4_31B, MaxTokens: 10, Messages: []keeprouter.Message{keeprouter.UserMessage("My key is " + key)},
		})
		require.ErrorIs(t, err, keeprouter.ErrAuthentication)
	}
	recording.end()
	require.Empty(t, recording.failures)
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	require.Contains(t, string(text), "no [key], [key], [key]")
	require.NotContains(t, string(text), "cassette", "key, cookie or tenant")
}

const helloCassette = `> POST /v1/chat/completions
content-type: application/json
  {
    "model": "gemma-4-31B-it",
    "messages": [
      {
        "role": "user",
        "content": "Hello"
      }
    ]
  }
< 200
content-type: application/json
  {"id":"1","object":"chat.completion","created":1,"model":"gemma-4-31B-it","choices":[{"index":0,"message":{"role":"assistant","content":"Hi."},"finish_reason":"stop"}]}
`

func TestCassetteTellsWhatDiffers(t *testing.T) {
	file := filepath.Join(t.TempDir(), "hello.cassette")
	require.NoError(t, os.WriteFile(file, []byte(helloCassette), 0o600))
	for name, tc := range map[string]struct {
		asks []string
		want string
	}{
		"as recorded":  {[]string{"Hello"}, ""},
		"another text": {[]string{"Goodbye"}, "\n  …\n-       \"content\": \"Hello\"\n+       \"content\": \"Goodbye\"\nIf the change is wanted, record anew"},
		"once more":    {[]string{"Hello", "Hello"}, "nothing: all of its exchanges have been made"},
		"not asked":    {nil, "1 exchanges of " + file + " were not made, the first of them POST /v1/chat/completions"},
	} {
		t.Run(name, func(t *testing.T) {
			tb := &failing{TB: t}
			client := cassetteClient(t, tb, "http://localhost", file)
			for _, text := range tc.asks {
				resp, err := client.Chat.Create(t.Context(), chatOf(text))
				if err == nil {
					require.Equal(t, "Hi.", resp.Text())
				} else {
					require.ErrorIs(t, err, keeprouter.ErrConnection)
				}
			}
			tb.end()
			failures := strings.Join(tb.failures, "\n")
			if tc.want == "" {
				require.Empty(t, failures)
			}
			require.Contains(t, failures, tc.want)
		})
	}
}

// stopped is what Fatalf ends a test with.
type stopped struct{ text string }

func (f *failing) Fatalf(format string, args ...any) { panic(stopped{fmt.Sprintf(format, args...)}) }

func TestCassetteFilesThatCannotBeRead(t *testing.T) {
	for name, tc := range map[string]struct{ text, want string }{
		"missing":      {"", "record it: run the test once with KEEPROUTER_RECORD=1"},
		"no mark":      {"POST /\n", `line 1: want a line that begins with "> "`},
		"no answer":    {"> GET /v1/models\n", `want a line that begins with "< "`},
		"no status":    {"> GET /v1/models\n< ok\n", "has no status"},
		"no header":    {"> GET /v1/models\nnothing\n< 200\n", `"nothing" is no header`},
		"other base64": {"> GET /v1/models\n< 200\nbody-is-base64: true\n  !!\n", "illegal base64"},
	} {
		t.Run(name, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "x.cassette")
			if tc.text != "" {
				require.NoError(t, os.WriteFile(file, []byte(tc.text), 0o600))
			}
			defer func() {
				stop, ok := recover().(stopped)
				require.True(t, ok)
				require.Contains(t, stop.text, tc.want)
			}()
			keeproutertest.Cassette(&failing{TB: t}, file)
		})
	}
}
