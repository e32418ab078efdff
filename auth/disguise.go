package auth

import (
	"slices"
	"strings"
	"unicode"
)

// A provider may write a list as one text: "a,b", "a b", "[a, b]", or as JSON. Read as one name it
// matches no condition, so that a role which takes rights away would not apply. Which of it is a
// list and which a name is not known, so that the text is refused wherever the difference matters.

// Separators between the names of a list that is written as a text. A name in a real list may hold
// spaces.
const (
	listSeparators = ",;|\n\r\t"
	textSeparators = listSeparators + " "
)

// disguised reports whether a text may be a list of names. Names are those that conditions look
// for: a text that holds none of them means the same either way. They are nil where they are not
// known.
func disguised(text string, names []string, separators string) bool {
	text = strings.TrimSpace(text)
	if strings.Trim(text, ".…") == "" && text != "" {
		return true // more follows
	}
	separated := strings.ContainsAny(text, separators) || strings.HasPrefix(text, "[") || strings.HasPrefix(text, "{") || strings.HasPrefix(text, `"`)
	if !separated || names == nil {
		return separated
	}
	if separators == listSeparators && slices.Contains(names, text) {
		return false
	}
	return slices.ContainsFunc(strings.FieldsFunc(text, func(r rune) bool {
		return unicode.IsSpace(r) && separators == textSeparators || strings.ContainsRune(separators, r)
	}), func(part string) bool {
		part = strings.Trim(part, " []{}()'\"")
		return slices.ContainsFunc(names, func(name string) bool { return strings.EqualFold(name, part) })
	})
}

// disguisedGroups reports whether a claim's groups may be other names than they seem.
func disguisedGroups(v any, list, names []string) bool {
	separators := listSeparators
	if _, alone := v.(string); alone {
		separators = textSeparators
	}
	return slices.ContainsFunc(list, func(text string) bool { return disguised(text, names, separators) })
}

// Blank reports whether a name has no visible character: it names nothing.
func Blank(name string) bool {
	return !strings.ContainsFunc(name, func(r rune) bool {
		return unicode.IsGraphic(r) && !unicode.IsSpace(r) && !unicode.Is(unicode.Mn, r) && !slices.Contains(unseen, r) || r == unicode.ReplacementChar
	})
}

// unseen are letters and symbols that show nothing: the Hangul fillers and the Braille pattern
// without a dot.
var unseen = []rune{'\u115f', '\u1160', '\u2800', '\u3164', '\uffa0'}
