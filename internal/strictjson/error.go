package strictjson

import (
	"errors"
	"fmt"
)

// Error tells what is wrong with a document, and where.
type Error struct {
	Where   string // such as "models[0] (gemma-4-31B-it): prices[1]: input"; empty for the whole
	Problem string
}

// Error returns the place and the problem.
func (e *Error) Error() string {
	if e.Where == "" {
		return e.Problem
	}
	return e.Where + ": " + e.Problem
}

// Problemf is an error about the whole of what is being read.
func Problemf(format string, args ...any) error {
	return &Error{Problem: fmt.Sprintf(format, args...)}
}

// In puts the place around the one that the error has already.
func In(place string, err error) error {
	e, ok := errors.AsType[*Error](err)
	switch {
	case !ok:
		return &Error{Where: place, Problem: err.Error()}
	case e.Where == "":
		return &Error{Where: place, Problem: e.Problem}
	}
	return &Error{Where: place + ": " + e.Where, Problem: e.Problem}
}
