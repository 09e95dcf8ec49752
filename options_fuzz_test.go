package keeprouter

import (
	"net/url"
	"strings"
	"testing"
)

// FuzzBaseURL holds that an address which is taken is one that keys can be sent to, and
// that what is added to it stays under it.
func FuzzBaseURL(f *testing.F) {
	for _, seed := range []string{
		DefaultBaseURL, "https://proxy.example.com:8443/llm/v1/", "http://[::1]:8080", "http://localhost.evil.test", "https://a@b", "https://a.test?x", "https://a.test/#", "https://%41.test", "http://127.1", "http://0x7f.1",
		"https://a.test/%2e%2e/v1", "https://a.test\\@evil.test", "HTTPS://A.test", "https://a.test/v1/v1", "//a.test", "https:a.test", "https://a.test/chat/completions/", "http://[::1%25eth0]", "http://LOCALHOST:1",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		u, err := parseBaseURL(raw, false)
		if err != nil {
			return
		}
		switch {
		case u.Hostname() == "", u.User != nil, u.RawQuery != "", u.Fragment != "":
			t.Errorf("%q is taken as %#v", raw, u)
		case u.Scheme != "https" && (u.Scheme != "http" || !isLoopback(u.Hostname())):
			t.Errorf("%q is taken, and sends the key in the clear", raw)
		case strings.HasSuffix(u.Path, "/"):
			t.Errorf("%q is taken as %s", raw, u)
		}
		called, err := url.Parse(u.String() + "/v1/models")
		if err != nil || called.Host != u.Host || called.Scheme != u.Scheme || !strings.HasSuffix(called.Path, "/v1/models") {
			t.Errorf("%q leads to %v (%v)", raw, called, err)
		}
	})
}
