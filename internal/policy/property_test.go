package policy

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/validator/core"
)

// givesAway says, written down by hand, what the filters and orders of the test schema read. It is
// here so that the property below does not rest on the code that it checks.
var givesAway = map[string][]string{
	"WorkbookFilter.name":           {"Workbook.name"},
	"WorkbookFilter.ownerName":      {"Workbook.owner", "User.name"},
	"WorkbookFilter.ownerEmail":     {"Workbook.owner", "User.email"},
	"WorkbookFilter.tags":           {"Workbook.tags"},
	"WorkbookFilter.sizeMB":         {"Workbook.sizeMB"},
	"UserFilter.name":               {"User.name"},
	"UserFilter.email":              {"User.email"},
	"UserFilter.siteRole":           {"User.siteRole"},
	"SearchFilter.hitsTotal":        {"Hit.hitsTotal"},
	"WorkbookOrderField.NAME":       {"Workbook.name"},
	"WorkbookOrderField.OWNER_NAME": {"Workbook.owner", "User.name"},
	"WorkbookOrderField.SIZE":       {"Workbook.sizeMB"},
	"JobOrderField.KIND":            {"Job.kind"},
}

// oracle says in the plainest way what roles allow.
type oracle struct {
	schema    *ast.Schema
	givesAway map[string][]string
	roles     []Role
}

// realSchema is the contract itself, with what its filters and orders give away: what @reads says,
// else the field of the same name on the type that the input is named after.
func realSchema(t testing.TB) (*ast.Schema, map[string][]string) {
	t.Helper()
	text, err := os.ReadFile("../../schema.graphqls")
	if err != nil {
		t.Fatal(err)
	}
	schema := testSchema(t, string(text))
	away := map[string][]string{}
	note := func(coord, subject, field string, directives ast.DirectiveList) {
		if d := directives.ForName("reads"); d != nil {
			for _, read := range d.Arguments.ForName("fields").Value.Children {
				away[coord] = append(away[coord], read.Value.Raw)
			}
		} else if def := schema.Types[subject]; def != nil && def.Kind == ast.Object && def.Fields.ForName(field) != nil {
			away[coord] = []string{subject + "." + field}
		}
	}
	for name, def := range schema.Types {
		if subject, ok := strings.CutSuffix(name, "Filter"); ok && def.Kind == ast.InputObject {
			for _, f := range def.Fields {
				note(name+"."+f.Name, subject, f.Name, f.Directives)
			}
		}
		if subject, ok := strings.CutSuffix(name, "OrderField"); ok && def.Kind == ast.Enum {
			for _, v := range def.EnumValues {
				note(name+"."+v.Name, subject, camelCase(v.Name), v.Directives)
			}
		}
	}
	return schema, away
}

// allows reports whether the roles allow a field of an object; of an interface, that of every
// object that implements it.
func (o oracle) allows(typ, field string) bool {
	if o.denies(typ) || o.denies(typ+".*") || o.denies(typ+"."+field) {
		return false
	}
	def := o.schema.Types[typ]
	for _, abstract := range def.Interfaces {
		if o.denies(abstract + "." + field) {
			return false
		}
	}
	area := ""
	if d := def.Fields.ForName(field).Directives.ForName("area"); d != nil {
		area = d.Arguments.ForName("name").Value.Raw
	}
	if area == "" || area == "ALWAYS" {
		return true
	}
	if o.denies(area) {
		return false
	}
	return slices.ContainsFunc(o.roles, func(r Role) bool {
		return slices.Contains(r.Allow, area) || slices.Contains(r.Allow, typ+"."+field) ||
			(area != "DOWNLOAD" && (slices.Contains(r.Allow, typ) || slices.Contains(r.Allow, typ+".*")))
	})
}

func (o oracle) denies(entry string) bool {
	return slices.ContainsFunc(o.roles, func(r Role) bool { return slices.Contains(r.Deny, entry) })
}

// problem returns why a member that was used may not be, or nothing.
func (o oracle) problem(typ, member string) string {
	if strings.HasPrefix(typ, "__") || strings.HasPrefix(member, "__") {
		return ""
	}
	def := o.schema.Types[typ]
	isField := def.Kind == ast.Object || def.Kind == ast.Interface
	coord := typ + "." + member
	switch {
	case isField && !o.allows(typ, member):
		return coord + " is not allowed"
	case !isField && (o.denies(typ) || o.denies(coord)):
		return coord + " is denied"
	}
	for _, read := range o.givesAway[coord] {
		readType, field, _ := strings.Cut(read, ".")
		if !o.allows(readType, field) {
			return coord + " gives away " + read
		}
	}
	return ""
}

// drawRoles draws one to three roles of random entries.
func drawRoles(rnd *rand.Rand, schema *ast.Schema) []Role {
	var areas []string
	for _, v := range schema.Types["Area"].EnumValues {
		if v.Name != "ALWAYS" {
			areas = append(areas, v.Name)
		}
	}
	var guarded, members []string
	for _, name := range sortedTypes(schema) {
		def := schema.Types[name]
		members = append(members, name)
		for _, f := range def.Fields {
			if strings.HasPrefix(f.Name, "__") {
				continue
			}
			members = append(members, name+"."+f.Name)
			if d := f.Directives.ForName("area"); d != nil && d.Arguments.ForName("name").Value.Raw != "ALWAYS" {
				guarded = append(guarded, name+"."+f.Name)
			}
		}
	}
	members = append(members, "WorkbookOrderField.NAME", "WorkbookOrderField.SIZE", "User.*", "Content.*", "Workbook.*")
	guarded = append(guarded, "Workbook.*", "View", "User.*")
	pick := func(from []string, n int) []string {
		var picked []string
		for range n {
			picked = append(picked, from[rnd.IntN(len(from))])
		}
		return picked
	}
	roles := make([]Role, 1+rnd.IntN(3))
	for i := range roles {
		role := Role{Name: fmt.Sprintf("r%d", i), Deny: pick(append(members, areas...), rnd.IntN(4))}
		role.Allow = append(pick(areas, 1+rnd.IntN(4)), pick(guarded, rnd.IntN(3))...)
		role.Allow = slices.DeleteFunc(role.Allow, func(entry string) bool { return slices.Contains(role.Deny, entry) })
		roles[i] = role
	}
	return roles
}

// sortedTypes returns the names of the types that are not built in, sorted: a seed always draws the
// same.
func sortedTypes(schema *ast.Schema) []string {
	var names []string
	for name, def := range schema.Types {
		if !def.BuiltIn {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// writer draws documents that are valid for a schema.
type writer struct {
	rnd    *rand.Rand
	schema *ast.Schema
	b      strings.Builder
}

// selection writes a selection on a type, up to levels deep.
func (w *writer) selection(def *ast.Definition, levels int) {
	w.b.WriteString("{__typename ")
	// Of a large type a few: documents are to stay as small as those of people.
	const usual = 12
	for _, f := range def.Fields {
		if strings.HasPrefix(f.Name, "__") || w.rnd.IntN(3) == 0 || w.rnd.IntN(max(usual, len(def.Fields))) >= usual {
			continue
		}
		inner := w.schema.Types[f.Type.Name()]
		if inner.IsCompositeType() && levels == 0 {
			continue
		}
		fmt.Fprintf(&w.b, "a%d:%s", w.b.Len(), f.Name)
		w.arguments(f)
		if inner.IsCompositeType() {
			w.selection(inner, levels-1)
		}
		w.b.WriteByte(' ')
	}
	if members := w.schema.GetPossibleTypes(def); def.IsAbstractType() && len(members) > 0 {
		member := members[w.rnd.IntN(len(members))]
		w.b.WriteString("... on " + member.Name)
		w.selection(member, max(0, levels-1))
	}
	w.b.WriteByte('}')
}

func (w *writer) arguments(f *ast.FieldDefinition) {
	var args []string
	for _, a := range f.Arguments {
		required := a.Type.NonNull && a.DefaultValue == nil
		if required || w.rnd.IntN(2) == 0 {
			args = append(args, a.Name+":"+w.value(a.Type, 3))
		}
	}
	if len(args) > 0 {
		w.b.WriteString("(" + strings.Join(args, ",") + ")")
	}
}

// value draws a value of an input type.
func (w *writer) value(t *ast.Type, levels int) string {
	if t.Elem != nil {
		return "[" + w.value(t.Elem, levels) + "]"
	}
	def := w.schema.Types[t.NamedType]
	switch def.Kind {
	case ast.Enum:
		return def.EnumValues[w.rnd.IntN(len(def.EnumValues))].Name
	case ast.InputObject:
		fields := def.Fields
		if def.Directives.ForName("oneOf") != nil {
			fields = ast.FieldList{fields[w.rnd.IntN(len(fields))]}
			return "{" + fields[0].Name + ":" + w.value(fields[0].Type, levels-1) + "}"
		}
		var parts []string
		for _, f := range fields {
			if f.Type.NonNull || (levels > 0 && w.rnd.IntN(2) == 0) {
				parts = append(parts, f.Name+":"+w.value(f.Type, levels-1))
			}
		}
		return "{" + strings.Join(parts, ",") + "}"
	default:
		switch t.NamedType {
		case "Int", "ID":
			return "1"
		case "Boolean":
			return "true"
		default:
			return `"x"`
		}
	}
}

// touched calls back for each field, input field and enum value that a document uses.
func touched(schema *ast.Schema, doc *ast.QueryDocument, use func(typ, member string)) {
	events := &core.Events{}
	events.OnField(func(_ *core.Walker, f *ast.Field) {
		if f.Definition != nil {
			use(f.ObjectDefinition.Name, f.Name)
		}
	})
	events.OnValue(func(_ *core.Walker, v *ast.Value) {
		switch {
		case v.Definition == nil:
		case v.Kind == ast.EnumValue:
			use(v.Definition.Name, v.Raw)
		case v.Kind == ast.ObjectValue:
			for _, c := range v.Children {
				use(v.Definition.Name, c.Name)
			}
		}
	})
	core.Walk(schema, doc, events)
}

// TestPropertyOnlyAllowedIsTouched draws roles and documents. Whatever passes validation touches
// only what the roles allow; a pruned schema loads, is part of the whole one, and takes every
// document that is drawn from it.
func TestPropertyOnlyAllowedIsTouched(t *testing.T) {
	t.Parallel()
	sets := 300
	if testing.Short() {
		sets = 30
	}
	t.Run("test schema", func(t *testing.T) {
		t.Parallel()
		onlyAllowedIsTouched(t, testSchema(t), givesAway, sets)
	})
	t.Run("the contract", func(t *testing.T) {
		t.Parallel()
		schema, away := realSchema(t)
		if len(away) < 100 {
			t.Fatalf("only %d filters and orders are known to give something away", len(away))
		}
		onlyAllowedIsTouched(t, schema, away, sets/30)
	})
}

func onlyAllowedIsTouched(t *testing.T, full *ast.Schema, givesAway map[string][]string, sets int) {
	t.Helper()
	passed := 0
	for seed := range sets {
		rnd := rand.New(rand.NewPCG(uint64(seed), 1))
		roles := drawRoles(rnd, full)
		v := drawnView(t, full, roles)
		if v == nil {
			continue
		}
		o := oracle{schema: full, givesAway: givesAway, roles: roles}
		loadsAgain(t, v)
		checkMembers(t, o, v)
		checkHidden(t, full, v)
		for range 20 {
			whole := v.Schema
			if rnd.IntN(2) == 0 {
				whole = full
			}
			w := &writer{rnd: rnd, schema: whole}
			w.selection(whole.Query, 3)
			doc := parseQuery(t, w.b.String())
			errs := v.Validate(doc)
			if len(errs) > 0 {
				if whole == v.Schema {
					t.Errorf("roles %+v: the schema does not take its own document: %v\n%s", roles, errs, w.b.String())
				}
				continue
			}
			passed++
			touched(v.Schema, doc, func(typ, member string) {
				if why := o.problem(typ, member); why != "" {
					t.Errorf("roles %+v: %s in %s", roles, why, w.b.String())
				}
			})
		}
		if t.Failed() {
			t.Fatalf("seed %d", seed)
		}
	}
	if passed < sets*2 {
		t.Errorf("only %d documents passed: the property shows little", passed)
	}
}

// drawnView returns what roles see together, nil when a role is refused or nothing is left. A
// schema that does not load fails.
func drawnView(t *testing.T, schema *ast.Schema, roles []Role) *View {
	t.Helper()
	p, err := New(schema, roles)
	if err != nil {
		if strings.Contains(err.Error(), "does not load") {
			t.Fatal(err)
		}
		return nil
	}
	v, err := p.View(p.names())
	if err != nil && !errors.Is(err, ErrNothingLeft) {
		t.Fatal(err)
	}
	return v
}

// checkMembers fails for each member of a view that the roles do not allow.
func checkMembers(t *testing.T, o oracle, v *View) {
	t.Helper()
	for _, name := range sortedTypes(v.Schema) {
		def := v.Schema.Types[name]
		for _, f := range def.Fields {
			if why := o.problem(name, f.Name); why != "" {
				t.Errorf("roles %+v: %s", o.roles, why)
			}
		}
		for _, value := range def.EnumValues {
			if why := o.problem(name, value.Name); why != "" {
				t.Errorf("roles %+v: %s", o.roles, why)
			}
		}
	}
}

// checkHidden asks, by way of node, for each field and type that the roles lack, and for a name
// that nothing has: the words must be the same but for the name.
func checkHidden(t *testing.T, full *ast.Schema, v *View) {
	t.Helper()
	if !v.Has("Query.node") {
		return
	}
	for _, node := range full.GetPossibleTypes(full.Types["Node"]) {
		if !v.HasType(node.Name) {
			alike(t, v, "{node(id:1){... on %s{id}}}", node.Name)
			continue
		}
		for _, f := range node.Fields {
			if !v.Has(node.Name + "." + f.Name) {
				alike(t, v, "{node(id:1){... on "+node.Name+"{%s}}}", f.Name)
			}
		}
	}
}

func alike(t *testing.T, v *View, query, name string) {
	t.Helper()
	answer := func(name string) string {
		errs := v.Validate(parseQuery(t, fmt.Sprintf(query, name)))
		var b strings.Builder
		for _, err := range errs {
			fmt.Fprintln(&b, strings.ReplaceAll(err.Message, strconv.Quote(name), "NAME"), err.Rule, err.Locations)
		}
		return b.String()
	}
	hidden, missing := answer(name), answer(name[:len(name)-1]+"_")
	if hidden != missing || hidden == "" {
		t.Errorf("%v: %s\nhidden:  %smissing: %s", v.Roles, fmt.Sprintf(query, name), hidden, missing)
	}
}
