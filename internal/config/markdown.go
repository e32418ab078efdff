package config

import (
	"fmt"
	"strings"
)

// Reference is the list of all settings for docs/operators/settings.md: a heading for each key, so
// that each has an anchor, with its description, type, default and bounds. It is in Markdown.
func Reference() string {
	var b strings.Builder
	parts := map[string][]Setting{}
	order := []string{atTop}
	for _, s := range Settings() {
		p := partOf(s.Key)
		if parts[p] == nil && p != atTop {
			order = append(order, p)
		}
		parts[p] = append(parts[p], s)
	}
	for _, p := range order {
		fmt.Fprintf(&b, "### Keys %s\n\n", p)
		for _, s := range parts[p] {
			fmt.Fprintf(&b, "#### %s\n\n%s\n\n%s\n\n", s.Key, s.Text, strings.Join(s.facts(), " · "))
		}
	}
	return strings.TrimSpace(b.String()) + "\n"
}

// atTop is the group of keys that are in no object.
const atTop = "at the top"

// partOf is the group that a key is listed in.
func partOf(key string) string {
	first, rest, nested := strings.Cut(key, ".")
	switch second, _, deeper := strings.Cut(rest, "."); {
	case nested && deeper && first == "tableau" && (second == "signIn" || second == "embed" || second == "limits"):
		return "of " + first + "." + second
	case nested:
		return "of " + strings.TrimSuffix(first, "[]")
	default:
		return atTop
	}
}

func (s Setting) facts() []string {
	facts := []string{"Type: " + string(s.Type)}
	switch {
	case s.Default != "":
		facts = append(facts, "Default: `"+s.Default+"`")
	case s.Absent == required:
		facts = append(facts, "Required")
	case strings.HasPrefix(s.Absent, required):
		facts = append(facts, "R"+s.Absent[1:])
	default:
		facts = append(facts, "Default: "+s.Absent)
	}
	if s.Bounds != "" {
		facts = append(facts, "Bounds: "+s.Bounds)
	}
	return facts
}
