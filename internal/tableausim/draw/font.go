package draw

import "strings"

// glyphs is a small stroke font, drawn for this package. A glyph is a list of strokes divided by
// "|"; a stroke is a list of points "xy" on a grid whose capitals reach from y 0 to y 6 and whose
// small letters begin at y 2 and go down to y 8. A stroke of one point is a dot.
var glyphs = map[rune]string{
	'A': "06 20 46|14 34", 'B': "06 00 30 41 42 33 03|33 44 45 36 06", 'C': "41 30 10 01 05 16 36 45", 'D': "06 00 20 41 45 26 06",
	'E': "30 00 06 36|03 23", 'F': "30 00 06|03 23", 'G': "41 30 10 01 05 16 36 45 43 23", 'H': "00 06|40 46|03 43", 'I': "00 06",
	'J': "30 35 26 16 05", 'K': "00 06|40 03 46", 'L': "00 06 36", 'M': "06 00 24 40 46", 'N': "06 00 46 40",
	'O': "10 30 41 45 36 16 05 01 10", 'P': "06 00 30 41 42 33 03", 'Q': "10 30 41 45 36 16 05 01 10|24 46", 'R': "06 00 30 41 42 33 03|23 46",
	'S': "41 30 10 01 02 13 33 44 45 36 16 05", 'T': "00 40|20 26", 'U': "00 05 16 36 45 40", 'V': "00 26 40", 'W': "00 16 22 36 40",
	'X': "00 46|40 06", 'Y': "00 23 40|23 26", 'Z': "00 40 06 46",
	'a': "32 36|33 22 12 03 05 16 26 35", 'b': "00 06|03 12 22 33 35 26 16 05", 'c': "33 22 12 03 05 16 26 35", 'd': "30 36|33 22 12 03 05 16 26 35",
	'e': "04 34 33 22 12 03 05 16 26 35", 'f': "20 11 16|02 22", 'g': "32 37 28 18 07|33 22 12 03 05 16 26 35", 'h': "00 06|03 12 22 33 36",
	'i': "02 06|00", 'j': "12 17 08|10", 'k': "00 06|32 04 36", 'l': "00 06", 'm': "02 06|03 12 23 26|23 32 43 46", 'n': "02 06|03 12 22 33 36",
	'o': "12 22 33 35 26 16 05 03 12", 'p': "02 08|03 12 22 33 35 26 16 05", 'q': "32 38|33 22 12 03 05 16 26 35", 'r': "02 06|03 12 22",
	's': "33 22 12 03 14 24 35 26 16 05", 't': "10 15 26|02 22", 'u': "02 05 16 26 35|32 36", 'v': "02 26 42", 'w': "02 16 23 36 42",
	'x': "02 36|32 06", 'y': "02 26|42 18", 'z': "02 32 06 36",
	'0': "10 20 31 35 26 16 05 01 10", '1': "11 20 26", '2': "01 10 20 31 32 06 36", '3': "01 10 20 31 32 23 13|23 34 35 26 16 05", '4': "26 20 04 34",
	'5': "30 00 03 23 34 35 26 06", '6': "30 10 01 05 16 26 35 34 23 03", '7': "00 30 16", '8': "10 20 31 32 23 13 02 01 10|13 04 05 16 26 35 34 23", '9': "33 13 02 01 10 20 31 35 26 06",
	'.': "06", ',': "15 07", ':': "03|06", '-': "04 24", '–': "04 34", '_': "07 37", '/': "30 06", '\'': "00 01", '+': "13 15|04 24", '=': "03 33|05 35",
	'%': "40 06|00 10 11 01 00|35 45 46 36 35", '$': "41 30 10 01 02 13 33 44 45 36 16 05|20 26", '&': "46 12 11 20 31 04 05 16 26 44", '(': "10 01 05 16", ')': "00 11 15 06", '·': "13",
}

// folds replaces letters that the font does not have by their base letters.
var folds = strings.NewReplacer(
	"á", "a", "à", "a", "â", "a", "ä", "a", "å", "a", "ã", "a", "é", "e", "è", "e", "ê", "e", "ë", "e", "í", "i", "ì", "i", "î", "i", "ï", "i",
	"ó", "o", "ò", "o", "ô", "o", "ö", "o", "ø", "o", "õ", "o", "ú", "u", "ù", "u", "û", "u", "ü", "u", "ñ", "n", "ç", "c", "ß", "ss", "ś", "s",
	"Å", "A", "Ä", "A", "Ö", "O", "Ø", "O", "Ü", "U", "É", "E", "æ", "ae", "’", "'",
)

// unknownGlyph is drawn for what neither the font nor its folds have.
const unknownGlyph = "00 30 36 06 00"

// point is a position on the canvas or, in glyphs, on the grid of the font.
type point struct{ x, y float64 }

// strokes returns the lines of a text whose capitals are size high, with the upper left corner at
// 0,0, and its width.
func strokes(text string, size float64) (lines [][]point, width float64) {
	unit := size / 6
	for _, r := range folds.Replace(text) {
		if r == ' ' {
			width += 3 * unit
			continue
		}
		glyph, ok := glyphs[r]
		if !ok {
			glyph = unknownGlyph
		}
		right := 0.0
		for stroke := range strings.SplitSeq(glyph, "|") {
			var line []point
			for p := range strings.SplitSeq(stroke, " ") {
				x, y := float64(p[0]-'0'), float64(p[1]-'0')
				right = max(right, x)
				line = append(line, point{width + x*unit, y * unit})
			}
			lines = append(lines, line)
		}
		width += (right + 1.7) * unit
	}
	return lines, max(0, width-1.7*unit)
}
