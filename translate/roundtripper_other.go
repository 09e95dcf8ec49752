package translate

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/keeprouter/keeprouter-go"
	"github.com/keeprouter/keeprouter-go/internal/jsonx"
)

// CostHeader tells in an answer of [RoundTripper] what it cost, in US dollars, such as
// 0.000295. It isn't there when RoundTripper.Prices is nil or knows no price, and not in
// a stream, whose header is sent before the tokens are counted.
const CostHeader = "X-Keeprouter-Cost"

const modelsPath = "/models"

// clientFormat tells by its path or its headers what a client speaks; "" if they don't
// say.
func clientFormat(req *http.Request, path string) Format {
	switch path += "/"; {
	case strings.Contains(path, chatPath+"/"):
		return Chat
	case strings.Contains(path, messagesPath+"/"):
		return Messages
	case req.Header.Get("Anthropic-Version") != "" || req.Header.Get("X-Api-Key") != "":
		return Messages
	case req.Header.Get("Authorization") != "":
		return Chat
	}
	return ""
}

func (rt *RoundTripper) failed(client Format) func(error) ErrorAnswer {
	if client == Messages {
		return rt.Translator.MessagesError
	}
	return rt.Translator.ChatError
}

// now is the clock of the settings.
func (t Translator) now() time.Time {
	if t.Now != nil {
		return t.Now()
	}
	return time.Now()
}

// nothingThere answers for what only the client's format has. Browsers ask with OPTIONS
// what they may send: that is for the server to say.
func (rt *RoundTripper) nothingThere(req *http.Request, path, theirs string, known bool) (*http.Response, error) {
	if known && req.Method == http.MethodOptions {
		sent := req.Clone(req.Context())
		sent.URL.Path, sent.URL.RawPath = theirs, ""
		return rt.next().RoundTrip(sent)
	}
	if req.Body != nil {
		_ = req.Body.Close() // nothing depends on it
	}
	e := &keeprouter.Error{Kind: keeprouter.ErrNotFound, Status: http.StatusNotFound, Code: "unknown_url", Message: fmt.Sprintf("unknown path: %s %s", req.Method, path)}
	answer := rt.failed(rt.client())(e)
	if known {
		answer.Status = http.StatusMethodNotAllowed
		answer.Header.Set("Allow", "OPTIONS, POST")
	}
	if req.Method == http.MethodHead {
		answer.Body = nil
	}
	return answerError(req, answer), nil
}

// others hands on a request of the other format that has no body to translate.
func (rt *RoundTripper) others(req *http.Request, path string) (*http.Response, error) {
	_, last, _ := strings.Cut(path+"/", modelsPath+"/")
	reads := req.Method == http.MethodGet || req.Method == http.MethodHead
	models := reads && strings.Contains(path+"/", modelsPath+"/")
	if models {
		req = rt.modelsRequest(req)
	} else {
		req = req.Clone(req.Context())
		req.Header.Del("Accept-Encoding") // or errors couldn't be read
	}
	resp, err := rt.next().RoundTrip(req)
	switch {
	case err != nil || req.Method == http.MethodHead || req.Method == http.MethodOptions:
		return resp, err
	case resp.StatusCode >= 400:
		defer resp.Body.Close()
		data, _ := io.ReadAll(io.LimitReader(resp.Body, rt.maxBody())) // the status tells enough, even if this was cut
		return rt.answerFailed(req, resp, data, rt.failed(rt.client())), nil
	case !models || resp.StatusCode >= 300:
		return resp, nil
	}
	one := strings.Trim(last, "/") != ""
	return rt.answer(req, resp, false, answerFormat{
		failed: rt.failed(rt.client()),
		whole: func(data []byte) (wholeAnswer, error) {
			translated, err := rt.models(data, one)
			return wholeAnswer{data: translated}, err
		},
	})
}

// modelsRequest asks the server for its models, all on one page: the Chat format has no
// pages.
func (rt *RoundTripper) modelsRequest(req *http.Request) *http.Request {
	sent := req.Clone(req.Context())
	sent.URL.RawQuery = ""
	if rt.Server == Messages {
		sent.URL.RawQuery = "limit=1000"
	}
	rt.translateHeader(sent.Header)
	sent.Header.Del("Content-Type")
	return sent
}

// models writes one model, or the list of them, as the client's format has it.
func (rt *RoundTripper) models(data []byte, one bool) ([]byte, error) {
	if one {
		var m keeprouter.Model
		if err := json.Unmarshal(data, &m); err != nil || m.ID == "" {
			return nil, badAnswer(err)
		}
		return jsonx.Encode(rt.model(&m))
	}
	var list struct {
		Data []*keeprouter.Model `json:"data"`
	}
	if err := json.Unmarshal(data, &list); err != nil {
		return nil, badAnswer(err)
	}
	models := []map[string]any{}
	for _, m := range list.Data {
		if m != nil {
			models = append(models, rt.model(m))
		}
	}
	if rt.Server == Messages {
		return jsonx.Encode(map[string]any{"object": "list", "data": models})
	}
	translated := map[string]any{"data": models, "has_more": false, "first_id": nil, "last_id": nil}
	if len(models) > 0 {
		translated["first_id"], translated["last_id"] = models[0]["id"], models[len(models)-1]["id"]
	}
	return jsonx.Encode(translated)
}

func (rt *RoundTripper) model(m *keeprouter.Model) map[string]any {
	translated := map[string]any{}
	for name, value := range m.Extra {
		translated[name] = value
	}
	delete(translated, "type")
	delete(translated, "object")
	for name, n := range map[string]int64{"max_input_tokens": m.MaxInputTokens, "max_tokens": m.MaxTokens} {
		if n > 0 {
			translated[name] = n
		}
	}
	translated["id"] = m.ID
	created := m.Created
	if created.IsZero() {
		created = time.Unix(0, 0) // clients read the field without looking whether it is there
	}
	if rt.Server == Messages {
		translated["object"], translated["created"], translated["owned_by"] = "model", created.Unix(), cmp.Or(m.OwnedBy, "system")
		if m.DisplayName != "" {
			translated["display_name"] = m.DisplayName
		}
		return translated
	}
	translated["type"], translated["display_name"] = "model", cmp.Or(m.DisplayName, m.ID)
	translated["created_at"] = created.UTC().Format(time.RFC3339)
	if m.OwnedBy != "" {
		translated["owned_by"] = m.OwnedBy
	}
	return translated
}

// setCost tells what the server's answer cost, if that is known.
func (rt *RoundTripper) setCost(h http.Header, model string, usage keeprouter.Usage) {
	if rt.Prices == nil || model == "" {
		return
	}
	if cost, err := rt.Prices.Prices().Cost(model, usage); err == nil {
		h.Set(CostHeader, strings.TrimPrefix(cost.Total.String(), "$"))
	}
}
