// Hello asks a model one thing and prints the answer as it comes.
package main

import (
	"encoding/json"
	"fmt"
	"log"
	"net/http"
	"os"
	"strings"

	"github.com/tmaxmax/go-sse"
)

func main() {
	req, err := http.NewRequest(http.MethodPost, "https://keeprouter.com/v1/chat/completions",
		strings.NewReader(`{"model":"gemma-4-31B-it","stream":true,"messages":[{"role":"user","content":"Hello"}]}`))
	if err != nil {
		log.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+os.Getenv("KEY"))
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		log.Fatal(err)
	}
	for event, err := range sse.Read(resp.Body, nil) {
		if err != nil {
			log.Fatal(err)
		}
		if event.Data == "[DONE]" {
			return
		}
		var chunk struct {
			Choices []struct {
				Delta struct {
					Content string `json:"content"`
				} `json:"delta"`
			} `json:"choices"`
		}
		if err := json.Unmarshal([]byte(event.Data), &chunk); err != nil {
			log.Fatal(err)
		}
		for _, c := range chunk.Choices {
			fmt.Print(c.Delta.Content)
		}
	}
}
