package gemma

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"math"
	"os"
	"strings"
	"unicode/utf8"

	keeprouter "github.com/keeprouter/keeprouter-go"
)

const (
	maxFileBytes = 64 << 20
	method       = "gemma4 tokenizer"
)

// Tokenizer counts and lists the tokens of texts as Gemma 4 reads them. It is safe for
// concurrent use and holds about 6 MB; load it once.
type Tokenizer struct {
	vocabulary *vocabulary
	template   Template
}

var _ keeprouter.TokenCounter = (*Tokenizer)(nil)

// Load reads a tokenizer file: a tokenizer.json or a SentencePiece .model, told apart
// by content. The error is a [*FileError].
func Load(path string) (*Tokenizer, error) {
	t, err := load(path)
	if err != nil {
		return nil, inFile(path, err)
	}
	return t, nil
}

func load(path string) (*Tokenizer, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	in := bufio.NewReader(file)
	// A model starts with a line feed, which JSON may start with too, and with the
	// length of its first piece.
	head, err := in.Peek(64)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	if bytes.HasPrefix(bytes.TrimLeft(head, " \t\r\n"), []byte("{")) {
		return ReadTokenizerJSON(in)
	}
	return ReadSentencePiece(in)
}

// ReadTokenizerJSON reads the tokenizer.json that comes with a Gemma 4 model. It reads
// no further than the vocabulary's end. The error is a [*FileError].
func ReadTokenizerJSON(in io.Reader) (*Tokenizer, error) {
	list, err := readJSON(&capped{in: in, left: maxFileBytes})
	return tokenizer(list, err)
}

// ReadSentencePiece reads the SentencePiece model, often named tokenizer.model, that
// comes with a Gemma model. The error is a [*FileError].
func ReadSentencePiece(in io.Reader) (*Tokenizer, error) {
	data, err := io.ReadAll(&capped{in: in, left: maxFileBytes})
	if err != nil {
		return nil, inFile("", err)
	}
	list, err := readModel(data)
	return tokenizer(list, err)
}

func tokenizer(list *pieces, err error) (*Tokenizer, error) {
	if err != nil {
		return nil, inFile("", err)
	}
	v, err := list.vocabulary()
	if err != nil {
		return nil, err
	}
	return &Tokenizer{vocabulary: v, template: Gemma4Large}, nil
}

// inFile makes a FileError of what isn't one, and names the file in it.
func inFile(path string, err error) error {
	if known, ok := errors.AsType[*FileError](err); ok {
		named := *known
		named.Path = path
		return &named
	}
	return &FileError{Path: path, Offset: -1, Err: err}
}

// capped reads up to a number of bytes and fails when there are more.
type capped struct {
	in   io.Reader
	left int64
}

func (c *capped) Read(p []byte) (int, error) {
	if int64(len(p)) > c.left+1 {
		p = p[:c.left+1]
	}
	n, err := c.in.Read(p)
	if c.left -= int64(n); c.left < 0 {
		return 0, &FileError{Offset: -1, Err: ErrTooLarge}
	}
	return n, err
}

// Encode appends the ids of a text's tokens to dst. The text is read as plain text, as
// in [Tokenizer.CountText], and no id of a beginning or end is added. It allocates only
// where dst is too small, or the text one of those that Count names.
func (t *Tokenizer) Encode(dst []int32, text string) []int32 {
	dst, _ = t.vocabulary.encode(dst, readable(text), 0, math.MaxInt)
	return dst
}

// Count gives the number of tokens of a text. It allocates only for a text that isn't
// valid UTF-8 or holds U+2581, and for what has no place to cut for thousands of
// characters, such as a long line of dashes: 40 bytes a character, until it returns.
func (t *Tokenizer) Count(text string) int {
	text = readable(text)
	var ids [512]int32
	n := 0
	for i := 0; i < len(text); {
		var block []int32
		block, i = t.vocabulary.encode(ids[:0], text, i, len(ids)/2)
		n += len(block)
	}
	return n
}

// CountText gives the exact count of a text, as one piece without a chat template
// around it. What looks like a special token in it, such as <|turn>, is counted as the
// plain text that it is; the tokenizer of the model's publisher would take it as that
// token, and gateways differ in whether they let it through.
func (t *Tokenizer) CountText(text string) keeprouter.TokenCount {
	n := int64(t.Count(text))
	return keeprouter.TokenCount{Low: n, Expected: n, High: n, Bound: n, Method: method}
}

// readable gives the text as a model sees it: each byte that isn't valid UTF-8 becomes
// U+FFFD, as encoding/json makes it in a request, and U+2581 is a space to a vocabulary
// that writes spaces so.
func readable(text string) string {
	if !utf8.ValidString(text) {
		text = string([]rune(text))
	}
	if strings.Contains(text, wordSpace) {
		text = strings.ReplaceAll(text, wordSpace, " ")
	}
	return text
}
