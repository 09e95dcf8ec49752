package keeproutertest

import (
	"fmt"
	"reflect"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// TestEngineGetsTheWholeReply fills every field and looks for it in the engine's
// reply, so that no new field is forgotten on the way.
func TestEngineGetsTheWholeReply(t *testing.T) {
	var r Reply
	fill(reflect.ValueOf(&r).Elem())
	got := reflect.ValueOf(r.engine())
	for i := range reflect.TypeFor[Reply]().NumField() {
		name := reflect.TypeFor[Reply]().Field(i).Name
		want := fmt.Sprintf("%+v", printable(reflect.ValueOf(r).Field(i)))
		if diff := cmp.Diff(want, fmt.Sprintf("%+v", printable(got.FieldByName(name)))); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
		if got.FieldByName(name).IsZero() {
			t.Errorf("%s was not filled", name)
		}
	}
}

func printable(v reflect.Value) any { return reflect.Indirect(v).Interface() }

func fill(v reflect.Value) {
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			fill(v.Field(i))
		}
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(v.Elem())
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		fill(v.Index(0))
	case reflect.Map:
		v.Set(reflect.ValueOf(map[string][]string{"X": {"y"}}).Convert(v.Type()))
	case reflect.String:
		v.SetString("text")
	case reflect.Bool:
		v.SetBool(true)
	default:
		v.SetInt(int64(7 * time.Second))
	}
}
