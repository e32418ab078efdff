package graphqlhttp

import (
	"context"
	"fmt"
	"hash/maphash"
	"slices"
	"strings"
	"sync"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
)

// Bounds of the errors of one answer: where Tableau is away each of ten thousand items has its own.
const (
	maxErrors     = 1000
	maxErrorBytes = 1 << 20
)

// errorList counts the errors of one operation as they occur. What is beyond the bounds is only
// counted: nothing is made for it.
type errorList struct {
	mu     sync.Mutex
	kept   int
	bytes  int
	more   int                   // errors that were not kept
	places map[uint64]*samePlace // where all items of a list lack the same member of the schema
}

// samePlace counts the items that lack a member. The server's version is the same for all, so that
// one error is kept, which names the first item.
type samePlace struct {
	items int
	first []int // its indexes
}

var placeSeed = maphash.MakeSeed()

// placeOf is a number for a place in the answer without the indexes of its items, and these, the
// last one first. It allocates nothing.
func placeOf(ctx context.Context, room []int) (place uint64, indexes []int) {
	var h maphash.Hash
	h.SetSeed(placeSeed)
	for it := graphql.GetFieldContext(ctx); it != nil; it = it.Parent {
		switch {
		case it.Index != nil:
			room = append(room, *it.Index)
		case it.Field.Field != nil:
			_, _ = h.WriteString(it.Field.Alias)
			_ = h.WriteByte(0)
		}
	}
	return h.Sum64(), room
}

// wants reports whether an error here is to be made. It counts it where it is not.
func (l *errorList) wants(ctx context.Context) bool {
	var room [16]int
	place, indexes := placeOf(ctx, room[:0])
	l.mu.Lock()
	defer l.mu.Unlock()
	if same := l.places[place]; same != nil {
		same.add(indexes)
		return false
	}
	if l.kept >= maxErrors || l.kept > 0 && l.bytes >= maxErrorBytes {
		l.more++
		return false
	}
	return true
}

// keeps reports whether an error that was made is kept, as wants does: others may have come in
// between.
func (l *errorList) keeps(ctx context.Context, err *gqlerror.Error) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if err.Extensions[ExtensionCoordinate] != nil {
		place, indexes := placeOf(ctx, nil)
		if same := l.places[place]; same != nil {
			same.add(indexes)
			return false
		}
		if l.places == nil {
			l.places = map[uint64]*samePlace{}
		}
		l.places[place] = &samePlace{first: indexes}
	}
	if l.kept >= maxErrors {
		l.more++
		return false
	}
	l.kept++
	l.bytes += sizeOf(err)
	return true
}

// add counts one more item.
func (s *samePlace) add(indexes []int) {
	s.items++
	for i := len(indexes) - 1; i >= 0 && len(indexes) == len(s.first); i-- {
		if indexes[i] != s.first[i] {
			if indexes[i] < s.first[i] {
				copy(s.first, indexes)
			}
			return
		}
	}
}

// sizeOf is about how many bytes an error has in the answer.
func sizeOf(err *gqlerror.Error) int {
	const around, each = 120, 4
	n := around + len(err.Message)
	for _, step := range err.Path {
		name, _ := step.(ast.PathName)
		n += each + len(name)
	}
	for name, value := range err.Extensions {
		text, _ := value.(string)
		n += each + len(name) + len(text)
	}
	return n
}

// finish puts the errors that were kept into the order of their places, which does not depend on
// what was resolved first, and adds to the messages what was only counted.
func (l *errorList) finish(errs gqlerror.List) gqlerror.List {
	l.mu.Lock()
	defer l.mu.Unlock()
	type sorted struct {
		key string
		err *gqlerror.Error
	}
	all := make([]sorted, len(errs))
	for i, err := range errs {
		if err.Extensions[ExtensionCoordinate] != nil {
			l.places[placeOfPath(err.Path)].describe(err)
		}
		all[i] = sorted{err.Path.String(), err}
	}
	slices.SortStableFunc(all, func(a, b sorted) int { return strings.Compare(a.key, b.key) })
	for i := range all {
		errs[i] = all[i].err
	}
	if n := len(errs); n > 0 && l.more > 0 {
		errs[n-1].Message += fmt.Sprintf(" (and %d more errors after this one)", l.more)
	}
	return errs
}

// describe adds to an error how many more items have it, and has it name the first.
func (s *samePlace) describe(err *gqlerror.Error) {
	if s == nil || s.items == 0 {
		return
	}
	err.Message += fmt.Sprintf(" (and %d more items)", s.items)
	path := slices.Clone(err.Path)
	left := len(s.first)
	for i, step := range path {
		if _, ok := step.(ast.PathIndex); ok && left > 0 {
			left--
			path[i] = ast.PathIndex(s.first[left])
		}
	}
	err.Path = path
}

// placeOfPath is placeOf for the path of an error.
func placeOfPath(path ast.Path) uint64 {
	var h maphash.Hash
	h.SetSeed(placeSeed)
	for _, step := range slices.Backward(path) {
		if name, ok := step.(ast.PathName); ok {
			_, _ = h.WriteString(string(name))
			_ = h.WriteByte(0)
		}
	}
	return h.Sum64()
}
