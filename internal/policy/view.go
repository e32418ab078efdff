package policy

import (
	"slices"
	"strings"
	"sync"

	"github.com/vektah/gqlparser/v2/ast"
)

// View is the schema that a set of roles sees. It is shared between requests and must not be changed.
type View struct {
	// Schema may stand in for the whole schema in gqlgen's configuration: validation and introspection then know nothing else.
	Schema *ast.Schema
	// SDL is the schema as text, in the order of the whole schema's source.
	SDL string
	// Areas are those that the roles open by name and none of them denies, sorted, without ALWAYS.
	Areas []string
	// Roles are the names of the roles, sorted.
	Roles []string
	// Sites are the content URLs that the roles name; empty for all that there are. See Offers.
	Sites []string
	// Limits are those of the roles; zero for the server's.
	Limits RoleLimits
	// Introspection is false where callers may not ask for the schema: Schema then has no __schema, and messages about documents
	// tell nothing of it. SDL is still there.
	Introspection bool

	tariffs map[string]tariff // of the whole schema
	meta    func() *metaGraph // of Schema
}

// HasType reports whether the schema has this type. An object of a kind that it has not must not come out of a field with an
// abstract type, such as node, either: not even as __typename.
func (v *View) HasType(name string) bool { return v.Schema.Types[name] != nil }

// Has reports whether the schema has this coordinate: `Type`, `Type.field`, `Type.field(argument:)`, `Input.field`, `Enum.VALUE` or
// `@directive`.
func (v *View) Has(coordinate string) bool {
	if name, ok := strings.CutPrefix(coordinate, "@"); ok {
		return v.Schema.Directives[name] != nil
	}
	return hasCoordinate(v.Schema.Types, coordinate)
}

// maxViews bounds how many views are kept. There are as many sets of roles as there are combinations, and a view of the whole
// schema takes some megabytes; a set that was dropped is compiled again in some milliseconds.
const maxViews = 32

// viewCache keeps the views that were used last. The zero value is empty.
type viewCache struct {
	mu      sync.Mutex
	entries map[string]func() (*View, error)
	recent  []string // keys, the one used last at the end
}

// get returns the view of a key. It is compiled once, outside the lock, while all who ask for it wait and the others do not.
func (c *viewCache) get(key string, compile func() (*View, error)) (*View, error) {
	c.mu.Lock()
	entry, ok := c.entries[key]
	if !ok {
		if c.entries == nil {
			c.entries = make(map[string]func() (*View, error))
		}
		entry = sync.OnceValues(compile)
		c.entries[key] = entry
	}
	if i := slices.Index(c.recent, key); i >= 0 {
		c.recent = slices.Delete(c.recent, i, i+1)
	}
	c.recent = append(c.recent, key)
	if len(c.recent) > maxViews {
		delete(c.entries, c.recent[0])
		c.recent = slices.Delete(c.recent, 0, 1)
	}
	c.mu.Unlock()
	return entry()
}
