package main

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"html/template"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/renderer/html"
)

//go:embed page.html
var pageText string

//go:embed site.css
var style []byte

//go:embed search.js
var script []byte

var pageTemplate = template.Must(template.New("page").Parse(pageText))

// part is a part of the navigation: the pages whose sources match one of the patterns, in this order.
type part struct {
	Title    string
	patterns []string
	Pages    []*page
}

// partsOf lists the parts. A page belongs to the first that matches.
func partsOf() []*part {
	return []*part{
		{Title: "Start", patterns: []string{"README.md", "docs/stand-in.md", "docs/examples/*/README.md", "CHANGELOG.md"}},
		{Title: "Front ends", patterns: []string{
			"docs/guide-frontend.md", "docs/gallery.md", "docs/lineage.md", "docs/data-queries.md", "docs/client/README.md",
		}},
		{Title: "Operators", patterns: []string{
			"docs/guide-operators.md", "docs/operators/install.md", "docs/operators/first-deployment.md", "docs/operators/settings.md",
			"docs/operators/roles.md", "docs/operators/limits.md", "docs/operators/provider-*.md", "docs/sign-in-*.md",
			"docs/several-replicas.md", "docs/operators/*.md",
		}},
		{Title: "Schema", patterns: []string{"docs/schema/README.md", "docs/schema/*.md"}},
		{Title: "Project", patterns: []string{"docs/security.md", "docs/threat-model-tokens.md", "docs/performance.md", "*.md", "docs/*.md"}},
	}
}

// page is a document and what is made of it.
type page struct {
	source  string // its path in the repository
	Target  string // its path in the site
	Title   string
	body    []byte
	anchors map[string]bool
	search  []entry
}

// entry is what the search box finds: a part of a page under one heading.
type entry struct {
	Page    string `json:"p"`
	Heading string `json:"h"`
	URL     string `json:"u"`
	Text    string `json:"t"`
}

// site is the documents of a repository.
type site struct {
	root   string
	parts  []*part
	pages  map[string]*page // by source
	files  map[string]bool  // of the repository, that pages link to
	broken []error
}

// write writes the site and returns the number of its pages. The error joins all links that lead
// nowhere.
func write(root, to string) (int, error) {
	s := &site{root: root, parts: partsOf(), pages: map[string]*page{}, files: map[string]bool{}}
	if err := s.read(); err != nil {
		return 0, err
	}
	for _, p := range s.sorted() {
		if err := s.render(p); err != nil {
			return 0, err
		}
	}
	for _, p := range s.sorted() {
		s.check(p)
	}
	if err := errors.Join(s.broken...); err != nil {
		return 0, err
	}
	return len(s.pages), s.save(to)
}

// read finds the documents and puts them into parts.
func (s *site) read() error {
	var sources []string
	for _, top := range []string{".", "docs"} {
		err := fs.WalkDir(os.DirFS(s.root), top, func(name string, d fs.DirEntry, err error) error {
			switch {
			case err != nil:
				return err
			case d.IsDir() && (d.Name() == "node_modules" || top == "." && name != "."):
				return fs.SkipDir
			case !d.IsDir() && path.Ext(name) == ".md":
				sources = append(sources, name)
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	for _, part := range s.parts {
		for _, pattern := range part.patterns {
			for _, source := range sources {
				if matched, err := path.Match(pattern, source); err != nil {
					return err
				} else if !matched || s.pages[source] != nil {
					continue
				}
				p := &page{source: source, Target: targetOf(source), anchors: map[string]bool{}}
				s.pages[source] = p
				part.Pages = append(part.Pages, p)
			}
		}
	}
	for _, source := range sources {
		if s.pages[source] == nil {
			return fmt.Errorf("%s is in no part of the site: add a pattern to partsOf", source)
		}
	}
	return nil
}

// targetOf is the page of a document: that of a README is the index of its directory.
func targetOf(source string) string {
	target := strings.TrimSuffix(source, ".md") + ".html"
	if path.Base(source) == "README.md" {
		target = path.Join(path.Dir(source), "index.html")
	}
	return target
}

func (s *site) sorted() []*page {
	var all []*page
	for _, part := range s.parts {
		all = append(all, part.Pages...)
	}
	return all
}

// render makes HTML of a document.
func (s *site) render(p *page) error {
	text, err := os.ReadFile(filepath.Join(s.root, p.source))
	if err != nil {
		return err
	}
	markdown := goldmark.New(
		goldmark.WithExtensions(extension.GFM),
		goldmark.WithParserOptions(parser.WithAutoHeadingID()),
		goldmark.WithRendererOptions(html.WithUnsafe()), // the documents are ours, and some cells of tables have lines
	)
	doc := parse(markdown, text, p)
	s.rewrite(p, doc)
	p.index(doc, text)
	var b bytes.Buffer
	if err := markdown.Renderer().Render(&b, text, doc); err != nil {
		return fmt.Errorf("%s: %w", p.source, err)
	}
	p.body = wrapTables.ReplaceAll(b.Bytes(), []byte(`<div class="table" tabindex="0">$0</div>`))
	return nil
}

// wrapTables finds tables, which scroll by themselves where the window is narrow.
var wrapTables = regexp.MustCompile(`(?s)<table>.*?</table>`)

// save writes the pages, the files that they link to, and the index of the search box.
func (s *site) save(to string) error {
	var index []entry
	for _, p := range s.sorted() {
		index = append(index, p.search...)
		up := strings.Repeat("../", strings.Count(p.Target, "/"))
		var b bytes.Buffer
		err := pageTemplate.Execute(&b, map[string]any{
			"Page": p, "Parts": s.parts, "Up": up, "Body": template.HTML(p.body), //nolint:gosec // made of the documents of this repository
		})
		if err != nil {
			return err
		}
		if err := put(to, p.Target, b.Bytes()); err != nil {
			return err
		}
	}
	entries, err := json.Marshal(index)
	if err != nil {
		return err
	}
	files := map[string][]byte{"site.css": style, "search.js": script, "search-index.js": slices.Concat([]byte("searchIndex = "), entries, []byte(";\n"))}
	for name := range s.files {
		if files[name], err = os.ReadFile(filepath.Join(s.root, name)); err != nil {
			return err
		}
	}
	for name, data := range files {
		if err := put(to, name, data); err != nil {
			return err
		}
	}
	return nil
}

func put(to, name string, data []byte) error {
	file := filepath.Join(to, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil { //nolint:gosec // pages for everybody
		return err
	}
	return os.WriteFile(file, data, 0o644) //nolint:gosec // pages for everybody
}
