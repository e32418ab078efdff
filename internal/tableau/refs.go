package tableau

import (
	"net/url"
	"strings"
)

// Tag is a word that people put on content to find it again. Tableau has no list of tags.
type Tag struct {
	node
	Label string `json:"label" xml:"label,attr"`
}

// tags is a container of tags.
type tags struct {
	Items []*Tag `json:"tag" xml:"tag" scan:"shared"`
}

func (t *Tag) luid() LUID { return LUID(t.Label) }

// IsNode marks a Tag as something with a global id.
func (*Tag) IsNode() {}

// ID is the global id, made of site and label.
func (t *Tag) ID() string { return GlobalID(KindTag, t.s.ContentURL(), t.Label) }

// Tag returns the tag of a label. Every label is a tag.
func (s *Session) Tag(label string) *Tag { return &Tag{node: node{s: s}, Label: label} }

// Location is the project or personal space of a workbook or data source.
type Location struct {
	LUID LUID         `json:"id" xml:"id,attr"`
	Type LocationType `json:"type" xml:"type,attr"`
	Name Text         `json:"name" xml:"name,attr"`
}

// TypeRaw is the type as Tableau writes it.
func (l *Location) TypeRaw() Text { return Text(l.Type) }

// bindRefs sets the session of what an item refers to.
func bindRefs(s *Session, project **Project, owner **User, tags *[]*Tag) {
	bindOne(s, project)
	bindOne(s, owner)
	bindAll(s, tags)
}

// nonNil returns an empty list for an absent one, as a non-null list of GraphQL needs.
func nonNil[T any](items []*T) []*T {
	if items == nil {
		return []*T{}
	}
	return items
}

// webAddress is a page of Tableau as a browser's address bar has it.
func (c *Client) webAddress(contentURL, page string) URL {
	site := ""
	if contentURL != "" {
		site = "site/" + url.PathEscape(contentURL) + "/"
	}
	return URL(c.browser + "/#/" + site + escapePath(page))
}

// embedAddress is a view alone, as the src of the Embedding API takes it.
func (c *Client) embedAddress(contentURL, path string) URL {
	site := ""
	if contentURL != "" {
		site = "/t/" + url.PathEscape(contentURL)
	}
	return URL(c.browser + site + "/views/" + escapePath(path))
}

func escapePath(path string) string {
	segments := strings.Split(path, "/")
	for i, s := range segments {
		segments[i] = url.PathEscape(s)
	}
	return strings.Join(segments, "/")
}

// rebase puts an address that Tableau gave under the address that browsers use, where the operator
// named one.
func (c *Client) rebase(address Text) URL {
	u, err := url.Parse(string(address))
	if err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") {
		return ""
	}
	if !c.rebased {
		return URL(address)
	}
	_, rest, _ := strings.Cut(string(address), "//")
	if i := strings.IndexAny(rest, "/?#"); i >= 0 {
		return URL(c.browser + rest[i:])
	}
	return URL(c.browser)
}
