package translate

import (
	"iter"

	"github.com/keeprouter/keeprouter-go"
)

// StreamOptions are settings of a translated stream. The zero value is no settings.
type StreamOptions struct {
	// InputTokens stands in the first event of a Messages stream, where clients look
	// for the size of the prompt before a Chat server has told it: an estimate, or 0.
	// The last event has the true number.
	InputTokens int64

	// Report is told of what is changed or dropped, if it isn't nil.
	Report func(Diagnostic)
}

// MessagesStream translates the stream of a Chat server, chunk by chunk, for a client
// of Messages. Each event is valid until the next one is asked for. What has come of a
// block is kept only while an earlier block is still open, so that the memory doesn't
// grow with the answer.
//
// The blocks follow each other as the format demands, in the order in which they
// begin. An error of the chunks is handed on, as the last pair; what can't be carried
// is a [*RefusalError].
//
//	for event, err := range session.MessagesStream(client.Chat.Stream(ctx, req).All(), translate.StreamOptions{}) { … }
func (s *Session) MessagesStream(chunks iter.Seq2[*keeprouter.ChatChunk, error], o StreamOptions) iter.Seq2[*keeprouter.MessagesEvent, error] {
	return func(yield func(*keeprouter.MessagesEvent, error) bool) {
		w := newMessagesWriter(s, o, yield)
		for chunk, err := range chunks {
			if err == nil {
				err = w.chunk(chunk)
			}
			switch {
			case w.left:
				return
			case err != nil:
				yield(nil, err)
				return
			}
		}
		if err := w.end(); err != nil && !w.left {
			yield(nil, err)
		}
	}
}

// ChatStream translates the stream of a Messages server, event by event, for a client
// of Chat. Each chunk is valid until the next one is asked for. An error of the events
// is handed on, as the last pair.
func (s *Session) ChatStream(events iter.Seq2[*keeprouter.MessagesEvent, error], o StreamOptions) iter.Seq2[*keeprouter.ChatChunk, error] {
	return func(yield func(*keeprouter.ChatChunk, error) bool) {
		w := newChatWriter(s, o, yield)
		for event, err := range events {
			if err == nil {
				err = w.event(event)
			}
			switch {
			case w.left:
				return
			case err != nil:
				yield(nil, err)
				return
			}
		}
		if err := w.end(); err != nil && !w.left {
			yield(nil, err)
		}
	}
}

// streamLedger hands diagnostics on at once, each place once, so that none of them
// pile up.
type streamLedger struct {
	ledger
	report func(Diagnostic)
	told   map[string]bool
}

// maxTold bounds the places that are remembered.
const maxTold = 256

func (l *streamLedger) flush() {
	for _, d := range l.diagnostics {
		if l.report == nil || l.told[d.Path] {
			continue
		}
		if len(l.told) < maxTold {
			l.told[d.Path] = true
		}
		l.report(d)
	}
	l.diagnostics = l.diagnostics[:0]
}

func newStreamLedger(s *Session, o StreamOptions) *streamLedger {
	return &streamLedger{
		ledger: ledger{policy: s.translator.Policy, kind: keeprouter.ErrBadResponse},
		report: o.Report, told: map[string]bool{},
	}
}
