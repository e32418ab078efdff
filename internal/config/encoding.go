package config

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// byteOrderMark is U+FEFF in UTF-8. Editors on Windows put it at the beginning of a file, where
// nobody sees it.
const byteOrderMark = "\ufeff"

// notText is why bytes are no text, with what to do.
type notText struct{ reason, fix string }

// Error returns both.
func (e *notText) Error() string { return e.reason + "; " + e.fix }

// plainText returns the text of a file without a byte order mark. It refuses UTF-16, which some
// editors call Unicode, and bytes that are not UTF-8. Nothing of the content is in the error, which
// is a notText.
func plainText(data []byte) ([]byte, error) {
	const save = "save it as UTF-8"
	switch {
	case bytes.HasPrefix(data, []byte{0xff, 0xfe}), bytes.HasPrefix(data, []byte{0xfe, 0xff}), looksLikeUTF16(data):
		return nil, &notText{"is UTF-16 text", save + " (editors may call UTF-16 \"Unicode\")"}
	case !utf8.Valid(data):
		line, column := firstInvalid(data)
		return nil, &notText{fmt.Sprintf("holds bytes that are not UTF-8, the first in line %d at byte %d", line, column), save}
	}
	return bytes.TrimPrefix(data, []byte(byteOrderMark)), nil
}

// looksLikeUTF16 reports whether every second byte of the beginning is zero, as Latin text in
// UTF-16 has it.
func looksLikeUTF16(data []byte) bool {
	if len(data) < 4 {
		return false
	}
	even, odd := true, true
	for i := 0; i+1 < min(len(data), 64); i += 2 {
		even, odd = even && data[i] == 0, odd && data[i+1] == 0
	}
	return even != odd
}

// firstInvalid is the place of the first byte that is not UTF-8, both from 1.
func firstInvalid(data []byte) (line, column int) {
	line, begin := 1, 0
	for i := 0; i < len(data); {
		r, size := utf8.DecodeRune(data[i:])
		if r == utf8.RuneError && size == 1 {
			return line, i - begin + 1
		}
		i += size
		if r == '\n' {
			line, begin = line+1, i
		}
	}
	return line, 1
}

// reasonAndFix splits the error of plainText.
func reasonAndFix(err error) (reason, fix string) {
	var e *notText
	if errors.As(err, &e) {
		return e.reason, e.fix
	}
	return err.Error(), ""
}

// tabInIndentation is the line, from 1, that begins with white space in which there is a tab; 0 if
// absent. YAML allows spaces alone there (section 6.1).
func tabInIndentation(data []byte) int {
	number := 0
	for line := range bytes.Lines(data) {
		number++
		text := bytes.TrimLeft(line, " \t")
		if indentation := line[:len(line)-len(text)]; bytes.ContainsRune(indentation, '\t') && len(bytes.TrimSpace(text)) > 0 && text[0] != '#' {
			return number
		}
	}
	return 0
}

// unfit says why a text can't be a secret; "" if it can.
func unfit(s string) string {
	switch {
	case strings.TrimSpace(s) == "":
		return "is empty"
	case !utf8.ValidString(s):
		return "holds bytes that are not UTF-8"
	case strings.Contains(s, byteOrderMark):
		return "holds a byte order mark (U+FEFF), which cannot be seen"
	case strings.ContainsAny(s, "\n\r"):
		return "holds more than one line"
	case strings.ContainsRune(s, '\t'):
		return "holds a tab"
	case strings.ContainsFunc(s, unicode.IsControl):
		return "holds control characters"
	case strings.TrimSpace(s) != s:
		return "begins or ends with a space"
	default:
		return ""
	}
}
