package resolvers

import (
	"sync"

	"github.com/vektah/gqlparser/v2/ast"
)

// maxDocumentBytes bounds the text of the documents that are kept for one schema; parsed, each takes about twenty times as much.
const maxDocumentBytes = 1 << 20

// documentCache keeps documents that passed validation, so that a front end's few queries are checked once. It is bounded by
// bytes, since documents differ in size by a thousand times; when it is full it begins anew.
type documentCache struct {
	mu    sync.RWMutex
	docs  map[string]*ast.QueryDocument
	bytes int
}

func (c *documentCache) get(query string) *ast.QueryDocument {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return c.docs[query]
}

func (c *documentCache) add(query string, doc *ast.QueryDocument) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.docs == nil || c.bytes+len(query) > maxDocumentBytes {
		c.docs, c.bytes = map[string]*ast.QueryDocument{}, 0
	}
	if _, there := c.docs[query]; !there {
		c.bytes += len(query)
	}
	c.docs[query] = doc
}
