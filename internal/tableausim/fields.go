package tableausim

import (
	"slices"
	"strings"

	"vitrine/internal/tableausim/wire"
)

// shows says which answers have a column that was not asked for by name.
type shows uint8

const (
	inLists  shows = 1 << iota // lists without fields=, or with _default_
	inSingle                   // the answer for one thing
	inAll                      // fields=_all_

	always   = inLists | inSingle | inAll
	onDemand = inAll
)

// column is one thing that a resource shows: an attribute, or a child with columns of its own.
type column[T any] struct {
	name  string
	shows shows
	put   func(*wire.Element, T)
	// child, instead of put, makes the writer for the chosen names of a child resource,
	// "owner.name" say; no names at all ask for the child's default fields. It refuses what it does
	// not know.
	child func(names []string) (func(*wire.Element, T), bool)
	// names are what the child shows when it was not asked for by name; all are those with _all_,
	// names where it is nil.
	names, all []string
}

// The names that children show in lists (REST API reference, "Fields").
var (
	idAndName        = []string{"id", "name"}
	describedProject = []string{"id", "name", "description"}
	wholeOwner       = []string{"id", "name", "fullName", "email", "siteRole", "lastLogin"}
)

// shownNames are what a child shows without being asked for by name.
func (col column[T]) shownNames(in shows) []string {
	if in&inAll != 0 && col.all != nil {
		return col.all
	}
	return col.names
}

func (col column[T]) writer(names []string) (func(*wire.Element, T), bool) {
	if col.child == nil {
		return col.put, len(names) == 0
	}
	return col.child(names)
}

// show makes a function that writes the columns of one kind of answer as an element.
func show[T any](name string, columns []column[T], in shows) func(T) *wire.Element {
	var writers []func(*wire.Element, T)
	for _, col := range columns {
		if col.shows&in != 0 {
			w, _ := col.writer(col.shownNames(in))
			writers = append(writers, w)
		}
	}
	return compose(name, writers)
}

func compose[T any](name string, writers []func(*wire.Element, T)) func(T) *wire.Element {
	return func(x T) *wire.Element {
		e := &wire.Element{Name: name, Attrs: make([]wire.Attr, 0, len(writers))}
		for _, w := range writers {
			w(e, x)
		}
		return e
	}
}

// selected reads fields= and makes the function that writes what it selects. Without it, the
// default columns are shown. extra names columns that another parameter asks for.
func selected[T any](c *call, name string, columns []column[T], extra ...string) (func(T) *wire.Element, error) {
	text := c.query.Get("fields")
	if text == "" {
		text = "_default_"
	}
	asked := append(strings.Split(text, ","), extra...)
	in := map[string]shows{"_default_": inLists, "_all_": inAll}[asked[0]]
	if in != 0 {
		asked = asked[1:]
	}
	wanted := map[string][]string{} // column -> names of the child
	for _, f := range asked {
		f, whole := ownField(name, f)
		if whole { // the resource itself: its default fields
			in |= inLists
			continue
		}
		top, sub, nested := strings.Cut(f, ".")
		i := slices.IndexFunc(columns, func(col column[T]) bool { return col.name == top })
		if i < 0 || nested && columns[i].child == nil {
			return nil, wire.Fail("400000", "Field '%s' in fields= is not a field of %s.", f, name)
		}
		if !nested && wanted[top] == nil {
			wanted[top] = []string{}
		}
		if nested {
			wanted[top] = append(wanted[top], sub)
		}
	}
	var writers []func(*wire.Element, T)
	for _, col := range columns {
		names, ok := wanted[col.name]
		switch {
		case ok && len(names) > 0 && col.shows&in != 0:
			names = append(slices.Clone(col.shownNames(in)), names...)
		case ok && len(names) == 0:
			names = col.names
		case !ok && col.shows&in != 0:
			names = col.shownNames(in)
		case !ok:
			continue
		}
		w, known := col.writer(names)
		if !known {
			return nil, wire.Fail("400000", "The fields '%s' are not all fields of %s.", strings.Join(names, ","), col.name)
		}
		writers = append(writers, w)
	}
	return compose(name, writers), nil
}

// ownField takes the resource's own name from a field: in a list of workbooks workbook.name is
// name, and workbook alone stands for its default fields. Jobs are called backgroundJob in answers
// and job in fields.
func ownField(element, f string) (field string, whole bool) {
	if element == "backgroundJob" {
		element = "job"
	}
	if f == element {
		return "", true
	}
	return strings.TrimPrefix(f, element+"."), false
}

// childOf makes the child function of a column: another resource that hangs below this one.
func childOf[T, C any](name string, of func(T) (C, bool), columns []column[C], defaults ...string) func([]string) (func(*wire.Element, T), bool) {
	return func(names []string) (func(*wire.Element, T), bool) {
		if len(names) == 0 {
			names = defaults
		}
		var writers []func(*wire.Element, C)
		known := 0
		for _, col := range columns {
			if !slices.Contains(names, col.name) {
				continue
			}
			known++
			w, ok := col.writer(col.names)
			if !ok {
				return nil, false
			}
			writers = append(writers, w)
		}
		for i, n := range names { // a name given twice is no unknown name
			if slices.Contains(names[:i], n) {
				known++
			}
		}
		write := compose(name, writers)
		return func(e *wire.Element, x T) {
			if y, ok := of(x); ok {
				e.Add(write(y))
			}
		}, known == len(names)
	}
}
