package transport

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/keeprouter/keeprouter-go/internal/failure"
)

// TestAProxyGetsNoKey puts a proxy before a gateway of https. It is asked for a tunnel
// and nothing else, and what it refuses that with tells neither key.
func TestAProxyGetsNoKey(t *testing.T) {
	const password = "kr-test-proxy-password"
	for _, status := range []int{http.StatusProxyAuthRequired, http.StatusForbidden, http.StatusBadGateway} {
		var asked []*http.Request
		proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			asked = append(asked, r)
			w.Header().Set("X-Echo", r.Header.Get("Proxy-Authorization"))
			http.Error(w, "refused: "+r.Header.Get("Proxy-Authorization")+r.Header.Get("Authorization"), status)
		}))
		address, err := url.Parse(proxy.URL)
		require.NoError(t, err)
		address.User = url.UserPassword("me", password)
		rt := NewRoundTripper().(*http.Transport)
		rt.Proxy = http.ProxyURL(address)
		base, err := url.Parse("https://gateway.test")
		require.NoError(t, err)

		_, err = clientOf(t, rt, func(c *Config) { c.BaseURL, c.Retry.Retries = base, 0 }).Do(t.Context(), post(), nil)
		proxy.Close()
		fails(t, err, failure.Connection)
		require.NotContains(t, err.Error(), key)
		require.NotContains(t, err.Error(), password)
		require.NotEmpty(t, asked)
		for _, r := range asked {
			require.Equal(t, http.MethodConnect, r.Method)
			for name := range r.Header {
				require.Contains(t, []string{"Proxy-Authorization", "User-Agent"}, name)
			}
			require.NotContains(t, r.Header.Get("Proxy-Authorization"), key)
		}
	}
}
