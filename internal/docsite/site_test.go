package main

import (
	"bytes"
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// loaded finds what a page loads by itself, and not when somebody follows a link.
var loaded = regexp.MustCompile(`<(?:script|link|img|iframe)[^>]*(?:src|href)="([^"]*)"`)

// TestLinksOfTheDocumentsLeadSomewhere builds the site of this repository: every link between the
// documents leads to a page, a heading or a file, and no page loads anything from elsewhere.
func TestLinksOfTheDocumentsLeadSomewhere(t *testing.T) {
	t.Parallel()
	to := t.TempDir()
	pages, err := write("../..", to)
	if err != nil {
		t.Fatal(err)
	}
	seen := 0
	err = fs.WalkDir(os.DirFS(to), ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || filepath.Ext(name) != ".html" {
			return err
		}
		text, err := os.ReadFile(filepath.Join(to, name))
		if err != nil {
			return err
		}
		if !bytes.Contains(text, []byte(`<main id="content">`)) {
			return nil // an example that a page links to
		}
		seen++
		if !bytes.Contains(text, []byte("<h1 ")) {
			t.Errorf("%s has no title", name)
		}
		for _, m := range loaded.FindAllSubmatch(text, -1) {
			if isElsewhere(string(m[1])) || bytes.HasPrefix(m[1], []byte("//")) {
				t.Errorf("%s loads %s", name, m[1])
			}
		}
		return nil
	})
	if err != nil || seen != pages || seen < 50 {
		t.Errorf("%d of %d pages were found, %v", seen, pages, err)
	}
	index, err := os.ReadFile(filepath.Join(to, "search-index.js"))
	if err != nil {
		t.Fatal(err)
	}
	var entries []entry
	text := bytes.TrimSuffix(bytes.TrimPrefix(index, []byte("searchIndex = ")), []byte(";\n"))
	if err := json.Unmarshal(text, &entries); err != nil || len(entries) < 500 {
		t.Errorf("the search index has %d entries, %v", len(entries), err)
	}
}

// TestBrokenLinksAreReported holds that every link that leads nowhere is named, all together.
func TestBrokenLinksAreReported(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	for name, text := range map[string]string{
		"README.md": "# Start\n\n[a](docs/a.md) [b](docs/a.md#what-is-b) [c](docs/a.md#what-is-c) [d](gone.md) ![e](gone.png) [f](#start) [g](docs) " +
			"[h](https://example.com/gone)\n",
		"docs/a.md": "# A\n\n## What is `b`?\n\n[up](../README.md#start) [aside](other.txt) [down](#nowhere)\n",
	} {
		if err := put(root, name, []byte(text)); err != nil {
			t.Fatal(err)
		}
	}
	_, err := write(root, t.TempDir())
	if err == nil {
		t.Fatal("nothing was reported")
	}
	for _, want := range []string{"docs/a.html#what-is-c", "gone.html", "gone.png", "other.txt", "#nowhere"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%s was not reported in: %v", want, err)
		}
	}
	if lines := strings.Count(err.Error(), "\n") + 1; lines > 7 {
		t.Errorf("%d lines for 5 links: %v", lines, err)
	}
}
