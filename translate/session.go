package translate

// Session translates the answer to a translated request: it knows what of the
// request the answer depends on. It doesn't change, and can be used several times
// and by several goroutines at once. The zero Session translates answers whose
// request isn't known.
type Session struct {
	translator   Translator
	known        bool              // whether there was a request
	model        string            // the client's id of the model, if the server's is another
	names        map[string]string // the server's names of tools to the client's
	custom       map[string]bool   // the client's free text tools
	stops        []string
	thinking     thinking
	stream       bool
	includeUsage bool
}

func newSession(t Translator, conv *conversation, asked string) *Session {
	s := &Session{
		translator: t, known: true,
		names: map[string]string{}, custom: map[string]bool{},
		stops: conv.settings.stops, thinking: conv.settings.thinking,
		stream: conv.settings.stream, includeUsage: conv.settings.includeUsage,
	}
	if asked != conv.model {
		s.model = asked
	}
	return s
}

// Stream reports whether the client asked for a stream.
func (s *Session) Stream() bool { return s.stream }

// toolName is the client's name of a tool.
func (s *Session) toolName(name string) string {
	if given, ok := s.names[name]; ok {
		return given
	}
	return name
}
