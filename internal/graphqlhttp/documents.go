package graphqlhttp

import (
	"fmt"
	"strings"
	"sync"

	"github.com/vektah/gqlparser/v2/ast"

	"vitrine/internal/exec"
	"vitrine/internal/policy"
)

// maxDocumentBytes bounds the text of the documents that are kept for one schema; parsed, each
// takes about twenty times as much.
const maxDocumentBytes = 1 << 19

// maxAllDocumentBytes bounds those for all schemas together.
const maxAllDocumentBytes = 2 << 20

// documentCache keeps documents that passed validation, so that a front end's few queries are
// checked once. It is bounded by bytes, since documents differ in size by a thousand times; when it
// is full it is emptied.
type documentCache struct {
	mu    sync.RWMutex
	docs  map[string]*document
	bytes int
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

// plan returns the plan of an operation.
func (d *document) plan(
	types *exec.Types, operation *ast.OperationDefinition, variables map[string]any, checked func(object, field string) bool,
) (*exec.Plan, error) {
	key := planKey{operation: operation}
	if len(d.varies) > 0 {
		var selects strings.Builder
		for _, name := range d.varies {
			fmt.Fprint(&selects, variables[name], ",")
		}
		key.selects = selects.String()
	}
	d.mu.RLock()
	plan := d.plans[key]
	d.mu.RUnlock()
	if plan != nil {
		return plan, nil
	}
	plan, err := types.Compile(d.QueryDocument, operation, variables, checked)
	if err != nil {
		return nil, err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if len(d.plans) < maxPlans {
		d.plans[key] = plan
	}
	return plan, nil
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
	if c.docs == nil || c.bytes+len(query) > maxDocumentBytes {
		c.docs, c.bytes = map[string]*document{}, 0
	}
	if _, there := c.docs[query]; !there {
		c.bytes += len(query)
	}
	c.docs[query] = doc
	return c.bytes - before
}

func (c *documentCache) clear() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.docs, c.bytes = nil, 0
}
