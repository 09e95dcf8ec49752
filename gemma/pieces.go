package gemma

import (
	"bytes"
	"fmt"
	"strconv"
)

const (
	vocabularySize = 1 << 18
	maxPieceBytes  = 255
	maxPiecesBytes = 1 << 24
	wordSpace      = "\u2581"
	firstBytePiece = 238
)

// pieces is a vocabulary while it is read: the text of every id, with plain spaces for
// the vocabulary's U+2581.
type pieces struct {
	text  []byte
	spans []span // by id
	count int
}

// span is where a piece lies in the text of all: its start, and its length in the low
// eight bits. No piece is empty, so zero is an id that is missing.
type span uint32

func (s span) start() int { return int(s >> 8) }
func (s span) end() int   { return int(s>>8) + int(s&0xff) }

func newPieces() *pieces {
	return &pieces{
		text:  make([]byte, 0, 5<<19),
		spans: make([]span, 0, vocabularySize),
	}
}

// add takes the piece of an id. Ids may come in any order, each once.
func (p *pieces) add(id int, piece []byte) error {
	switch {
	case id < 0 || id >= vocabularySize:
		return badVocabulary("id " + strconv.Itoa(id) + " is outside of " + strconv.Itoa(vocabularySize))
	case len(piece) == 0:
		return badVocabulary("the piece of id " + strconv.Itoa(id) + " is empty")
	case len(piece) > maxPieceBytes || len(p.text)+len(piece) > maxPiecesBytes:
		return badVocabulary("the piece of id " + strconv.Itoa(id) + " is too long")
	case bytes.IndexByte(piece, ' ') >= 0:
		return badVocabulary("the piece of id " + strconv.Itoa(id) + " holds a space that isn't U+2581")
	}
	for len(p.spans) <= id {
		p.spans = append(p.spans, 0)
	}
	if p.spans[id] != 0 {
		return badVocabulary("id " + strconv.Itoa(id) + " occurs twice")
	}
	start := len(p.text)
	for len(piece) > 0 {
		if piece[0] == wordSpace[0] && len(piece) >= len(wordSpace) && string(piece[:len(wordSpace)]) == wordSpace {
			p.text = append(p.text, ' ')
			piece = piece[len(wordSpace):]
			continue
		}
		p.text = append(p.text, piece[0])
		piece = piece[1:]
	}
	p.spans[id] = span(start<<8 | (len(p.text) - start))
	p.count++
	return nil
}

// landmarks are pieces whose ids are the same in the vocabularies of Gemma 3 and 4,
// and in no other.
var landmarks = []struct {
	id   int
	text string
}{
	{0, "<pad>"},
	{1, "<eos>"},
	{2, "<bos>"},
	{3, "<unk>"},
	{107, "\n"},
	{firstBytePiece, "<0x00>"},
	{firstBytePiece + 255, "<0xFF>"},
	{29104, " hello"},
	{45518, "thought"},
	{236743, " "},
}

// vocabulary makes the tables of Gemma's vocabulary, or tells why it isn't Gemma's.
func (p *pieces) vocabulary() (*vocabulary, error) {
	if p.count != vocabularySize {
		return nil, badVocabulary(fmt.Sprintf("%d pieces, not %d", p.count, vocabularySize))
	}
	for _, mark := range landmarks {
		if at := p.spans[mark.id]; string(p.text[at.start():at.end()]) != mark.text {
			return nil, badVocabulary(fmt.Sprintf("id %d is %q, not %q", mark.id, p.text[at.start():at.end()], mark.text))
		}
	}
	return newVocabulary(p)
}
