// Package suggest finds the known name that somebody probably meant by one that is not known: a key
// of the settings, a command, an area. It is for messages to operators and never for messages to
// clients, who must not learn what a role does not show.
package suggest

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// longest bounds the names that are compared: the time grows with the product of their lengths.
const longest = 100

// Nearest returns the known name that is closest to word, without regard to case; "" if none is
// close. Close are up to one edit in four characters, and at least one: a character too many,
// missing, replaced, or two swapped (optimal string alignment, the restricted Damerau-Levenshtein
// distance). Of equally close names the first is taken.
func Nearest(word string, known []string) string {
	if word == "" || len(word) > longest {
		return ""
	}
	best, most := "", max(1, utf8.RuneCountInString(word)/4)+1
	for _, name := range known {
		if name == "" || len(name) > longest || name == word {
			continue
		}
		if d := distance([]rune(strings.ToLower(word)), []rune(strings.ToLower(name))); d < most && d < utf8.RuneCountInString(name) {
			best, most = name, d
		}
	}
	return best
}

// Or returns `did you mean "x"? ` before fix where a known name is close to word, otherwise fix
// alone.
func Or(word string, known []string, fix string) string {
	if name := Nearest(word, known); name != "" {
		return fmt.Sprintf("did you mean %q? ", name) + fix
	}
	return fix
}

// distance counts the edits between two texts.
func distance(a, b []rune) int {
	before, last, row := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row[0] = i
		for j := 1; j <= len(b); j++ {
			replaced := last[j-1]
			if a[i-1] != b[j-1] {
				replaced++
			}
			row[j] = min(last[j]+1, row[j-1]+1, replaced)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		before, last, row = last, row, before
	}
	return last[len(b)]
}
