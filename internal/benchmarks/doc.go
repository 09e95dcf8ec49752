// Package benchmarks measures what this library's work costs beside the official
// SDKs, another client, a plain decoder and bare net/http, on identical bytes and in
// one run. It is a module of its own, so that their dependencies never reach users of
// the library.
//
//	go -C internal/benchmarks run ./cmd/compare -h
//
// A peer must first show that it reads everything: the text, the tools' names and
// arguments, the finish reason and the usage. See [peer.Conform].
package benchmarks

import _ "github.com/keeprouter/keeprouter-go/internal/benchmarks/peer" // for the link above
