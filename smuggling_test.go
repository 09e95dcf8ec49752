package keeprouter

import (
	"bytes"
	"encoding/json"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/keeprouter/keeprouter-go/internal/jsonx"
)

// TestExtraCannotReplaceAField gives an Extra the names that its struct writes, and to
// one that is an object the names in that, for every type that can be in a request: what
// a service checks in a field must be what is sent.
func TestExtraCannotReplaceAField(t *testing.T) {
	random := rand.New(rand.NewPCG(7, 8))
	types := map[reflect.Type]bool{}
	findTypes(reflect.TypeFor[ChatRequest](), types)
	findTypes(reflect.TypeFor[MessagesRequest](), types)
	tried := 0
	for typ := range types {
		if field, ok := typ.FieldByName("Extra"); !ok || field.Type.Kind() != reflect.Map {
			continue
		}
		whole := typ == reflect.TypeFor[ChatRequest]() || typ == reflect.TypeFor[MessagesRequest]()
		for name, w := range writtenNames(typ, random) {
			values := []string{`"smuggled"`}
			for inner := range jsonx.Members(w.value) {
				values = append(values, `{"`+inner+`":"smuggled"}`)
			}
			for _, value := range values {
				tried++
				checkSmuggled(t, w.by, name, value)
				if whole { // also the fields that aren't set
					checkSmuggled(t, reflect.New(typ), name, value)
				}
			}
		}
	}
	require.Greater(t, tried, 200)
}

func checkSmuggled(t *testing.T, v reflect.Value, name, value string) {
	t.Helper()
	extra := v.Elem().FieldByName("Extra")
	extra.Set(reflect.MakeMap(extra.Type()))
	extra.SetMapIndex(reflect.ValueOf(name), reflect.ValueOf(json.RawMessage(value)))
	data, err := json.Marshal(v.Interface())
	switch {
	case strings.Contains(string(data), "smuggled"):
		t.Errorf("%s: Extra[%s] %s is sent: %s", v.Elem().Type().Name(), name, value, data)
	case err != nil && strings.Contains(err.Error(), "smuggled"):
		t.Errorf("%s: the error quotes what is in Extra: %v", v.Elem().Type().Name(), err)
	}
}

// findTypes adds the structs that a request can hold.
func findTypes(typ reflect.Type, found map[reflect.Type]bool) {
	switch typ.Kind() {
	case reflect.Pointer, reflect.Slice, reflect.Map:
		findTypes(typ.Elem(), found)
	case reflect.Interface:
		for _, part := range sampleParts {
			if typ == reflect.TypeFor[ChatPart]() {
				findTypes(reflect.TypeOf(part), found)
			}
		}
		for _, block := range sampleBlocks {
			if typ == reflect.TypeFor[Block]() {
				findTypes(reflect.TypeOf(block), found)
			}
		}
	case reflect.Struct:
		if found[typ] {
			return
		}
		found[typ] = true
		for i := range typ.NumField() {
			findTypes(typ.Field(i).Type, found)
		}
	}
}

// written is a member, and what wrote it.
type written struct {
	value []byte
	by    reflect.Value
}

// writtenNames returns the members that a type writes without Extra.
func writtenNames(typ reflect.Type, random *rand.Rand) map[string]written {
	names := map[string]written{}
	for range 200 {
		v := reflect.New(typ)
		sampler{random}.fill(v.Elem(), 3)
		v.Elem().FieldByName("Extra").SetZero()
		data, err := json.Marshal(v.Interface())
		if err != nil {
			continue
		}
		for name, value := range jsonx.Members(data) {
			if name != `odd " name` { // of an extra further in
				names[name] = written{value, v}
			}
		}
	}
	return names
}

// TestNoNameIsSentTwice looks at the bytes of requests of every kind, as they are sent:
// of two members with one name, two servers in a row may take a different one.
func TestNoNameIsSentTwice(t *testing.T) {
	random := rand.New(rand.NewPCG(5, 6))
	sent := 0
	for range 1000 {
		for _, r := range []request{sample[ChatRequest](random), sample[MessagesRequest](random)} {
			body, ok := r.appendJSON()
			if !ok {
				continue
			}
			sent++
			dec := json.NewDecoder(bytes.NewReader(body))
			dec.UseNumber()
			if twice := namedTwice(t, dec); twice != "" {
				t.Fatalf("%q is there twice: %s", twice, body)
			}
		}
	}
	require.Greater(t, sent, 500)
}

// namedTwice reads one value and returns a name that one of its objects has twice.
func namedTwice(t *testing.T, dec *json.Decoder) (twice string) {
	t.Helper()
	token, err := dec.Token()
	require.NoError(t, err)
	start, nested := token.(json.Delim)
	if !nested {
		return ""
	}
	names := map[string]bool{}
	for dec.More() {
		if start == '{' {
			token, err := dec.Token()
			require.NoError(t, err)
			name := token.(string)
			if names[name] {
				twice = name
			}
			names[name] = true
		}
		if inner := namedTwice(t, dec); inner != "" {
			twice = inner
		}
	}
	_, err = dec.Token()
	require.NoError(t, err)
	return twice
}
