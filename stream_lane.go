package keeprouter

// misses counts the events in a row that could be learned and were not like the one
// before.
type misses int

// tooMany counts one more. Where hardly any two events are alike, it has most of them
// not learned, because that costs half as much as decoding one.
func (m *misses) tooMany() bool {
	const patience, every = 4, 8
	*m++
	return *m > patience && *m%every != 0
}
