package policy

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync"
	"testing"

	"github.com/vektah/gqlparser/v2/ast"
)

// Sets of roles that differ only in what no schema shows share one; those that differ in a part of
// it share the rest.
func TestSetsOfRolesShareWhatTheySeeAlike(t *testing.T) {
	t.Parallel()
	p := testPolicy(t,
		Role{Name: "everyone", Allow: []string{"CATALOG", "PEOPLE"}},
		Role{Name: "sites", Sites: []string{"marketing"}}, Role{Name: "sizes", Limits: RoleLimits{First: 10}},
		Role{Name: "again", Allow: []string{"CATALOG"}},
		Role{Name: "quiet", NoIntrospection: true}, Role{Name: "denies", Deny: []string{"Workbook.tags"}},
	)
	view := func(roles ...string) *View {
		v, err := p.View(append(roles, "everyone"))
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	plain := view()
	for _, other := range []*View{view("sites"), view("sizes"), view("again"), view("sites", "sizes", "again")} {
		if other.Schema != plain.Schema || other == plain {
			t.Errorf("%v has a schema of its own", other.Roles)
		}
	}
	for _, other := range []*View{view("quiet"), view("denies")} {
		shared := 0
		for name, def := range other.Schema.Types {
			if def == plain.Schema.Types[name] {
				shared++
			}
		}
		if other.Schema == plain.Schema || shared < len(other.Schema.Types)-3 || shared == len(other.Schema.Types) {
			t.Errorf("%v shares %d of %d types", other.Roles, shared, len(other.Schema.Types))
		}
	}
	if quiet := view("quiet"); quiet.Schema.Query.Fields.ForName("__schema") != nil || plain.Schema.Query.Fields.ForName("__schema") == nil {
		t.Error("what hides introspection hides it from others, or from nobody")
	}
}

// What is shared is what each set of roles would have alone, and refers to nothing of another
// schema.
func TestSharedSchemasAreLikeThoseMadeAlone(t *testing.T) {
	t.Parallel()
	together := testPolicy(t, goldenRoles...)
	for set := 1; set < 1<<len(goldenRoles); set++ {
		var names []string
		for i, role := range goldenRoles {
			if set&(1<<i) != 0 {
				names = append(names, role.Name)
			}
		}
		got, err := together.View(names)
		if err != nil {
			t.Fatal(err)
		}
		if set%7 == 0 {
			alone, err := testPolicy(t, goldenRoles...).View(names)
			if err != nil || alone.SDL() != got.SDL() || len(alone.Schema.Types) != len(got.Schema.Types) {
				t.Errorf("%v: %v, or the schemas differ", names, err)
			}
		}
		if got.Schema.Query != got.Schema.Types[got.Schema.Query.Name] {
			t.Errorf("%v: Query is not the one of the schema", names)
		}
		for _, lists := range []map[string][]*ast.Definition{got.Schema.PossibleTypes, got.Schema.Implements} {
			for of, list := range lists {
				for _, def := range list {
					if def != nil && def != got.Schema.Types[def.Name] {
						t.Errorf("%v: %s of %s is of another schema", names, def.Name, of)
					}
				}
			}
		}
	}
}

// Beyond the first ones, who has a schema compiled pays for it; once it is there nobody does.
func TestCompilingSchemasIsPaidOnce(t *testing.T) {
	t.Parallel()
	roles := []Role{{Name: "everyone", Allow: []string{"CATALOG"}}}
	for i := range 8 {
		roles = append(roles, Role{Name: fmt.Sprint("r", i), Deny: []string{[]string{"Workbook.tags", "View.data", "User.email", "Workbook.sizeMB", "Content.owner", "Failure.reason", "View", "User"}[i]}})
	}
	roles[1].Allow = []string{"CONTENT", "PEOPLE", "OPERATIONS"}
	p := testPolicy(t, roles...)
	paid := 0
	var wg sync.WaitGroup
	for set := range 1 << 8 {
		names := []string{"everyone"}
		for i := range 8 {
			if set&(1<<i) != 0 {
				names = append(names, fmt.Sprint("r", i))
			}
		}
		if p.CompilePoints(names) > 0 {
			paid++
		}
		if _, err := p.View(names); err != nil {
			t.Fatal(err)
		}
		if p.CompilePoints(names) != 0 {
			t.Errorf("%v is paid again", names)
		}
		wg.Go(func() { _, _ = p.View(names) })
	}
	wg.Wait()
	if paid == 0 || p.CompilePoints(nil) != 0 {
		t.Errorf("%d sets were paid, with %d compiled", paid, p.compiles.Load())
	}
}

// Who waits for a schema leaves when the request ends; the schema is still compiled, once.
func TestWaitForASchemaFollowsTheContext(t *testing.T) {
	t.Parallel()
	p := testPolicy(t, Role{Name: "a", Allow: []string{"CATALOG"}}, Role{Name: "b", Deny: []string{"Workbook.tags"}})
	before := p.compiles.Load()
	for range cap(p.places) { // as many as may be compiled at once
		p.places <- struct{}{}
	}
	over, cancel := context.WithCancel(t.Context())
	var waiting sync.WaitGroup
	for range 3 {
		waiting.Go(func() {
			if v, err := p.ViewContext(over, []string{"a", "b"}); v != nil || !errors.Is(err, context.Canceled) {
				t.Errorf("%v, %v", v, err)
			}
		})
	}
	for begun := false; !begun; runtime.Gosched() {
		p.views.mu.Lock()
		begun = p.views.entries[viewKey([]string{"a", "b"})] != nil
		p.views.mu.Unlock()
	}
	cancel()
	waiting.Wait()
	if v, err := p.ViewContext(over, []string{"b", "c"}); v != nil || !errors.Is(err, context.Canceled) {
		t.Errorf("a request that is over: %v, %v", v, err)
	}
	if v, err := p.ViewContext(over, []string{"a"}); v == nil || err != nil {
		t.Errorf("a schema that is there: %v, %v", v, err)
	}
	if _, err := p.ViewContext(over, nil); !errors.Is(err, ErrNoRoles) {
		t.Errorf("no roles: %v", err)
	}
	for range cap(p.places) {
		<-p.places
	}
	v, err := p.ViewContext(t.Context(), []string{"b", "a"})
	if err != nil || v.Has("Workbook.tags") || p.compiles.Load() != before+1 {
		t.Errorf("%v, %d compiles", err, p.compiles.Load()-before)
	}
}
