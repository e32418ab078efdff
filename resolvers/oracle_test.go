package resolvers_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"hash/fnv"
	"net/http"
	"net/http/httptest"
	"reflect"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/99designs/gqlgen/graphql"
	"github.com/google/go-cmp/cmp"
	"github.com/vektah/gqlparser/v2/ast"
	"pgregory.net/rapid"

	"vitrine/auth"
	"vitrine/graph"
	"vitrine/graph/oracle"
	"vitrine/internal/exec"
	"vitrine/internal/graphqlhttp"
	"vitrine/internal/policy"
	"vitrine/internal/tableausim"
	"vitrine/resolvers"
)

// fault is what happens to a field of an object, in place of its value.
type fault int

const (
	noFault fault = iota
	nullFault
	errorFault
	panicFault
)

var errFault = errors.New("a fault")

// faults decides what happens to fields: the same for the same field of the same object, with
// either executor.
type faults struct {
	seed    atomic.Uint64
	percent atomic.Uint64
}

func (f *faults) of(object, field string, value any) fault {
	percent := f.percent.Load()
	if percent == 0 || strings.HasPrefix(object, "__") {
		return noFault
	}
	h := fnv.New64a()
	_, _ = fmt.Fprintln(h, f.seed.Load(), object, field, identity(value))
	n := h.Sum64() >> 3
	if n%100 >= percent {
		return noFault
	}
	return fault(1 + n/100%3)
}

// identity distinguishes objects by their LUIDs, and those without one by their texts.
func identity(object any) string {
	v := reflect.ValueOf(object)
	for v.IsValid() && (v.Kind() == reflect.Pointer || v.Kind() == reflect.Interface) {
		v = v.Elem()
	}
	if !v.IsValid() || v.Kind() != reflect.Struct {
		return ""
	}
	if luid := v.FieldByName("LUID"); luid.IsValid() && luid.Kind() == reflect.String && luid.Len() > 0 {
		return luid.String() // others may not have been read: see needed.go
	}
	var b strings.Builder
	for i := range v.NumField() {
		if f := v.Field(i); f.Kind() == reflect.String && v.Type().Field(i).IsExported() {
			b.WriteString(f.String() + "/")
		}
	}
	return b.String()
}

// spoil puts the faults into the executor's table of fields.
func (f *faults) spoil(types *exec.Types) {
	types.Each(func(o *exec.Object, field *exec.Field) {
		leaf, value := field.Leaf, field.Value
		if leaf != nil {
			field.Leaf = func(w *exec.Writer, object any) bool {
				switch f.of(o.Name, field.Name, object) {
				case nullFault:
					return false
				case errorFault, panicFault: // it cannot fail otherwise
					panic("a fault")
				}
				return leaf(w, object)
			}
			return
		}
		field.Value = func(ctx context.Context, object any, args map[string]any) (any, error) {
			switch f.of(o.Name, field.Name, object) {
			case nullFault:
				return nil, nil
			case errorFault:
				return nil, errFault
			case panicFault:
				panic("a fault")
			}
			return value(ctx, object, args)
		}
	})
}

// execute runs operations with gqlgen's executor.
func (f *faults) execute(root graph.ResolverRoot, r *graphqlhttp.Resolvers) func(context.Context, *ast.Schema, *graphql.OperationContext) []byte {
	leaves := map[string]bool{}
	graph.NewTypes(root).Each(func(o *exec.Object, field *exec.Field) { leaves[o.Name+"."+field.Name] = field.Leaf != nil })
	return func(ctx context.Context, schema *ast.Schema, operation *graphql.OperationContext) []byte {
		operation.RootResolverMiddleware = func(ctx context.Context, next graphql.RootResolver) graphql.Marshaler { return next(ctx) }
		operation.ResolverMiddleware = func(ctx context.Context, next graphql.Resolver) (any, error) {
			fc := graphql.GetFieldContext(ctx)
			if err := r.Check(ctx); err != nil {
				return nil, err
			}
			switch f.of(fc.Object, fc.Field.Name, fc.Parent.Result) {
			case nullFault:
				return nil, nil
			case errorFault:
				if !leaves[fc.Object+"."+fc.Field.Name] {
					return nil, errFault
				}
				panic("a fault")
			case panicFault:
				panic("a fault")
			}
			return next(ctx)
		}
		x := oracle.NewExecutableSchema(oracle.Config{Schema: schema, Resolvers: oracle.Adapter{Root: root}})
		return x.Exec(ctx)(ctx).Data
	}
}

// twins are two servers in front of one site, one for each executor.
func twins(t *testing.T, f *faults, sim tableausim.Config) (ours, gqlgens *world) {
	t.Helper()
	var config resolvers.Config
	ours = newWorld(t, sim, func(c *resolvers.Config) {
		c.First, c.MaxFields = 1000, 50_000
		config = *c
		c.Change = func(r *graphqlhttp.Resolvers, _ graph.ResolverRoot) { f.spoil(r.Types) }
	})
	config.Change = func(r *graphqlhttp.Resolvers, root graph.ResolverRoot) { r.Execute = f.execute(root, r) }
	return ours, &world{handler: resolvers.New(config)}
}

// outcome is an answer as it is compared: data byte for byte, errors whatever their order.
type outcome struct {
	Status int
	Data   string
	Errors []string
}

func (w *world) outcomeOf(t *rapid.T, user, query string, variables map[string]any) outcome {
	body, err := json.Marshal(ask{query, variables, nil})
	if err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequest(http.MethodPost, "/graphql", strings.NewReader(string(body)))
	r.Header.Set("Content-Type", "application/json")
	rec := httptest.NewRecorder()
	w.handler.ServeHTTP(rec, r.WithContext(auth.NewContext(r.Context(), person(user))))
	var got struct {
		Data   json.RawMessage
		Errors []json.RawMessage
	}
	if err := json.Unmarshal(rec.Body.Bytes(), &got); err != nil {
		t.Fatalf("the answer is not JSON: %v\n%s", err, rec.Body)
	}
	o := outcome{Status: rec.Code, Data: links.ReplaceAllString(string(got.Data), "/content/…")}
	for _, e := range got.Errors {
		o.Errors = append(o.Errors, string(e))
	}
	slices.Sort(o.Errors)
	return o
}

// TestAnswersAreThoseOfTheOracle compares the answers to random documents with those of gqlgen's
// executor, with nulls, errors and panics in random places.
func TestAnswersAreThoseOfTheOracle(t *testing.T) {
	t.Parallel()
	f := &faults{}
	ours, gqlgens := twins(t, f, tableausim.Config{})
	everything, err := demoPolicy()
	if err != nil {
		t.Fatal(err)
	}
	view, err := everything.View(everything.RolesFor(graphqlhttp.CallerOf(person("carol"))))
	if err != nil {
		t.Fatal(err)
	}
	executed := 0
	rapid.Check(t, func(t *rapid.T) {
		for range 8 {
			query, variables := drawDocument(t, view.Schema)
			f.seed.Store(rapid.Uint64().Draw(t, "seed"))
			f.percent.Store(uint64(rapid.SampledFrom([]int{0, 2, 10}).Draw(t, "percent")))
			want := gqlgens.outcomeOf(t, "carol", query, variables)
			got := ours.outcomeOf(t, "carol", query, variables)
			if d := cmp.Diff(want, got); d != "" {
				t.Fatalf("(-gqlgen +ours):\n%s\n%s\n%v", d, query, variables)
			}
			if want.Data != "" {
				executed++
			}
		}
	})
	if executed < 100 {
		t.Errorf("%d documents were executed", executed)
	}
}

// TestAnswersOfPulseAreThoseOfTheOracle does the same with documents about what Tableau Cloud alone
// has.
func TestAnswersOfPulseAreThoseOfTheOracle(t *testing.T) {
	t.Parallel()
	f := &faults{}
	ours, gqlgens := twins(t, f, tableausim.Config{APIVersion: "3.29", Cloud: true})
	pulse, err := policy.New(resolvers.Schema(), []policy.Role{{
		Name: "pulse", Allow: []string{"PULSE"},
		Deny: []string{"Query.viewer", "Query.sites", "Query.node", "Query.nodes", "Query.tableau", "Query.rateLimit", "Site.access", "Site.url", "Site.id"},
	}})
	if err != nil {
		t.Fatal(err)
	}
	view, err := pulse.View([]string{"pulse"})
	if err != nil {
		t.Fatal(err)
	}
	metrics := 0
	compare := func(t *rapid.T) {
		query, variables := drawDocument(t, view.Schema)
		query = strings.ReplaceAll(query, `contentUrl: ""`, `contentUrl: "acme"`)
		f.seed.Store(rapid.Uint64().Draw(t, "seed"))
		f.percent.Store(uint64(rapid.SampledFrom([]int{0, 2, 10}).Draw(t, "percent")))
		want := gqlgens.outcomeOf(t, "carol@example.com", query, variables)
		got := ours.outcomeOf(t, "carol@example.com", query, variables)
		if d := cmp.Diff(want, got); d != "" {
			t.Fatalf("(-gqlgen +ours):\n%s\n%s\n%v", d, query, variables)
		}
		if strings.Contains(want.Data, `"pulse`) {
			metrics++
		}
	}
	for round := 0; metrics == 0 && round < 5; round++ { // about six of a hundred documents are about Pulse
		rapid.Check(t, compare)
	}
	if metrics == 0 {
		t.Error("no document was about Pulse")
	}
}
