package interop

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/keeprouter/keeprouter-go/internal/schema"
)

// document is Anthropic's OpenAPI document, as it comes with the Go SDK.
type document struct {
	Paths      map[string]map[string]operation `json:"paths"`
	Components struct {
		Schemas map[string]json.RawMessage `json:"schemas"`
	} `json:"components"`

	mu       sync.Mutex
	compiled map[string]*schema.Schema // by the schema that refers to them
}

type operation struct {
	RequestBody content            `json:"requestBody"`
	Responses   map[string]content `json:"responses"`
}

type content struct {
	Content map[string]struct {
		Schema json.RawMessage `json:"schema"`
	} `json:"content"`
}

func (c content) schema() json.RawMessage { return c.Content["application/json"].Schema }

// anthropicDocument reads the document once for all tests.
var anthropicDocument = sync.OnceValues(func() (*document, error) {
	dir, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "github.com/anthropics/anthropic-sdk-go").Output()
	if err != nil {
		return nil, fmt.Errorf("where is the module of Anthropic's SDK? %w", err)
	}
	f, err := os.Open(filepath.Join(strings.TrimSpace(string(dir)), "scripts", "mock-spec.json.gz"))
	if err != nil {
		return nil, err
	}
	defer f.Close()
	unzipped, err := gzip.NewReader(f)
	if err != nil {
		return nil, err
	}
	data, err := io.ReadAll(unzipped)
	if err != nil {
		return nil, err
	}
	d := &document{compiled: map[string]*schema.Schema{}}
	return d, json.Unmarshal(data, d)
})

// operation finds what is asked of a path, which in its beta has an entry of its own.
func (d *document) operation(method, path string, beta bool) (operation, bool) {
	if id, found := strings.CutPrefix(path, "/v1/models/"); found && id != "" {
		path = "/v1/models/{model_id}"
	}
	if beta {
		path += "?beta=true"
	}
	op, ok := d.Paths[path][strings.ToLower(method)]
	return op, ok
}

// response is the schema of an answer that isn't a stream.
func (op operation) response(status int) json.RawMessage {
	return op.Responses[strconv.Itoa(status)].schema()
}

const (
	componentPrefix = "#/components/schemas/"
	localPrefix     = "#/$defs/"
)

var componentRef = regexp.MustCompile(`"#/components/schemas/([^"]+)"`)

// schema makes a schema that stands alone of one that refers to the document's.
func (d *document) schema(of json.RawMessage) (*schema.Schema, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if s := d.compiled[string(of)]; s != nil {
		return s, nil
	}
	defs := map[string]json.RawMessage{}
	d.collect(of, defs)
	alone, err := relaxed(map[string]any{"allOf": []json.RawMessage{of}, "$defs": defs})
	if err != nil {
		return nil, err
	}
	s, err := schema.Parse(bytes.ReplaceAll(alone, []byte(componentPrefix), []byte(localPrefix)))
	if err != nil {
		return nil, err
	}
	d.compiled[string(of)] = s
	return s, nil
}

// collect adds all that a schema refers to.
func (d *document) collect(of json.RawMessage, defs map[string]json.RawMessage) {
	for _, match := range componentRef.FindAllSubmatch(of, -1) {
		name := string(match[1])
		if _, known := defs[name]; !known {
			defs[name] = d.Components.Schemas[name]
			d.collect(defs[name], defs)
		}
	}
}

// validate tells in which ways data isn't what the schema says.
func (d *document) validate(of json.RawMessage, data []byte) error {
	if of == nil {
		return errors.New("the document has no schema for this")
	}
	s, err := d.schema(of)
	if err != nil {
		return err
	}
	return s.Validate(data)
}

// component is a reference to one of the document's schemas.
func (d *document) component(name string) json.RawMessage {
	if _, ok := d.Components.Schemas[name]; !ok {
		return nil
	}
	return json.RawMessage(`{"$ref":"` + componentPrefix + name + `"}`)
}

// events validates each event of a stream that is whole, and returns their types.
func (d *document) events(stream []byte, beta bool) ([]string, error) {
	name := "MessageStreamEvent"
	if beta {
		name = "BetaMessageStreamEvent"
	}
	types := map[string]bool{}
	for line := range bytes.Lines(stream) {
		data, isData := bytes.CutPrefix(bytes.TrimSpace(line), []byte("data: "))
		if !isData {
			continue
		}
		var event struct {
			Type string `json:"type"`
		}
		if err := json.Unmarshal(data, &event); err != nil {
			return nil, err
		}
		types[event.Type] = true
		if err := d.event(name, event.Type, data); err != nil {
			return nil, fmt.Errorf("event %s: %w", data, err)
		}
	}
	return slices.Sorted(maps.Keys(types)), nil
}

func (d *document) event(name, typ string, data []byte) error {
	switch typ {
	case "ping": // the document leaves it out
		return nil
	case "error":
		return d.validate(d.component("ErrorResponse"), data)
	}
	return d.validate(d.component(name), data)
}
