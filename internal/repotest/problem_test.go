package repotest

import (
	"os"
	"path"
	"strings"
	"testing"
)

// TestErrorBodiesAreWrittenInOnePlace keeps other packages from writing error bodies, or reading
// Accept, by themselves. The stand-ins answer as Tableau and as a provider do, and share no code.
func TestErrorBodiesAreWrittenInOnePlace(t *testing.T) {
	t.Parallel()
	seen := 0
	for _, f := range goFiles(t) {
		if f.isTest() || f.dir == "internal/tableausim" || f.dir == "internal/devidp" || f.dir == "graph" {
			continue
		}
		text, err := os.ReadFile(path.Join(f.dir, f.name))
		if err != nil {
			t.Fatal(err)
		}
		writes := strings.Contains(string(text), `"errors":`) // as a key of a map, or in a text that is JSON
		parses := strings.Contains(string(text), `"application/graphql-response+json"`)
		switch {
		case f.dir == "internal/problem":
			if writes || parses {
				seen++
			}
		case writes && f.name != "transport.go": // answers of operations, whose errors are sent with data
			t.Errorf("%s/%s writes errors: use internal/problem", f.dir, f.name)
		case parses:
			t.Errorf("%s/%s names the media type of GraphQL: use internal/problem", f.dir, f.name)
		}
	}
	if seen != 2 {
		t.Errorf("%d files of internal/problem write errors or name the media type, want 2: what does this test look for?", seen)
	}
}
