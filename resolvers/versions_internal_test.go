package resolvers

import (
	"errors"
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"

	model "vitrine/graph"
)

// boundaries are all versions at which something begins or ends, and those just before.
func boundaries() []string {
	all := map[string]bool{"3.0": true, "3.99": true}
	for _, directives := range members() {
		for _, s := range rangesOf(directives) {
			for _, version := range []string{s.api, s.until} {
				if major, minor, ok := strings.Cut(version, "."); ok {
					n, _ := strconv.Atoi(minor)
					all[version], all[major+"."+strconv.Itoa(max(n-1, 0))] = true, true
				}
			}
		}
	}
	return slices.Sorted(maps.Keys(all))
}

// use is a way to give a member of an input to a field: the argument, and its value.
type use struct {
	object, field, argument string
	value                   *ast.Value
}

// usesOf finds, for every versioned argument, input field and enum value, how a document says it.
func usesOf(schema *ast.Schema) map[string]use {
	uses := map[string]use{}
	for name, def := range schema.Types {
		if def.Kind != ast.Object {
			continue
		}
		for _, f := range def.Fields {
			for _, a := range f.Arguments {
				at := use{object: name, field: f.Name, argument: a.Name}
				if len(rangesOf(a.Directives)) > 0 {
					at.value = &ast.Value{Kind: ast.StringValue, Raw: "x"}
					uses[name+"."+f.Name+"("+a.Name+":)"] = at
				}
				usesWithin(schema, a.Type, nil, func(coordinate string, value *ast.Value) {
					at.value = value
					if len(rangesOf(a.Directives)) == 0 {
						uses[coordinate] = at
					}
				})
			}
		}
	}
	return uses
}

func usesWithin(schema *ast.Schema, typ *ast.Type, seen []string, found func(string, *ast.Value)) {
	def := schema.Types[typ.Name()]
	if slices.Contains(seen, def.Name) {
		return
	}
	wrapped := func(coordinate string, value *ast.Value) {
		if typ.Elem != nil {
			value = &ast.Value{Kind: ast.ListValue, Children: ast.ChildValueList{{Value: value}}}
		}
		found(coordinate, value)
	}
	for _, v := range def.EnumValues {
		if len(rangesOf(v.Directives)) > 0 {
			wrapped(def.Name+"."+v.Name, &ast.Value{Kind: ast.EnumValue, Raw: v.Name})
		}
	}
	if def.Kind != ast.InputObject {
		return
	}
	for _, f := range def.Fields {
		object := func(value *ast.Value) *ast.Value {
			return &ast.Value{Kind: ast.ObjectValue, Children: ast.ChildValueList{{Name: f.Name, Value: value}}}
		}
		if len(rangesOf(f.Directives)) > 0 {
			wrapped(def.Name+"."+f.Name, object(&ast.Value{Kind: ast.StringValue, Raw: "x"}))
			continue
		}
		usesWithin(schema, f.Type, append(seen, def.Name), func(coordinate string, value *ast.Value) { wrapped(coordinate, object(value)) })
	}
}

// answered says what becomes of a field on a server.
func answered(object, field string, on serverVersion, arguments ast.ArgumentList, variables map[string]any) error {
	known := schemaVersions().fields[object][field]
	if known == nil {
		return errors.New("not known as one that depends on the version")
	}
	fc := &graphql.FieldContext{Object: object, Field: graphql.CollectedField{Field: &ast.Field{Name: field, Arguments: arguments}}}
	return on.field(fc, known, variables)
}

// Every member with @since is refused and let through at each version just as tableau.supports
// reports it: fields, arguments, what is in inputs, enum values; as literals and from variables.
func TestEveryVersionedMemberIsRefusedWhereItIsNotSupported(t *testing.T) {
	t.Parallel()
	schema, uses, tried := Schema(), usesOf(Schema()), map[string]int{}
	for _, version := range boundaries() {
		for _, deployment := range []model.Deployment{model.DeploymentCloud, model.DeploymentServer} {
			on := serverVersion{version, deployment}
			for _, coordinate := range versioned() {
				want, _ := supported(coordinate, version, deployment)
				check := func(how string, err error) {
					var missing unsupportedError
					if (err == nil) != want || err != nil && (!errors.As(err, &missing) || !strings.HasSuffix(coordinate, missing.coordinate) && !strings.HasPrefix(coordinate, missing.coordinate+"(")) {
						t.Errorf("%s %s, API %s on %s: %v, but supported is %v", coordinate, how, version, deployment, err, want)
					}
				}
				if use, given := uses[coordinate]; given {
					there := lacking("", schemaVersions().fields[use.object][use.field].ranges, version, deployment) == nil
					if !there && !strings.Contains(coordinate, "(") {
						continue // of a field that is not there itself
					}
					check("in the text", answered(use.object, use.field, on, ast.ArgumentList{{Name: use.argument, Value: use.value}}, nil))
					plain, err := use.value.Value(nil)
					if err != nil {
						t.Fatal(err)
					}
					variable := ast.ArgumentList{{Name: use.argument, Value: &ast.Value{Kind: ast.Variable, Raw: "v"}}}
					check("in a variable", answered(use.object, use.field, on, variable, map[string]any{"v": plain}))
					if err := answered(use.object, use.field, on, variable, nil); there && err != nil {
						t.Errorf("%s is left out, and refused: %v", coordinate, err)
					}
					tried["given"]++
					continue
				}
				object, field, _ := strings.Cut(coordinate, ".")
				if def := schema.Types[object]; def == nil || def.Kind != ast.Object || strings.Contains(field, "(") {
					t.Fatalf("no way is known to use %s", coordinate)
				}
				check("selected", answered(object, field, on, nil, nil))
				tried["selected"]++
			}
		}
	}
	if tried["given"] < 500 || tried["selected"] < 5000 {
		t.Errorf("only so many were tried: %v", tried)
	}
}

// What is refused on some server must be able to be null, and cannot be what an argument has
// unasked.
func TestVersionedMembersCanBeLeftOut(t *testing.T) {
	t.Parallel()
	for name, def := range Schema().Types {
		for _, f := range def.Fields {
			if len(rangesOf(f.Directives)) > 0 && (f.Type.NonNull || f.DefaultValue != nil) {
				t.Errorf("%s.%s has @since: it must be nullable and without a default", name, f.Name)
			}
			for _, a := range f.Arguments {
				if len(rangesOf(a.Directives)) > 0 && (a.Type.NonNull || a.DefaultValue != nil) {
					t.Errorf("%s.%s(%s:) has @since: it must be nullable and without a default", name, f.Name, a.Name)
				}
			}
		}
	}
}
