// Package soak has only a test: mixed traffic of both formats over real connections,
// with cancels, breaks, faults, budgets and tool loops, and at its end an account of
// every call.
//
//	go test -race ./internal/soak -soak 10m -timeout 15m -v
//
// The gateway's side is written from the bytes that it sent, with prices of its own;
// the client's side is its Meter, its Budget and what a middleware saw. The two must
// agree call by call, to the last pico-dollar. Memory, goroutines and sockets must not
// grow.
//
// The gateway bills an answer of the model in whole when it begins it, whether it
// arrives or not, and nothing for an error. Of each bill the ledger tells how much the
// client knows (its Meter has it), how much was sent and not read, and how much was
// never sent, because the answer was cut or has no count. Where the client has read
// the whole count, it knows the whole bill; where it has read a part, such as that at
// the head of a Messages stream, exactly that part; otherwise nothing, and the call is
// unpriced or failed. What a budget is charged is never less than what is known, and
// the whole reservation, which exceeds the bill, where there was no answer.
package soak
