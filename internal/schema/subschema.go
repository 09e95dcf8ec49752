package schema

import "encoding/json"

// subschema is one object of a schema: its keywords, and the schemas in it. A schema
// that is true has none, one that is false is [never].
//
// It is a type of ours, not that of github.com/google/jsonschema-go, which the tests
// compare with: all that is needed of one here is to hold keywords, and a program that
// imports that module pays for its reflection and its patterns whether it has tools
// or not.
type subschema struct {
	ID            string // $id
	Schema        string // $schema
	Ref           string // $ref
	Comment       string // $comment
	Anchor        string // $anchor
	DynamicAnchor string // $dynamicAnchor
	DynamicRef    string // $dynamicRef
	Defs          map[string]*subschema
	Definitions   map[string]*subschema

	Title       string
	Description string
	Default     json.RawMessage
	Deprecated  bool
	ReadOnly    bool
	WriteOnly   bool
	Examples    []any

	Type  string   // if it is one
	Types []string // if it is a list
	Enum  []any
	Const *any // of which null is a value

	MultipleOf       *float64
	Minimum          *float64
	Maximum          *float64
	ExclusiveMinimum *float64
	ExclusiveMaximum *float64

	MinLength        *int
	MaxLength        *int
	Pattern          string
	Format           string
	ContentEncoding  string
	ContentMediaType string
	ContentSchema    *subschema

	Items            *subschema   // if it is one
	ItemsArray       []*subschema // if it is a list
	PrefixItems      []*subschema
	AdditionalItems  *subschema
	UnevaluatedItems *subschema
	Contains         *subschema
	MinContains      *int
	MaxContains      *int
	MinItems         *int
	MaxItems         *int
	UniqueItems      bool

	Properties            map[string]*subschema
	PropertyOrder         []string
	PatternProperties     map[string]*subschema
	AdditionalProperties  *subschema
	PropertyNames         *subschema
	UnevaluatedProperties *subschema
	MinProperties         *int
	MaxProperties         *int
	Required              []string
	DependentRequired     map[string][]string
	DependentSchemas      map[string]*subschema
	DependencySchemas     map[string]*subschema // the dependencies that are schemas
	DependencyStrings     map[string][]string   // and those that are lists of names

	AllOf []*subschema
	AnyOf []*subschema
	OneOf []*subschema
	Not   *subschema
	If    *subschema
	Then  *subschema
	Else  *subschema

	Extra map[string]any // keywords that have no field
}

// never is the schema that nothing fits, which is written as false.
func never() *subschema { return &subschema{Not: &subschema{}} }
