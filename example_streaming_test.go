package keeprouter_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"time"

	"github.com/keeprouter/keeprouter-go"
	"github.com/keeprouter/keeprouter-go/keeproutertest"
)

// A handler relays a stream: the browser sees each word as it is written, and the call
// ends when the browser goes away.
func Example_relay() {
	client, stop := local(keeproutertest.Reply{Text: "Air scatters blue light most."})
	defer stop()
	browser := httptest.NewRecorder()
	if err := relay(browser, httptest.NewRequest("GET", "/", http.NoBody), client, hello()); err != nil {
		log.Fatal(err)
	}
	fmt.Println(browser.Body, browser.Flushed)
	// Output: Air scatters blue light most. true
}

func relay(w http.ResponseWriter, r *http.Request, client *keeprouter.Client, req *keeprouter.ChatRequest) error {
	stream := client.Chat.Stream(r.Context(), req) // this context ends with the browser
	for text, err := range stream.Text() {
		if err != nil {
			return err
		}
		if _, err := io.WriteString(w, text); err != nil {
			return err // leaving the loop releases the connection
		}
		if err := http.NewResponseController(w).Flush(); err != nil {
			return err
		}
	}
	return nil
}

// What had arrived of a broken answer is in the result, beside the error.
func ExampleStream_Result_partial() {
	client, stop := local(keeproutertest.Reply{
		Deltas: []string{"Air scatters ", "blue ", "light"},
		Fault:  keeproutertest.Fault{EndAfterEvents: new(3)}, // the connection ends in mid-answer
	})
	defer stop()
	stream := client.Chat.Stream(context.Background(), hello())
	resp, err := stream.Result()
	switch {
	case errors.Is(err, keeprouter.ErrTruncated), errors.Is(err, keeprouter.ErrIdle):
		fmt.Printf("incomplete: %q\n", resp.Text())
	case err != nil:
		log.Fatal(err)
	}
	// Output: incomplete: "Air scatters blue "
}

// A loop over the events of Messages tells thinking from text.
func ExampleMessagesStream() {
	client, stop := local(keeproutertest.Reply{Thinking: "Rayleigh.", Text: "Scattering."})
	defer stop()
	stream := client.Messages.Stream(context.Background(), ask())
	for event, err := range stream.All() {
		if err != nil {
			log.Fatal(err)
		}
		switch event.DeltaType {
		case "thinking_delta":
			fmt.Println("thinking:", event.Thinking)
		case "text_delta":
			fmt.Println("text:", event.Text)
		}
	}
	// Output:
	// thinking: Rayleigh.
	// text: Scattering.
}

// Slow models and large answers need other limits than the defaults.
func ExampleTimeouts() {
	client, stop := local(keeproutertest.Reply{Text: "ok"})
	defer stop()
	patient, err := client.With(func(o *keeprouter.Options) {
		o.Timeouts.FirstByte = 20 * time.Minute // a long prompt on a busy model
		o.Timeouts.Idle = 5 * time.Minute       // between two reads, comments included
		o.Timeouts.Total = time.Hour            // the whole call, its repeats and your loop
		o.Limits.Stream = 1 << 30               // bytes of all events
	})
	if err != nil {
		log.Fatal(err)
	}
	resp, err := patient.Chat.Stream(context.Background(), hello()).Result()
	fmt.Println(resp.Text(), err)
	// Output: ok <nil>
}
