package tableau

import (
	"encoding/base64"
	"errors"
	"net/url"
	"strings"
)

// node is what every item knows beside its attributes: the session that read it and what it was
// read together with.
type node struct {
	s     *Session
	batch *Batch // or of its answer
}

func (n *node) bind(s *Session)   { n.s = s }
func (n *node) join(batch *Batch) { n.batch = batch }
func (n *node) readWith() *Batch  { return n.batch.root() }
func (n *node) answer() *Batch    { return n.batch }

// Session is the one that read the item: what hangs off the item is read with it, so never as
// somebody else.
func (n *node) Session() *Session { return n.s }

// GlobalID makes the id of a thing of some kind on some site: opaque, stable, not secret. key is a
// LUID, a tag's label, or empty for the site itself.
func GlobalID(kind, contentURL, key string) string {
	var room [96]byte // enough for most: an id is made for every item of a list
	text := append(append(room[:0], kind...), '/')
	text = append(append(text, url.PathEscape(contentURL)...), '/')
	text = append(text, url.PathEscape(key)...)
	return base64.RawURLEncoding.EncodeToString(text)
}

var errID = errors.New("it is no global id of this server")

// maxID bounds what is decoded; a tag's label is the longest part.
const maxID = 2048

// ParseGlobalID takes a global id apart. Only what GlobalID makes is taken.
func ParseGlobalID(id string) (kind, contentURL, key string, err error) {
	if len(id) > maxID {
		return "", "", "", errID
	}
	text, err := base64.RawURLEncoding.DecodeString(id)
	if err != nil {
		return "", "", "", errID
	}
	parts := strings.Split(string(text), "/")
	if len(parts) != 3 {
		return "", "", "", errID
	}
	contentURL, err1 := url.PathUnescape(parts[1])
	key, err2 := url.PathUnescape(parts[2])
	if err1 != nil || err2 != nil || GlobalID(parts[0], contentURL, key) != id {
		return "", "", "", errID
	}
	return parts[0], contentURL, key, nil
}

// Node is anything with a global id.
type Node interface{ IsNode() }

// Together makes objects that were looked up one by one know each other, by kind and site, so that
// what hangs off them is asked for together. Nil stands for what was not found.
func Together(nodes []Node) {
	for _, k := range nodeKinds {
		if k.batch != nil {
			k.batch(nodes)
		}
	}
}

// met is an object that knows which session read it and what its id is.
type met[T any] interface {
	resource[T]
	Node
	Session() *Session
}

func meet[T any, P met[T]](nodes []Node) {
	bySession := map[*Session][]*T{}
	for _, n := range nodes {
		if item, ok := n.(P); ok {
			bySession[item.Session()] = append(bySession[item.Session()], item)
		}
	}
	for s, items := range bySession {
		copies := byLUID[T, P](newBatch[T, P](items))
		for i, n := range nodes {
			if item, ok := n.(P); ok && item.Session() == s {
				nodes[i] = P(copies[item.luid()])
			}
		}
	}
}

// Content is something that people put on a site and find again by name.
type Content interface {
	Node
	IsContent()
}

// Site is the site that the item is on.
func (n *node) Site() *Site { return &Site{ContentURL: n.s.ContentURL()} }

// cacheID makes an id for something that no method of Tableau reads alone: node does not find it.
func (n *node) cacheID(kind string, parts ...string) string {
	for i, part := range parts {
		parts[i] = url.PathEscape(part)
	}
	return GlobalID(kind, n.s.ContentURL(), strings.Join(parts, "/"))
}
