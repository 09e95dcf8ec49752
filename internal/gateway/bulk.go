package gateway

import (
	"bytes"
	"compress/gzip"
)

const (
	fillSize   = 32 << 10
	memberSize = 1 << 20
)

// A large body begins as an answer does, so that a client has to read on: one JSON
// object with a long string.
const (
	bulkHead = `{"padding":"`
	bulkTail = `"}`
	bulkByte = 'x'
)

// plain writes the bodies that are only large, and tells whether there was one.
func (b *body) plain() bool {
	fault := &b.reply.Fault
	switch {
	case fault.GzipBomb > 0:
		b.bomb(fault.GzipBomb)
	case fault.EndlessBody:
		_ = b.put([]byte(bulkHead)) && b.endless(bulkByte)
	case fault.BodySize > 0:
		_ = b.put([]byte(bulkHead)) && b.fill(bulkByte, inner(fault.BodySize)) && b.put([]byte(bulkTail))
	default:
		return false
	}
	return true
}

// inner is what remains of n bytes between head and tail.
func inner(n int64) int64 { return max(n-int64(len(bulkHead)+len(bulkTail)), 0) }

// fill writes n bytes in small pieces, since the client under test shares this
// process's memory.
func (b *body) fill(c byte, n int64) bool {
	block := bytes.Repeat([]byte{c}, fillSize)
	for n > 0 {
		size := min(n, fillSize)
		if !b.put(block[:size]) {
			return false
		}
		n -= size
	}
	return true
}

// endless writes until the client goes away.
func (b *body) endless(c byte) bool {
	for b.fill(c, memberSize) {
	}
	return false
}

// bomb writes gzip that decodes to n bytes. A gzip file may consist of members: one
// is packed once and sent as often as it takes.
func (b *body) bomb(n int64) {
	if !b.put(packed([]byte(bulkHead))) {
		return
	}
	block := bytes.Repeat([]byte{bulkByte}, memberSize)
	member := packed(block)
	rest := inner(n)
	for ; rest >= memberSize; rest -= memberSize {
		if !b.put(member) {
			return
		}
	}
	b.put(packed(append(block[:rest], bulkTail...)))
}

func packed(data []byte) []byte {
	var buf bytes.Buffer
	w := gzip.NewWriter(&buf)
	// Writes to a bytes.Buffer don't fail.
	_, _ = w.Write(data)
	_ = w.Close()
	return buf.Bytes()
}
