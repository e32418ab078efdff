package policy

import (
	"slices"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
)

// What roles give beside a schema: sites, sizes of lists, introspection.
//
// Sites and sizes follow one rule: what the roles of a person name adds up, a role that names none
// leaves it to the others, and where none names any the server's own settings hold. So a role that
// says nothing never takes away what another has narrowed.

// RoleLimits bound what one request may ask for. Zero leaves it to other roles, and then to the
// server's settings.
type RoleLimits struct {
	First int // most items of one page
	Rows  int // most rows of one page of a view's data
}

// DocumentMode is what happens to documents that are not trusted. Of several the greatest holds: it
// is the strictest.
type DocumentMode int

// The modes.
const (
	DocumentsDefault DocumentMode = iota // as other roles have it, and then the server's settings
	DocumentsOff                         // any document runs
	DocumentsLog                         // any document runs; the log has those that are not trusted
	DocumentsEnforce                     // only trusted documents run
)

// grant adds to a view what its roles give beside the schema.
func (v *View) grant(roles []Role) {
	v.Introspection = true
	for _, role := range roles {
		for _, site := range role.Sites {
			if !slices.Contains(v.Sites, site) {
				v.Sites = append(v.Sites, site)
			}
		}
		v.Limits.First = max(v.Limits.First, role.Limits.First)
		v.Limits.Rows = max(v.Limits.Rows, role.Limits.Rows)
		v.Introspection = v.Introspection && !role.NoIntrospection
		v.Documents = max(v.Documents, role.Documents)
		v.EmbedScopes = append(v.EmbedScopes, role.EmbedScopes...)
	}
	v.EmbedScopes = sorted(v.EmbedScopes)
}

// Offers reports whether the roles let a site be read, by its content URL.
func (v *View) Offers(site string) bool { return len(v.Sites) == 0 || slices.Contains(v.Sites, site) }

// hideIntrospection takes the two fields of introspection out of a schema, which the loader has put
// there: they are then as unknown as any other name.
func hideIntrospection(schema *ast.Schema) {
	query := schema.Query
	query.Fields = slices.DeleteFunc(query.Fields, func(f *ast.FieldDefinition) bool { return strings.HasPrefix(f.Name, "__") })
}
