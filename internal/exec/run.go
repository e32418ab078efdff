package exec

import (
	"context"
	"errors"

	"github.com/99designs/gqlgen/graphql"
	"github.com/99designs/gqlgen/graphql/introspection"
	"github.com/vektah/gqlparser/v2/ast"
)

// Options are what an execution needs beside its plan.
type Options struct {
	Schema *ast.Schema // that introspection answers
	// Check is asked before a field is resolved, once for all objects; nil where no field is checked.
	Check func(ctx context.Context) error
	// Made counts a large text that was made and is not written yet; nil for no bound.
	Made func(bytes int) error
	// Take takes room for bytes that are written, and gives it back where bytes is negative; nil for
	// no bound. After an error the answer is given up.
	Take func(bytes int) error
	// Waiting returns a context in which more is called by what is about to wait for another server;
	// nil where nothing is.
	Waiting func(ctx context.Context, more func()) context.Context
	// Parallel bounds how many objects of a column are resolved at a time.
	Parallel int
}

// Result is the answer to an operation.
type Result struct {
	Data [][]byte // in pieces; Recycle takes them back
	Null bool     // whether data is null
}

// Run executes a plan. The context has an operation and a response of gqlgen, which has the errors
// afterwards. The error is that of Options.Take.
func (p *Plan) Run(ctx context.Context, o Options) (Result, error) {
	x := &execution{Plan: p, Options: o, ctx: context.WithValue(ctx, schemaKey{}, o.Schema)}
	root := &column{selection: p.root, objects: []any{nil}}
	root.ctx = root.contextOf(x.ctx, 0)
	x.columns([]*column{root})
	x.wg.Wait()
	a := &answer{Writer: NewWriter(o.Take), execution: x}
	ok := a.write(root)
	a.report()
	if !ok {
		a.back(mark{})
		a.raw("null")
	}
	data, err := a.Finish()
	return Result{Data: data, Null: !ok}, err
}

type schemaKey struct{}

var errNoIntrospection = errors.New("introspection disabled")

// IntrospectSchema is the value of the field __schema.
func IntrospectSchema(ctx context.Context, _ any, _ map[string]any) (any, error) {
	if graphql.GetOperationContext(ctx).DisableIntrospection {
		return nil, errNoIntrospection
	}
	return introspection.WrapSchema(ctx.Value(schemaKey{}).(*ast.Schema)), nil
}

// IntrospectType is the value of the field __type.
func IntrospectType(ctx context.Context, _ any, args map[string]any) (any, error) {
	if graphql.GetOperationContext(ctx).DisableIntrospection {
		return nil, errNoIntrospection
	}
	schema := ctx.Value(schemaKey{}).(*ast.Schema)
	return One(introspection.WrapTypeFromDef(schema, schema.Types[args["name"].(string)]), nil)
}
