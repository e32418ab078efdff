package tableau

import (
	"strings"
	"unicode"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// Texts of insights are HTML, or text with names in it that people chose. A front end may put them
// into a page without a thought, so nothing of them is left that a browser could read as markup.

// silent are the elements whose content is no text for readers.
var silent = map[atom.Atom]bool{
	atom.Script: true, atom.Style: true, atom.Iframe: true, atom.Noscript: true, atom.Noembed: true, atom.Noframes: true, atom.Xmp: true,
	atom.Plaintext: true, atom.Template: true, atom.Title: true, atom.Textarea: true,
}

// separate are the elements that end a word.
var separate = map[atom.Atom]bool{
	atom.Br: true, atom.P: true, atom.Div: true, atom.Li: true, atom.Ul: true, atom.Ol: true, atom.Tr: true, atom.Td: true, atom.Th: true,
	atom.H1: true, atom.H2: true, atom.H3: true, atom.H4: true,
}

// plainText returns the text of HTML, on one line. Tags are dropped, entities are decoded however
// often they were encoded, and what looks like a tag then gets another sign in the place of "<".
func plainText(markup Text) Text {
	text := string(markup)
	if strings.ContainsAny(text, "<&") {
		text = decodeEntities(dropTags(text))
	}
	text = strings.Join(strings.Fields(visible(text)), " ")
	return Text(closeTags(text))
}

func dropTags(markup string) string {
	var b strings.Builder
	z := html.NewTokenizer(strings.NewReader(markup))
	skip := false // the next text is the content of a silent element
	for {
		switch z.Next() {
		case html.ErrorToken:
			b.Write(z.Raw()) // a tag that does not end
			return b.String()
		case html.TextToken:
			if !skip {
				b.WriteString(z.Token().Data)
			}
			skip = false
		case html.StartTagToken, html.SelfClosingTagToken, html.EndTagToken:
			t := z.Token()
			skip = t.Type == html.StartTagToken && silent[t.DataAtom]
			if separate[t.DataAtom] {
				b.WriteByte(' ')
			}
		}
	}
}

// maxEntityLevels bounds how often a text is decoded.
const maxEntityLevels = 8

func decodeEntities(text string) string {
	for range maxEntityLevels {
		decoded := html.UnescapeString(visible(text))
		if decoded == text {
			return text
		}
		text = decoded
	}
	return strings.ReplaceAll(text, "&", " ")
}

// visible drops control characters, and those that turn the direction of text.
func visible(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) || r == unicode.ReplacementChar || r == '\u200b' || r == '\ufeff':
			return -1
		}
		return r
	}, text)
}

// closeTags puts another sign in the place of each "<" that may begin a tag: one that is not before
// a space, a digit or an equals sign.
func closeTags(text string) string {
	var b strings.Builder
	for i, r := range text {
		if r == '<' && (i+1 == len(text) || !strings.ContainsRune(" 0123456789=", rune(text[i+1]))) {
			r = '‹'
		}
		b.WriteRune(r)
	}
	return b.String()
}
