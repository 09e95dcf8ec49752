package jsonx

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// laneSeeds are texts that the fast and the slow way could see differently.
var laneSeeds = []string{
	``, ` `, `""`, `"a"`, `"é"`, "\"\xff\"", "\"a\xe2\x80\"", "\"\u2028\u2029\"", "\"\\u2028\"", `"\ud83d\ude00"`, `"\ud83d"`, `"\ude00x"`, `"\ud83d\u0041"`, `"\u00e9\n\t\"\\\/\b\f\r"`,
	`"\x"`, `"\u12g4"`, `"\u123`, "\"\x01\"", "\"\x7f\"", `"unclosed`, `0`, `-0`, `01`, `-`, `1.`, `1.5e+3`, `1e`, `.5`, `12345678901234567890`, `5.0`,
	`{}`, `{ }`, `[]`, `[ ]`, `{"a":1}`, ` { "a" : [ 1 , "x y" , { } ] } `, `{"a":1,}`, `{,}`, `[1,]`, `[,1]`, `{"a"}`, `{"a":}`, `{1:2}`, `{"a" 1}`, `[1 2]`, `nul`, `null`, `true`, `false`, `tru`, `nullx`, "\x00", "1\x00",
	`{"a":1,"a":2}`, `{"\u0061":1}`, "{\"\xff\":1}", `{"s":"x","n":3,"l":[{"s":"y"},{"s":"\n"}],"odd":{"a":[null]}}`, `{"s":null,"n":null,"l":null}`, `{"n":5.0}`, `{"s":5}`, `{"n":"5"}`, `{"l":[null]}`, `{"n":-12}`,
	strings.Repeat("[", 499) + strings.Repeat("]", 499), strings.Repeat("[", 501) + strings.Repeat("]", 501), "abcdefgh\"ijk", `"abcdefghijklmnop\"qrst"`, `"abcdefgé12345678"`, "[1,\n\t\"a\\\"  b\"\r, 2]",
}

// FuzzAppendString holds the escapes to those of encoding/json.
func FuzzAppendString(f *testing.F) {
	for _, seed := range laneSeeds {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		want, err := Encode(s)
		if err != nil {
			t.Fatal(err)
		}
		if got := appendString(nil, s); string(got) != string(want) {
			t.Errorf("%q is written as %s, want %s", s, got, want)
		}
	})
}

// FuzzRawJSON holds what is appended as it is to what encoding/json makes of it.
func FuzzRawJSON(f *testing.F) {
	for _, seed := range laneSeeds {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		if data == nil {
			data = []byte{}
		}
		want, err := Encode(json.RawMessage(data))
		w := Writer{Buf: []byte("[")}
		w.JSON(data)
		switch {
		case err != nil && !w.Failed:
			t.Fatalf("%q is taken, want %v", data, err)
		case err == nil && w.Failed && nesting(data) < maxScanDepth:
			t.Fatalf("%q is refused", data)
		case err == nil && !w.Failed && string(w.Buf[1:]) != string(want):
			t.Errorf("%q is written as %s, want %s", data, w.Buf[1:], want)
		}
		trimmed := strings.TrimLeft(string(data), " \t\r\n")
		if want := json.Valid(data) && strings.HasPrefix(trimmed, "{"); IsObject(data) != want {
			t.Errorf("IsObject(%q) is %t", data, !want)
		}
	})
}

func nesting(data []byte) int {
	return strings.Count(string(data), "[") + strings.Count(string(data), "{")
}

type laneItem struct {
	S     string                     `json:"s"`
	N     int64                      `json:"n"`
	L     []laneItem                 `json:"l"`
	R     json.RawMessage            `json:"r"`
	Extra map[string]json.RawMessage `json:"-" jsonx:"extra"`
}

func readLane(r *Reader, item *laneItem) {
	*item = laneItem{}
	for r.Object(); r.Member(); {
		switch r.Name {
		case "s":
			item.S = r.String()
		case "n":
			item.N = r.Int()
		case "r":
			item.R = r.Raw()
		case "l":
			item.L = nil
			if r.Null() {
				continue
			}
			item.L = []laneItem{}
			for r.Array(); r.Element(); {
				item.L = append(item.L, laneItem{})
				readLane(r, &item.L[len(item.L)-1])
			}
		default:
			r.Keep(&item.Extra)
		}
	}
}

// FuzzReader holds that a Reader that doesn't fail has read what Unmarshal reads, and
// that it takes what servers send.
func FuzzReader(f *testing.F) {
	for _, seed := range laneSeeds {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		before := string(data)
		r := NewReader(data)
		var got laneItem
		readLane(&r, &got)
		if !r.Done() {
			return
		}
		clear(data) // nothing read may be a view of it
		var want laneItem
		extra, err := Unmarshal([]byte(before), &want)
		if err != nil {
			t.Fatalf("%q is read, want %v", before, err)
		}
		want.Extra = extra
		if !reflect.DeepEqual(want, got) {
			t.Errorf("%q (-want +got):\n%s", before, cmp.Diff(want, got))
		}
	})
}

func TestReaderTakesWhatServersSend(t *testing.T) {
	for _, text := range []string{
		`{}`, ` { "s" : "x" , "n" : -3 } `, `{"s":"a\n\u00e9\ud83d\ude00","l":[{"r":{"x":[1,2.5e3,true,null]}},{}],"odd":"x"}`, `{"s":null,"n":null,"l":null,"r":null}`, `{"l":[]}`,
	} {
		r := NewReader([]byte(text))
		var item laneItem
		if readLane(&r, &item); !r.Done() {
			t.Errorf("%s is left to the slow way", text)
		}
	}
}
