package gemma

import (
	"errors"
	"strconv"
)

// What can be wrong with a tokenizer file, for errors.Is.
var (
	// ErrFormat is a file that is neither a tokenizer.json nor a SentencePiece model,
	// or a broken one.
	ErrFormat = errors.New("not a readable tokenizer file")

	// ErrVocabulary is a readable file whose vocabulary is not Gemma's.
	ErrVocabulary = errors.New("not Gemma's vocabulary")

	// ErrTooLarge is a file of more than 64 MiB.
	ErrTooLarge = errors.New("more than 64 MiB")
)

// FileError is why a tokenizer file can't be used. It wraps [ErrFormat],
// [ErrVocabulary], [ErrTooLarge], or the error of reading.
type FileError struct {
	Path    string // of the file; empty for a reader
	Offset  int64  // of the byte at fault; -1 when it is no single place
	Problem string // what was found
	Err     error
}

// Error tells the file, the place, the problem and what to give instead.
func (e *FileError) Error() string {
	text := "keeprouter: tokenizer file"
	if e.Path != "" {
		text += " " + strconv.Quote(e.Path)
	}
	text += ": " + e.Err.Error()
	if e.Problem != "" {
		text += ": " + e.Problem
	}
	if e.Offset >= 0 {
		text += " at byte " + strconv.FormatInt(e.Offset, 10)
	}
	return text + "; give the tokenizer.json or tokenizer.model of a Gemma 4 model"
}

// Unwrap gives the kind of the error.
func (e *FileError) Unwrap() error { return e.Err }

func badFormat(offset int64, problem string) error {
	return &FileError{Offset: offset, Problem: problem, Err: ErrFormat}
}

func badVocabulary(problem string) error {
	return &FileError{Offset: -1, Problem: problem, Err: ErrVocabulary}
}
