package keeprouter

import (
	"encoding/json"
	"fmt"
	"maps"

	"github.com/keeprouter/keeprouter-go/internal/jsonx"
)

// The wire puts some fields into an object of their own, such as a tool call's name
// and arguments. They are flat here; what else that object held is in Extra under
// its name, as an object of the rest.

// extras are members that no field takes.
type extras = map[string]json.RawMessage

// unmarshalObject decodes an object of an answer; null is an empty one.
func unmarshalObject(data []byte, dst any) (extras, error) {
	if len(data) == 0 || jsonx.IsNull(data) {
		return nil, nil
	}
	return jsonx.Own(readOwn).Unmarshal(data, dst)
}

// unmarshalRequest is unmarshalObject for what only requests hold.
func unmarshalRequest(data []byte, dst any) (extras, error) {
	if len(data) == 0 || jsonx.IsNull(data) {
		return nil, nil
	}
	return jsonx.Unmarshal(data, dst)
}

// readNested decodes the object that is a member called name, and keeps the rest of
// it.
func readNested(data json.RawMessage, name string, dst any, extra *extras) error {
	rest, err := unmarshalObject(data, dst)
	return keepRead(name, rest, err, extra)
}

func keepRead(name string, rest extras, err error, extra *extras) error {
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return keepNested(name, rest, extra)
}

// keepNested puts the rest of a nested object into extra.
func keepNested(name string, rest extras, extra *extras) error {
	if len(rest) == 0 {
		return nil
	}
	object, err := jsonx.Marshal(struct{}{}, rest)
	if err != nil {
		return err
	}
	if *extra == nil {
		*extra = extras{}
	}
	(*extra)[name] = object
	return nil
}

// writeNested encodes an object with the rest that extra has under its name.
func writeNested(src any, name string, extra extras) (json.RawMessage, error) {
	return jsonx.Marshal(src, nestedExtra(extra, name))
}

// nestedExtra returns what extra holds of the object called name.
func nestedExtra(extra extras, name string) extras {
	raw, ok := extra[name]
	if !ok {
		return nil
	}
	rest := extras{}
	for member, value := range jsonx.Members(raw) {
		rest[member] = value
	}
	return rest
}

// without returns extra less the object called name, which is written elsewhere.
func without(extra extras, name string) extras {
	if _, ok := extra[name]; !ok {
		return extra
	}
	rest := maps.Clone(extra)
	delete(rest, name)
	return rest
}
