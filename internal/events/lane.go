package events

// short reads the frame if it is one data line, or an event line and one data
// line, with comments anywhere and ends of LF or CRLF. The data is a view into
// the buffer. Anything else is left to go-sse.
func (s *stream) short() (event Event, ok bool) {
	f := &s.framer
	if f.bareCR || f.count > 2 {
		return Event{}, false
	}
	if event.Data, ok = fieldValue(f.line(f.count-1), "data:"); !ok {
		return Event{}, false
	}
	if f.count == 2 {
		name, ok := fieldValue(f.line(0), "event:")
		if !ok {
			return Event{}, false
		}
		event.Name = s.names.intern(name)
	}
	return event, true
}

// fieldValue returns what follows the field's name, colon and one space.
func fieldValue(line []byte, field string) (value []byte, ok bool) {
	if len(line) < len(field) || string(line[:len(field)]) != field {
		return nil, false
	}
	value = line[len(field):]
	if len(value) > 0 && value[0] == ' ' {
		value = value[1:]
	}
	return value, true
}

// names makes strings of event names, without an allocation for the usual ones
// and for one that repeats.
type names struct{ last string }

func (n *names) intern(name []byte) string {
	switch string(name) {
	case "":
		return ""
	case "message_start":
		return "message_start"
	case "content_block_start":
		return "content_block_start"
	case "content_block_delta":
		return "content_block_delta"
	case "content_block_stop":
		return "content_block_stop"
	case "message_delta":
		return "message_delta"
	case "message_stop":
		return "message_stop"
	case "message":
		return "message"
	case "ping":
		return "ping"
	case "error":
		return "error"
	}
	if string(name) != n.last {
		n.last = string(name)
	}
	return n.last
}
