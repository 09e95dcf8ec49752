package translate

import (
	"net/http"
	"slices"
	"strings"
)

// foreignHeader keeps of a request's own header what isn't of its format.
func foreignHeader(header http.Header, l *ledger) http.Header {
	if len(header) == 0 {
		return nil
	}
	kept := http.Header{}
	var dropped []string
	for name, values := range header {
		if isFormatHeader(name) {
			dropped = append(dropped, name)
			continue
		}
		kept[name] = slices.Clone(values)
	}
	slices.Sort(dropped)
	for _, name := range dropped {
		l.note("header."+name, Dropped, "it belongs to the other format")
	}
	return kept
}

func isFormatHeader(name string) bool {
	name = strings.ToLower(name)
	for _, prefix := range []string{"anthropic-", "openai-", "x-stainless-", "x-api-key", "authorization", "content-"} {
		if strings.HasPrefix(name, prefix) {
			return true
		}
	}
	return false
}
