package translate_test

import (
	"context"
	"fmt"
	"log"
	"net/http"
	"net/http/httptest"
	"net/url"

	"github.com/keeprouter/keeprouter-go"
	"github.com/keeprouter/keeprouter-go/keeproutertest"
	"github.com/keeprouter/keeprouter-go/translate"
)

// The Messages format, on a server that speaks Chat Completions only.
func ExampleRoundTripper() {
	gateway := keeproutertest.Start(keeproutertest.Reply{Text: "Scattering."})
	defer gateway.Close()
	vLLM := httptest.NewServer(gateway)
	defer vLLM.Close()

	client, err := keeprouter.NewClient(&keeprouter.Options{
		Key:     keeprouter.NewKey(keeproutertest.Key), // whatever the server wants
		BaseURL: vLLM.URL,
		HTTPClient: &http.Client{Transport: &translate.RoundTripper{
			Server: translate.Chat,
			Report: func(_ *http.Request, d translate.Diagnostic) {
				if !d.Minor {
					fmt.Println(d) // such as: metadata dropped: …
				}
			},
		}},
	})
	if err != nil {
		log.Fatal(err)
	}
	resp, err := client.Messages.Create(context.Background(), &keeprouter.MessagesRequest{
		Model:     keeprouter.Gemma4_31B,
		MaxTokens: 200,
		Messages:  []keeprouter.Message{keeprouter.UserMessage("Why is the sky blue?")},
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(resp.Text(), "by", gateway.Requests()[0].Path)
	// Output:
	// Scattering. by /v1/chat/completions
}

// A proxy that gives a server both formats, for clients in any language.
func ExampleHandler() {
	gateway := keeproutertest.Start(keeproutertest.Reply{Text: "Scattering."})
	defer gateway.Close()
	vLLM := httptest.NewServer(gateway)
	defer vLLM.Close()

	upstream, err := url.Parse(vLLM.URL)
	if err != nil {
		log.Fatal(err)
	}
	proxy := httptest.NewServer(translate.Handler(upstream, &translate.RoundTripper{Server: translate.Chat}))
	defer proxy.Close()

	client, err := keeprouter.NewClient(&keeprouter.Options{Key: keeprouter.NewKey(keeproutertest.Key), BaseURL: proxy.URL})
	if err != nil {
		log.Fatal(err)
	}
	resp, err := client.Messages.Create(context.Background(), &keeprouter.MessagesRequest{
		Model: keeprouter.Gemma4_31B, MaxTokens: 200, Messages: []keeprouter.Message{keeprouter.UserMessage("Why is the sky blue?")},
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(resp.Text())
	// Output: Scattering.
}
