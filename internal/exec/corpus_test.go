package exec

import (
	"context"
	"encoding/json"
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"
)

// Random documents over a schema of mocks. test/http/executor.test.mjs executes the same documents
// with graphql-js and the same mocks, which depend on nothing but the names along the way.

const mockSchema = `
interface Node { id: String! name: String related: Node siblings: [Node] }
interface Named { name: String title: String! }
type Book implements Node & Named {
  id: String! name: String title: String! pages: Int isOld: Boolean! tags: [String]
  related: Node siblings: [Node] author: Person! editors: [Person!] shelf: Shelf things: [Thing!]!
}
type Person implements Node & Named {
  id: String! name: String title: String! age: Int
  related: Node siblings: [Node] books: [Book] best: Book friends: [Person!]! any: Thing
}
type Shelf { label: String! books: [Book!]! owner: Person things: [Thing] }
union Thing = Book | Shelf
type Query { node: Node named: [Named] book: Book books: [Book!] people: [Person] shelf: Shelf thing: Thing things: [Thing!] }
`

// mock is an object: what its fields are follows from its seed.
type mock struct {
	typ  string
	seed uint32
}

func hashOf(seed uint32, name string) uint32 {
	h := fnv.New32a()
	_, _ = fmt.Fprintf(h, "%d/%s", seed, name)
	return h.Sum32()
}

// mocked makes the types of a schema.
func mocked(schema *ast.Schema) *Types {
	var objects []*Object
	var abstracts []*Abstract
	for _, def := range schema.Types {
		switch {
		case def.BuiltIn:
		case def.Kind == ast.Object:
			o := &Object{Name: def.Name, Implements: append([]string{def.Name}, def.Interfaces...)}
			for _, abstract := range schema.GetImplements(def) {
				o.Implements = append(o.Implements, abstract.Name)
			}
			for _, f := range def.Fields {
				if !strings.HasPrefix(f.Name, "__") {
					o.Fields = append(o.Fields, mockField(schema, f))
				}
			}
			objects = append(objects, o)
		case def.IsAbstractType():
			abstracts = append(abstracts, &Abstract{
				Name: def.Name, Objects: possible(schema, def), Of: func(v any) string { return v.(*mock).typ },
			})
		}
	}
	return NewTypes(objects, abstracts)
}

// possible are the names of the objects of a type, sorted.
func possible(schema *ast.Schema, def *ast.Definition) []string {
	var names []string
	for _, o := range schema.GetPossibleTypes(def) {
		names = append(names, o.Name)
	}
	slices.Sort(names)
	return names
}

func mockField(schema *ast.Schema, f *ast.FieldDefinition) Field {
	field := Field{Name: f.Name, NonNull: f.Type.NonNull, List: f.Type.Elem != nil}
	def := schema.Types[f.Type.Name()]
	if !def.IsCompositeType() {
		field.Leaf = func(w *Writer, o any) bool { return mockLeaf(w, f.Type, hashOf(o.(*mock).seed, f.Name)) }
		return field
	}
	field.Type, field.ItemNonNull, field.Items = def.Name, field.List && f.Type.Elem.NonNull, Interfaces[any]
	field.Plain = hashOf(0, f.Name)%2 == 0
	names := possible(schema, def)
	object := func(seed uint32) any { return &mock{names[seed%uint32(len(names))], seed} }
	field.Value = func(_ context.Context, o any, _ map[string]any) (any, error) {
		seed := uint32(1)
		if o != nil {
			seed = o.(*mock).seed
		}
		h := hashOf(seed, f.Name)
		switch {
		case h%11 == 0:
			return nil, nil
		case h%11 == 1 && !field.Plain:
			return nil, errOwner
		case !field.List:
			return object(h), nil
		}
		items := make([]any, h%4)
		for i := range items {
			if seed := hashOf(h, fmt.Sprint(i)); seed%8 != 0 {
				items[i] = object(seed)
			}
		}
		return items, nil
	}
	return field
}

func mockLeaf(w *Writer, t *ast.Type, h uint32) bool {
	switch {
	case h%29 == 1:
		panic("a mock")
	case h%13 == 0:
		return false
	case t.Elem != nil:
		items := make([]*string, h%4)
		for i := range items {
			if seed := hashOf(h, fmt.Sprint(i)); seed%8 != 0 {
				text := fmt.Sprint("s", seed)
				items[i] = &text
			}
		}
		return List(w, items, false, func(w *Writer, s *string) bool { return Pointer(w, s, (*Writer).String) })
	}
	switch t.Name() {
	case "Int":
		return w.Int(int64(h % 1000))
	case "Boolean":
		return w.Bool(h%2 == 0)
	default:
		return w.String(fmt.Sprint("s", h))
	}
}

// writer of random documents.
type documents struct {
	*rand.Rand
	schema    *ast.Schema
	fragments []string
	left      int
}

func (d *documents) document() string {
	d.fragments, d.left = nil, 40
	body := d.selection(d.schema.Query, 5)
	return "query($yes: Boolean!, $no: Boolean!) { y: __typename @include(if: $yes) n: __typename @skip(if: $no) " + body[1:] + strings.Join(d.fragments, " ")
}

func (d *documents) selection(def *ast.Definition, depth int) string {
	var parts []string
	for range 1 + d.IntN(4) {
		if len(def.Fields) == 0 || d.left <= 0 {
			break
		}
		f := def.Fields[d.IntN(len(def.Fields))]
		below := d.schema.Types[f.Type.Name()]
		if strings.HasPrefix(f.Name, "__") || below.IsCompositeType() && depth == 0 {
			continue
		}
		d.left--
		text := fmt.Sprintf("%s_%s%d: %s%s", f.Name, def.Name, d.IntN(2), f.Name, d.directive())
		if below.IsCompositeType() {
			text += " " + d.selection(below, depth-1)
		}
		parts = append(parts, text)
	}
	if names := possible(d.schema, def); def.IsAbstractType() && depth > 0 {
		on := d.schema.Types[names[d.IntN(len(names))]]
		parts = append(parts, "... on "+on.Name+d.directive()+" "+d.selection(on, depth-1))
	}
	if d.IntN(6) == 0 && depth > 0 && def != d.schema.Query {
		name := fmt.Sprint("F", len(d.fragments))
		d.fragments = append(d.fragments, "")
		d.fragments[len(d.fragments)-1] = "fragment " + name + " on " + def.Name + " " + d.selection(def, depth-1)
		parts = append(parts, "..."+name+d.directive())
	}
	if len(parts) == 0 || d.IntN(5) == 0 {
		parts = append(parts, "__typename")
	}
	return "{ " + strings.Join(parts, " ") + " }"
}

func (d *documents) directive() string {
	some := []string{" @skip(if: $no)", " @include(if: $yes)", " @skip(if: true)", " @include(if: true)", " @skip(if: $yes)"}
	if d.IntN(8) > 0 {
		return ""
	}
	return some[d.IntN(len(some))]
}

// executed is a document with its answer.
type executed struct {
	Query     string          `json:"query"`
	Variables map[string]bool `json:"variables"`
	Data      string          `json:"data"`
	Errors    []string        `json:"errors"` // their paths
}

// TestRandomDocumentsAreExecuted executes random documents, and writes them with their answers to
// the file that VITRINE_EXEC_CORPUS names.
func TestRandomDocumentsAreExecuted(t *testing.T) {
	t.Parallel()
	const count = 3000
	schema := gqlparser.MustLoadSchema(&ast.Source{Input: mockSchema})
	types := mocked(schema)
	d := &documents{Rand: rand.New(rand.NewPCG(1, 2)), schema: schema} // the same documents each time
	corpus := struct {
		Schema    string     `json:"schema"`
		Documents []executed `json:"documents"`
	}{Schema: mockSchema}
	failed := 0
	for range count {
		x := executed{Query: d.document(), Variables: map[string]bool{"yes": d.IntN(2) == 0, "no": d.IntN(2) == 0}}
		variables := map[string]any{"yes": x.Variables["yes"], "no": x.Variables["no"]}
		var errs []string
		x.Data, errs = run(t, schema, types, x.Query, variables)
		for _, err := range errs {
			path, _, _ := strings.Cut(err, " ")
			x.Errors = append(x.Errors, path)
		}
		if !json.Valid([]byte(x.Data)) {
			t.Fatalf("%s\n%s", x.Query, x.Data)
		}
		if len(errs) > 0 {
			failed++
		}
		corpus.Documents = append(corpus.Documents, x)
	}
	if failed < count/10 || failed > count*9/10 {
		t.Errorf("%d of %d documents had errors", failed, count)
	}
	if file := os.Getenv("VITRINE_EXEC_CORPUS"); file != "" {
		text, err := json.Marshal(corpus)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
}
