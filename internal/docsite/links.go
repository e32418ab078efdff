package main

import (
	"fmt"
	"html"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"unicode/utf8"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"
)

// headingIDs names headings as links between the documents, and code hosts, name them.
type headingIDs struct{ page *page }

var notInAnchors = regexp.MustCompile(`[^\p{L}\p{N} _-]`)

// Generate implements parser.IDs.
func (h headingIDs) Generate(value []byte, _ ast.NodeKind) []byte {
	plain := notInAnchors.ReplaceAllString(strings.ToLower(strings.TrimSpace(string(value))), "")
	id := strings.ReplaceAll(plain, " ", "-")
	unique := id
	for i := 1; h.page.anchors[unique]; i++ {
		unique = fmt.Sprintf("%s-%d", id, i)
	}
	h.page.anchors[unique] = true
	return []byte(unique)
}

// Put implements parser.IDs.
func (h headingIDs) Put(value []byte) { h.page.anchors[string(value)] = true }

func parse(markdown goldmark.Markdown, source []byte, p *page) ast.Node {
	return markdown.Parser().Parse(text.NewReader(source), parser.WithContext(parser.NewContext(parser.WithIDs(headingIDs{p}))))
}

// each visits the nodes of a document.
func each(doc ast.Node, visit func(ast.Node)) {
	_ = ast.Walk(doc, func(n ast.Node, entering bool) (ast.WalkStatus, error) { // visit does not fail
		if entering {
			visit(n)
		}
		return ast.WalkContinue, nil
	})
}

// rewrite makes links between documents links between pages. Those to directories are left out: they
// are for readers of the repository.
func (s *site) rewrite(p *page, doc ast.Node) {
	var directories []*ast.Link
	each(doc, func(n ast.Node) {
		switch n := n.(type) {
		case *ast.Image:
			s.file(p, string(n.Destination))
		case *ast.Link:
			if s.isDirectory(p, string(n.Destination)) {
				directories = append(directories, n)
			} else {
				n.Destination = []byte(s.destination(p, string(n.Destination)))
			}
		}
	})
	for _, link := range directories {
		for child := link.FirstChild(); child != nil; child = link.FirstChild() {
			link.Parent().InsertBefore(link.Parent(), link, child)
		}
		link.Parent().RemoveChild(link.Parent(), link)
	}
}

func isElsewhere(destination string) bool {
	return strings.Contains(destination, "://") || strings.HasPrefix(destination, "mailto:")
}

func (s *site) isDirectory(p *page, destination string) bool {
	if isElsewhere(destination) || strings.HasPrefix(destination, "#") {
		return false
	}
	info, err := os.Stat(filepath.Join(s.root, path.Dir(p.source), destination))
	return err == nil && info.IsDir()
}

// destination is a link as the page has it.
func (s *site) destination(p *page, destination string) string {
	if isElsewhere(destination) {
		return destination
	}
	target, anchor, anchored := strings.Cut(destination, "#")
	if target == "" {
		return destination
	}
	if path.Ext(target) != ".md" {
		s.file(p, target)
		return destination
	}
	to := path.Join(path.Dir(target), path.Base(targetOf(target)))
	if anchored {
		to += "#" + anchor
	}
	return to
}

// file notes a file that a page needs.
func (s *site) file(p *page, destination string) {
	name := path.Join(path.Dir(p.source), destination)
	info, err := os.Stat(filepath.Join(s.root, name))
	if isElsewhere(destination) || err != nil || info.IsDir() {
		s.broken = append(s.broken, fmt.Errorf("%s: there is no file %s", p.source, destination))
		return
	}
	s.files[name] = true
}

var hrefs = regexp.MustCompile(`(?:href|src)="([^"]*)"`)

// check reports links of a page that lead to no page, or to no heading of it.
func (s *site) check(p *page) {
	byTarget := map[string]*page{}
	for _, other := range s.pages {
		byTarget[other.Target] = other
	}
	for _, m := range hrefs.FindAllStringSubmatch(string(p.body), -1) {
		if isElsewhere(m[1]) {
			continue
		}
		target, anchor, anchored := strings.Cut(m[1], "#")
		name := path.Join(path.Dir(p.Target), target)
		if target == "" {
			name = p.Target
		}
		other := byTarget[name]
		switch {
		case other == nil && !s.files[name]:
			s.broken = append(s.broken, fmt.Errorf("%s: the link %s leads nowhere", p.source, m[1]))
		case other != nil && anchored && !other.anchors[anchor]:
			s.broken = append(s.broken, fmt.Errorf("%s: %s has no heading for the link %s", p.source, other.source, m[1]))
		}
	}
}

// maxText bounds the text of an entry of the search index.
const maxText = 1200

// index collects what the search box finds, heading by heading. The first heading is the page's title.
func (p *page) index(doc ast.Node, source []byte) {
	for n := doc.FirstChild(); n != nil; n = n.NextSibling() {
		if heading, ok := n.(*ast.Heading); ok {
			title := plain(heading, source)
			if p.Title == "" {
				p.Title = title
			}
			id, _ := heading.AttributeString("id")
			anchor, _ := id.([]byte)
			p.search = append(p.search, entry{Page: p.Title, Heading: title, URL: p.Target + "#" + string(anchor)})
			continue
		}
		if len(p.search) > 0 {
			last := &p.search[len(p.search)-1]
			last.Text = shortened(strings.TrimSpace(last.Text + " " + plain(n, source)))
		}
	}
}

func shortened(s string) string {
	if len(s) <= maxText {
		return s
	}
	cut := maxText
	for !utf8.RuneStart(s[cut]) {
		cut--
	}
	return s[:cut]
}

// plain is the text of a part of a document.
func plain(n ast.Node, source []byte) string {
	var b strings.Builder
	each(n, func(n ast.Node) {
		switch n := n.(type) {
		case *ast.Text:
			b.Write(n.Segment.Value(source))
			if n.SoftLineBreak() || n.NextSibling() == nil {
				b.WriteByte(' ')
			}
		case *ast.FencedCodeBlock:
			b.Write(n.Lines().Value(source))
		}
	})
	return strings.Join(strings.Fields(html.UnescapeString(b.String())), " ")
}
