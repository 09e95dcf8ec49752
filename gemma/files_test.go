package gemma

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"github.com/keeprouter/keeprouter-go/internal/gemmavocab"
)

func TestLoad(t *testing.T) {
	pieces := allPieces()
	const text = "hello thought of the people, 42\n\n  <td>"
	want := newNaive(pieces).encode(text)
	for name, data := range map[string][]byte{
		"tokenizer.json":  append([]byte("\n\t "), gemmavocab.TokenizerJSON(pieces)...),
		"tokenizer.model": gemmavocab.SentencePiece(pieces),
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), name)
			require.NoError(t, os.WriteFile(path, data, 0o600))
			tokenizer, err := Load(path)
			require.NoError(t, err)
			if diff := cmp.Diff(want, tokenizer.Encode(nil, text)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestLoadOfNoFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "none.json")
	_, err := Load(path)
	require.ErrorIs(t, err, os.ErrNotExist)
	if e, ok := errors.AsType[*FileError](err); !ok || e.Path != path {
		t.Errorf("got %#v, want a FileError of %s", err, path)
	}
}

func changed(id int, piece string) []string {
	pieces := slices.Clone(allPieces())
	pieces[id] = piece
	return pieces
}

func TestBadTokenizerJSON(t *testing.T) {
	whole := string(gemmavocab.TokenizerJSON(allPieces()))
	cases := []struct {
		name, data string
		want       error
	}{
		{"empty", "", ErrFormat},
		{"no object", "[1]", ErrFormat},
		{"no vocabulary", `{"model":{"type":"BPE"}}`, ErrFormat},
		{"vocabulary is a list", `{"model":{"vocab":[["a",-1.5]]}}`, ErrFormat},
		{"id is text", `{"model":{"vocab":{"a":"1"}}}`, ErrFormat},
		{"id is negative", `{"model":{"vocab":{"a":-1}}}`, ErrFormat},
		{"id is huge", `{"model":{"vocab":{"a":99999999999999999999}}}`, ErrFormat},
		{"id is beyond the size", `{"model":{"vocab":{"a":262144}}}`, ErrVocabulary},
		{"id twice", `{"model":{"vocab":{"a":1,"b":1}}}`, ErrVocabulary},
		{"empty piece", `{"model":{"vocab":{"":1}}}`, ErrVocabulary},
		{"long piece", `{"model":{"vocab":{"` + strings.Repeat("x", 256) + `":1}}}`, ErrVocabulary},
		{"endless piece", `{"model":{"vocab":{"` + strings.Repeat("x", 1<<20), ErrFormat},
		{"plain space in a piece", `{"model":{"vocab":{"a b":1}}}`, ErrVocabulary},
		{"too few pieces", `{"model":{"vocab":{"a":0}}}`, ErrVocabulary},
		{"other kind of model", `{"model":{"type":"Unigram","vocab":{}}}`, ErrVocabulary},
		{"nested too deeply", `{"x":` + strings.Repeat("[", 1000), ErrFormat},
		{"bracket too many", `{"x":]}`, ErrFormat},
		{"cut in the vocabulary", whole[:len(whole)/2], ErrFormat},
		{"piece twice", string(gemmavocab.TokenizerJSON(changed(200000, "the"))), ErrVocabulary},
		{"another's newline", string(gemmavocab.TokenizerJSON(changed(107, "\v"))), ErrVocabulary},
		{"run and more", string(gemmavocab.TokenizerJSON(changed(200000, "a"+gemmavocab.Space+gemmavocab.Space))), ErrVocabulary},
		{"byte missing", string(gemmavocab.TokenizerJSON(changed(300, "<no>"))), ErrVocabulary},
		{"too large", `{"x":"` + strings.Repeat("x", maxFileBytes), ErrTooLarge},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			_, err := ReadTokenizerJSON(strings.NewReader(c.data))
			require.ErrorIs(t, err, c.want)
			if _, ok := errors.AsType[*FileError](err); !ok || !strings.HasPrefix(err.Error(), "keeprouter: ") {
				t.Errorf("got %T %q, want a FileError", err, err)
			}
		})
	}
}

func TestBadSentencePiece(t *testing.T) {
	whole := gemmavocab.SentencePiece(allPieces())
	cases := []struct {
		name string
		data []byte
		want error
	}{
		{"empty", nil, ErrVocabulary},
		{"no protocol buffer", []byte("hello there"), ErrFormat},
		{"cut", whole[:len(whole)/2], ErrFormat},
		{"field zero", []byte{0, 0}, ErrFormat},
		{"length beyond the end", []byte{0x0a, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f}, ErrFormat},
		{"endless varint", bytes.Repeat([]byte{0xff}, 20), ErrFormat},
		{"group", []byte{0x0b}, ErrFormat},
		{"piece without text", []byte{0x0a, 0}, ErrVocabulary},
		{"too few pieces", gemmavocab.SentencePiece([]string{"<pad>"}), ErrVocabulary},
		{"too many pieces", gemmavocab.SentencePiece(append(slices.Clone(allPieces()), "more")), ErrVocabulary},
		{"others' pieces", gemmavocab.SentencePiece(changed(29104, "x1")), ErrVocabulary},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			_, err := ReadSentencePiece(bytes.NewReader(c.data))
			require.ErrorIs(t, err, c.want)
		})
	}
}

func TestReadersPassOnErrorsOfReading(t *testing.T) {
	broken := errors.New("disk on fire")
	for name, read := range map[string]func(io.Reader) (*Tokenizer, error){
		"json": ReadTokenizerJSON, "model": ReadSentencePiece,
	} {
		t.Run(name, func(t *testing.T) {
			_, err := read(io.MultiReader(strings.NewReader("{"), failing{broken}))
			require.ErrorIs(t, err, broken)
		})
	}
}

type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }

func TestTokenizerJSONInSmallReads(t *testing.T) {
	pieces := slices.Clone(allPieces())
	pieces[200000] = "\"\\\u2028"
	data := gemmavocab.TokenizerJSON(pieces)
	data = slices.Concat([]byte(`{"merges":["a \" b",{"x":[1,-2.5e3,true,null]}],`), data[1:])
	list, err := readJSON(&trickle{data: data, sizes: []int{1, 2, 3, 1000, 7}})
	require.NoError(t, err)
	for _, id := range []int{0, 107, 29104, 200000, 262143} {
		at := list.spans[id]
		want := strings.ReplaceAll(pieces[id], gemmavocab.Space, " ")
		if got := string(list.text[at.start():at.end()]); got != want {
			t.Errorf("id %d is %q, want %q", id, got, want)
		}
	}
}

// trickle reads in uneven steps.
type trickle struct {
	data  []byte
	sizes []int
	next  int
}

func (r *trickle) Read(p []byte) (int, error) {
	if len(r.data) == 0 {
		return 0, io.EOF
	}
	n := copy(p, r.data[:min(len(r.data), r.sizes[r.next%len(r.sizes)])])
	r.next++
	r.data = r.data[n:]
	return n, nil
}

func FuzzReadTokenizerJSON(f *testing.F) {
	f.Add([]byte(`{"a":[{"b":"c\"\\"},1e5,null],"model":{"type":"BPE","vocab":{"<pad>":0,"\u2581a":1,"é":2},"merges":[]}}`))
	f.Add([]byte(`{"model":{"vocab":{"a":1,"a":2}}}`))
	f.Add([]byte(`{"model":{}}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		list, err := readJSON(bytes.NewReader(data))
		checkRead(t, list, err)
		again, errAgain := readJSON(&trickle{data: data, sizes: []int{1, 3, 2}})
		if diff := cmp.Diff(texts(list), texts(again)); diff != "" || (err == nil) != (errAgain == nil) {
			t.Errorf("differs when read in steps: %v, %v\n%s", err, errAgain, diff)
		}
	})
}

func FuzzReadSentencePiece(f *testing.F) {
	f.Add(gemmavocab.SentencePiece([]string{"<pad>", "<eos>", gemmavocab.Space + "a", "\n\n"}))
	f.Add([]byte{0x0a, 0x03, 0x0a, 0x01, 'a', 0x10, 0x05})
	f.Fuzz(func(t *testing.T, data []byte) {
		list, err := readModel(data)
		checkRead(t, list, err)
	})
}

// checkRead fails unless a reader gave an error that tells its kind, or a list of which
// a vocabulary is made or refused.
func checkRead(t *testing.T, list *pieces, err error) {
	t.Helper()
	if err != nil {
		if !errors.Is(err, ErrFormat) && !errors.Is(err, ErrVocabulary) {
			t.Errorf("%v is of no kind", err)
		}
		return
	}
	if _, err := list.vocabulary(); !errors.Is(err, ErrVocabulary) {
		t.Errorf("got %v for a small vocabulary, want ErrVocabulary", err)
	}
}

func texts(list *pieces) []string {
	if list == nil {
		return nil
	}
	var all []string
	for _, at := range list.spans {
		all = append(all, string(list.text[at.start():at.end()]))
	}
	return all
}
