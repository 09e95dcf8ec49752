package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"time"

	"github.com/keeprouter/keeprouter-go"
)

// maxQuestion bounds what a browser may send, in bytes.
const maxQuestion = 16 << 10

// slowBrowser is how long one write to a browser may take. The model's stream is
// read only as fast as the browser reads, so without it a browser that stops
// reading would hold the call open.
const slowBrowser = 30 * time.Second

// relay answers POST /ask by streaming the model's answer to the browser as
// server-sent events: "text" for each piece, then "done" with usage and cost, or
// "failed". When the browser goes away, its request's context ends, and with it the
// call to the model.
type relay struct {
	client *keeprouter.Client
	log    *slog.Logger
}

type question struct {
	Prompt string `json:"prompt"`
}

func (s *relay) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var q question
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxQuestion)).Decode(&q); err != nil || q.Prompt == "" {
		http.Error(w, `want {"prompt": "…"}`, http.StatusBadRequest)
		return
	}
	stream := s.client.Chat.Stream(r.Context(), &keeprouter.ChatRequest{
		Model:     keeprouter.Gemma4_31B,
		Messages:  []keeprouter.ChatMessage{keeprouter.User(q.Prompt)},
		MaxTokens: new(1000),
	})
	out := newEventWriter(w)
	for text, err := range stream.Text() {
		if err != nil {
			s.fail(out, r, err)
			return
		}
		if err := out.write("text", map[string]string{"text": text}); err != nil {
			return // the browser is gone; leaving the loop ends the call
		}
	}
	resp, err := stream.Result()
	if err != nil {
		s.fail(out, r, err)
		return
	}
	s.log.InfoContext(r.Context(), "answered", "usage", resp.Usage, "cost", resp.Cost.String())
	_ = out.write("done", map[string]any{
		"input_tokens": resp.Usage.Input, "output_tokens": resp.Usage.Output, "cost": resp.Cost.String(),
	})
}

// fail tells the browser what it may know; the rest goes to the log.
func (s *relay) fail(out *eventWriter, r *http.Request, err error) {
	if r.Context().Err() != nil {
		return // nobody is left to tell
	}
	s.log.WarnContext(r.Context(), "the model's answer failed", "err", err)
	message := "The answer could not be completed."
	if errors.Is(err, keeprouter.ErrRateLimited) || errors.Is(err, keeprouter.ErrOverloaded) {
		message = "The model is busy. Please try again in a moment."
	}
	if !out.begun {
		http.Error(out.w, message, http.StatusBadGateway)
		return
	}
	_ = out.write("failed", map[string]string{"message": message})
}

// eventWriter writes server-sent events, each one flushed.
type eventWriter struct {
	w       http.ResponseWriter
	control *http.ResponseController
	begun   bool
}

func newEventWriter(w http.ResponseWriter) *eventWriter {
	return &eventWriter{w: w, control: http.NewResponseController(w)}
}

func (e *eventWriter) write(name string, data any) error {
	if !e.begun {
		e.begun = true
		e.w.Header().Set("Content-Type", "text/event-stream")
		e.w.Header().Set("Cache-Control", "no-cache")
	}
	body, err := json.Marshal(data)
	if err != nil {
		return err
	}
	if err := e.control.SetWriteDeadline(time.Now().Add(slowBrowser)); err != nil && !errors.Is(err, http.ErrNotSupported) {
		return err
	}
	if _, err := fmt.Fprintf(e.w, "event: %s\ndata: %s\n\n", name, body); err != nil {
		return err
	}
	return e.control.Flush()
}
