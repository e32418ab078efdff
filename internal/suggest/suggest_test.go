package suggest_test

import (
	"strings"
	"testing"

	"vitrine/internal/suggest"
)

func TestNearestFindsWhatWasMeant(t *testing.T) {
	t.Parallel()
	known := []string{"url", "signIn", "sites", "sessionIdle", "sessionLifetime", "CATALOG", "CONTENT", "connectedApp", "json", ""}
	for word, want := range map[string]string{
		"singIn":          "signIn",          // two characters swapped
		"site":            "sites",           // one missing
		"sitess":          "sites",           // one too many
		"sesionIdle":      "sessionIdle",     // one missing
		"sessionLifetiem": "sessionLifetime", // swapped
		"catalog":         "CATALOG",         // another case
		"CATALOGS":        "CATALOG",
		"connectedapp":    "connectedApp",
		"jsno":            "json",
		"URL":             "url",
		"url":             "", // it is known itself
		"color":           "",
		"x":               "",
		"":                "",
		"ur":              "url",
	} {
		if got := suggest.Nearest(word, known); got != want {
			t.Errorf("%q: %q, want %q", word, got, want)
		}
	}
	if got := suggest.Nearest(strings.Repeat("x", 1<<20), known); got != "" {
		t.Errorf("a text of a megabyte: %q", got)
	}
}
