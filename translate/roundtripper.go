package translate

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"net/http"
	"strings"

	"github.com/keeprouter/keeprouter-go"
	"github.com/keeprouter/keeprouter-go/internal/jsonx"
)

// Format is one of the two wire formats.
type Format string

// The formats.
const (
	Chat     Format = "chat"     // Chat Completions
	Messages Format = "messages" // Messages
)

// RoundTripper lets clients of either format talk to a server that speaks one of them
// only: requests of the other format are translated, and so are their answers, streams
// and errors, the list of models, and the headers that tell of limits and of the
// request's id. What only the client's format has, such as batches, isn't found. All
// other requests go through as they are, and only their errors are translated.
//
//	client, err := keeprouter.NewClient(&keeprouter.Options{
//		BaseURL:    "http://localhost:8000", // a vLLM, say
//		HTTPClient: &http.Client{Transport: &translate.RoundTripper{Server: translate.Chat}},
//	})
//	resp, err := client.Messages.Create(ctx, req) // POST /v1/chat/completions
//
// What can't be carried is answered by an error of status 400 in the client's format.
// A Chat server gets no request to count tokens: Count answers it.
type RoundTripper struct {
	// Server is the format that the server speaks.
	Server Format

	// Translator has the settings.
	Translator Translator

	// Next makes the requests. Default: [http.DefaultTransport].
	Next http.RoundTripper

	// Count counts the tokens of a prompt for clients of Messages that ask a Chat
	// server for them, and for the first event of their streams. Default: by
	// [keeprouter.DefaultTokenCounter], with Gemma's chat template.
	Count func(*keeprouter.MessagesRequest) (int64, error)

	// Prices computes what a translated answer costs, which its header [CostHeader] then
	// tells. Default: none, and no such header.
	Prices keeprouter.PriceSource

	// MaxBody bounds the bytes of a request's body, of an answer that isn't a stream, and
	// of one event of a stream. Default: 32 MiB.
	MaxBody int64

	// Report is told what was changed in a request or its answer, if it isn't nil.
	Report func(*http.Request, Diagnostic)
}

// ErrBodyTooLarge tells that a body exceeds RoundTripper.MaxBody.
var ErrBodyTooLarge = errors.New("translate: the body is larger than RoundTripper.MaxBody")

const (
	chatPath     = "/chat/completions"
	messagesPath = "/messages"
	countPath    = "/messages/count_tokens"
)

// RoundTrip answers a request. The error is that of Next, or of a body that can't be
// read.
func (rt *RoundTripper) RoundTrip(req *http.Request) (*http.Response, error) {
	path := strings.TrimRight(req.URL.Path, "/")
	switch clientFormat(req, path) {
	case rt.Server, "":
		return rt.next().RoundTrip(req)
	case Messages:
		return rt.messagesClient(req, path)
	}
	return rt.chatClient(req, path)
}

// messagesClient answers a client of Messages, by a Chat server.
func (rt *RoundTripper) messagesClient(req *http.Request, path string) (*http.Response, error) {
	base, ok := strings.CutSuffix(path, messagesPath)
	switch {
	case strings.HasSuffix(path, countPath) && req.Method == http.MethodPost:
		return rt.count(req)
	case ok && req.Method == http.MethodPost:
		return rt.messagesToChat(req, base+chatPath)
	case ok || strings.Contains(path+"/", messagesPath+"/"):
		return rt.nothingThere(req, path, base+chatPath, ok || strings.HasSuffix(path, countPath))
	}
	return rt.others(req, path)
}

// chatClient answers a client of Chat, by a Messages server.
func (rt *RoundTripper) chatClient(req *http.Request, path string) (*http.Response, error) {
	base, ok := strings.CutSuffix(path, chatPath)
	switch {
	case ok && req.Method == http.MethodPost:
		return rt.chatToMessages(req, base+messagesPath)
	case ok || strings.Contains(path+"/", chatPath+"/"):
		return rt.nothingThere(req, path, base+messagesPath, ok)
	}
	return rt.others(req, path)
}

func (rt *RoundTripper) next() http.RoundTripper {
	if rt.Next == nil {
		return http.DefaultTransport
	}
	return rt.Next
}

func (rt *RoundTripper) maxBody() int64 { return cmp.Or(rt.MaxBody, 32<<20) }

func (rt *RoundTripper) report(req *http.Request, diagnostics ...Diagnostic) {
	if rt.Report == nil {
		return
	}
	for _, d := range diagnostics {
		rt.Report(req, d)
	}
}

// messagesToChat makes a call of Messages at a Chat server.
func (rt *RoundTripper) messagesToChat(req *http.Request, path string) (*http.Response, error) {
	var asked keeprouter.MessagesRequest
	if answer, err := rt.read(req, &asked, rt.Translator.MessagesError); answer != nil || err != nil {
		return answer, err
	}
	translated, session, diagnostics, err := rt.Translator.ToChat(&asked)
	rt.report(req, diagnostics...)
	if err != nil {
		return answerError(req, rt.Translator.MessagesError(err)), nil
	}
	if translated.Stream {
		translated.StreamOptions = &keeprouter.ChatStreamOptions{IncludeUsage: new(true)}
	}
	resp, err := rt.send(req, path, translated)
	if err != nil {
		return nil, err
	}
	return rt.answer(req, resp, asked.Stream, answerFormat{
		model:  translated.Model,
		failed: rt.Translator.MessagesError,
		whole: func(data []byte) (wholeAnswer, error) {
			var r keeprouter.ChatResponse
			if err := json.Unmarshal(data, &r); err != nil {
				return wholeAnswer{}, badAnswer(err)
			}
			translated, diagnostics, err := session.MessagesResponse(&r)
			return encode(translated, r.Usage, diagnostics, err)
		},
		stream: func(body io.Reader, o StreamOptions) streamWriter {
			o.InputTokens, _ = rt.tokens(&asked) // clients show it until the true number comes
			return writeMessages(func(alive func() bool) iter.Seq2[*keeprouter.MessagesEvent, error] {
				return session.MessagesStream(readChunks(body, rt.maxBody(), alive), o)
			})
		},
	})
}

// chatToMessages makes a call of Chat at a Messages server.
func (rt *RoundTripper) chatToMessages(req *http.Request, path string) (*http.Response, error) {
	var asked keeprouter.ChatRequest
	if answer, err := rt.read(req, &asked, rt.Translator.ChatError); answer != nil || err != nil {
		return answer, err
	}
	translated, session, diagnostics, err := rt.Translator.ToMessages(&asked)
	rt.report(req, diagnostics...)
	if err != nil {
		return answerError(req, rt.Translator.ChatError(err)), nil
	}
	resp, err := rt.send(req, path, translated)
	if err != nil {
		return nil, err
	}
	return rt.answer(req, resp, asked.Stream, answerFormat{
		model:  translated.Model,
		failed: rt.Translator.ChatError,
		whole: func(data []byte) (wholeAnswer, error) {
			var r keeprouter.MessagesResponse
			if err := json.Unmarshal(data, &r); err != nil {
				return wholeAnswer{}, badAnswer(err)
			}
			translated, diagnostics, err := session.ChatResponse(&r)
			return encode(translated, r.Usage, diagnostics, err)
		},
		stream: func(body io.Reader, o StreamOptions) streamWriter {
			return writeChunks(func(alive func() bool) iter.Seq2[*keeprouter.ChatChunk, error] {
				return session.ChatStream(readEvents(body, rt.maxBody(), alive), o)
			})
		},
	})
}

func encode(v any, usage keeprouter.Usage, diagnostics []Diagnostic, err error) (wholeAnswer, error) {
	answer := wholeAnswer{usage: usage, diagnostics: diagnostics}
	if err == nil {
		answer.data, err = jsonx.Encode(v)
	}
	return answer, err
}

func badAnswer(err error) error {
	return &keeprouter.Error{Kind: keeprouter.ErrBadResponse, Message: "the server's answer can't be read", Err: err}
}

// read decodes a request. One that can't be decoded is answered.
func (rt *RoundTripper) read(req *http.Request, into any, failed func(error) ErrorAnswer) (*http.Response, error) {
	body := req.Body
	if body == nil {
		body = http.NoBody
	}
	defer body.Close()
	data, err := io.ReadAll(io.LimitReader(body, rt.maxBody()+1))
	if err != nil {
		return nil, err
	}
	if int64(len(data)) > rt.maxBody() {
		return answerError(req, failed(&keeprouter.Error{Kind: keeprouter.ErrRequestTooLarge, Message: ErrBodyTooLarge.Error()})), nil
	}
	if err := json.Unmarshal(data, into); err != nil {
		return answerError(req, failed(&keeprouter.Error{Kind: keeprouter.ErrInvalidRequest, Message: "the body is no request of this format: " + err.Error()})), nil
	}
	return nil, nil
}

// send makes the translated request.
func (rt *RoundTripper) send(req *http.Request, path string, body any) (*http.Response, error) {
	data, err := jsonx.Encode(body)
	if err != nil {
		return nil, err
	}
	sent := req.Clone(req.Context())
	sent.URL.Path, sent.URL.RawPath, sent.URL.RawQuery = path, "", ""
	sent.TransferEncoding, sent.Trailer = nil, nil // those of the client's body
	sent.Body, sent.ContentLength = io.NopCloser(bytes.NewReader(data)), int64(len(data))
	sent.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(data)), nil }
	rt.translateHeader(sent.Header)
	return rt.next().RoundTrip(sent)
}

// translateHeader puts the key where the server's format has it.
func (rt *RoundTripper) translateHeader(h http.Header) {
	given := h.Get("Authorization")
	key := cmp.Or(h.Get("X-Api-Key"), bearer(given))
	version := cmp.Or(h.Get("Anthropic-Version"), keeprouter.DefaultAnthropicVersion)
	for name := range h {
		if isFormatHeader(name) && name != "Content-Type" {
			h.Del(name)
		}
	}
	h.Del("Accept-Encoding") // the transport's own is undone by it
	h.Set("Content-Type", "application/json")
	switch {
	case key != "":
		h.Set("Authorization", "Bearer "+key)
	case given != "": // for whoever is before the server
		h.Set("Authorization", given)
	}
	if rt.Server == Messages {
		h.Set("Anthropic-Version", version)
		if key != "" {
			h.Set("X-Api-Key", key)
		}
	}
}

// bearer is the key of an Authorization header, if that has one.
func bearer(authorization string) string {
	scheme, key, _ := strings.Cut(authorization, " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return ""
	}
	return strings.TrimSpace(key)
}

// count answers how many tokens a prompt has.
func (rt *RoundTripper) count(req *http.Request) (*http.Response, error) {
	var asked keeprouter.MessagesRequest
	if answer, err := rt.read(req, &asked, rt.Translator.MessagesError); answer != nil || err != nil {
		return answer, err
	}
	n, err := rt.tokens(&asked)
	if err != nil {
		return answerError(req, rt.Translator.MessagesError(err)), nil
	}
	return newResponse(req, http.StatusOK, jsonHeader(), fmt.Appendf(nil, `{"input_tokens":%d}`, n)), nil
}

// tokens counts a prompt's.
func (rt *RoundTripper) tokens(req *keeprouter.MessagesRequest) (int64, error) {
	if rt.Count != nil {
		return rt.Count(req)
	}
	return estimate(req)
}

// estimate counts by the default counter. What the model costs doesn't matter.
func estimate(req *keeprouter.MessagesRequest) (int64, error) {
	client, err := keeprouter.NewClient(&keeprouter.Options{Key: keeprouter.NewKey("none"), BaseURL: keeprouter.DefaultBaseURL})
	if err != nil {
		return 0, err
	}
	est, err := client.Estimate(req)
	if err != nil && !errors.Is(err, keeprouter.ErrUnknownModel) {
		return 0, err
	}
	return est.Input.Expected, nil
}

func jsonHeader() http.Header { return http.Header{"Content-Type": {"application/json"}} }

func answerError(req *http.Request, e ErrorAnswer) *http.Response {
	return newResponse(req, e.Status, e.Header, e.Body)
}

func newResponse(req *http.Request, status int, header http.Header, body []byte) *http.Response {
	return &http.Response{
		StatusCode: status, Status: fmt.Sprintf("%d %s", status, http.StatusText(status)),
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Request: req,
		Header: header, Body: io.NopCloser(bytes.NewReader(body)), ContentLength: int64(len(body)),
	}
}

// unreachable answers for a server that doesn't, in the client's format.
func (rt *RoundTripper) unreachable(req *http.Request, err error) ErrorAnswer {
	e := &keeprouter.Error{Kind: keeprouter.ErrConnection, Message: "the server behind this one can't be reached", Err: err, Retryable: true}
	var late interface{ Timeout() bool }
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		e.Kind, e.Message, e.Retryable = keeprouter.ErrRequestTooLarge, "the request is too large", false
	case errors.As(err, &late) && late.Timeout():
		e.Kind, e.Message = keeprouter.ErrTimeout, "the server behind this one took too long"
	}
	return rt.failed(cmp.Or(clientFormat(req, req.URL.Path), rt.Server))(e)
}
