package rest

import (
	"bytes"
	"mime"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

var (
	markUTF8    = []byte("\xef\xbb\xbf")
	markUTF16LE = []byte("\xff\xfe")
	markUTF16BE = []byte("\xfe\xff")
)

// xmlEncoding finds the encoding in an XML declaration (XML 1.0, 4.3.3).
var xmlEncoding = regexp.MustCompile(`^\s*<\?xml[^>]*?\sencoding\s*=\s*["']([A-Za-z0-9._:-]+)["']`)

// toUTF8 gives a body in UTF-8: by its byte order mark, by the zeros of UTF-16 without one, by the
// charset of its Content-Type, or by the encoding that its XML declaration names. A body that is
// valid UTF-8 is taken as it is, whatever is said of it. Of an encoding that is not known here all
// but ASCII becomes U+FFFD: ids and numbers stay.
func toUTF8(body []byte, contentType string) []byte {
	switch {
	case bytes.HasPrefix(body, markUTF8):
		return bytes.TrimPrefix(body, markUTF8)
	case bytes.HasPrefix(body, markUTF16LE):
		return fromUTF16(body[2:], false)
	case bytes.HasPrefix(body, markUTF16BE):
		return fromUTF16(body[2:], true)
	case len(body) > 1 && body[0] != 0 && body[1] == 0:
		return fromUTF16(body, false)
	case len(body) > 1 && body[0] == 0 && body[1] != 0:
		return fromUTF16(body, true)
	case utf8.Valid(body):
		return body
	}
	var b bytes.Buffer
	b.Grow(len(body) + len(body)/8)
	table, single := singleByte[encodingOf(body, contentType)]
	if !single {
		return bytes.ToValidUTF8(body, []byte("\ufffd"))
	}
	for _, c := range body {
		r := rune(c)
		if other, ok := table[c]; ok {
			r = other
		}
		b.WriteRune(r)
	}
	return b.Bytes()
}

// encodingOf is the name of an encoding as singleByte has it.
func encodingOf(body []byte, contentType string) string {
	name := ""
	if _, parameters, err := mime.ParseMediaType(contentType); err == nil {
		name = parameters["charset"]
	}
	if found := xmlEncoding.FindSubmatch(body[:min(len(body), 256)]); found != nil {
		name = string(found[1])
	}
	return strings.NewReplacer("_", "-", "iso8859", "iso-8859", "cp1252", "windows-1252", "latin1", "iso-8859-1", "latin-1", "iso-8859-1").
		Replace(strings.ToLower(strings.TrimSpace(name)))
}

// singleByte are the encodings of one byte for each character, with what differs from ISO-8859-1.
// As on the web, what calls itself ISO-8859-1 is read as windows-1252
// (https://encoding.spec.whatwg.org/#names-and-labels).
var singleByte = map[string]map[byte]rune{
	"iso-8859-1": windows1252, "windows-1252": windows1252, "us-ascii": windows1252, "ascii": windows1252,
	"iso-8859-15": {0xa4: '€', 0xa6: 'Š', 0xa8: 'š', 0xb4: 'Ž', 0xb8: 'ž', 0xbc: 'Œ', 0xbd: 'œ', 0xbe: 'Ÿ'},
}

var windows1252 = map[byte]rune{
	0x80: '€', 0x82: '‚', 0x83: 'ƒ', 0x84: '„', 0x85: '…', 0x86: '†', 0x87: '‡', 0x88: 'ˆ', 0x89: '‰', 0x8a: 'Š', 0x8b: '‹', 0x8c: 'Œ',
	0x8e: 'Ž', 0x91: '‘', 0x92: '’', 0x93: '“', 0x94: '”', 0x95: '•', 0x96: '–', 0x97: '—', 0x98: '˜', 0x99: '™', 0x9a: 'š', 0x9b: '›',
	0x9c: 'œ', 0x9e: 'ž', 0x9f: 'Ÿ',
}

// fromUTF16 decodes UTF-16; a byte too many at the end is left out.
func fromUTF16(body []byte, bigEndian bool) []byte {
	out := make([]byte, 0, len(body))
	unit := func(i int) rune {
		if bigEndian {
			return rune(body[i])<<8 | rune(body[i+1])
		}
		return rune(body[i+1])<<8 | rune(body[i])
	}
	for i := 0; i+1 < len(body); i += 2 {
		r := unit(i)
		if utf16.IsSurrogate(r) && i+3 < len(body) {
			if r = utf16.DecodeRune(r, unit(i+2)); r != utf8.RuneError {
				i += 2
			}
		}
		out = utf8.AppendRune(out, r) // U+FFFD for half a pair
	}
	return out
}

// characterReference is a reference to a character by its number.
var characterReference = regexp.MustCompile(`&#(?:x[0-9a-fA-F]+|[0-9]+);`)

// legalXML replaces what no XML may hold (XML 1.0, 2.2) by U+FFFD: control characters and
// references to them. Some servers write what people put into names as it is, and one name must not
// cost a page.
func legalXML(body []byte) []byte {
	body = characterReference.ReplaceAllFunc(body, func(reference []byte) []byte {
		digits, base := string(reference[2:len(reference)-1]), 10
		if digits[0] == 'x' {
			digits, base = digits[1:], 16
		}
		if code, err := strconv.ParseUint(digits, base, 32); err != nil || code > utf8.MaxRune || !inXML(rune(code)) {
			return []byte("\ufffd")
		}
		return reference
	})
	return bytes.Map(func(r rune) rune {
		if !inXML(r) {
			return utf8.RuneError
		}
		return r
	}, body)
}

// inXML says whether XML may hold a character.
func inXML(r rune) bool {
	return r == '\t' || r == '\n' || r == '\r' || r >= 0x20 && r <= 0xd7ff || r >= 0xe000 && r <= 0xfffd || r >= 0x10000 && r <= 0x10ffff
}
