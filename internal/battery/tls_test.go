package battery

import (
	"bufio"
	"bytes"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"io"
	"math/big"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/keeprouter/keeprouter-go"
)

// identity is a server's certificate, and the pool that trusts it.
type identity struct {
	certificate tls.Certificate
	pool        *x509.CertPool
}

// certified makes an identity. Its keys and signatures have one length, so that each
// run has its bytes in the same places.
func certified(host string, until time.Time) identity {
	public, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		panic(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: host}, DNSNames: []string{host},
		NotBefore: time.Date(1990, 1, 1, 0, 0, 0, 0, time.UTC), NotAfter: until, IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, public, private)
	if err != nil {
		panic(err)
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		panic(err)
	}
	id := identity{tls.Certificate{Certificate: [][]byte{der}, PrivateKey: private, Leaf: leaf}, x509.NewCertPool()}
	id.pool.AddCert(leaf)
	return id
}

var (
	later     = time.Date(2090, 1, 1, 0, 0, 0, 0, time.UTC)
	trusted   = sync.OnceValue(func() identity { return certified("localhost", later) })
	otherHost = sync.OnceValue(func() identity { return certified("elsewhere.example.com", later) })
	outOfDate = sync.OnceValue(func() identity { return certified("localhost", time.Date(1999, 1, 1, 0, 0, 0, 0, time.UTC)) })
)

// limited breaks the connection when so many bytes have been written; a negative number
// is no limit.
type limited struct {
	net.Conn
	line *line
	left int
}

func (l *limited) Write(p []byte) (int, error) {
	if l.left < 0 {
		return l.Conn.Write(p)
	}
	n, err := l.Conn.Write(p[:min(l.left, len(p))])
	if l.left -= n; l.left == 0 {
		l.line.reset.Store(true)
		_ = l.Conn.Close()
		return n, net.ErrClosed
	}
	return n, err
}

// encrypt has a network speak TLS. Of the handshake's bytes only the first come, if
// handshake isn't negative.
func encrypt(tr *trial, n *network, id identity, handshake int, config func(*tls.Config)) {
	n.secure = true
	n.prepare = func(t *http.Transport) {
		t.TLSClientConfig = &tls.Config{RootCAs: trusted().pool}
	}
	n.serve = func(n *network, l *line) {
		raw := &limited{Conn: l.Conn, line: l, left: handshake}
		if tr.healed {
			raw.left = -1
		}
		c := &tls.Config{
			Certificates: []tls.Certificate{id.certificate}, MinVersion: tls.VersionTLS13,
			DynamicRecordSizingDisabled: true, SessionTicketsDisabled: true,
		}
		if config != nil {
			config(c)
		}
		conn := tls.Server(raw, c)
		if conn.Handshake() != nil {
			return
		}
		secure := &line{Conn: conn, in: bufio.NewReader(conn), owner: n, raw: raw}
		for n.exchange(secure) {
		}
	}
}

// recordOverhead is what TLS 1.3 adds to what is written at once.
const recordOverhead = 5 + 1 + 16

// records are the answer's pieces as they are written one by one.
func (r *reference) records() [][]byte {
	pieces := [][]byte{[]byte(r.ok("Connection: close") + "\r\n")}
	return append(pieces, r.pieces()...)
}

// tlsFaults are those of an encrypted connection.
func tlsFaults() []*fault {
	first := func(op operation) bool { return op.step == 0 }
	handshake := func(name string, w want, n func(tr *trial, n *network)) *fault {
		return &fault{
			name: name, on: first, network: n, noAgain: true,
			play: func(tr *trial, l *line, _ int) { tr.healthy(l, tr.lane.op.step) },
			want: func(*trial) want { return w },
		}
	}
	untrusted := unsent(keeprouter.ErrConnection)
	untrusted.attempts, untrusted.retryable = 1, false
	noHandshake := unsent(keeprouter.ErrConnection)
	late := unsent(keeprouter.ErrTimeout)
	late.each = connect
	return []*fault{
		handshake("TLS: a certificate of nobody", untrusted, func(tr *trial, n *network) {
			encrypt(tr, n, certified("localhost", later), -1, nil)
		}),
		handshake("TLS: a certificate of another host", untrusted, func(tr *trial, n *network) { encrypt(tr, n, otherHost(), -1, nil) }),
		handshake("TLS: a certificate out of date", untrusted, func(tr *trial, n *network) { encrypt(tr, n, outOfDate(), -1, nil) }),
		handshake("TLS: an old version", noHandshake, func(tr *trial, n *network) {
			encrypt(tr, n, trusted(), -1, func(c *tls.Config) { c.MinVersion, c.MaxVersion = tls.VersionTLS10, tls.VersionTLS11 })
		}),
		handshake("TLS: the server speaks plain HTTP", noHandshake, func(_ *trial, n *network) {
			n.secure = true
			n.serve = func(_ *network, l *line) {
				go func() { _, _ = io.Copy(io.Discard, l.in) }()
				l.send([]byte("HTTP/1.1 400 Bad Request\r\n\r\n"), hangUp)
			}
		}),
		handshake("TLS: silence", late, func(_ *trial, n *network) {
			n.secure = true
			n.serve = func(_ *network, l *line) { l.send(nil, stall) }
		}),
		{
			name: "TLS: the handshake is cut", on: first,
			offsets: func(*reference) int { return 64 },
			network: func(tr *trial, n *network) { encrypt(tr, n, trusted(), 8*tr.at+1, nil) },
			play:    func(tr *trial, l *line, _ int) { tr.healthy(l, tr.lane.op.step) },
			want:    func(*trial) want { return noHandshake },
		},
		{
			name: "TLS: connection reset", on: simple,
			offsets: func(r *reference) int {
				n := 0
				for _, record := range r.records() {
					n += len(record) + recordOverhead
				}
				return n
			},
			network: func(tr *trial, n *network) { encrypt(tr, n, trusted(), -1, nil) },
			play: func(tr *trial, l *line, _ int) {
				l.raw.left = tr.at
				if tr.at == 0 {
					l.raw.line.reset.Store(true)
					_ = l.raw.Close()
					return
				}
				for _, record := range tr.records() {
					if _, err := l.Write(record); err != nil {
						return
					}
				}
			},
			want: func(tr *trial) want {
				left, come := tr.at, -1
				var body []byte
				for _, record := range tr.records() {
					if left -= len(record) + recordOverhead; left < 0 {
						break
					}
					if come++; come > 0 {
						body = append(body, record...)
					}
				}
				if come < 0 {
					return unanswered()
				}
				return tr.received(len(body), broken)
			},
		},
		{
			name: "TLS: closed without a word", on: simple,
			offsets: func(r *reference) int { return len(r.records()) },
			network: func(tr *trial, n *network) { encrypt(tr, n, trusted(), -1, nil) },
			play: func(tr *trial, l *line, _ int) {
				_, _ = l.Write(bytes.Join(tr.records()[:tr.at+1], nil))
				_ = l.raw.Close()
			},
			// crypto/tls takes it for a clean end, as so many servers end this way.
			want: func(tr *trial) want { return tr.received(len(bytes.Join(tr.records()[1:tr.at+1], nil)), clean) },
		},
		{
			name: "TLS: closed with a word", on: simple,
			offsets: func(r *reference) int { return len(r.records()) },
			network: func(tr *trial, n *network) { encrypt(tr, n, trusted(), -1, nil) },
			play: func(tr *trial, l *line, _ int) {
				l.send(bytes.Join(tr.records()[:tr.at+1], nil), hangUp)
			},
			want: func(tr *trial) want { return tr.received(len(bytes.Join(tr.records()[1:tr.at+1], nil)), clean) },
		},
	}
}
