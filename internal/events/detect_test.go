package events

import (
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/require"
)

func TestDetect(t *testing.T) {
	const sse = "text/event-stream"
	for _, tt := range []struct {
		name, mediaType, body string
		want                  Form
		rest                  string
	}{
		{"stream", sse, "data: {}\n\n", Stream, "data: {}\n\n"},
		{"stream under another media type", "text/plain", "data: {}\n\n", Stream, "data: {}\n\n"},
		{"comment first, no media type", "", ": ping\n\ndata: {}\n\n", Stream, ": ping\n\ndata: {}\n\n"},
		{"BOM first, no media type", "", "\ufeffdata: {}\n\n", Stream, "\ufeffdata: {}\n\n"},
		{"blank lines before a stream", sse, "\n\ndata: {}\n\n", Stream, "\n\ndata: {}\n\n"},
		{"unknown field in a declared stream", sse, "foo: 1\n\n", Stream, "foo: 1\n\n"},
		{"empty declared stream", sse, "", Stream, ""},
		{"JSON", "application/json", `{"a":1}`, JSON, `{"a":1}`},
		{"JSON under the stream's media type", sse, `{"a":1}`, JSON, `{"a":1}`},
		{"JSON after blank lines", "application/json", "\n\n [1]", JSON, "[1]"},
		{"text that begins as a field might", "text/plain", "dead end", Other, "dead end"},
		{"HTML", "text/html", "<html>", Other, "<html>"},
		{"HTML under the stream's media type", sse, "<html>", Other, "<html>"},
		{"text", "text/plain", "no such thing", Other, "no such thing"},
		{"nothing", "application/json", "", Other, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			form, r, err := Detect(iotest.OneByteReader(strings.NewReader(tt.body)), tt.mediaType)
			require.NoError(t, err)
			rest, err := io.ReadAll(r)
			require.NoError(t, err)
			if form != tt.want || string(rest) != tt.rest {
				t.Errorf("Detect = %v, %q, want %v, %q", form, rest, tt.want, tt.rest)
			}
		})
	}
}

// TestDetectKeepsWhatCameWithAnError reads a connection that breaks while the first
// bytes are being read.
func TestDetectKeepsWhatCameWithAnError(t *testing.T) {
	gone := errors.New("gone")
	for _, tt := range []struct {
		name, body string
		want       Form
	}{
		{"stream", "data: {}\n\ndata: {", Stream},
		{"JSON", `{"a":`, JSON},
		{"HTML", "<html", Other},
	} {
		t.Run(tt.name, func(t *testing.T) {
			body := iotest.DataErrReader(io.MultiReader(strings.NewReader(tt.body), iotest.ErrReader(gone)))
			form, r, err := Detect(body, "")
			require.NoError(t, err)
			rest, err := io.ReadAll(r)
			require.ErrorIs(t, err, gone)
			if form != tt.want || string(rest) != tt.body {
				t.Errorf("Detect = %v, %q, want %v, %q", form, rest, tt.want, tt.body)
			}
		})
	}
}

func TestDetectEndsByItself(t *testing.T) {
	_, _, err := Detect(iotest.ErrReader(errors.New("gone")), "")
	require.ErrorContains(t, err, "gone")

	form, _, err := Detect(endlessSpace{}, "")
	require.NoError(t, err)
	if form != Other {
		t.Errorf("endless white space is %v, want Other", form)
	}

	_, _, err = Detect(stuck{}, "")
	require.ErrorIs(t, err, io.ErrNoProgress)
}

type endlessSpace struct{}

func (endlessSpace) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = ' '
	}
	return len(p), nil
}

type stuck struct{}

func (stuck) Read([]byte) (int, error) { return 0, nil }

// FuzzDetect holds that looking at a body's beginning takes nothing away from it, and
// that the form doesn't depend on how the bytes arrive.
func FuzzDetect(f *testing.F) {
	for _, body := range []string{"data: {}\n\n", "\ufeffdata: {}\n\n", "\n\n: ping\n\n", " \t\r\n{}", "<html>", "", "\n", "dat", "retry:1", strings.Repeat("\n", maxLead+1) + "{}"} {
		f.Add(body, true)
		f.Add(body, false)
	}
	f.Fuzz(func(t *testing.T, body string, declared bool) {
		mediaType := "text/plain"
		if declared {
			mediaType = "text/event-stream"
		}
		form, whole, err := Detect(strings.NewReader(body), mediaType)
		again, pieces, errAgain := Detect(iotest.OneByteReader(strings.NewReader(body)), mediaType)
		require.NoError(t, err)
		require.NoError(t, errAgain)
		want := body
		if form == JSON {
			want = strings.TrimLeft(body, " \t\r\n")
		}
		for _, r := range []io.Reader{whole, pieces} {
			got, err := io.ReadAll(r)
			require.NoError(t, err)
			if string(got) != want {
				t.Errorf("of %q there is %q", body, got)
			}
		}
		if form != again {
			t.Errorf("%q is of form %v, and byte by byte of form %v", body, form, again)
		}
	})
}
