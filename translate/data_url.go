package translate

import (
	"encoding/base64"
	"errors"
	"mime"
	"net/url"
	"strings"
	"unicode/utf8"
)

// parseDataURL returns the media type, without parameters, and the data as standard
// base64.
func parseDataURL(address string) (mediaType, data string, err error) {
	scheme, rest, _ := strings.Cut(address, ":")
	head, data, found := strings.Cut(rest, ",")
	if !strings.EqualFold(scheme, "data") || !found {
		return "", "", errors.New("want a data: URL, such as data:application/pdf;base64,…")
	}
	head, encoded := cutBase64(head)
	if mediaType, _, err = mime.ParseMediaType(head); err != nil {
		mediaType, _, _ = strings.Cut(strings.ToLower(head), ";")
	}
	switch mediaType = strings.TrimSpace(mediaType); mediaType {
	case "":
		mediaType = "text/plain" // what a data: URL without a type is
	case "image/jpg":
		mediaType = "image/jpeg"
	}
	if !encoded {
		text, err := url.PathUnescape(data)
		return mediaType, base64.StdEncoding.EncodeToString([]byte(text)), err
	}
	data, err = standardBase64(data)
	return mediaType, data, err
}

// cutBase64 cuts the mark that the data is base64.
func cutBase64(head string) (rest string, encoded bool) {
	i := strings.LastIndexByte(head, ';')
	if i >= 0 && strings.EqualFold(strings.TrimSpace(head[i+1:]), "base64") {
		return head[:i], true
	}
	return head, false
}

var urlAlphabet = strings.NewReplacer("-", "+", "_", "/", "\r", "", "\n", "", " ", "", "%2B", "+", "%2F", "/", "%3D", "=")

// standardBase64 accepts the URL-safe alphabet and missing padding. What is standard
// already stays as it is.
func standardBase64(data string) (string, error) {
	if strings.ContainsAny(data, "-_\r\n %") {
		data = urlAlphabet.Replace(data)
	}
	data = strings.TrimRight(data, "=")
	for i := range len(data) {
		if !isBase64(data[i]) {
			return "", errors.New("the data is not base64")
		}
	}
	switch len(data) % 4 {
	case 0:
		if data == "" {
			return "", errors.New("there is no data")
		}
		return data, nil
	case 2:
		return data + "==", nil
	case 3:
		return data + "=", nil
	}
	return "", errors.New("the base64 of the data is cut")
}

func isBase64(c byte) bool {
	return c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '+' || c == '/'
}

// decodeText returns the text behind base64.
func decodeText(data string) (string, error) {
	text, err := base64.StdEncoding.DecodeString(data)
	if err == nil && !utf8.Valid(text) {
		err = errors.New("the text is not UTF-8")
	}
	return string(text), err
}

// dataURL is the URL that holds data.
func dataURL(mediaType, data string) string { return "data:" + mediaType + ";base64," + data }
