package resolvers_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/parser"

	"vitrine/internal/tableau"
	"vitrine/internal/tableausim"
	"vitrine/resolvers"
)

// restFields say where the REST API has what fields of a type say, by the paths of its lists.
var restFields = map[string]struct {
	lists  []string
	fields map[string]string // of GraphQL, to attributes; a dot goes down
}{
	"Workbook": {[]string{"workbooks"}, map[string]string{
		"name": "name", "contentUrl": "contentUrl", "description": "description", "createdAt": "createdAt", "updatedAt": "updatedAt",
		"showsTabs": "showTabs", "sizeMegabytes": "size", "areExtractsEncrypted": "encryptExtracts", "sheetCount": "sheetCount", "hasExtracts": "hasExtracts",
		"owner.luid": "owner.id", "project.luid": "project.id", "owner.name": "owner.name", "owner.fullName": "owner.fullName", "project.name": "project.name",
	}},
	"View": {[]string{"views"}, map[string]string{
		"name": "name", "contentUrl": "contentUrl", "urlName": "viewUrlName", "createdAt": "createdAt", "updatedAt": "updatedAt",
		"sheetTypeRaw": "sheetType", "owner.luid": "owner.id", "project.luid": "project.id", "workbook.luid": "workbook.id", "owner.name": "owner.name",
		"owner.fullName": "owner.fullName", "workbook.name": "workbook.name", "project.name": "project.name", "favoriteCount": "favoritesTotal",
	}},
	"DataSource": {[]string{"datasources"}, map[string]string{
		"name": "name", "contentUrl": "contentUrl", "description": "description", "type": "type", "createdAt": "createdAt", "updatedAt": "updatedAt",
		"isCertified": "isCertified", "certificationNote": "certificationNote", "hasExtracts": "hasExtracts", "sizeMegabytes": "size", "owner.luid": "owner.id",
		"project.luid": "project.id", "owner.name": "owner.name", "project.name": "project.name", "isPublished": "isPublished", "hasAlert": "hasAlert",
	}},
	"Project": {[]string{"projects"}, map[string]string{
		"name": "name", "description": "description", "createdAt": "createdAt", "updatedAt": "updatedAt", "parent.luid": "parentProjectId", "owner.luid": "owner.id",
	}},
	"Flow": {[]string{"flows"}, map[string]string{
		"name": "name", "description": "description", "fileTypeRaw": "fileType", "createdAt": "createdAt", "updatedAt": "updatedAt",
		"project.luid": "project.id", "owner.luid": "owner.id", "project.name": "project.name",
	}},
	"User": {[]string{"users"}, map[string]string{
		"name": "name", "fullName": "fullName", "email": "email", "siteRoleRaw": "siteRole", "lastLoginAt": "lastLogin", "domain": "domain.name",
	}},
	"Group":    {[]string{"groups"}, map[string]string{"name": "name", "domain": "domain.name"}},
	"GroupSet": {[]string{"groupsets"}, map[string]string{"name": "name"}},
	"CustomView": {[]string{"customviews"}, map[string]string{
		"name": "name", "isShared": "shared", "createdAt": "createdAt", "updatedAt": "updatedAt", "view.luid": "view.id", "workbook.luid": "workbook.id",
		"owner.luid": "owner.id", "owner.name": "owner.name",
	}},
	"Database":              {[]string{"databases"}, map[string]string{"name": "name", "connectionType": "connectionType", "isCertified": "isCertified"}},
	"Table":                 {[]string{"tables"}, map[string]string{"name": "name", "isCertified": "isCertified"}},
	"VirtualConnectionInfo": {[]string{"virtualconnections"}, map[string]string{"name": "name", "isCertified": "isCertified", "createdAt": "createdAt", "updatedAt": "updatedAt"}},
	"Job":                   {[]string{"jobs"}, map[string]string{"createdAt": "createdAt", "startedAt": "startedAt", "completedAt": "endedAt", "priority": "priority", "title": "title", "subtitle": "subtitle"}},
	"ContentSubscription":   {[]string{"subscriptions"}, map[string]string{"subject": "subject", "isSuspended": "suspended", "target.luid": "content.id", "subscriber.luid": "user.id"}},
	"DataAlert":             {[]string{"dataAlerts"}, map[string]string{"subject": "subject", "createdAt": "createdAt", "updatedAt": "updatedAt", "view.luid": "view.id", "owner.luid": "owner.id", "isSuspended": "suspended"}},
	"FlowRun":               {[]string{"flows/runs"}, map[string]string{"progress": "progress", "startedAt": "startedAt", "completedAt": "completedAt", "statusRaw": "status", "flow.luid": "flowId"}},
}

// asked are what the lists tell of each thing of all sites, by type and LUID, to who administers
// the server.
func askedOf(t *testing.T, w *world) map[string]map[string]map[string]any {
	t.Helper()
	all := map[string]map[string]map[string]any{}
	for _, site := range []string{"", "marketing", "finance"} {
		w.site = site
		admin := w.signIn(t, "admin", "3.29")
		for typ, of := range restFields {
			if all[typ] == nil {
				all[typ] = map[string]map[string]any{}
			}
			for _, path := range of.lists {
				for _, fields := range []string{"", "_all_"} {
					for _, x := range admin.listWith(t, path, fields) {
						id := asText(x["id"])
						if all[typ][id] == nil {
							all[typ][id] = map[string]any{}
						}
						merge(all[typ][id], x)
					}
				}
			}
		}
	}
	w.site = ""
	return all
}

func merge(into, from map[string]any) {
	for name, value := range from {
		inner, isObject := value.(map[string]any)
		had, there := into[name].(map[string]any)
		if isObject && there {
			merge(had, inner)
			continue
		}
		into[name] = value
	}
}

// goldenCheck compares what the objects of an answer say with what the stand-in's REST API says of
// them.
type goldenCheck struct {
	t        *testing.T
	name     string
	schema   *ast.Schema
	doc      *ast.QueryDocument
	asked    map[string]map[string]map[string]any
	compared map[string]int // by coordinate
}

// object looks at one object of an answer, and at what is in it.
func (g *goldenCheck) object(typ string, set ast.SelectionSet, data map[string]any) {
	if name, ok := data["__typename"].(string); ok {
		typ = name
	}
	id, _ := data["luid"].(string)
	if global, ok := data["id"].(string); ok {
		if kind, _, key, err := tableau.ParseGlobalID(global); err == nil {
			typ, id = kind, key
		}
	}
	var known map[string]any
	if g.schema.Types[typ] != nil && !g.schema.Types[typ].IsAbstractType() {
		known = g.asked[typ][id]
	}
	g.within(typ, set, func(f *ast.Field, def *ast.FieldDefinition) {
		value, answered := data[f.Alias]
		if !answered {
			return
		}
		if known != nil && len(f.Arguments) == 0 {
			g.compare(typ, f.Name, id, known, value)
		}
		g.below(def.Type.Name(), f.SelectionSet, value)
		if inner, ok := value.(map[string]any); ok && known != nil {
			g.within(def.Type.Name(), f.SelectionSet, func(sub *ast.Field, _ *ast.FieldDefinition) {
				if v, there := inner[sub.Alias]; there && v != nil {
					g.compare(typ, f.Name+"."+sub.Name, id, known, v)
				}
			})
		}
	})
}

func (g *goldenCheck) below(typ string, set ast.SelectionSet, value any) {
	switch value := value.(type) {
	case []any:
		for _, item := range value {
			g.below(typ, set, item)
		}
	case map[string]any:
		g.object(typ, set, value)
	}
}

// within goes through the fields that are selected of a type, those in fragments too.
func (g *goldenCheck) within(typ string, set ast.SelectionSet, visit func(*ast.Field, *ast.FieldDefinition)) {
	for _, s := range set {
		switch s := s.(type) {
		case *ast.Field:
			if def := g.schema.Types[typ].Fields.ForName(s.Name); def != nil {
				visit(s, def)
			}
		case *ast.InlineFragment:
			g.fragment(typ, s.TypeCondition, s.SelectionSet, visit)
		case *ast.FragmentSpread:
			f := g.doc.Fragments.ForName(s.Name)
			g.fragment(typ, f.TypeCondition, f.SelectionSet, visit)
		}
	}
}

// fragment goes on where the condition is that of the type, or an interface of it; of an unknown
// member nothing is compared.
func (g *goldenCheck) fragment(typ, condition string, set ast.SelectionSet, visit func(*ast.Field, *ast.FieldDefinition)) {
	if condition == "" || condition == typ || g.schema.Types[condition].IsAbstractType() {
		g.within(typ, set, visit)
	}
}

func (g *goldenCheck) compare(typ, field, id string, known map[string]any, got any) {
	attribute, mapped := restFields[typ].fields[field]
	if !mapped {
		return
	}
	var want any = known
	for name := range strings.SplitSeq(attribute, ".") {
		object, _ := want.(map[string]any)
		want = object[name]
	}
	if want == nil && got != nil && strings.Contains(attribute, ".") {
		return // lists do not tell it of what the item leads to
	}
	g.compared[typ+"."+field]++
	if got == nil && slices.Contains(unsaid[g.name], typ+"."+field) {
		return
	}
	if plainly(want) != plainly(got) {
		g.t.Errorf("%s: %s.%s of %s is %v, and Tableau's %s %v", g.name, typ, field, id, got, attribute, want)
	}
}

// unsaid are fields that are null in a case although Tableau's lists tell them, for a reason.
var unsaid = map[string][]string{
	"jobs.graphql":             {"Job.priority"},                                           // looked up by LUID, which does not tell it
	"permissions_bare.graphql": {"User.name", "User.fullName", "User.email", "Group.name"}, // who asks may not list people
}

// plainly writes texts, numbers and flags the same way, however JSON has them.
func plainly(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	default:
		return asText(v)
	}
}

// What the goldens say of things is what the stand-in's REST API says of them. Goldens are written
// by the program that they check: this is the other look at them.
func TestGoldensSayWhatTableauSays(t *testing.T) {
	t.Parallel()
	asked := askedOf(t, newWorld(t, tableausim.Config{APIVersion: "3.29"}, nil))
	files, err := filepath.Glob("testdata/*.graphql")
	if err != nil || len(files) == 0 {
		t.Fatalf("no cases: %v", err)
	}
	compared := map[string]int{}
	for _, file := range files {
		query, err1 := os.ReadFile(file)
		golden, err2 := os.ReadFile(strings.TrimSuffix(file, ".graphql") + ".golden.json")
		if err1 != nil || err2 != nil {
			t.Fatal(err1, err2)
		}
		if header(string(query), "cloud") != "" {
			continue // another world
		}
		doc, err := parser.ParseQuery(&ast.Source{Input: string(query)})
		if err != nil {
			continue // a case of what is refused
		}
		var answer struct{ Data map[string]any }
		if err := json.Unmarshal(golden, &answer); err != nil {
			t.Fatal(err)
		}
		g := &goldenCheck{t, filepath.Base(file), resolvers.Schema(), doc, asked, compared}
		for _, operation := range doc.Operations {
			if len(doc.Operations) == 1 && answer.Data != nil {
				g.object("Query", operation.SelectionSet, answer.Data)
			}
		}
	}
	total := 0
	for typ, of := range restFields {
		n := 0
		for field := range of.fields {
			n += compared[typ+"."+field]
		}
		if total += n; n == 0 {
			t.Errorf("no golden has a %s with its LUID", typ)
		}
	}
	t.Logf("%d values compared", total)
	if total < 1000 {
		t.Errorf("only %d values were compared", total)
	}
}
