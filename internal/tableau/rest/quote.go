package rest

import (
	"io"
	"unicode/utf8"
)

const hexDigits = "0123456789abcdef"

// WriteQuoted writes s as a JSON string. Bytes that are no UTF-8 become the replacement character.
func WriteQuoted(w io.Writer, s string) {
	_, _ = w.Write(AppendQuoted(make([]byte, 0, len(s)+2), s))
}

// AppendQuoted appends s as [WriteQuoted] writes it.
func AppendQuoted(buf []byte, s string) []byte {
	buf = append(buf, '"')
	start := 0
	for i := 0; i < len(s); {
		if i+8 <= len(s) && plain(s[i:i+8]) {
			i += 8
			continue
		}
		c := s[i]
		if c >= utf8.RuneSelf {
			r, size := utf8.DecodeRuneInString(s[i:])
			if r == utf8.RuneError && size == 1 {
				buf = append(append(buf, s[start:i]...), `\ufffd`...)
				start = i + size
			}
			i += size
			continue
		}
		if c >= ' ' && c != '"' && c != '\\' && c != 0x7f {
			i++
			continue
		}
		buf = append(buf, s[start:i]...)
		switch c {
		case '"', '\\':
			buf = append(buf, '\\', c)
		case '\n':
			buf = append(buf, '\\', 'n')
		case '\r':
			buf = append(buf, '\\', 'r')
		case '\t':
			buf = append(buf, '\\', 't')
		default:
			buf = append(buf, '\\', 'u', '0', '0', hexDigits[c>>4], hexDigits[c&15])
		}
		i++
		start = i
	}
	buf = append(buf, s[start:]...)
	return append(buf, '"')
}

// plain reports whether eight bytes are ASCII that is written as it is. It may say no of some that
// are.
func plain(s string) bool {
	const ones, highs = 0x0101010101010101, 0x8080808080808080
	w := uint64(s[0]) | uint64(s[1])<<8 | uint64(s[2])<<16 | uint64(s[3])<<24 |
		uint64(s[4])<<32 | uint64(s[5])<<40 | uint64(s[6])<<48 | uint64(s[7])<<56
	quote, backslash, del := w^('"'*ones), w^('\\'*ones), w^(0x7f*ones)
	return (w|(w-' '*ones)|(quote-ones)|(backslash-ones)|(del-ones))&highs == 0
}
