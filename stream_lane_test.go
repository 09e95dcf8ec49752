package keeprouter

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/keeprouter/keeprouter-go/internal/events"
)

// laneOutcome is all that a stream shows on the way and at its end.
type laneOutcome struct {
	Items  []string // each item with its text, and the answer so far behind some
	Result any
	Err    string
}

// outcomeOf reads a stream of bytes. Items are written down before the next is asked
// for, and then spoiled as a reader may spoil them.
func outcomeOf[C, R any](f fold[C, R], r io.Reader, limit int, spoil func(*C)) laneOutcome {
	var out laneOutcome
	err := readWithin(f, 1<<15, events.Read(r, limit), func(item *C) bool {
		out.Items = append(out.Items, fmt.Sprintf("%s\n%q", shown(item), f.text(item)))
		if n := len(out.Items); n%3 == 0 {
			out.Items[n-1] += "\nso far: " + shown(f.result())
		}
		spoil(item)
		return true
	})
	out.Result = f.result()
	out.Err = fmt.Sprintf("%#v", plainError(verdict(f, err)))
	return out
}

// shown writes all fields of a value, those behind pointers too.
func shown(v any) string {
	rv := reflect.ValueOf(v)
	if rv.Kind() == reflect.Pointer && !rv.IsNil() {
		rv = rv.Elem()
	}
	if rv.Kind() != reflect.Struct {
		return fmt.Sprintf("%#v", v)
	}
	var b strings.Builder
	for i := range rv.NumField() {
		field := rv.Field(i).Interface()
		if raw, ok := field.(json.RawMessage); ok {
			fmt.Fprintf(&b, "%s=%q %t\n", rv.Type().Field(i).Name, raw, raw == nil)
			continue
		}
		text, err := json.Marshal(field)
		if err != nil {
			text = []byte(err.Error())
		}
		fmt.Fprintf(&b, "%s=%s\n", rv.Type().Field(i).Name, text)
	}
	return b.String()
}

// plainError is an error of the client as a value without its cause.
func plainError(err error) any {
	e, ok := errors.AsType[*Error](callError(err, &Call{}))
	if !ok {
		return fmt.Sprint(err)
	}
	plain := *e
	plain.Err, plain.Body = nil, nil
	return fmt.Sprintf("%+v %s %q", plain, fmt.Sprint(e.Err), e.Body)
}

func spoilChunk(c *ChatChunk) {
	for i := range c.Choices {
		for j := range c.Choices[i].Delta.ToolCalls {
			c.Choices[i].Delta.ToolCalls[j].Arguments = "spoiled"
		}
		c.Choices[i] = ChatChunkChoice{Index: 99, Delta: ChatDelta{Content: "spoiled"}}
	}
	*c = ChatChunk{ID: "spoiled", Choices: c.Choices}
}

func spoilEvent(e *MessagesEvent) { *e = MessagesEvent{Type: "spoiled", Text: "spoiled"} }

// sameOnBothPaths reads a stream of both formats without the lane, and some times with
// it, whole or in pieces.
func sameOnBothPaths(t *testing.T, wire []byte, times int, random *rand.Rand) {
	t.Helper()
	limit := 1 << 20
	if random.IntN(4) == 0 {
		limit = 1 + random.IntN(600)
	}
	slowChat := outcomeOf(&chatFold{slow: true}, bytes.NewReader(wire), limit, spoilChunk)
	slowMessages := newMessagesFold()
	slowMessages.slow = true
	wantMessages := outcomeOf(slowMessages, bytes.NewReader(wire), limit, spoilEvent)
	for range times {
		pieces := func() io.Reader { return &randomReader{data: wire, random: random} }
		if random.IntN(3) == 0 {
			pieces = func() io.Reader { return bytes.NewReader(wire) }
		}
		sameOutcome(t, wire, slowChat, outcomeOf(newChatFold(), pieces(), limit, spoilChunk))
		sameOutcome(t, wire, wantMessages, outcomeOf(newMessagesFold(), pieces(), limit, spoilEvent))
	}
}

func sameOutcome(t *testing.T, wire []byte, want, got laneOutcome) {
	t.Helper()
	if !reflect.DeepEqual(want, got) {
		t.Fatalf("the lane is not what the slow path is, on:\n%s\n(-slow +lane):\n%s", wire, cmp.Diff(fmt.Sprintf("%+v", want), fmt.Sprintf("%+v", got))+cmp.Diff(want.Items, got.Items))
	}
}

// fillings are bodies of strings that a text must survive, and some that are no
// strings at all.
var fillings = []string{
	"", "a", " the", "hello, world and more of it", `\n`, `\"`, `\\`, "\\u00e9", `\ud83d`, `\ude00`, `\ud83d\ude00`, "é", "日本", "\xf0\x9f", "\x98\x80", "\xff",
	"error", `\"error`, "type", "{", "}", "{}", `{\"a\":1}`, "[DONE]", "0", "01", "1790000001", "999999999999999999999", "null",
	`"`, `\`, `\x`, `\u12`, "\t", "\n", "\r", "\n\n", `","x":"`, `"}`, strings.Repeat("long ", 200),
}

var comments = []string{": ping\n\n", ": ping\n", "\n", "\r\n", "\r", ": a\r: b\n", ": " + strings.Repeat("long ", 100) + "\n\n", "event: x\n\n", "event: x\n\r", "data:\n\n", "event: x\ndata:\n\n"}

// repeated writes a stream in which some events repeat, with other strings or numbers
// in some of their places.
func repeated(wire []byte, random *rand.Rand) []byte {
	var out []byte
	for _, frame := range bytes.SplitAfter(wire, []byte("\n\n")) {
		out = append(out, frame...)
		if random.IntN(2) == 0 {
			continue
		}
		for range 1 + random.IntN(4) {
			out = append(out, varied(frame, random)...)
			if random.IntN(12) == 0 {
				out = append(out, comments[random.IntN(len(comments))]...)
			}
		}
	}
	return out
}

// varied fills one or two of an event's values anew.
func varied(frame []byte, random *rand.Rand) []byte {
	for range 1 + random.IntN(2) {
		places := placesIn(frame)
		if len(places) == 0 {
			return frame
		}
		p := places[random.IntN(len(places))]
		if random.IntN(2) == 0 {
			p = places[len(places)-1-random.IntN(min(3, len(places)))]
		}
		frame = filled(frame, p, fillings[random.IntN(len(fillings))])
	}
	return frame
}

// placesIn returns where an event's strings and numbers are, without quotes.
func placesIn(frame []byte) (places [][2]int) {
	for _, m := range valuePattern.FindAllSubmatchIndex(frame, -1) {
		if m[2] >= 0 {
			places = append(places, [2]int{m[2], m[3]})
		} else {
			places = append(places, [2]int{m[4], m[5]})
		}
	}
	return places
}

var valuePattern = regexp.MustCompile(`:(?:"([^"]*)"|([0-9]+))`)

func filled(frame []byte, place [2]int, filling string) []byte {
	return slices.Concat(frame[:place[0]], []byte(filling), frame[place[1]:])
}

// laneSeeds are the streams of both formats' corpora.
func laneSeeds(t testing.TB) [][]byte {
	var seeds [][]byte
	for _, wire := range chatCorpus(t) {
		seeds = append(seeds, wire)
	}
	for _, wire := range messagesStreams(t) {
		seeds = append(seeds, []byte(wire))
	}
	slices.SortFunc(seeds, bytes.Compare)
	return seeds
}

// laneShapes are events that a lane should take, or should refuse though they look so.
var laneShapes = []string{
	`{"id":"c","created":7,"model":"m","choices":[{"index":0,"delta":{"content":"a"}}]}`,
	`{"id":"c","created":7,"choices":[{"index":0,"delta":{"role":"assistant","content":"a"},"finish_reason":null}],"usage":null,"obfuscation":"x"}`,
	`{"id":"c","choices":[{"index":0,"delta":{"reasoning_content":"a","content":null}}]}`,
	`{"id":"c","choices":[{"index":0,"delta":{"reasoning":"a","content":""}}]}`,
	`{"id":"c","choices":[{"index":0,"delta":{"reasoning":"a","reasoning_content":"b"}}]}`,
	`{"id":"c","choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"function":{"arguments":"{"}}]}}]}`,
	`{"id":"c","choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"id":"x","function":{"name":"","arguments":"{}"}}]}}]}`,
	"{\"id\":\"c\",\"choices\":[{\"index\":0,\"delta\":{\"tool_calls\":[{\"index\":0,\"function\":{\"arguments\":\"{\\\"\xff\xff\xff\xff\xff\xff\xff\\\":1}\"}}]}}]}",
	`{"id":"c","choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"id":"x","function":{"name":"f","arguments":"{}"}}]}}]}`,
	`{"id":"c","choices":[{"index":1,"delta":{"content":"a","x":1,"y":"s","z":[]}}],"error":null}`,
	`{"id":"c","choices":[{"index":0,"delta":{"content":"a"},"logprobs":{"content":[]}}]}`,
	`{"id":"c","choices":[{"index":0,"delta":{"content":"a"}}],"\u0065rror":"x","object":"x"}`,
	`{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"a"}}`,
	`{"type":"content_block_delta","delta":{"type":"thinking_delta","thinking":"a"}}`,
	`{"type":"content_block_delta","index":1,"delta":{"type":"input_json_delta","partial_json":"{"}}`,
	`{"type":"content_block_delta","index":0,"delta":{"text":"a","citation":{"a":1}}}`,
	`{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"a","citation":{"a":1}}}`,
	`{"type":"content_block_delta","index":3,"delta":{"type":"signature_delta","signature":"a"}}`,
	`{"index":0,"delta":{"text":"a"},"x":"content_block_delta"}`,
	`{"\u0065rror":"x","delta":{"text":"a \"type"}}`,
}

func FuzzLaneIsTheSlowPath(f *testing.F) {
	for i, wire := range laneSeeds(f) {
		f.Add(wire, uint64(i))
	}
	for i, shape := range laneShapes {
		f.Add([]byte("data: "+shape+"\n\n"), uint64(i))
		f.Add([]byte("event: content_block_delta\ndata: "+shape+"\r\n\r\n"), uint64(i))
	}
	f.Fuzz(func(t *testing.T, wire []byte, seed uint64) {
		random := rand.New(rand.NewPCG(seed, 1))
		if random.IntN(3) > 0 {
			wire = repeated(wire, random)
		}
		sameOnBothPaths(t, wire, 3, random)
	})
}

// Each value of each shape, filled with all that may stand there or may not.
func TestLaneIsTheSlowPathInEachPlace(t *testing.T) {
	for i, shape := range laneShapes {
		random := rand.New(rand.NewPCG(uint64(i), 3))
		frame := []byte("event: content_block_delta\ndata: " + shape + "\n\n")
		for _, place := range placesIn(frame) {
			for i, filling := range fillings {
				if raceEnabled && i%5 > 0 {
					continue // the detector has seen enough by then
				}
				wire := slices.Concat(frame, frame, filled(frame, place, filling), frame)
				sameOnBothPaths(t, slices.Concat(wire, wire), 1, random)
				sameOnBothPaths(t, slices.Concat(frame, filled(frame, place, "77"), filled(frame, place, filling), frame), 1, random)
			}
		}
	}
}

// Events of all streams, in any order, repeated and filled anew.
func TestLaneIsTheSlowPath(t *testing.T) {
	var frames [][]byte
	for _, wire := range laneSeeds(t) {
		frames = append(frames, bytes.SplitAfter(wire, []byte("\n\n"))...)
	}
	for _, shape := range laneShapes {
		frames = append(frames, []byte("data: "+shape+"\n\n"), []byte("data: "+shape+"\n\n"))
	}
	streams := uint64(1000)
	if raceEnabled {
		streams = 200
	}
	for seed := range streams {
		random := rand.New(rand.NewPCG(seed, 2))
		var wire []byte
		for range 1 + random.IntN(6) {
			wire = append(wire, frames[random.IntN(len(frames))]...)
		}
		sameOnBothPaths(t, repeated(wire, random), 2, random)
	}
}
