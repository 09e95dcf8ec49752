package jsonx_test

import (
	"encoding/json"
	"fmt"

	"github.com/keeprouter/keeprouter-go/internal/jsonx"
)

// note keeps the members that it doesn't know.
type note struct {
	Text  string                     `json:"text"`
	Extra map[string]json.RawMessage `json:"-"`
}

func (n *note) MarshalJSON() ([]byte, error) {
	type alias note // the fields without the methods, which would call themselves
	return jsonx.Marshal((*alias)(n), n.Extra)
}

func (n *note) UnmarshalJSON(data []byte) (err error) {
	type alias note
	n.Extra, err = jsonx.Unmarshal(data, (*alias)(n))
	return err
}

func ExampleMarshal() {
	var n note
	if err := json.Unmarshal([]byte(`{"signature":"x9","text":"hi","TEXT":"evil"}`), &n); err != nil {
		fmt.Println(err)
	}
	out, err := json.Marshal(&n)
	fmt.Println(string(out), err)
	// Output: {"text":"hi","TEXT":"evil","signature":"x9"} <nil>
}
