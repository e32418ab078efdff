package config_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/goccy/go-yaml"

	"vitrine/internal/config"
)

// walked is the settings file that the tests below change key by key: every setting of this version
// is in it or in one of the files beside it.
type walked struct {
	name string
	tree map[string]any
	read func(string) ([]byte, error)
	env  func(string) string
}

// walkedFiles are files that together hold every key: full.yaml, jwt.yaml for the sign-in methods
// that full.yaml has not, and plain.yaml for ways without TLS and the twins of secrets.
func walkedFiles(t *testing.T) []walked {
	t.Helper()
	cert, key := selfSigned(t, time.Now().Add(time.Hour))
	var files []walked
	for _, name := range []string{"full.yaml", "jwt.yaml", "plain.yaml"} {
		data, err := os.ReadFile(filepath.Join("testdata", name))
		if err != nil {
			t.Fatal(err)
		}
		var tree map[string]any
		if err := yaml.Unmarshal(data, &tree); err != nil {
			t.Fatal(err)
		}
		w := walked{filepath.Join("testdata", name), tree, withPair(cert, key), func(name string) string {
			if name == "TLS_KEY" {
				return string(key)
			}
			return environment(name)
		}}
		if _, err := w.parse(t, tree); err != nil {
			t.Fatalf("%s as it is: %v", name, err)
		}
		files = append(files, w)
	}
	return files
}

// parse reads a tree as a settings file. JSON is YAML, and keeps the lines apart.
func (w walked) parse(t *testing.T, tree any) (*config.Config, error) {
	t.Helper()
	text, err := json.MarshalIndent(tree, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	c, _, err := config.Parse(w.name, text, w.env, w.read)
	return c, err
}

// notes are what is noted of the file as it is.
func (w walked) notes(t *testing.T) []string {
	t.Helper()
	text, err := json.Marshal(w.tree)
	if err != nil {
		t.Fatal(err)
	}
	_, notes, _ := config.Parse(w.name, text, w.env, w.read)
	return notes
}

// with is the tree with one place changed: to another value, or to another name if rename is set.
func (w walked) with(t *testing.T, path []any, value any, rename string) any {
	t.Helper()
	text, err := json.Marshal(w.tree)
	if err != nil {
		t.Fatal(err)
	}
	var tree any
	if err := json.Unmarshal(text, &tree); err != nil {
		t.Fatal(err)
	}
	at := tree
	for _, step := range path[:len(path)-1] {
		switch s := step.(type) {
		case string:
			at = at.(map[string]any)[s]
		case int:
			at = at.([]any)[s]
		}
	}
	switch s := path[len(path)-1].(type) {
	case int:
		at.([]any)[s] = value
	case string:
		object := at.(map[string]any)
		if rename != "" {
			object[rename] = object[s]
			delete(object, s)
		} else {
			object[s] = value
		}
	}
	return tree
}

// place is a key of a tree: where it is, and its value.
type place struct {
	path  []any
	value any
}

func (p place) String() string {
	var b strings.Builder
	for _, step := range p.path {
		switch s := step.(type) {
		case string:
			b.WriteString("." + s)
		case int:
			fmt.Fprintf(&b, "[%d]", s)
		}
	}
	return strings.TrimPrefix(b.String(), ".")
}

var index = regexp.MustCompile(`\[\d+\]`)

// key is the place as the reference names it.
func (p place) key() string {
	key := index.ReplaceAllString(p.String(), "[]")
	key = strings.Replace(key, "tableau.sites[].embed.", "tableau.embed.", 1)
	return strings.Replace(key, "tableau.sites[].signIn.", "tableau.signIn.", 1)
}

// places are all keys of a tree, objects and lists of objects included.
func places(tree any, at []any) []place {
	var found []place
	switch tree := tree.(type) {
	case map[string]any:
		for _, key := range slices.Sorted(maps.Keys(tree)) {
			path := append(slices.Clone(at), key)
			found = append(found, place{path, tree[key]})
			found = append(found, places(tree[key], path)...)
		}
	case []any:
		for i, item := range tree {
			found = append(found, places(item, append(slices.Clone(at), i))...)
		}
	}
	return found
}

func described() map[string]config.Setting {
	all := map[string]config.Setting{}
	for _, s := range config.Settings() {
		all[s.Key] = s
	}
	return all
}

var knownHere = regexp.MustCompile(`known here: ([\w, ]+)`)
