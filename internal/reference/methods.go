package reference

import (
	"cmp"
	"slices"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
)

// Method is a REST method that some field reads.
type Method struct {
	Name   string // GET workbooks/{id}/views
	Fields []MethodField
	Golden string // the case in resolvers/testdata that shows it called
}

// MethodField is a field that a REST method is behind.
type MethodField struct {
	Coordinate, Area, Scope, Who string
	Since                        []string
}

// methods turns the schema's @rest around: from methods to fields.
func methods(schema *ast.Schema) []Method {
	byName := map[string][]MethodField{}
	for _, def := range schema.Types {
		for _, f := range def.Fields {
			for _, call := range callsOf(f.Directives) {
				field := fieldOf(f.Name, f.Type, nil, "", f.Directives)
				name := MethodName(call.Method, call.Path)
				byName[name] = append(byName[name], MethodField{
					Coordinate: def.Name + "." + f.Name, Area: field.Area, Scope: call.Scope, Who: call.Who, Since: field.Since,
				})
			}
		}
	}
	list := make([]Method, 0, len(byName))
	for name, fields := range byName {
		slices.SortFunc(fields, func(a, b MethodField) int { return cmp.Compare(a.Coordinate, b.Coordinate) })
		list = append(list, Method{Name: name, Fields: fields})
	}
	slices.SortFunc(list, func(a, b Method) int { return cmp.Compare(path(a.Name), path(b.Name)) })
	return list
}

func path(name string) string {
	_, p, _ := strings.Cut(name, " ")
	return p
}

// MethodName names a REST method so that a path of the schema and one of the client can be compared: without parameters, and with
// {} for every value. A path below a site has no prefix, one beside the sites a slash.
func MethodName(method, path string) string {
	path, _, _ = strings.Cut(path, "?")
	segments := strings.Split(strings.TrimSuffix(path, "/"), "/")
	for i, s := range segments {
		if strings.HasPrefix(s, "{") {
			segments[i] = "{}"
		}
	}
	return method + " " + strings.Join(segments, "/")
}
