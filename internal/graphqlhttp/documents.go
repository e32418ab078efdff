package graphqlhttp

import (
	"fmt"
	"strings"
	"sync"

	"github.com/vektah/gqlparser/v2/ast"

	"vitrine/internal/exec"
	"vitrine/internal/policy"
)

// maxDocumentBytes bounds the documents that are kept for one schema, with their plans.
const maxDocumentBytes = 10 << 20

// maxAllDocumentBytes bounds those for all schemas together.
const maxAllDocumentBytes = 40 << 20

// parsedBytes is how many bytes a document takes for each of its text, once it is parsed.
const parsedBytes = 20

// documentCache keeps documents that passed validation, so that a front end's few queries are
// checked once. It is bounded by bytes, since documents differ in size by a thousand times; when it
// is full it is emptied.
type documentCache struct {
	mu    sync.RWMutex
	docs  map[string]*document
	bytes int // about what the documents and their plans take
}

// document is one that passed validation, with what is known of it whatever its variables.
type document struct {
	*ast.QueryDocument
	over   []string                                  // limits that it is past and that are only measured
	prices map[*ast.OperationDefinition]policy.Price // of operations that cost the same for all variables

	varies []string // variables that decide what is selected, by @skip and @include

	mu    sync.RWMutex
	plans map[planKey]*exec.Plan
}

// planKey identifies a plan of a document.
type planKey struct {
	operation *ast.OperationDefinition
	selects   string // the values of document.varies
}

// maxPlans bounds the plans of a document: with many variables there could be many.
const maxPlans = 8

// plan returns the plan of an operation. more is how many bytes the document takes more than before.
func (d *document) plan(
	types *exec.Types, operation *ast.OperationDefinition, variables map[string]any, checked func(object, field string) bool,
) (plan *exec.Plan, more int, err error) {
	key := planKey{operation: operation}
	if len(d.varies) > 0 {
		var selects strings.Builder
		for _, name := range d.varies {
			fmt.Fprint(&selects, variables[name], ",")
		}
		key.selects = selects.String()
	}
	d.mu.RLock()
	plan = d.plans[key]
	d.mu.RUnlock()
	if plan != nil {
		return plan, 0, nil
	}
	if plan, err = types.Compile(d.QueryDocument, operation, variables, checked); err != nil {
		return nil, 0, err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.plans[key] == nil && len(d.plans) < maxPlans {
		d.plans[key] = plan
		more = plan.Bytes()
	}
	return plan, more, nil
}

// pricedDocument works out what is known of a valid document.
func pricedDocument(v *policy.View, doc *ast.QueryDocument, over []string) *document {
	d := &document{QueryDocument: doc, over: over, prices: map[*ast.OperationDefinition]policy.Price{}, varies: exec.VariesBy(doc), plans: map[planKey]*exec.Plan{}}
	for _, operation := range doc.Operations {
		if price, varies := v.Price(operation, nil); !varies {
			d.prices[operation] = price
		}
	}
	return d
}

func (c *documentCache) get(query string) *document {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return c.docs[query]
}

// add keeps a document, and returns by how many bytes there are more than before.
func (c *documentCache) add(query string, doc *document) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	before := c.bytes
	size := parsedBytes * len(query)
	if c.docs == nil || c.bytes+size > maxDocumentBytes {
		c.docs, c.bytes = map[string]*document{}, 0
	}
	if _, there := c.docs[query]; !there {
		c.bytes += size
	}
	c.docs[query] = doc
	return c.bytes - before
}

// grow counts n bytes more, of the plan of a document, and returns by how many bytes there are more
// than before: fewer where there was no room.
func (c *documentCache) grow(n int) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	before := c.bytes
	if c.bytes += n; c.bytes > maxDocumentBytes {
		c.docs, c.bytes = nil, 0
	}
	return c.bytes - before
}

func (c *documentCache) clear() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.docs, c.bytes = nil, 0
}
