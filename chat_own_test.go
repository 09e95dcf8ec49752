package keeprouter

import (
	"encoding"
	"encoding/json"
	"reflect"
	"testing"
)

// What reads itself, and stands in something that is read with readOwn, must be known
// to that: else it would be read as if it were a plain struct.
func TestReadOwnKnowsTheTypesOfAnswers(t *testing.T) {
	t.Parallel()
	seen := map[reflect.Type]bool{}
	for _, v := range []any{
		chatResponseWire{},
		chatChoiceWire{},
		chatMessageWire{},
		ChatResponse{},
		ChatMessage{},
		ChatToolCall{},
		typedWire{},
		functionWire{},
		customWire{},
		TextPart{},
		ImagePart{},
		AudioPart{},
		FilePart{},
		RefusalPart{},
		textPartWire{},
		imagePartWire{},
		imageWire{},
		audioPartWire{},
		audioWire{},
		filePartWire{},
		fileWire{},
		refusalPartWire{},
		predictionWire{},
		formatWire{},
		schemaWire{},
		audioOptionsWire{},
		voiceWire{},
		webSearchWire{},
		locationWire{},
		approximateWire{},
		moderationWire{},
		policyWire{},
		policyModeWire{},
		toolFunctionWire{},
		toolCustomWire{},
		choiceWire{},
		nameWire{},
	} {
		checkOwn(t, reflect.TypeOf(v), seen)
	}
	for _, v := range []any{ChatStreamOptions{}, ChatPromptCache{}} { // themselves parts of requests only
		for i := range reflect.TypeOf(v).NumField() {
			checkOwn(t, reflect.TypeOf(v).Field(i).Type, seen)
		}
	}
}

func checkOwn(t *testing.T, typ reflect.Type, seen map[reflect.Type]bool) {
	if seen[typ] || typ == reflect.TypeFor[json.RawMessage]() {
		return
	}
	seen[typ] = true
	p := reflect.New(typ)
	_, unmarshaler := p.Interface().(json.Unmarshaler)
	_, text := p.Interface().(encoding.TextUnmarshaler)
	if own, _ := readOwn(p.Interface(), []byte("null")); own != (unmarshaler || text) {
		t.Errorf("%s: own = %t", typ, own)
	}
	switch typ.Kind() {
	case reflect.Struct:
		for i := range typ.NumField() {
			if field := typ.Field(i); field.Tag.Get("json") != "-" {
				checkOwn(t, field.Type, seen)
			}
		}
	case reflect.Pointer, reflect.Slice, reflect.Map:
		checkOwn(t, typ.Elem(), seen)
	}
}
