package keeprouter

import (
	"bytes"
	"encoding/json"
	"math/rand/v2"
	"net/http"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"
)

// sampler fills values of any type at random, so that a field which is added to a
// type is also in the test.
type sampler struct{ *rand.Rand }

var sampleTexts = []string{
	"", "x", "function", "custom", "user", "assistant", "reasoning", "reasoning_content", "line\nbreak", `quote " \ `, "é漢字😀", "<a & b>",
	"\u2028\u2029", "bad \xff utf-8 \xe2\x80", "\x00\x1f\x7f", strings.Repeat("words and words ", 40),
}

var sampleJSON = []string{
	`{}`, `null`, `[]`, `{"type":"object","properties":{"a":{"type":"string"}}}`, ` { "a" : [ 1 , "x y" ] } `, `"text"`, `1.50`,
	`{"type":"thinking","thinking":"hm"}`, `{"text":"hm"}`, "\"\u2028\"",
}

var sampleParts = []ChatPart{&TextPart{}, &ImagePart{}, &AudioPart{}, &FilePart{}, &RefusalPart{}, &RawPart{}}

var sampleBlocks = []Block{
	&TextBlock{}, &ImageBlock{}, &DocumentBlock{}, &SearchResultBlock{}, &ThinkingBlock{}, &RedactedThinkingBlock{}, &ToolUseBlock{},
	&ToolResultBlock{}, &ServerToolUseBlock{}, &ServerToolResultBlock{}, &ContainerUploadBlock{}, &RawBlock{},
}

func (s sampler) fill(v reflect.Value, depth int) {
	switch {
	case !v.CanSet(), v.Type() == reflect.TypeFor[http.Header](), v.Type() == reflect.TypeFor[error]():
	case v.Type() == reflect.TypeFor[json.RawMessage]():
		v.SetBytes([]byte(sampleJSON[s.IntN(len(sampleJSON))]))
	case v.Type() == reflect.TypeFor[ChatPart]():
		s.fillVariant(v, sampleParts[s.IntN(len(sampleParts))], depth)
	case v.Type() == reflect.TypeFor[Block]():
		s.fillVariant(v, sampleBlocks[s.IntN(len(sampleBlocks))], depth)
	case v.Kind() == reflect.Interface:
		v.Set(reflect.ValueOf(map[string]any{"n": s.IntN(9), "s": "<"}))
	default:
		s.fillKind(v, depth)
	}
}

func (s sampler) fillVariant(v reflect.Value, like any, depth int) {
	p := reflect.New(reflect.TypeOf(like).Elem())
	s.fill(p.Elem(), depth-1)
	v.Set(p)
}

func (s sampler) fillKind(v reflect.Value, depth int) {
	switch v.Kind() {
	case reflect.String:
		v.SetString(sampleTexts[s.IntN(len(sampleTexts))])
	case reflect.Bool:
		v.SetBool(s.IntN(2) == 0)
	case reflect.Int, reflect.Int64:
		v.SetInt([]int64{0, 1, -7, 1 << 40}[s.IntN(4)])
	case reflect.Float64:
		v.SetFloat([]float64{0, 0.7, -2, 1e-9, 1e22, 1.0 / 3}[s.IntN(6)])
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		s.fill(v.Elem(), depth-1)
	case reflect.Slice:
		n := s.IntN(3)
		if depth < 0 {
			n = 0
		}
		v.Set(reflect.MakeSlice(v.Type(), n, n))
		for i := range n {
			s.fill(v.Index(i), depth-1)
		}
	case reflect.Map:
		v.Set(reflect.MakeMap(v.Type()))
		item := reflect.New(v.Type().Elem()).Elem()
		s.fill(item, depth-1)
		v.SetMapIndex(reflect.ValueOf("odd \" name"), item)
	case reflect.Struct:
		for i := range v.NumField() {
			common := v.Type().Field(i).Name == "Role" || v.Type().Field(i).Name == "Messages"
			if s.IntN(3) == 0 || common && s.IntN(9) > 0 {
				s.fill(v.Field(i), depth)
			}
		}
	}
}

func sample[T any](random *rand.Rand) *T {
	v := new(T)
	sampler{random}.fill(reflect.ValueOf(v).Elem(), 5)
	return v
}

type request interface {
	appendJSON() ([]byte, bool)
	marshal() ([]byte, error)
	json.Marshaler
}

// standard is what encoding/json makes of a request without its Extra.
func standard(r request) ([]byte, error) {
	var v any
	switch r := r.(type) {
	case *ChatRequest:
		type plain ChatRequest
		c := plain(*r)
		if c.Messages == nil {
			c.Messages = []ChatMessage{}
		}
		v = c
	case *MessagesRequest:
		type plain MessagesRequest
		v = plain(*r)
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	err := enc.Encode(v)
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), err
}

// withoutExtra copies a request.
func withoutExtra(r request) request {
	switch r := r.(type) {
	case *ChatRequest:
		c := *r
		c.Extra = nil
		return &c
	case *MessagesRequest:
		m := *r
		m.Extra = nil
		return &m
	}
	return r
}

// checkStandard holds the reference that the bytes of a request are held to, which is
// our own, to encoding/json.
func checkStandard(t *testing.T, r request) {
	t.Helper()
	want, wantErr := standard(r)
	got, err := withoutExtra(r).marshal()
	if (err == nil) != (wantErr == nil) {
		t.Errorf("error = %v, want %v", err, wantErr)
	}
	if err == nil && string(got) != string(want) {
		t.Errorf("the request %#v is written otherwise by encoding/json (-want +got):\n%s", r, cmp.Diff(string(want), string(got)))
	}
}

// checkBody holds the bytes that are sent to those of encoding/json.
func checkBody(t *testing.T, r request) (fast bool) {
	t.Helper()
	checkStandard(t, r)
	want, err := r.marshal()
	got, fast := r.appendJSON()
	if fast && err != nil {
		t.Errorf("it is written as %s, want the error %v", got, err)
	} else if fast && string(got) != string(want) {
		t.Errorf("the request %#v is written otherwise (-want +got):\n%s", r, cmp.Diff(string(want), string(got)))
	}
	if !fast && err == nil {
		t.Errorf("it is left to reflection: %s", want)
	}
	return fast
}

func TestRequestsAreWrittenAsByEncodingJSON(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	const rounds = 3000
	chats, messages := 0, 0
	for range rounds {
		if checkBody(t, sample[ChatRequest](random)) {
			chats++
		}
		if checkBody(t, sample[MessagesRequest](random)) {
			messages++
		}
		if t.Failed() {
			return
		}
	}
	if chats < rounds/2 || messages < rounds/2 {
		t.Errorf("of %d requests %d and %d were written: the samples are too odd", rounds, chats, messages)
	}
}

func TestRequestsThatCannotBeWritten(t *testing.T) {
	for name, r := range map[string]request{
		"chat: schema":         &ChatRequest{Tools: []ChatTool{{Name: "f", Parameters: json.RawMessage(`{"a":`)}}},
		"chat: empty schema":   &ChatRequest{Tools: []ChatTool{{Name: "f", Parameters: json.RawMessage{}}}},
		"chat: nil part":       &ChatRequest{Messages: []ChatMessage{{Content: ChatParts{nil}}}},
		"chat: nil text":       &ChatRequest{Messages: []ChatMessage{{Content: ChatParts{(*TextPart)(nil)}}}},
		"chat: raw part":       &ChatRequest{Messages: []ChatMessage{{Content: ChatParts{&RawPart{}}}}},
		"chat: clash":          &ChatRequest{Extra: map[string]any{"top_p": 1}},
		"chat: nested clash":   &ChatRequest{Messages: []ChatMessage{{Extra: extras{"role": nil}}}},
		"chat: function":       &ChatRequest{Extra: map[string]any{"f": func() {}}},
		"messages: schema":     &MessagesRequest{Tools: []MessagesTool{{InputSchema: json.RawMessage(`{]`)}}},
		"messages: nil block":  &MessagesRequest{System: Blocks{(*ImageBlock)(nil)}},
		"messages: raw block":  &MessagesRequest{System: Blocks{&RawBlock{JSON: json.RawMessage("x")}}},
		"messages: clash":      &MessagesRequest{Extra: map[string]any{"model": 1}},
		"messages: type clash": &MessagesRequest{System: Blocks{&TextBlock{Extra: extras{"type": nil}}}},
	} {
		t.Run(name, func(t *testing.T) {
			if checkBody(t, r) {
				t.Error("it was written")
			}
		})
	}
}

// FuzzChatRequest and FuzzMessagesRequest hold the bytes that are sent to those of
// encoding/json for whatever can be read.
func FuzzChatRequest(f *testing.F)     { fuzzRequest[ChatRequest](f) }
func FuzzMessagesRequest(f *testing.F) { fuzzRequest[MessagesRequest](f) }

func fuzzRequest[T any, P interface {
	*T
	request
	json.Unmarshaler
}](f *testing.F,
) {
	random := rand.New(rand.NewPCG(3, 4))
	for range 60 {
		if data, err := P(sample[T](random)).MarshalJSON(); err == nil {
			f.Add(data)
		}
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		r := new(T)
		if P(r).UnmarshalJSON(bytes.Clone(data)) == nil {
			checkBody(t, P(r))
		}
	})
}

func TestBodiesAreWrittenOnce(t *testing.T) {
	chat, err := json.Marshal(bigChat())
	require.NoError(t, err)
	for name, r := range map[string]request{"chat": bigChat(), "messages": bigMessages()} {
		t.Run(name, func(t *testing.T) {
			if len(chat) < 120<<10 {
				t.Fatalf("the sample has %d bytes only", len(chat))
			}
			if n := testing.AllocsPerRun(10, func() { r.appendJSON() }); n > 2 {
				t.Errorf("%v allocations, want at most 2", n)
			}
		})
	}
}
