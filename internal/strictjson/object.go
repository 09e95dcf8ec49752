// Package strictjson reads JSON objects that must have exactly the members that they
// may have, for files in which what isn't understood could be an amount of money.
package strictjson

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
	"time"
)

// Object is a JSON object with exactly the members that it may have: encoding/json
// alone would take "Input" for "input", and the last of two.
type Object map[string]json.RawMessage

// Read returns the object together with an error about one of its keys.
func Read(data []byte, known ...string) (Object, error) {
	dec := json.NewDecoder(bytes.NewReader(data))
	if start, err := dec.Token(); err != nil || start != json.Delim('{') {
		return nil, Problemf("want an object, have %.40s", data)
	}
	o := Object{}
	var wrong error
	for dec.More() {
		token, err := dec.Token()
		if err != nil {
			return o, err
		}
		key, _ := token.(string)
		var value json.RawMessage
		if err := dec.Decode(&value); err != nil {
			return o, In(key, err)
		}
		if _, twice := o[key]; twice && wrong == nil {
			wrong = In(key, Problemf("the key is there twice"))
		}
		if !slices.Contains(known, key) && wrong == nil {
			wrong = In(Shortened(key), Problemf("unknown key; known are %s", strings.Join(known, ", ")))
		}
		o[key] = value
	}
	return o, wrong
}

// Shortened is a name that is fit for an error's text.
func Shortened(name string) string {
	const most = 80
	if len(name) <= most {
		return name
	}
	return strings.ToValidUTF8(name[:most], "") + "…"
}

// Has counts null as absent.
func (o Object) Has(key string) bool {
	return len(o[key]) > 0 && string(o[key]) != "null"
}

// Text returns a string that must be there and not be empty.
func (o Object) Text(key string) (string, error) {
	if !o.Has(key) {
		return "", In(key, Problemf("it is missing"))
	}
	var text string
	if json.Unmarshal(o[key], &text) != nil {
		return "", In(key, Problemf("want a string, have %.40s", o[key]))
	}
	if text == "" {
		return "", In(key, Problemf("it is empty"))
	}
	return text, nil
}

// Texts returns none when the key is absent.
func (o Object) Texts(key string) ([]string, error) {
	var texts []string
	if o.Has(key) && json.Unmarshal(o[key], &texts) != nil {
		return nil, In(key, Problemf("want a list of strings, have %.40s", o[key]))
	}
	return texts, nil
}

// List returns a list that must be there and not be empty.
func (o Object) List(key string) ([]json.RawMessage, error) {
	list, err := o.OptionalList(key)
	if err == nil && len(list) == 0 {
		err = In(key, Problemf("it is missing or empty"))
	}
	return list, err
}

// OptionalList returns none when the key is absent.
func (o Object) OptionalList(key string) ([]json.RawMessage, error) {
	var list []json.RawMessage
	if o.Has(key) && json.Unmarshal(o[key], &list) != nil {
		return nil, In(key, Problemf("want a list, have %.40s", o[key]))
	}
	return list, nil
}

// Flag returns false when the key is absent.
func (o Object) Flag(key string) (bool, error) {
	if !o.Has(key) {
		return false, nil
	}
	switch string(o[key]) {
	case "true":
		return true, nil
	case "false":
		return false, nil
	}
	return false, In(key, Problemf("want true or false, have %.40s", o[key]))
}

// maxTokens is more than any prompt has, and leaves room for one more.
const maxTokens = 1e12

// Tokens returns a count of tokens that must be there.
func (o Object) Tokens(key string) (int64, error) {
	if !o.Has(key) {
		return 0, In(key, Problemf("it is missing"))
	}
	var n int64
	if json.Unmarshal(o[key], &n) != nil || n <= 0 || n > maxTokens {
		return 0, In(key, Problemf("want a whole number from 1 to %d, have %.40s", int64(maxTokens), o[key]))
	}
	return n, nil
}

// Date refuses years without large language models, so that no row can have the
// zero time, which stands for no end.
func (o Object) Date(key string) (time.Time, error) {
	text, err := o.Text(key)
	if err != nil {
		return time.Time{}, err
	}
	day, err := time.Parse(time.DateOnly, text)
	if err != nil || day.Year() < 2000 {
		return time.Time{}, In(key, Problemf("%.40q is not a date in the form 2026-07-05", text))
	}
	return day, nil
}

// Moment takes one form only, so that writing a table again gives the same bytes.
func (o Object) Moment(key string) (time.Time, error) {
	text, err := o.Text(key)
	if err != nil {
		return time.Time{}, err
	}
	at, err := time.Parse(time.RFC3339, text)
	if err != nil || at.UTC().Format(time.RFC3339) != text || at.Year() < 2000 {
		return time.Time{}, In(key, Problemf("%.40q is not a time in the form 2026-07-05T00:00:00Z", text))
	}
	return at.UTC(), nil
}

// OrNothing is a literal for an error's text.
func OrNothing(literal string) string {
	if literal == "" {
		return "nothing"
	}
	return literal
}
