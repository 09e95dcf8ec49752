package translate

import (
	"encoding/json"
	"errors"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"github.com/keeprouter/keeprouter-go"
	"github.com/keeprouter/keeprouter-go/internal/jsonx"
)

// A pitfall is a mistake that translators of these formats have made, by its number
// in the collection that the package is held against. One of the inputs is set; it
// is translated to the other format.
type pitfall struct {
	id   string // P-nn, with a letter where one number has several rows
	name string

	chat           string // a Chat request, from its messages on
	messages       string // a Messages request, likewise
	chatAnswer     string // a Chat answer
	messagesAnswer string // a Messages answer

	translator Translator
	session    *Session // for answers; nil is the zero one

	want    map[string]string // JSON by path in the result; "" is nothing at that place
	refused []string          // paths
	reports []string          // paths that have a diagnostic
}

// absent is the want of a path that isn't there.
const absent = ""

func TestPitfalls(t *testing.T) {
	seen := map[string]bool{}
	for _, tables := range [][]pitfall{requestPitfalls, chatRequestPitfalls, answerPitfalls, thinkingPitfalls, tablePitfalls} {
		for _, p := range tables {
			require.False(t, seen[p.id], "%s is there twice", p.id)
			seen[p.id] = true
			t.Run(title(p.id, p.name), p.run)
		}
	}
	for _, tables := range [][]streamPitfall{blockPitfalls, endPitfalls, eventPitfalls} {
		for _, p := range tables {
			require.False(t, seen[p.id], "%s is there twice", p.id)
			seen[p.id] = true
			t.Run(title(p.id, p.name), p.run)
		}
	}
	t.Run("every pitfall has a case", func(t *testing.T) { everyPitfall(t, seen) })
}

func title(id, name string) string {
	if number, ok := strings.CutPrefix(id, "P-"); ok {
		return "pitfall " + number + ": " + name
	}
	return id + " " + name
}

// elsewhere are the pitfalls that other tests hold the package against.
var elsewhere = map[int]string{
	95:  "TestWiresSayWhatStreamsSay, TestChatStreamsBecomeMessagesStreams: every stream is held to the grammar",
	98:  "TestErrors: a broken stream is an error of its own, not a limit",
	99:  "TestErrors: context overflow",
	100: "TestErrors: context overflow, with and without numbers",
	101: "TestErrors: the server's status stays",
	103: "TestErrors: every error has its full shape",
	110: "TestReadErrorSurvivesBothFormats: an error without its type",
	123: "TestTheHandlerCountsTokens: with a picture in the prompt",
	135: "TestTranslationsHaveStablePrefixes",
}

const lastPitfall = 160

// everyPitfall holds that no number was left out.
func everyPitfall(t *testing.T, seen map[string]bool) {
	covered := map[int]bool{}
	for id := range seen {
		number, ok := strings.CutPrefix(id, "P-")
		if n, err := strconv.Atoi(strings.TrimRight(number, "abcdefg")); ok && err == nil {
			covered[n] = true
		}
	}
	for n := 1; n <= lastPitfall; n++ {
		if covered[n] == (elsewhere[n] != "") {
			t.Errorf("pitfall %d has a case here: %t; a test elsewhere: %q", n, covered[n], elsewhere[n])
		}
	}
}

func (p pitfall) run(t *testing.T) {
	result, diagnostics, err := p.translate(t)
	if len(p.refused) > 0 {
		refusal, ok := errors.AsType[*RefusalError](err)
		require.True(t, ok, "not refused: %v", err)
		var paths []string
		for _, loss := range refusal.Losses {
			paths = append(paths, loss.Path)
		}
		if diff := cmp.Diff(p.refused, paths); diff != "" {
			t.Errorf("refused (-want +got):\n%s", diff)
		}
		return
	}
	require.NoError(t, err)
	data, err := jsonx.Encode(result)
	require.NoError(t, err)
	for path, want := range p.want {
		if got := pick(data, path); got != want {
			t.Errorf("%s: want %s, got %s\nin %s", path, want, got, data)
		}
	}
	for _, path := range p.reports {
		if !slices.ContainsFunc(diagnostics, func(d Diagnostic) bool { return d.Path == path }) {
			t.Errorf("no diagnostic for %s: %v", path, diagnostics)
		}
	}
}

func (p pitfall) translate(t *testing.T) (any, []Diagnostic, error) {
	session := p.session
	if session == nil {
		session = &Session{translator: p.translator}
	}
	switch {
	case p.chat != "":
		req := read[keeprouter.ChatRequest](t, `{"model":"m","max_tokens":100,"messages":`+p.chat+`}`)
		result, _, diagnostics, err := p.translator.ToMessages(req)
		if err == nil {
			_, err = newClient(t).Messages.Create(t.Context(), result)
			require.NoError(t, err)
		}
		return result, diagnostics, err
	case p.messages != "":
		req := read[keeprouter.MessagesRequest](t, `{"model":"m","max_tokens":100,"messages":`+p.messages+`}`)
		result, _, diagnostics, err := p.translator.ToChat(req)
		if err == nil {
			_, err = newClient(t).Chat.Create(t.Context(), result)
			require.NoError(t, err)
		}
		return result, diagnostics, err
	case p.chatAnswer != "":
		return unpacked(session.MessagesResponse(read[keeprouter.ChatResponse](t, p.chatAnswer)))
	}
	return unpacked(session.ChatResponse(read[keeprouter.MessagesResponse](t, p.messagesAnswer)))
}

func unpacked[R any](result *R, diagnostics []Diagnostic, err error) (any, []Diagnostic, error) {
	return result, diagnostics, err
}

func read[T any](t testing.TB, data string) *T {
	t.Helper()
	v := new(T)
	require.NoError(t, json.Unmarshal([]byte(data), v), "%s", data)
	return v
}

// pick returns the JSON at a path such as messages.1.content, with # for a list's
// length.
func pick(data json.RawMessage, path string) string {
	name, rest, more := strings.Cut(path, ".")
	var found json.RawMessage
	if jsonx.Kind(data) == '[' {
		n := 0
		for i, element := range jsonx.Elements(data) {
			if n++; strconv.Itoa(i) == name {
				found = element
			}
		}
		if name == "#" {
			return strconv.Itoa(n)
		}
	}
	for member, value := range jsonx.Members(data) {
		if member == name {
			found = value
		}
	}
	if more && found != nil {
		return pick(found, rest)
	}
	return string(found)
}
