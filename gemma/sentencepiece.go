package gemma

import (
	"encoding/binary"
	"math"
)

// Field numbers and wire types of a SentencePiece model, which is a protocol buffer:
// a list of pieces, each with its text in field 1, and settings that aren't needed.
const (
	modelPiece = 1
	pieceText  = 1

	wireVarint = 0
	wireFixed8 = 1
	wireBytes  = 2
	wireFixed4 = 5
)

// readModel reads the pieces of a SentencePiece model.
func readModel(data []byte) (*pieces, error) {
	list := newPieces()
	in := protobuf{data: data}
	for in.more() {
		number, value, err := in.field()
		if err != nil {
			return nil, err
		}
		if number != modelPiece {
			continue
		}
		text, err := readPiece(value)
		if err != nil {
			return nil, err
		}
		if err := list.add(list.count, text); err != nil {
			return nil, err
		}
	}
	return list, nil
}

func readPiece(in protobuf) ([]byte, error) {
	var text []byte
	for in.more() {
		number, value, err := in.field()
		if err != nil {
			return nil, err
		}
		if number == pieceText {
			text = value.data
		}
	}
	return text, nil
}

// protobuf is a protocol buffer that is being read.
type protobuf struct {
	data   []byte
	at     int
	offset int // of data in the file
}

func (m *protobuf) more() bool { return m.at < len(m.data) }

// field reads one field. Its value is empty unless its type is bytes.
func (m *protobuf) field() (number uint64, value protobuf, err error) {
	start := m.at
	key, err := m.varint()
	if err != nil {
		return 0, protobuf{}, err
	}
	size := uint64(0)
	switch key & 7 {
	case wireVarint:
		_, err = m.varint()
	case wireFixed8:
		size = 8
	case wireFixed4:
		size = 4
	case wireBytes:
		size, err = m.varint()
	default:
		err = m.bad(start)
	}
	if err == nil && (key>>3 == 0 || key > math.MaxUint32 || size > uint64(len(m.data)-m.at)) {
		err = m.bad(start)
	}
	if err != nil {
		return 0, protobuf{}, err
	}
	if key&7 == wireBytes {
		value = protobuf{data: m.data[m.at : m.at+int(size)], offset: m.offset + m.at}
	}
	m.at += int(size)
	return key >> 3, value, nil
}

func (m *protobuf) varint() (uint64, error) {
	value, n := binary.Uvarint(m.data[m.at:])
	if n <= 0 {
		return 0, m.bad(m.at)
	}
	m.at += n
	return value, nil
}

func (m *protobuf) bad(at int) error {
	return badFormat(int64(m.offset+at), "broken protocol buffer")
}
