package policy

import (
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
)

// View is the schema that a set of roles sees. It is shared between requests and must not be
// changed.
type View struct {
	// Schema may replace the whole schema in gqlgen's configuration: validation and introspection
	// then know nothing else.
	Schema *ast.Schema
	// Areas are those that the roles open by name and none of them denies, sorted, without ALWAYS.
	Areas []string
	// Roles are the names of the roles, sorted.
	Roles []string
	// Sites are the content URLs that the roles name; empty for all that there are. See Offers.
	Sites []string
	// Limits are those of the roles; zero for the server's.
	Limits RoleLimits
	// Introspection is false where callers may not ask for the schema: Schema then has no __schema,
	// and messages about documents tell nothing of it. SDL is still there.
	Introspection bool
	// Documents is the strictest mode that the roles name; DocumentsDefault for the server's.
	Documents DocumentMode
	// EmbedScopes are the scopes of embed tokens that the roles name, sorted; empty for the default.
	EmbedScopes []string

	costs map[string]fieldCost // of the whole schema
	*compiled
}

// HasType reports whether the schema has this type. An object of a kind that it has not must not
// come out of a field with an abstract type, such as node, either: not even as __typename.
func (v *View) HasType(name string) bool { return v.Schema.Types[name] != nil }

// Has reports whether the schema has this coordinate: `Type`, `Type.field`,
// `Type.field(argument:)`, `Input.field`, `Enum.VALUE` or `@directive`.
func (v *View) Has(coordinate string) bool {
	if name, ok := strings.CutPrefix(coordinate, "@"); ok {
		return v.Schema.Directives[name] != nil
	}
	return hasCoordinate(v.Schema.Types, coordinate)
}

// SDL returns the schema as text, in the order of the whole schema's source. WriteTo writes it
// without putting it together.
func (v *View) SDL() string {
	var b strings.Builder
	b.Grow(v.SDLBytes())
	_, _ = v.WriteTo(&b) // a Builder never fails
	return b.String()
}

// SDLBytes is the length of SDL.
func (v *View) SDLBytes() int { return v.bytes }
