package scan

import (
	"bytes"
	"encoding/binary"
	"math/bits"
	"unicode/utf16"
	"unicode/utf8"
)

// space passes over white space.
func (d *decoder) space() {
	for d.at < len(d.data) && d.data[d.at] <= ' ' && (d.data[d.at] == ' ' || d.data[d.at] == '\n' || d.data[d.at] == '\r' || d.data[d.at] == '\t') {
		d.at++
	}
}

// is passes over a byte if it comes next, and over white space before it.
func (d *decoder) is(c byte) bool {
	d.space()
	if d.at < len(d.data) && d.data[d.at] == c {
		d.at++
		return true
	}
	return false
}

// member passes over what comes before the next value of an object, whose brace is next if first,
// and returns the name of the member; end reports the end of the object.
func (d *decoder) member(first bool) (name []byte, end, ok bool) {
	if first {
		d.at++
	}
	if d.is('}') {
		return nil, true, true
	}
	if !first && !d.is(',') {
		return nil, false, false
	}
	d.space()
	if d.at >= len(d.data) || d.data[d.at] != '"' {
		return nil, false, false
	}
	begin := d.at + 1
	i, _ := plainEnd(d.data, begin)
	if i >= len(d.data) || d.data[i] != '"' {
		return nil, false, false
	}
	d.at = i + 1
	if !d.is(':') {
		return nil, false, false
	}
	d.space()
	return d.data[begin:i], false, true
}

// element is member for arrays.
func (d *decoder) element(first bool) (end, ok bool) {
	if first {
		d.at++
	}
	if d.is(']') {
		return true, true
	}
	if !first && !d.is(',') {
		return false, false
	}
	d.space()
	return false, true
}

// literal passes over true, false or null.
func (d *decoder) literal(word string) bool {
	if len(d.data)-d.at < len(word) || string(d.data[d.at:d.at+len(word)]) != word {
		return false
	}
	d.at += len(word)
	return true
}

func (d *decoder) null() bool { return d.literal("null") }

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

// number passes over a number.
func (d *decoder) number() bool {
	d.one('-')
	if !d.one('0') && !d.digits() {
		return false
	}
	if d.one('.') && !d.digits() {
		return false
	}
	if d.one('e') || d.one('E') {
		if !d.one('+') {
			d.one('-')
		}
		return d.digits()
	}
	return true
}

func (d *decoder) one(c byte) bool {
	if d.at < len(d.data) && d.data[d.at] == c {
		d.at++
		return true
	}
	return false
}

// digits passes over at least one digit.
func (d *decoder) digits() bool {
	begin := d.at
	for d.at < len(d.data) && isDigit(d.data[d.at]) {
		d.at++
	}
	return d.at > begin
}

// skip passes over a value of any form.
func (d *decoder) skip() bool {
	if d.at >= len(d.data) {
		return false
	}
	switch c := d.data[d.at]; c {
	case '"':
		return d.skipText()
	case '{':
		return d.skipObject()
	case '[':
		return d.skipArray()
	case 't':
		return d.literal("true")
	case 'f':
		return d.literal("false")
	case 'n':
		return d.literal("null")
	default:
		return (c == '-' || isDigit(c)) && d.number()
	}
}

func (d *decoder) skipObject() bool {
	if d.depth++; d.depth > maxDepth {
		return false
	}
	for d.at++; !d.is('}'); {
		d.space()
		if d.at >= len(d.data) || d.data[d.at] != '"' || !d.skipText() || !d.is(':') {
			return false
		}
		if d.space(); !d.skip() || !d.more('}') {
			return false
		}
	}
	d.depth--
	return true
}

func (d *decoder) skipArray() bool {
	if d.depth++; d.depth > maxDepth {
		return false
	}
	for d.at++; !d.is(']'); {
		if d.space(); !d.skip() || !d.more(']') {
			return false
		}
	}
	d.depth--
	return true
}

// more passes over a comma, behind which something must follow, or stays at the end.
func (d *decoder) more(end byte) bool {
	if d.is(',') {
		d.space()
		return d.at < len(d.data) && d.data[d.at] != end
	}
	return d.at < len(d.data) && d.data[d.at] == end
}

// skipText passes over a string.
func (d *decoder) skipText() bool {
	for i := d.at + 1; ; {
		begin, ascii := i, false
		if i, ascii = plainEnd(d.data, i); i >= len(d.data) || !ascii && !utf8.Valid(d.data[begin:i]) {
			return false
		}
		switch d.data[i] {
		case '"':
			d.at = i + 1
			return true
		case '\\':
			n := escapeLength(d.data[i:])
			if n == 0 {
				return false
			}
			i += n
		default: // a control character
			return false
		}
	}
}

// escapeLength returns the length of an escape sequence, or 0 if it is not valid.
func escapeLength(data []byte) int {
	if len(data) < 2 {
		return 0
	}
	switch data[1] {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		return 2
	case 'u':
		if codeUnit(data) >= 0 {
			return 6
		}
	}
	return 0
}

// codeUnit is the value of an escape with \u and four hexadecimal digits, or -1.
func codeUnit(data []byte) rune {
	if len(data) < 6 || data[0] != '\\' || data[1] != 'u' {
		return -1
	}
	var r rune
	for _, c := range data[2:6] {
		switch {
		case isDigit(c):
			c -= '0'
		case c >= 'a' && c <= 'f':
			c -= 'a' - 10
		case c >= 'A' && c <= 'F':
			c -= 'A' - 10
		default:
			return -1
		}
		r = r<<4 | rune(c)
	}
	return r
}

// text reads a string. What it returns is good until the next call.
func (d *decoder) text() ([]byte, bool) {
	begin := d.at + 1
	i, ascii := plainEnd(d.data, begin)
	if i >= len(d.data) {
		return nil, false
	}
	if d.data[i] == '"' {
		d.at = i + 1
		text := d.data[begin:i]
		return text, ascii || utf8.Valid(text)
	}
	if !d.skipText() {
		return nil, false
	}
	d.room = unescape(d.room[:0], d.data[begin:d.at-1], i-begin)
	return d.room, true
}

// unescape appends a text without its escape sequences, which are valid; the first is at i.
func unescape(room, text []byte, i int) []byte {
	for {
		room = append(room, text[:i]...)
		if text = text[i:]; len(text) == 0 {
			return room
		}
		n := 2
		switch c := text[1]; c {
		case 'b':
			room = append(room, '\b')
		case 'f':
			room = append(room, '\f')
		case 'n':
			room = append(room, '\n')
		case 'r':
			room = append(room, '\r')
		case 't':
			room = append(room, '\t')
		case 'u':
			r := codeUnit(text)
			n = 6
			if utf16.IsSurrogate(r) { // half a pair is U+FFFD
				if r = utf16.DecodeRune(r, codeUnit(text[6:])); r != utf8.RuneError {
					n = 12
				}
			}
			room = utf8.AppendRune(room, r)
		default:
			room = append(room, c)
		}
		text = text[n:]
		if i = bytes.IndexByte(text, '\\'); i < 0 {
			i = len(text)
		}
	}
}

// plainEnd returns where a text stops being plain: at a quotation mark, a backslash, a control
// character, or the end of data. It looks at eight bytes at a time.
func plainEnd(data []byte, i int) (end int, ascii bool) {
	const (
		ones  = 0x0101010101010101
		highs = 0x8080808080808080
	)
	var all uint64
	for ; i+8 <= len(data); i += 8 {
		w := binary.LittleEndian.Uint64(data[i:])
		quote, backslash := w^('"'*ones), w^('\\'*ones)
		// The lowest bit is that of the first such byte; those above it may be wrong.
		stops := ((w-' '*ones)&^w | (quote-ones)&^quote | (backslash-ones)&^backslash) & highs
		if stops != 0 {
			n := bits.TrailingZeros64(stops)
			return i + n/8, (all|w&(1<<(n-7)-1))&highs == 0
		}
		all |= w
	}
	for ; i < len(data) && data[i] >= ' ' && data[i] != '"' && data[i] != '\\'; i++ {
		all |= uint64(data[i])
	}
	return i, all&highs == 0
}
