package gateway

// frame is one event of a stream, or the whole body of an answer that isn't one.
type frame struct {
	event string // Messages only
	data  []byte
	whole bool // the body of an answer that isn't a stream
	last  bool // the event that says that the stream is complete
}

func (f frame) bytes(noName bool) []byte {
	if f.whole {
		return f.data
	}
	var b []byte
	if f.event != "" && !noName {
		b = append(b, "event: "+f.event+"\n"...)
	}
	b = append(b, "data: "...)
	b = append(b, f.data...)
	return append(b, "\n\n"...)
}
