package gemmavocab

import (
	"encoding/binary"
	"encoding/json"
	"math"
	"strconv"
	"strings"
)

// TokenizerJSON writes a vocabulary as a tokenizer.json, with one merge behind it in place of all.
func TokenizerJSON(pieces []string) []byte {
	out := []byte(`{"version":"1.0","added_tokens":[{"id":2,"content":"<bos>","special":true}],` +
		`"normalizer":{"type":"Replace","pattern":{"String":" "},"content":"▁"},` +
		`"model":{"type":"BPE","dropout":null,"byte_fallback":true,"vocab":{`)
	for id, piece := range pieces {
		if id > 0 {
			out = append(out, ',')
		}
		out = appendQuoted(out, piece)
		out = append(out, ':')
		out = strconv.AppendInt(out, int64(id), 10)
	}
	return append(out, `},"merges":[["a","b"]]}}`...)
}

// appendQuoted takes the short way for most pieces, of which there are many.
func appendQuoted(out []byte, piece string) []byte {
	if strings.HasPrefix(piece, "<unused") {
		return append(append(append(out, '"'), piece...), '"')
	}
	text, err := json.Marshal(piece)
	if err != nil {
		panic(err) // strings marshal
	}
	return append(out, text...)
}

// SentencePiece writes a vocabulary as a SentencePiece model. Runs of white space are
// pieces defined by the user, which that format takes before all others.
func SentencePiece(pieces []string) []byte {
	var out []byte
	for id, piece := range pieces {
		body := bytesField(nil, 1, []byte(piece))
		body = append(body, 2<<3|5)
		body = binary.LittleEndian.AppendUint32(body, math.Float32bits(-float32(id)))
		body = append(body, 3<<3, pieceType(piece))
		out = bytesField(out, 1, body)
	}
	const trainer = "\x18\x02\x98\x02\x01" // model_type BPE, byte_fallback
	const normalizer = "\x18\x00\x20\x00"  // no space added in front, none removed
	out = bytesField(out, 2, []byte(trainer))
	return bytesField(out, 3, []byte(normalizer))
}

func bytesField(out []byte, number byte, value []byte) []byte {
	out = append(out, number<<3|2)
	out = binary.AppendUvarint(out, uint64(len(value)))
	return append(out, value...)
}

func pieceType(piece string) byte {
	const normal, unknown, control, userDefined, byteOf = 1, 2, 3, 4, 6
	switch piece {
	case "<unk>":
		return unknown
	case "<pad>", "<eos>", "<bos>":
		return control
	}
	if strings.HasPrefix(piece, "<0x") && strings.HasSuffix(piece, ">") && len(piece) == len("<0x00>") {
		return byteOf
	}
	for _, char := range []string{"\n", "\t", Space} {
		if n := strings.Count(piece, char); n > 1 && piece == strings.Repeat(char, n) {
			return userDefined
		}
	}
	return normal
}
