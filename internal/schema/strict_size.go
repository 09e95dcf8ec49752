package schema

import (
	"fmt"
)

// strictSize is what chat completions limit in a strict schema.
type strictSize struct {
	depth      int // of objects
	properties int
	values     int // of all enums
	text       int // bytes of names and values
}

// chatSize holds the limits as they were published in February 2026.
func chatSize() strictSize {
	return strictSize{depth: 10, properties: 5000, values: 1000, text: 120_000}
}

func (z *strictSize) count(s *subschema) {
	all := s.Enum
	if s.Const != nil {
		all = append([]any{*s.Const}, all...)
	}
	z.values += len(s.Enum)
	for _, v := range all {
		z.text += len(literalText(v))
	}
}

func literalText(v any) string {
	if s, ok := v.(string); ok {
		return s
	}
	return fmt.Sprint(v)
}

func (z *strictSize) check(mode Strictness) error {
	if mode != StrictChat {
		return nil
	}
	most := chatSize()
	for _, limit := range []struct {
		what      string
		got, most int
	}{
		{"levels of objects", z.depth, most.depth},
		{"properties", z.properties, most.properties},
		{"values in enums", z.values, most.values},
		{"bytes of names and values", z.text, most.text},
	} {
		if limit.got > limit.most {
			return &StrictError{Reason: fmt.Sprintf("it has %d %s, and %d is the most", limit.got, limit.what, limit.most)}
		}
	}
	return nil
}
