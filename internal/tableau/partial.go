package tableau

import (
	"reflect"
	"slices"

	"vitrine/internal/tableau/rest"
)

// Needed are the members of items that an operation reads; see [rest.Operation.Need].
type Needed = rest.Members

// partlyRead are the kinds of items that are not always read whole, with the members that this
// package needs of each, whatever is selected: to find what is related, and to see what a list has.
var partlyRead = map[string]struct {
	typ   reflect.Type
	names []string
}{
	KindWorkbook: {reflect.TypeFor[Workbook](), []string{"id", "name", "contentUrl", "project"}},
	KindView:     {reflect.TypeFor[View](), []string{"id", "name", "contentUrl", "workbook"}},
}

// IsPartlyRead reports whether items of a kind can be read in part.
func IsPartlyRead(kind string) bool { return partlyRead[kind].typ != nil }

// NewNeeded returns what an operation reads that needs these members, by kind: of other kinds all.
func NewNeeded(names map[string][]string) *Needed {
	all := map[reflect.Type][]string{}
	for kind, part := range partlyRead {
		all[part.typ] = slices.Concat(part.names, names[kind])
	}
	return rest.NewMembers(all)
}
