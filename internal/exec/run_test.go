package exec

import (
	"bytes"
	"context"
	"errors"
	"testing"

	"github.com/99designs/gqlgen/graphql"
	"github.com/google/go-cmp/cmp"
	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/validator/rules"
)

const zoo = `
interface Animal { name: String! }
type Cat implements Animal { name: String! lives: Int friend: Animal }
type Dog implements Animal { name: String! owner: String }
type Query { animals: [Animal] cats: [Cat!] cat: Cat }
`

type cat struct {
	name   string // null where it is empty
	lives  int64
	friend any
}

type dog struct{ name, owner string }

var errOwner = errors.New("no owner")

func leaf[T any](name string, nonNull bool, write func(*Writer, T) bool) Field {
	return Field{Name: name, NonNull: nonNull, Leaf: func(w *Writer, o any) bool { return write(w, o.(T)) }}
}

// zooTypes are the types of zoo. Dogs without an owner fail, and a cat of nine lives panics.
func zooTypes(animals []any, cats []*cat) *Types {
	text := func(w *Writer, s string) bool { return s != "" && w.String(s) }
	return NewTypes([]*Object{
		{Name: "Query", Implements: []string{"Query"}, Fields: []Field{
			{
				Name: "animals", Type: "Animal", List: true, Items: Interfaces[any],
				Value: func(context.Context, any, map[string]any) (any, error) { return Every(animals, nil) },
			},
			{
				Name: "cats", Type: "Cat", List: true, ItemNonNull: true, Items: Pointers[cat],
				Value: func(context.Context, any, map[string]any) (any, error) { return Many(cats, nil) },
			},
			{Name: "cat", Type: "Cat", Plain: true, Value: func(context.Context, any, map[string]any) (any, error) { return One[cat](nil, nil) }},
		}},
		{Name: "Cat", Implements: []string{"Cat", "Animal"}, Fields: []Field{
			leaf("name", true, func(w *Writer, c *cat) bool { return text(w, c.name) }),
			leaf("lives", false, func(w *Writer, c *cat) bool {
				if c.lives == 9 {
					panic("nine lives")
				}
				return w.Int(c.lives)
			}),
			{Name: "friend", Type: "Animal", Plain: true, Value: func(_ context.Context, o any, _ map[string]any) (any, error) { return Any(o.(*cat).friend, nil) }},
		}},
		{Name: "Dog", Implements: []string{"Dog", "Animal"}, Fields: []Field{
			leaf("name", true, func(w *Writer, d *dog) bool { return text(w, d.name) }),
			{
				Name: "owner", Write: func(w *Writer, v any) bool { return w.String(v.(string)) },
				Value: func(_ context.Context, o any, _ map[string]any) (any, error) {
					if o.(*dog).owner == "" {
						return nil, errOwner
					}
					return o.(*dog).owner, nil
				},
			},
		}},
	}, []*Abstract{{Name: "Animal", Objects: []string{"Cat", "Dog"}, Of: func(v any) string {
		switch v.(type) {
		case *cat:
			return "Cat"
		case *dog:
			return "Dog"
		}
		return ""
	}}})
}

// run executes a query, and returns the data and the paths and texts of errors.
func run(t *testing.T, schema *ast.Schema, types *Types, query string, variables map[string]any) (data string, errs []string) {
	t.Helper()
	doc := gqlparser.MustLoadQueryWithRules(schema, query, rules.NewDefaultRules())
	operation := &graphql.OperationContext{
		Doc: doc, Operation: doc.Operations[0], Variables: variables, RecoverFunc: func(context.Context, any) error { return errors.New("panic") },
	}
	ctx := graphql.WithResponseContext(graphql.WithOperationContext(t.Context(), operation), graphql.DefaultErrorPresenter, operation.RecoverFunc)
	plan, err := types.Compile(doc, doc.Operations[0], variables, nil)
	if err != nil {
		t.Fatal(err)
	}
	result, err := plan.Run(ctx, Options{Schema: schema, Parallel: 2})
	if err != nil {
		t.Fatal(err)
	}
	for _, err := range graphql.GetErrors(ctx) {
		errs = append(errs, err.Path.String()+" "+err.Message)
	}
	return string(bytes.Join(result.Data, nil)), errs
}

// nullName is gqlgen's message.
const nullName = "cannot return null for non-null field Cat.name (String!): the model struct field was nil and the field has no resolver"

func TestRun(t *testing.T) {
	t.Parallel()
	tom := &cat{name: "Tom", lives: 7, friend: &dog{name: "Spike", owner: "Joe"}}
	for name, c := range map[string]struct {
		animals   []any
		cats      []*cat
		query     string
		variables map[string]any
		data      string
		errors    []string
	}{
		"types of an interface, in order": {
			animals: []any{tom, &dog{name: "Rex", owner: "Ann"}, nil, tom},
			query:   `{ animals { __typename name ... on Cat { n: lives } ... on Dog { owner } } }`,
			data: `{"animals":[{"__typename":"Cat","name":"Tom","n":7},{"__typename":"Dog","name":"Rex","owner":"Ann"},null,` +
				`{"__typename":"Cat","name":"Tom","n":7}]}`,
		},
		"an error of one object": {
			animals: []any{&dog{name: "Rex"}, &dog{name: "Rover", owner: "Bob"}},
			query:   `{ animals { name ... on Dog { owner } } }`,
			data:    `{"animals":[{"name":"Rex","owner":null},{"name":"Rover","owner":"Bob"}]}`,
			errors:  []string{"animals[0].owner no owner"},
		},
		"a null removes the object, and the list of items that are not null": {
			cats: []*cat{tom, {}}, query: `{ cats { lives name } }`, data: `{"cats":null}`,
			errors: []string{"cats[1].name " + nullName},
		},
		"a null removes one item of a list with nulls": {
			animals: []any{&cat{}, tom}, query: `{ animals { name } }`, data: `{"animals":[null,{"name":"Tom"}]}`,
			errors: []string{"animals[0].name " + nullName},
		},
		"a panic is the error of one field": {
			cats: []*cat{{name: "Nine", lives: 9}, tom}, query: `{ cats { name lives friend { name } } }`,
			data:   `{"cats":[{"name":"Nine","lives":null,"friend":null},{"name":"Tom","lives":7,"friend":{"name":"Spike"}}]}`,
			errors: []string{"cats[0].lives panic"},
		},
		"skip and include": {
			cats: []*cat{tom}, query: `query($y: Boolean!) { cat { name } cats { name @skip(if: $y) lives @include(if: $y) ...F @skip(if: $y) } } fragment F on Cat { name }`,
			variables: map[string]any{"y": true}, data: `{"cat":null,"cats":[{"lives":7}]}`,
		},
		"null and empty lists": {query: `{ animals { name } cats { name } }`, data: `{"animals":[],"cats":null}`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			data, errs := run(t, gqlparser.MustLoadSchema(&ast.Source{Input: zoo}), zooTypes(c.animals, c.cats), c.query, c.variables)
			if data != c.data {
				t.Errorf("%s\nwant %s", data, c.data)
			}
			if d := cmp.Diff(c.errors, errs); d != "" {
				t.Errorf("errors (-want +got):\n%s", d)
			}
		})
	}
}

// What is worked out of a plan is worked out once, from all fields that it selects.
func TestPlanVisitsItsFields(t *testing.T) {
	t.Parallel()
	doc := gqlparser.MustLoadQueryWithRules(gqlparser.MustLoadSchema(&ast.Source{Input: zoo}), `{ animals { __typename name ... on Cat { friend { name } } } }`, rules.NewDefaultRules())
	plan, err := zooTypes(nil, nil).Compile(doc, doc.Operations[0], nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	count := 0
	note := func(p *Plan) any {
		count++
		seen := map[string]bool{}
		p.Each(func(o *Object, f *Field, asked *ast.Field) bool {
			seen[o.Name+"."+f.Name] = asked.Name == f.Name
			return true
		})
		return seen
	}
	plan.Note(note)
	want := map[string]bool{"Query.animals": true, "Cat.name": true, "Cat.friend": true, "Dog.name": true}
	if d := cmp.Diff(want, plan.Note(note)); d != "" || count != 1 {
		t.Errorf("%d times (-want +got):\n%s", count, d)
	}
}
