package gemma

import (
	"errors"
	"io"
)

// errVocabularyRead ends the reading of a tokenizer.json: what follows the vocabulary
// isn't needed, and it is most of the file.
var errVocabularyRead = errors.New("vocabulary read")

// readJSON reads model.vocab of a tokenizer.json. The merges are every split of a piece
// in two pieces, in the order of the pieces, so they need no reading.
func readJSON(in io.Reader) (*pieces, error) {
	s := newJSONScanner(in)
	var list *pieces
	err := s.object(func(key []byte) error {
		if string(key) != "model" {
			return s.skip()
		}
		return s.object(func(key []byte) (err error) {
			switch string(key) {
			case "type":
				return s.checkType()
			case "vocab":
				if list, err = s.vocab(); err == nil {
					err = errVocabularyRead
				}
				return err
			}
			return s.skip()
		})
	})
	switch {
	case err == nil:
		return nil, s.bad("JSON without model.vocab")
	case errors.Is(err, errVocabularyRead):
		return list, nil
	}
	return nil, err
}

func (s *jsonScanner) checkType() error {
	if err := s.expect('"'); err != nil {
		return err
	}
	kind, err := s.text()
	if err == nil && string(kind) != "BPE" {
		err = badVocabulary("the model's type isn't BPE")
	}
	return err
}

func (s *jsonScanner) vocab() (*pieces, error) {
	list := newPieces()
	err := s.object(func(piece []byte) error {
		id, err := s.number()
		if err != nil {
			return err
		}
		return list.add(id, piece)
	})
	return list, err
}
