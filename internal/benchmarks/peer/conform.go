package peer

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/google/go-cmp/cmp"

	"github.com/keeprouter/keeprouter-go/internal/benchmarks/feed"
)

// Streams returns the streams of a format.
func Streams(format feed.Format) []*feed.Stream {
	if format == feed.Messages {
		return []*feed.Stream{feed.MessagesText(), feed.MessagesTools()}
	}
	return []*feed.Stream{feed.ChatText(), feed.ChatTools(), feed.ChatVaried(), feed.ChatComments()}
}

// Whole returns a whole answer of a format, of about so many bytes.
func Whole(format feed.Format, size int) *feed.Whole {
	if format == feed.Messages {
		return feed.MessagesWhole(size)
	}
	return feed.ChatWhole(size)
}

// Conform tells what a peer drops or changes, of streams, whole answers and
// requests. Nil means that its figures can be compared with others'.
func Conform(p Peer) error {
	for _, stream := range Streams(p.Format) {
		for _, reads := range []feed.Reads{feed.OneEvent, feed.Many} {
			if err := conformStream(p, stream, reads); err != nil {
				return fmt.Errorf("%s: %s, %s: %w", p.Name, stream.Name, reads, err)
			}
		}
	}
	if p.Bare {
		return nil
	}
	if err := conformWhole(p, Whole(p.Format, 4<<10)); err != nil {
		return fmt.Errorf("%s: whole answer: %w", p.Name, err)
	}
	if err := conformRequest(p, feed.History()); err != nil {
		return fmt.Errorf("%s: request: %w", p.Name, err)
	}
	return nil
}

func conformStream(p Peer, stream *feed.Stream, reads feed.Reads) error {
	session, err := p.Connect(Server{URL: feed.Offline, HTTP: feed.NewTransport(stream, reads).Client()}, feed.Hello())
	if err != nil {
		return err
	}
	var text strings.Builder
	events := 0
	got, err := session.Stream(context.Background(), func(s string) {
		events++
		text.WriteString(s)
	})
	switch {
	case err != nil:
		return err
	case p.Bare && events < len(stream.Events):
		return fmt.Errorf("%d events of %d", events, len(stream.Events))
	case p.Bare:
		return nil
	}
	want := stream.Want.Text
	for _, c := range stream.Want.Calls {
		want += c.Arguments
	}
	if text.String() != want {
		return errors.New("the parts are not the whole: " + cmp.Diff(want, text.String()))
	}
	return difference(stream.Want, got)
}

func conformWhole(p Peer, whole *feed.Whole) error {
	decoded, err := p.Decode(whole.Body)
	if err != nil {
		return err
	}
	session, err := p.Connect(Server{URL: feed.Offline, HTTP: feed.NewWholeTransport(whole).Client()}, feed.Hello())
	if err != nil {
		return err
	}
	called, err := session.Call(context.Background())
	if err != nil {
		return err
	}
	return errors.Join(difference(whole.Want, p.Answer(decoded)), difference(whole.Want, p.Answer(called)))
}

func difference(want, got feed.Answer) error {
	if diff := cmp.Diff(want, got); diff != "" {
		return errors.New("want (-) got (+):\n" + diff)
	}
	return nil
}

// conformRequest compares the request's JSON with that of the plain structs.
// Fields that a client adds don't count; what it leaves out or changes does.
func conformRequest(p Peer, c *feed.Conversation) error {
	session, err := p.Connect(Server{URL: feed.Offline}, c)
	if err != nil {
		return err
	}
	data, err := session.Encode()
	if err != nil {
		return err
	}
	var want any = plainChatRequest(c)
	if p.Format == feed.Messages {
		want = plainMessagesRequest(c)
	}
	reference, err := json.Marshal(want)
	if err != nil {
		return err
	}
	var wanted, got any
	if err := errors.Join(json.Unmarshal(reference, &wanted), json.Unmarshal(data, &got)); err != nil {
		return err
	}
	return contains(got, wanted, "$")
}

// contains reports where got lacks something of want. A list with one text is as
// good as the text.
func contains(got, want any, path string) error {
	switch want := want.(type) {
	case map[string]any:
		object, _ := got.(map[string]any)
		for name, value := range want {
			if err := contains(object[name], value, path+"."+name); err != nil {
				return err
			}
		}
		return nil
	case []any:
		list, ok := got.([]any)
		if text, isText := got.(string); isText && len(want) == 1 {
			return contains(map[string]any{"type": "text", "text": text}, want[0], path)
		}
		if !ok || len(list) != len(want) {
			return fmt.Errorf("%s: %d elements, want %d", path, len(list), len(want))
		}
		for i := range want {
			if err := contains(list[i], want[i], fmt.Sprintf("%s[%d]", path, i)); err != nil {
				return err
			}
		}
		return nil
	default:
		if got != want {
			return fmt.Errorf("%s: %v, want %v", path, got, want)
		}
		return nil
	}
}

// Shapes describes the streams: their mean bytes an event.
func Shapes() string {
	var b bytes.Buffer
	for _, format := range []feed.Format{feed.Chat, feed.Messages} {
		for _, s := range slices.Concat(Streams(format)) {
			fmt.Fprintf(&b, "%s: %d events of %d bytes; ", s.Name, len(s.Events), s.Size()/len(s.Events))
		}
	}
	return strings.TrimSuffix(b.String(), "; ")
}
