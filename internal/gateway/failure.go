package gateway

import (
	"bytes"
	"cmp"
	"encoding/json"
	"net/http"
)

// failure is an error that the gateway answers with, in the terms of neither
// format.
type failure struct {
	status  int
	typ     string // default: by status and format
	code    string // chat only; default: by status
	param   string // chat only
	detail  string // Messages only: the code of the error's details
	message string
}

func invalid(param, message string) *failure {
	return &failure{status: http.StatusBadRequest, param: param, message: message}
}

func missing(param, message string) *failure {
	return &failure{status: http.StatusBadRequest, param: param, code: "missing_required_parameter", message: message}
}

// scripted is the failure that a reply asks for.
func (r *Reply) scripted(status int) *failure {
	return &failure{status: status, typ: r.ErrorType, code: r.ErrorCode, message: r.ErrorMessage}
}

// broken is the failure inside a stream that a reply asks for.
func (r *Reply) broken() *failure {
	f := r.scripted(cmp.Or(r.Status, http.StatusInternalServerError))
	f.message = cmp.Or(f.message, "upstream stream ended early")
	if r.Status == 0 {
		f.code = cmp.Or(f.code, "upstream_error")
	}
	return f
}

func (f *failure) text() string {
	return cmp.Or(f.message, statusText(f.status), http.StatusText(f.status), "the request failed")
}

func statusText(status int) string {
	switch status {
	case http.StatusUnauthorized:
		return "the API key is missing or wrong"
	case http.StatusPaymentRequired:
		return "the account has no credit left"
	case http.StatusForbidden:
		return "the API key may not do this"
	case http.StatusRequestEntityTooLarge:
		return "the request body is too large"
	case http.StatusTooManyRequests:
		return "rate limit reached, try again later"
	case http.StatusInternalServerError:
		return "the server had an error while processing the request"
	case http.StatusServiceUnavailable, statusOverloaded:
		return "the service is overloaded, try again later"
	}
	return ""
}

// statusOverloaded is what the Messages format answers when it has no capacity.
const statusOverloaded = 529

type chatError struct {
	Error chatErrorBody `json:"error"`
}

type chatErrorBody struct {
	Message string  `json:"message"`
	Type    string  `json:"type"`
	Param   *string `json:"param"`
	Code    *string `json:"code"`
}

func (f *failure) chat() []byte {
	e := chatErrorBody{Message: f.text(), Type: cmp.Or(f.typ, f.chatType())}
	if f.param != "" {
		e.Param = &f.param
	}
	if code := cmp.Or(f.code, f.chatCode()); code != "" {
		e.Code = &code
	}
	return encode(chatError{Error: e})
}

func (f *failure) chatType() string {
	switch {
	case f.status == http.StatusTooManyRequests:
		return "rate_limit_error"
	case f.status == http.StatusPaymentRequired:
		return "billing_error"
	case f.status == http.StatusForbidden:
		return "permission_error"
	case f.status == statusOverloaded:
		return "overloaded_error"
	case f.status >= 500:
		return "server_error"
	}
	return "invalid_request_error"
}

func (f *failure) chatCode() string {
	switch {
	case f.typ == "insufficient_quota":
		return "insufficient_quota"
	case f.status == http.StatusUnauthorized:
		return "invalid_api_key"
	case f.status == http.StatusTooManyRequests && f.typ == "":
		return "rate_limit_exceeded"
	}
	return ""
}

type messagesError struct {
	Type  string `json:"type"`
	Error struct {
		Type    string               `json:"type"`
		Message string               `json:"message"`
		Details *messagesErrorDetail `json:"details,omitempty"`
	} `json:"error"`
	RequestID string `json:"request_id"`
}

type messagesErrorDetail struct {
	ErrorCode string `json:"error_code"`
}

func (f *failure) messages(requestID string) []byte {
	e := messagesError{Type: "error", RequestID: requestID}
	e.Error.Type = cmp.Or(f.typ, f.messagesType())
	e.Error.Message = f.text()
	if f.param != "" {
		e.Error.Message = f.param + ": " + e.Error.Message
	}
	if f.detail != "" {
		e.Error.Details = &messagesErrorDetail{f.detail}
	}
	return encode(e)
}

func (f *failure) messagesType() string {
	switch f.status {
	case http.StatusUnauthorized:
		return "authentication_error"
	case http.StatusPaymentRequired:
		return "billing_error"
	case http.StatusForbidden:
		return "permission_error"
	case http.StatusNotFound:
		return "not_found_error"
	case http.StatusRequestTimeout, http.StatusGatewayTimeout:
		return "timeout_error"
	case http.StatusRequestEntityTooLarge:
		return "request_too_large"
	case http.StatusTooManyRequests:
		return "rate_limit_error"
	case http.StatusServiceUnavailable, statusOverloaded:
		return "overloaded_error"
	}
	if f.status >= 500 {
		return "api_error"
	}
	return "invalid_request_error"
}

// encode writes JSON as the formats do, without escaping HTML.
func encode(v any) []byte {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return []byte("null")
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n"))
}
