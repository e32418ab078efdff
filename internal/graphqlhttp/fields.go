package graphqlhttp

import (
	"net/http"
	"sync"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"vitrine/internal/policy"
	"vitrine/internal/problem"
)

// defaultMaxFields bounds the fields of one answer. All 10,000 workbooks of a site with thirty
// fields each are 300,000; half a million take some hundred megabytes while they are put together.
// Without a bound a document of a line is enough to end the process: views of workbooks of views
// multiply an answer with each step, at no call to Tableau.
const defaultMaxFields = 500_000

// fieldBudget counts the fields of an answer. A list takes its share when it is known how long it
// is, before anything of its items is resolved; so what is resolved never exceeds the bound.
type fieldBudget struct {
	most int

	mu    sync.Mutex
	taken int
	below map[*ast.Field]int // fields in the answer for one object of a field, so far as documents tell
}

func newFieldBudget(most int) *fieldBudget {
	return &fieldBudget{most: most, below: map[*ast.Field]int{}}
}

// take takes the share of so many objects with this selection, or refuses.
func (b *fieldBudget) take(objects int, set ast.SelectionSet) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	each := b.fields(set)
	if objects > 0 && each > (b.most-b.taken)/objects {
		return tooManyFields(b.most)
	}
	b.taken += objects * each
	return nil
}

// fields counts the fields of one object with a selection where each list holds one item, and stops
// counting above the bound. What fragments unfold to counts each time, what one object spreads
// twice counts once: that is how it is answered.
func (b *fieldBudget) fields(set ast.SelectionSet) int {
	n := 0
	EachField(func(f *ast.Field) {
		if n <= b.most {
			n += 1 + b.under(f)
		}
	}, nil, set)
	return min(n, b.most+1)
}

func (b *fieldBudget) under(f *ast.Field) int {
	if len(f.SelectionSet) == 0 {
		return 0
	}
	n, known := b.below[f]
	if !known {
		n = b.fields(f.SelectionSet)
		b.below[f] = n
	}
	return n
}

// takeTexts reserves the texts of a table: each counts as a field.
func (b *fieldBudget) takeTexts(n int) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if n > b.most-b.taken {
		return tooManyFields(b.most)
	}
	b.taken += n
	return nil
}

// affordable refuses an operation that unfolds to too much even where each of its lists holds one
// item.
func (e *engine) affordable(operation *ast.OperationDefinition) *httpError {
	if err := newFieldBudget(e.MaxFields).take(1, operation.SelectionSet); err != nil {
		return refuse(http.StatusBadRequest, problem.CodeTooCostly, gqlerror.Errorf("%s", err.Error()))
	}
	return nil
}

// Bounds of one answer about the schema. The query of a tool that asks for all there is gets about
// 20,000 fields and 450 kB.
const (
	maxSchemaFields = 80_000
	maxSchemaBytes  = 2_000_000
)

// schemaFits refuses an operation that asks for more about the schema than any tool needs: for the
// same again under other names.
func (e *engine) schemaFits(p policy.Price) *httpError {
	most := min(maxSchemaFields, e.MaxFields)
	if p.Schema <= most && p.Bytes <= maxSchemaBytes {
		return nil
	}
	return refuse(http.StatusBadRequest, problem.CodeTooCostly, gqlerror.Errorf(
		"the answer about the schema would have %d fields and %d bytes, up to %d fields and %d bytes are answered: ask for each part of __schema once",
		p.Schema, p.Bytes, most, maxSchemaBytes))
}

// perItem counts the fields of one item of a Relay list with this selection.
func (b *fieldBudget) perItem(set ast.SelectionSet) int {
	b.mu.Lock()
	defer b.mu.Unlock()
	n := 0
	EachField(func(f *ast.Field) {
		if f.Name == "nodes" || f.Name == "edges" {
			n += b.under(f)
		}
	}, nil, set)
	return min(n, b.most)
}
