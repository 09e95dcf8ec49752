// Package gemmavocab makes tokenizer files for tests: a vocabulary of Gemma's size and
// outline, but with a few hundred pieces of its own, and writers of both file formats.
package gemmavocab

import (
	"fmt"
	"strconv"
	"strings"
)

// Size is the number of pieces in Gemma's vocabulary.
const Size = 1 << 18

// Where the outline of Gemma's vocabulary has its parts.
const (
	firstNewlines = 108
	firstSpaces   = 138
	firstMarkup   = 168
	firstByte     = 238
	firstMerged   = 494
	firstChar     = 236743
	firstTabs     = 255969
	longestRun    = 31
)

// Space is how vocabularies write a space.
const Space = "\u2581"

const words = `the of and to in is that it for was on are as with they at be this have from or one had by word
but not what all were we when your can said there use each which she how their will other about many then them
write would like these her long make thing see him two has look more day could go come did number sound no most
people over know water than call first who may down side been now find any new work part take get place made
live where after back little only round man year came show every good give our under name very through just
form sentence great think say help low line differ turn cause much mean before move right boy old too same tell
does set three want air well also play small end put home read hand port large spell add even land here must
big high such follow act why ask men change went light kind off need house picture try us again animal point
mother world near build self earth father model user system tool call response declaration description
properties type string object required city weather value null true false number name`

const characters = `abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.,;:!?'"()[]{}<>/\|@#$%^&*-_=+~` + "`" +
	`àâäçèéêëîïôöùûüßñáíóúабвгдежзийклмнопрстуфхцчшщъыьэюя一二三大小中国人日本語のはをにがでと。、한국어`

// Pieces gives the vocabulary by id.
func Pieces() []string {
	pieces := make([]string, Size)
	copy(pieces, []string{"<pad>", "<eos>", "<bos>", "<unk>", "<mask>", "[multimodal]"})
	pieces[107] = "\n"
	pieces[29104] = Space + "hello"
	pieces[45518] = "thought"
	for n := 2; n <= longestRun; n++ {
		pieces[firstNewlines+n-2] = strings.Repeat("\n", n)
		pieces[firstSpaces+n-2] = strings.Repeat(Space, n)
		pieces[firstTabs+n-2] = strings.Repeat("\t", n)
	}
	copy(pieces[firstMarkup:], []string{"<table>", "<td>", "</td>"})
	for i := range 256 {
		pieces[firstByte+i] = fmt.Sprintf("<0x%02X>", i)
	}
	pieces[firstChar] = Space
	pieces[firstChar+1] = "\t"
	for i, char := range []rune(characters) {
		pieces[firstChar+2+i] = string(char)
	}
	copy(pieces[firstMerged:], merged())
	for id, unused := 0, 0; id < Size; id++ {
		if pieces[id] == "" {
			pieces[id] = "<unused" + strconv.Itoa(unused) + ">"
			unused++
		}
	}
	return pieces
}

// merged gives the beginnings of all words, the shortest first, and some punctuation.
func merged() []string {
	all := []string{"..", "...", "==", "><", "</", Space + "</", ">" + Space + "</", "({", "});", "//"}
	seen := map[string]bool{Space + "hello": true, "thought": true}
	for length := 2; length <= 12; length++ {
		for _, word := range strings.Fields(words + " hello thought") {
			for _, form := range []string{word, Space + word} {
				chars := []rune(form)
				if len(chars) < length {
					continue
				}
				if start := string(chars[:length]); !seen[start] {
					seen[start] = true
					all = append(all, start)
				}
			}
		}
	}
	return all
}
