package keeprouter

import (
	"bytes"
	"encoding/json"
	"slices"

	"github.com/keeprouter/keeprouter-go/internal/jsonx"
)

// detailTexts are the members of an item of reasoning_details that hold its
// readable text.
var detailTexts = []string{"text", "summary"}

// reasoningDetails are the items of reasoning_details as far as they have come. An
// item that comes in one piece is kept byte for byte, because it may be signed.
type reasoningDetails []*reasoningDetail

type reasoningDetail struct {
	kind, id, index string
	first           json.RawMessage
	pieces          int
	members         []detailMember
	places          map[string]int // of the members, by name
}

// detailMember is a member of an item: a text that grows, or a value.
type detailMember struct {
	name  string
	text  *jsonx.Text
	value json.RawMessage
}

// fold adds an item, or a piece of the item with the same type and index.
func (ds *reasoningDetails) fold(data json.RawMessage) error {
	kind, id := literal(memberOf(data, "type")), literal(memberOf(data, "id"))
	index := string(memberOf(data, "index"))
	d := ds.find(kind, id, index)
	if d == nil {
		d = &reasoningDetail{kind: kind, id: id, index: index, first: bytes.Clone(data), places: map[string]int{}}
		*ds = append(*ds, d)
	}
	if d.id == "" {
		d.id = id
	}
	d.pieces++
	for name, value := range jsonx.Members(data) {
		if err := d.add(name, value); err != nil {
			return err
		}
	}
	return nil
}

func (ds reasoningDetails) find(kind, id, index string) *reasoningDetail {
	for i := len(ds) - 1; i >= 0; i-- {
		d := ds[i]
		if d.kind == kind && d.index == index && (id == "" || d.id == "" || d.id == id) {
			return d
		}
		if index == "" {
			return nil // without an index only the last item goes on
		}
	}
	return nil
}

func (d *reasoningDetail) add(name string, value json.RawMessage) error {
	i, ok := d.places[name]
	if !ok {
		i = len(d.members)
		d.places[name] = i
		d.members = append(d.members, detailMember{name: name})
	}
	m := &d.members[i]
	switch grows := slices.Contains(detailTexts, name) || name == "data"; {
	case grows && jsonx.Kind(value) == '"':
		if m.text == nil {
			m.text = &jsonx.Text{}
		}
		_, err := m.text.Append(value)
		return err
	case !jsonx.IsNull(value) || m.value == nil:
		m.value = bytes.Clone(value)
	}
	return nil
}

// list returns the items so far, nil if there are none.
func (ds reasoningDetails) list() []json.RawMessage {
	var list []json.RawMessage
	for _, d := range ds {
		list = append(list, d.json())
	}
	return list
}

func (d *reasoningDetail) json() json.RawMessage {
	if d.pieces == 1 {
		return d.first
	}
	out := []byte{'{'}
	for i, m := range d.members {
		if i > 0 {
			out = append(out, ',')
		}
		name, _ := jsonx.Encode(m.name)
		value := m.value
		if m.text != nil {
			value, _ = jsonx.Encode(m.text.String())
		}
		out = append(append(append(out, name...), ':'), value...)
	}
	return append(out, '}')
}
