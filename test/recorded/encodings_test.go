package recorded

import (
	"bytes"
	"encoding/binary"
	"math/rand/v2"
	"strconv"
	"strings"
	"unicode/utf16"
)

// An encoding writes an XML document, which is UTF-8, in other bytes.
type encoding struct {
	name  string
	write func(document string) []byte
}

// encodings are those that a server, or a proxy in front of it, may answer in.
var encodings = []encoding{
	{"UTF-8 with a mark", func(d string) []byte { return []byte("\ufeff" + d) }},
	{"UTF-8 that is declared", func(d string) []byte { return []byte(declared("UTF-8", d)) }},
	{"UTF-8 that is declared as UTF-16", func(d string) []byte { return []byte(declared("UTF-16", d)) }},
	{"UTF-16LE with a mark", func(d string) []byte { return inUTF16("\ufeff"+declared("UTF-16", d), binary.LittleEndian) }},
	{"UTF-16BE with a mark", func(d string) []byte { return inUTF16("\ufeff"+d, binary.BigEndian) }},
	{"UTF-16LE", func(d string) []byte { return inUTF16(declared("utf-16le", d), binary.LittleEndian) }},
	{"UTF-16BE", func(d string) []byte { return inUTF16(d, binary.BigEndian) }},
	{"UTF-16LE with a byte too many", func(d string) []byte { return append(inUTF16(d, binary.LittleEndian), 'x') }},
	{"ISO-8859-1", func(d string) []byte { return inLatin1(declared("ISO-8859-1", d)) }},
	{"windows-1252 in other words", func(d string) []byte { return inLatin1(declared("CP1252", d)) }},
	{"ASCII", func(d string) []byte { return []byte(declared("us-ascii", references(d, 0x80))) }},
}

func declared(name, document string) string {
	return `<?xml version="1.0" encoding="` + name + `"?>` + "\n" + document
}

func inUTF16(text string, order binary.AppendByteOrder) (out []byte) {
	for _, unit := range utf16.Encode([]rune(text)) {
		out = order.AppendUint16(out, unit)
	}
	return out
}

// inLatin1 writes what ISO-8859-1 lacks, and what windows-1252 has in other places, as references.
func inLatin1(text string) (out []byte) {
	for _, r := range references(text, 0x100) {
		out = append(out, byte(r))
	}
	return out
}

// references writes characters from first on, and control characters, as XML references.
func references(text string, first rune) string {
	var b strings.Builder
	for _, r := range text {
		if r >= first || r >= 0x80 && r < 0xa0 {
			b.WriteString("&#" + strconv.Itoa(int(r)) + ";")
		} else {
			b.WriteRune(r)
		}
	}
	return b.String()
}

// reencoded is an answer in another encoding, which costs nothing of it.
func reencoded(document []byte, random *rand.Rand) *mutation {
	other := encodings[random.IntN(len(encodings))]
	return &mutation{what: "in " + other.name, odd: other.write(string(document)), without: document}
}

// oddBytes are bytes within a value that XML, or UTF-8, may not hold.
var oddBytes = []string{
	"\xff", "\xc3", "\xe2\x82", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xc0\xaf", "\x00", "\x01\x1f", "\x0b", "\ufffe", "\x7f",
	"&#0;", "&#1;", "&#x1F;", "&#xD800;", "&#xFFFF;", "&#99999999999;", "&#x110000;",
}

// markOfBytes is where oddBytes are put once a document is written: the writer would replace them.
const markOfBytes = "\ue000"

// broken puts odd bytes at the mark, and reports which.
func broken(document []byte, random *rand.Rand) (odd []byte, what string) {
	if !bytes.Contains(document, []byte(markOfBytes)) {
		return document, ""
	}
	what = oddBytes[random.IntN(len(oddBytes))]
	return bytes.ReplaceAll(document, []byte(markOfBytes), []byte(what)), " with " + strconv.Quote(what)
}
