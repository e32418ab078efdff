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
	Golden string // the test case in resolvers/testdata that calls it
}

// MethodField is a field that reads a REST method.
type MethodField struct {
	Coordinate, Area, Scope, Who string
	Since                        []string
}

// methods inverts @rest: it returns the fields by REST method.
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

// MethodName returns the name of a REST method in a form that is the same for a path of the schema
// and for one of the client: without parameters, and with {} for every value. A path below a site
// has no prefix, any other path begins with a slash.
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
