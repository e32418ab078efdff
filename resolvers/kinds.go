package resolvers

import (
	"slices"

	"vitrine/internal/tableau"
)

// Searches, suggestions, favorites and collections list things of many kinds by name. What a role
// may not ask does not exist for it: entries of a kind whose name its schema lacks are left out,
// and where there is such a kind, entries whose kind is not known too.

// targetKinds are the types that a hit of a search can lead to; keptKinds those that can be
// favorites or be in a collection.
var (
	targetKinds = namesOf(func(k *tableau.NodeKind) bool { return k.IsFound })
	keptKinds   = namesOf(func(k *tableau.NodeKind) bool { return k.IsKept })
)

func namesOf(some func(*tableau.NodeKind) bool) []string {
	var names []string
	for _, k := range tableau.NodeKinds() {
		if some(k) {
			names = append(names, k.Name)
		}
	}
	return names
}

// targetKind is the type that a kind has in the schema; empty where it has none.
func targetKind(kind tableau.ContentType) string {
	i := slices.IndexFunc(targetKinds, kind.Names)
	if i < 0 {
		return ""
	}
	return targetKinds[i]
}

// typeOf is the type that something has in the schema; empty for nothing.
func typeOf(c tableau.Content) string {
	if k := tableau.NodeKindOf(c); k != nil {
		return k.Name
	}
	return ""
}

// hidesOneOf says whether the caller's schema lacks the name of one of these types.
func (op *operation) hidesOneOf(types []string) bool {
	return slices.ContainsFunc(types, func(name string) bool { return !op.offersType(name) })
}

// offersType says whether the caller's schema has the name of things of this type.
func (op *operation) offersType(name string) bool { return name != "" && op.View.Has(name+".name") }

// offersKind says whether entries of this kind are for the caller. Kinds without a type of their
// own have nothing that a role could lack.
func (op *operation) offersKind(kind tableau.ContentType) bool {
	if name := targetKind(kind); name != "" {
		return op.offersType(name)
	}
	return kind.IsKnown() || !op.hidesOneOf(targetKinds)
}

// kept lets entries pass that lead to what is for the caller.
func kept[T any](op *operation, offers func(*T) bool) tableau.ListQuery[T] {
	if !op.hidesOneOf(keptKinds) {
		return tableau.ListQuery[T]{}
	}
	return tableau.ListQuery[T]{Filters: []tableau.Filter[T]{{Field: "kind", Local: true, Match: offers}}}
}
