package peer

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"

	"github.com/keeprouter/keeprouter-go/internal/benchmarks/feed"
)

// bare sends bytes that were made beforehand and reads what comes without looking
// into it.
func bare(format feed.Format) Peer {
	return Peer{
		Name: NetHTTP, Format: format, Bare: true,
		Connect: func(s Server, c *feed.Conversation) (Session, error) {
			chat, messages := plainChatRequest(c), plainMessagesRequest(c)
			var req any = &chat
			if format == feed.Messages {
				req = &messages
			}
			body, err := json.Marshal(req)
			if err != nil {
				return nil, err
			}
			chat.Stream, messages.Stream = true, true
			streamed, err := json.Marshal(req)
			return &bareSession{s, format, body, streamed}, err
		},
	}
}

type bareSession struct {
	server   Server
	format   feed.Format
	body     []byte
	streamed []byte
}

// Stream counts the lines, as the least that a relay would do. Where the server
// paces, it also finds the text of an event that came alone.
func (s *bareSession) Stream(ctx context.Context, each func(string)) (feed.Answer, error) {
	resp, err := post(ctx, s.server, s.format, s.streamed)
	if err != nil {
		return feed.Answer{}, err
	}
	defer resp.Body.Close()
	lines, marker := 2, []byte(`"content":"`)
	if s.format == feed.Messages {
		lines, marker = 3, []byte(`"text":"`)
	}
	buf := make([]byte, 4<<10)
	for count := 0; ; count %= lines {
		n, err := resp.Body.Read(buf)
		count += bytes.Count(buf[:n], []byte{'\n'})
		if s.server.Paced && count == lines {
			each(between(buf[:n], marker))
		} else {
			for range count / lines {
				each("")
			}
		}
		switch {
		case err == io.EOF:
			return feed.Answer{}, nil
		case err != nil:
			return feed.Answer{}, err
		}
	}
}

func between(data, marker []byte) string {
	_, rest, _ := bytes.Cut(data, marker)
	text, _, _ := bytes.Cut(rest, []byte{'"'})
	return string(text)
}

func (s *bareSession) Call(ctx context.Context) (any, error) {
	resp, err := post(ctx, s.server, s.format, s.body)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	return io.ReadAll(resp.Body)
}

// Encode copies what is encoded already.
func (s *bareSession) Encode() ([]byte, error) { return bytes.Clone(s.body), nil }

func post(ctx context.Context, s Server, format feed.Format, body []byte) (*http.Response, error) {
	path := "/v1/chat/completions"
	if format == feed.Messages {
		path = "/v1/messages"
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, s.URL+path, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Authorization", "Bearer "+key)
	if format == feed.Messages {
		req.Header.Set("Anthropic-Version", "2023-06-01")
	}
	resp, err := s.HTTP.Do(req)
	if err == nil && resp.StatusCode != http.StatusOK {
		resp.Body.Close()
		err = fmt.Errorf("status %s", resp.Status)
	}
	return resp, err
}

func readWhole[T any](resp *http.Response) (any, error) {
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body)
	if err != nil {
		return nil, err
	}
	value := new(T)
	return value, json.Unmarshal(data, value)
}
