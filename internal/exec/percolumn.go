package exec

import (
	"context"
	"sync"

	"github.com/99designs/gqlgen/graphql"
)

// scope is the context of a field of a column, with what its resolvers worked out once for all
// objects.
type scope struct {
	graphql.FieldContext
	memo memo
}

// memo is what a resolver keeps for the other objects of a column. Its pointer is the Result of the
// field's context, which this package does not use otherwise.
type memo struct {
	mu   sync.Mutex
	kept []kept
}

type kept struct {
	key   string
	value any
}

// PerColumn returns what make returned for the first object of a field, for the same key: what depends
// on the document and the arguments alone. make may neither wait nor call PerColumn. With another
// executor it is called for each object.
func PerColumn[V any](ctx context.Context, key string, make func() V) V {
	m, ok := graphql.GetFieldContext(ctx).Result.(*memo)
	if !ok {
		return make()
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	for i := range m.kept {
		if m.kept[i].key == key {
			return m.kept[i].value.(V)
		}
	}
	v := make()
	m.kept = append(m.kept, kept{key, v})
	return v
}
