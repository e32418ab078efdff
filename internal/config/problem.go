package config

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Problem is one thing that is wrong with the settings.
type Problem struct {
	File   string // the settings file as it was named; "" for settings that came from none
	Line   int    // from 1; 0 where the setting has no place in the file, because it is missing
	Column int    // from 1
	Path   string // the setting: tableau.signIn.tokens[0].secretFile
	Value  string // what it is set to; "" where there is nothing to show. Never a secret
	Reason string // what is wrong, as the continuation of "tableau.url …"
	Fix    string // what to do
}

// String returns one line: file:line:column: setting "value" reason; fix.
func (p Problem) String() string {
	var b strings.Builder
	if p.File != "" {
		b.WriteString(p.File + ":")
		if p.Line > 0 {
			fmt.Fprintf(&b, "%d:%d:", p.Line, p.Column)
		}
		b.WriteString(" ")
	}
	if p.Path != "" {
		b.WriteString(p.Path + " ")
	}
	if p.Value != "" {
		fmt.Fprintf(&b, "%q ", shorten(p.Value))
	}
	b.WriteString(p.Reason)
	if p.Fix != "" {
		b.WriteString("; " + p.Fix)
	}
	return b.String()
}

// Problems is everything that is wrong with the settings, in the order of the
// file; what is missing comes last. It is never empty where it is an error.
type Problems []Problem

// mostLines is how many problems are printed: a person reads no more, and a file
// that is something else entirely could have thousands.
const mostLines = 100

// Error returns one line per problem.
func (ps Problems) Error() string {
	var lines []string
	for i, p := range ps {
		if i == mostLines {
			lines = append(lines, fmt.Sprintf("… and %d more", len(ps)-i))
			break
		}
		lines = append(lines, p.String())
	}
	return strings.Join(lines, "\n")
}

// err returns ps as an error, nil if absent.
func (ps Problems) err() error {
	if len(ps) == 0 {
		return nil
	}
	return ps
}

// sort puts the problems into the order of the file.
func (ps Problems) sort() {
	slices.SortStableFunc(ps, func(a, b Problem) int {
		if (a.Line == 0) != (b.Line == 0) {
			return cmp.Compare(b.Line, a.Line)
		}
		return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
	})
}

// shorten keeps a value that is shown to a person within a line.
func shorten(s string) string {
	const most = 80
	if len(s) <= most {
		return s
	}
	return strings.ToValidUTF8(s[:most], "") + "…"
}
