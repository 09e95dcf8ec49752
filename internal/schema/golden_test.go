package schema

import (
	"bytes"
	"encoding/json"
	"flag"
	"math/big"
	"net/netip"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/jsonschema-go/jsonschema"
	"github.com/stretchr/testify/require"
)

var update = flag.Bool("update", false, "write the golden files")

type forecastArgs struct {
	City  string   `json:"city" jsonschema:"city and country"`
	Days  int      `json:"days,omitzero" jsonschema:"1 to 7, default 1"`
	Unit  unit     `json:"unit,omitempty"`
	Parts []string `json:"parts,omitempty" enum:"morning, evening" jsonschema:"what of the day"`
}

type unit string

func (unit) Enum() []string { return []string{"celsius", "fahrenheit"} }

type scalars struct {
	Bool    bool          `json:"bool"`
	Int     int           `json:"int"`
	Int8    int8          `json:"int8"`
	Uint    uint          `json:"uint"`
	Uint32  uint32        `json:"uint32"`
	Float   float32       `json:"float"`
	Number  json.Number   `json:"number"`
	Quoted  int64         `json:"quoted,string"`
	Flag    *bool         `json:"flag,omitempty,string"`
	Time    time.Time     `json:"time"`
	Length  time.Duration `json:"length" jsonschema:"how long"`
	Big     *big.Int      `json:"big"`
	Address netip.Addr    `json:"address"`
	Bytes   []byte        `json:"bytes"`
	Level   int           `json:"level" enum:"1,2,3"`
	Untagged
}

type Untagged struct{ Name string }

type optional struct {
	Null        *string     `json:"null" jsonschema:"null if unknown"`
	Absent      *string     `json:"absent,omitempty"`
	NullUnit    *unit       `json:"null_unit"`
	AbsentNode  *node       `json:"absent_node,omitempty" jsonschema:"a <tree> & more"`
	AbsentTime  time.Time   `json:"absent_time,omitzero"`
	AbsentInner *shape      `json:"absent_inner,omitempty"`
	List        []*Untagged `json:"list,omitempty"`
}

type node struct {
	Name     string  `json:"name"`
	Children []*node `json:"children,omitempty" jsonschema:"those below"`
}

type even struct {
	Odd *odd `json:"odd,omitempty"`
}

type odd struct {
	Even even            `json:"even"`
	Page *page[Untagged] `json:"page,omitempty"`
	Map  tree            `json:"map,omitempty"`
}

type page[T any] struct {
	Items []T      `json:"items"`
	Next  *page[T] `json:"next,omitempty"`
}

type tree map[string]tree

type shape struct {
	Color color      `json:"color" jsonschema:"of the line"`
	Point [2]float64 `json:"point"`
}

type color struct{ R, G, B uint8 }

func (*color) JSONSchema() json.RawMessage {
	return json.RawMessage(`{"type":"string","description":"in hexadecimal","pattern":"^#[0-9a-f]{6}$","minLength":7,"default":"#000000"}`)
}

func (c *color) UnmarshalJSON([]byte) error { return nil }

type mappings struct {
	Text    map[string]int        `json:"text"`
	Numbers map[int64]string      `json:"numbers"`
	Addrs   map[netip.Addr]*shape `json:"addrs,omitempty"`
}

type anything struct {
	Any any             `json:"any,omitempty" jsonschema:"whatever it is"`
	Raw json.RawMessage `json:"raw,omitempty"`
	Own selfMade        `json:"own,omitempty"`
}

type selfMade struct{ hidden int }

func (s selfMade) MarshalJSON() ([]byte, error) { return json.Marshal(s.hidden) }

type embedding struct {
	Before string
	Inner
	*Pointed
	Named Inner    `json:"Named2"`
	Chan  chan int `json:"-"`
	Clash string   `json:"clash"`
}

type Inner struct {
	A     int `json:"a"`
	Clash int `json:"clash"`
	Twice int
}

type Pointed struct {
	B     int `json:"b"`
	Twice int
}

// goldens are types with values that fit their schemas and that don't.
var goldens = []struct {
	name string
	of   any
	fit  []string
	not  []string
}{
	{
		"forecast",
		forecastArgs{},
		[]string{`{"city":"Bern"}`, `{"city":"Bern","days":3,"unit":"celsius","parts":["evening"]}`},
		[]string{`{}`, `{"city":1}`, `{"city":"Bern","days":"3"}`, `{"city":"Bern","unit":"kelvin"}`, `{"city":"Bern","parts":["noon"]}`, `{"city":"Bern","town":"x"}`, `[]`},
	},
	{
		"scalars",
		scalars{},
		[]string{`{"bool":true,"int":-1,"int8":127,"uint":0,"uint32":4294967295,"float":0.5,"number":1e3,"quoted":"-12","time":"2026-11-23T10:00:00Z","length":1000000000,"big":123456789012345678901234567890,"address":"::1","bytes":"aGk=","level":2,"Name":"x"}`},
		[]string{`{"bool":1}`, `{"bool":true,"int":-1,"int8":128,"uint":-1,"uint32":4294967296,"float":"0.5","number":"1","quoted":12,"flag":"yes","time":1,"length":"1s","big":"1","address":1,"bytes":1,"level":4,"Name":null}`},
	},
	{
		"optional",
		optional{},
		[]string{`{"null":null,"null_unit":null}`, `{"null":"a","absent":"b","null_unit":"celsius","absent_node":{"name":"a"},"absent_time":"2026-11-23T10:00:00+01:00","absent_inner":{"color":"#00ff00","point":[1,2.5]},"list":[{"Name":"a"}]}`},
		[]string{`{}`, `{"null":1,"null_unit":null}`, `{"null":null,"null_unit":"kelvin"}`, `{"null":null,"null_unit":null,"absent_inner":{"color":"green","point":[1,2]}}`, `{"null":null,"null_unit":null,"list":[null]}`},
	},
	{
		"node",
		node{},
		[]string{`{"name":"a"}`, `{"name":"a","children":[{"name":"b","children":[{"name":"c"}]}]}`},
		[]string{`{"children":[]}`, `{"name":"a","children":[{"name":"b","children":[{"name":3}]}]}`, `{"name":"a","children":[null]}`},
	},
	{
		"mutual",
		odd{},
		[]string{`{"even":{}}`, `{"even":{"odd":{"even":{}}},"page":{"items":[{"Name":"a"}],"next":{"items":[]}},"map":{"a":{"b":{}}}}`},
		[]string{`{}`, `{"even":{"odd":{}}}`, `{"even":{},"page":{"items":[],"next":{"items":[1]}}}`, `{"even":{},"map":{"a":{"b":1}}}`},
	},
	{
		"maps",
		mappings{},
		[]string{`{"text":{},"numbers":{}}`, `{"text":{"a":1},"numbers":{"-5":"x"},"addrs":{"::1":{"color":"#000000","point":[0,0]}}}`},
		[]string{`{"text":{"a":"b"},"numbers":{}}`, `{"text":{},"numbers":{"1":2}}`},
	},
	{
		"anything",
		anything{},
		[]string{`{}`, `{"any":[1,"a",null],"raw":{"x":1},"own":3}`},
		[]string{`{"other":1}`},
	},
	{
		"embedding",
		embedding{},
		[]string{`{"Before":"a","a":1,"Named2":{"a":1,"clash":2,"Twice":3},"clash":"c"}`, `{"Before":"a","a":1,"b":2,"Named2":{"a":1,"clash":2,"Twice":3},"clash":"c"}`},
		[]string{`{"Before":"a","Named2":{"a":1,"clash":2,"Twice":3},"clash":"c"}`, `{"Before":"a","a":1,"Twice":1,"Named2":{"a":1,"clash":2,"Twice":3},"clash":"c"}`},
	},
	{"empty", struct{}{}, []string{`{}`}, []string{`{"a":1}`, `null`}},
	{"list", []node{}, []string{`{"value":[]}`, `{"value":[{"name":"a"}]}`}, []string{`[]`, `{}`, `{"value":[{}]}`}},
	{"text", "", []string{`{"value":"a"}`}, []string{`{"value":1}`, `"a"`}},
}

func TestGoldenSchemas(t *testing.T) {
	for _, g := range goldens {
		for mode, suffix := range []string{"", ".chat", ".messages"} {
			t.Run(g.name+suffix, func(t *testing.T) {
				file := filepath.Join("testdata", g.name+suffix+".json")
				s, err := For(reflect.TypeOf(g.of), Options{Object: true, Strict: Strictness(mode)})
				if err != nil {
					compareFile(t, strings.TrimSuffix(file, ".json")+".txt", []byte(err.Error()+"\n"))
					return
				}
				var indented bytes.Buffer
				require.NoError(t, json.Indent(&indented, s.JSON(), "", "\t"))
				indented.WriteByte('\n')
				compareFile(t, file, indented.Bytes())
				judge(t, s, Strictness(mode), g.fit, g.not)
			})
		}
	}
}

func compareFile(t *testing.T, file string, got []byte) {
	t.Helper()
	if *update {
		require.NoError(t, os.WriteFile(file, got, 0o644))
	}
	want, err := os.ReadFile(file)
	require.NoError(t, err)
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Error(diff)
	}
}

// judge compares our view of the values with that of a validator that was written
// by others and sees only the schema's bytes.
func judge(t *testing.T, s *Schema, mode Strictness, fit, not []string) {
	t.Helper()
	for _, data := range fit {
		if err := s.Validate([]byte(data)); err != nil {
			t.Errorf("%s doesn't fit: %v", data, err)
		}
		// In strict chat schemas what these values leave out is null.
		if err := foreign(t, s.JSON(), data); err != nil && mode != StrictChat {
			t.Errorf("%s doesn't fit for jsonschema-go: %v", data, err)
		}
	}
	for _, data := range not {
		if err := s.Validate([]byte(data)); err == nil {
			t.Errorf("%s fits", data)
		}
		if err := foreign(t, s.JSON(), data); err == nil {
			t.Errorf("%s fits for jsonschema-go", data)
		}
	}
}

func foreign(t *testing.T, schema json.RawMessage, data string) error {
	t.Helper()
	var root jsonschema.Schema
	require.NoError(t, json.Unmarshal(schema, &root))
	resolved, err := root.Resolve(nil)
	require.NoError(t, err)
	var v any
	require.NoError(t, json.Unmarshal([]byte(data), &v))
	return resolved.Validate(v)
}

func TestSchemasAreTheSameEachTime(t *testing.T) {
	for _, g := range goldens {
		first, err := For(reflect.TypeOf(g.of), Options{})
		require.NoError(t, err, g.name)
		for range 20 {
			again, err := For(reflect.TypeOf(g.of), Options{})
			require.NoError(t, err)
			if diff := cmp.Diff(string(first.JSON()), string(again.JSON())); diff != "" {
				t.Fatalf("%s: %s", g.name, diff)
			}
		}
	}
}
