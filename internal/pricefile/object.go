package pricefile

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
	"time"
)

// object is a JSON object with exactly the members that it may have: encoding/json
// alone would take "Input" for "input", and the last of two.
type object map[string]json.RawMessage

// readObject returns the object together with an error about one of its keys.
func readObject(data []byte, known ...string) (object, error) {
	dec := json.NewDecoder(bytes.NewReader(data))
	if start, err := dec.Token(); err != nil || start != json.Delim('{') {
		return nil, problem("want an object, have %.40s", data)
	}
	o := object{}
	var wrong error
	for dec.More() {
		token, err := dec.Token()
		if err != nil {
			return o, err
		}
		key, _ := token.(string)
		var value json.RawMessage
		if err := dec.Decode(&value); err != nil {
			return o, in(key, err)
		}
		if _, twice := o[key]; twice && wrong == nil {
			wrong = in(key, problem("the key is there twice"))
		}
		if !slices.Contains(known, key) && wrong == nil {
			wrong = in(shortened(key), problem("unknown key; known are %s", strings.Join(known, ", ")))
		}
		o[key] = value
	}
	return o, wrong
}

func shortened(name string) string {
	const most = 80
	if len(name) <= most {
		return name
	}
	return strings.ToValidUTF8(name[:most], "") + "…"
}

// has counts null as absent.
func (o object) has(key string) bool {
	return len(o[key]) > 0 && string(o[key]) != "null"
}

func (o object) text(key string) (string, error) {
	if !o.has(key) {
		return "", in(key, problem("it is missing"))
	}
	var text string
	if json.Unmarshal(o[key], &text) != nil {
		return "", in(key, problem("want a string, have %.40s", o[key]))
	}
	if text == "" {
		return "", in(key, problem("it is empty"))
	}
	return text, nil
}

// texts returns none when the key is absent.
func (o object) texts(key string) ([]string, error) {
	var texts []string
	if o.has(key) && json.Unmarshal(o[key], &texts) != nil {
		return nil, in(key, problem("want a list of strings, have %.40s", o[key]))
	}
	return texts, nil
}

func (o object) list(key string) ([]json.RawMessage, error) {
	list, err := o.optionalList(key)
	if err == nil && len(list) == 0 {
		err = in(key, problem("it is missing or empty"))
	}
	return list, err
}

func (o object) optionalList(key string) ([]json.RawMessage, error) {
	var list []json.RawMessage
	if o.has(key) && json.Unmarshal(o[key], &list) != nil {
		return nil, in(key, problem("want a list, have %.40s", o[key]))
	}
	return list, nil
}

// flag returns false when the key is absent.
func (o object) flag(key string) (bool, error) {
	if !o.has(key) {
		return false, nil
	}
	switch string(o[key]) {
	case "true":
		return true, nil
	case "false":
		return false, nil
	}
	return false, in(key, problem("want true or false, have %.40s", o[key]))
}

// maxTokens is more than any prompt has, and leaves room for one more.
const maxTokens = 1e12

func (o object) tokens(key string) (int64, error) {
	if !o.has(key) {
		return 0, in(key, problem("it is missing"))
	}
	var n int64
	if json.Unmarshal(o[key], &n) != nil || n <= 0 || n > maxTokens {
		return 0, in(key, problem("want a whole number from 1 to %d, have %.40s", int64(maxTokens), o[key]))
	}
	return n, nil
}

// date refuses years without large language models, so that no row can have the
// zero time, which stands for no end.
func (o object) date(key string) (time.Time, error) {
	text, err := o.text(key)
	if err != nil {
		return time.Time{}, err
	}
	day, err := time.Parse(time.DateOnly, text)
	if err != nil || day.Year() < 2000 {
		return time.Time{}, in(key, problem("%.40q is not a date in the form 2026-07-05", text))
	}
	return day, nil
}

// moment takes one form only, so that writing a table again gives the same bytes.
func (o object) moment(key string) (time.Time, error) {
	text, err := o.text(key)
	if err != nil {
		return time.Time{}, err
	}
	at, err := time.Parse(time.RFC3339, text)
	if err != nil || at.UTC().Format(time.RFC3339) != text || at.Year() < 2000 {
		return time.Time{}, in(key, problem("%.40q is not a time in the form 2026-07-05T00:00:00Z", text))
	}
	return at.UTC(), nil
}
