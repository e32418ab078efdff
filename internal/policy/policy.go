// Package policy decides which part of the schema a caller sees, and which documents are too large
// to look at.
//
// A role opens areas and schema coordinates, and closes others. Several roles add up, and what one
// of them denies is denied. What is left is a schema of its own, a View: what a role may not ask
// does not exist there, for validation, for introspection, in messages and in the printed SDL
// alike, so that it looks as if it had never existed.
//
// The order in which a document is looked at: Limits.CheckSource before it is parsed,
// Limits.CheckDocument before anything else walks it, View.Validate, and View.Price before it runs.
package policy

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
)

// Areas that settings cannot name like the others.
const (
	areaAlways   = "ALWAYS"   // in the schema of every role
	areaDownload = "DOWNLOAD" // opened by its own name or by a field's, never by a wildcard
	areaEmbed    = "EMBED"    // as areaDownload; its fields return tokens
)

var (
	// ErrNoRoles says that a caller has no role, so that there is no schema to answer from.
	ErrNoRoles = errors.New("no role")
	// ErrNothingLeft says that the roles deny every field of Query.
	ErrNothingLeft = errors.New("the roles leave no field of Query")
)

// Role gives a part of the schema to some callers.
//
// Allow and Deny hold names of areas, or schema coordinates: `Type.field`, `Type.*` for all fields
// of a type, or `Type`. Deny also takes input fields, and values of enums that are only input. A
// field of an interface is for that field on every type that implements it.
type Role struct {
	Name  string
	When  When
	Allow []string
	Deny  []string
	// Sites, Limits, NoIntrospection, Documents and EmbedScopes: see View.
	Sites           []string
	Limits          RoleLimits
	NoIntrospection bool
	Documents       DocumentMode
	EmbedScopes     []string
}

// Policy knows the roles of one schema. It may be used by many goroutines at once.
type Policy struct {
	index *index
	roles []Role
	rules map[string]ruleset // by name of role
	views cache[*View]
	*compiler
}

// New compiles the roles against a schema, which is read and never changed. The error joins every
// problem there is, each a *Problem with the role, the entry and what to do.
func New(schema *ast.Schema, roles []Role) (*Policy, error) {
	if schema == nil || schema.Query == nil {
		return nil, errors.New("roles: the schema has no Query")
	}
	if len(roles) == 0 {
		return nil, errors.New("roles is empty, so every request would be refused: name at least one, " +
			"such as {name: everyone, allow: [CATALOG]}")
	}
	x := newIndex(schema)
	p := &Policy{index: x, compiler: newCompiler(x), views: cache[*View]{most: maxViews}, roles: cloneRoles(roles), rules: make(map[string]ruleset, len(roles))}
	var problems []error
	for i, role := range p.roles {
		problems = append(problems, p.add(i, role)...)
	}
	if err := errors.Join(problems...); err != nil {
		return nil, err
	}
	return p, nil
}

// add compiles one role and keeps it.
func (p *Policy) add(i int, role Role) []error {
	path := fmt.Sprintf("roles[%d]", i)
	problem := func(path string, err error) error { return &Problem{Path: path, Role: role.Name, Err: err} }
	r, problems := p.index.compile(path, role)
	_, twice := p.rules[role.Name]
	switch {
	case role.Name == "":
		return append(problems, problem(path+".name", errors.New("it has no name: give it one, viewer.roles shows it")))
	case twice:
		return append(problems, problem(path, errors.New("the name is there twice: rename one of them")))
	}
	p.rules[role.Name] = r // also when it has problems, so that a second one of the name is noticed
	if len(problems) > 0 {
		return problems
	}
	if _, err := p.View([]string{role.Name}); err != nil {
		return []error{problem(path, fmt.Errorf("what it denies leaves nothing to ask: deny less: %w", err))}
	}
	return nil
}

// View returns the schema that these roles see together, in any order. It is compiled once for each
// set of roles and then shared. The error is ErrNoRoles or ErrNothingLeft, or names a role that
// does not exist.
func (p *Policy) View(roles []string) (*View, error) {
	if len(roles) == 0 {
		return nil, ErrNoRoles
	}
	names := sorted(roles)
	for _, name := range names {
		if _, ok := p.rules[name]; !ok {
			return nil, fmt.Errorf("role %q does not exist: the roles are %s", name, strings.Join(p.names(), ", "))
		}
	}
	return p.views.get(viewKey(names), func() (*View, error) { return p.view(names) })
}

// ViewContext is View for a caller who waits no longer than the context lasts. A schema whose
// compilation has begun is still compiled.
func (p *Policy) ViewContext(ctx context.Context, roles []string) (*View, error) {
	if len(roles) == 0 || p.views.ready(viewKey(sorted(roles))) {
		return p.View(roles)
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	type result struct {
		view     *View
		err      error
		panicked any
	}
	done := make(chan result, 1)
	go func() {
		var r result
		defer func() {
			r.panicked = recover()
			done <- r
		}()
		r.view, r.err = p.View(roles)
	}()
	select {
	case r := <-done:
		if r.panicked != nil {
			panic(r.panicked)
		}
		return r.view, r.err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func sorted(roles []string) []string {
	names := slices.Clone(roles)
	slices.Sort(names)
	return slices.Compact(names)
}

func viewKey(names []string) string { return fmt.Sprintf("%q", names) }

// CompilePoints is what View costs for these roles beyond what it gives: nothing where it was there
// before.
func (p *Policy) CompilePoints(roles []string) int {
	if len(roles) == 0 || p.compiles.Load() < int64(len(p.roles)+freeCompiles) || p.views.ready(viewKey(sorted(roles))) {
		return 0
	}
	return compilePoints
}

// Widest returns a schema that has whatever any caller may see: all that the roles open together,
// without what is denied to everyone. No combination of roles sees more. It is for finding out what
// this server needs of Tableau, and answers nobody.
func (p *Policy) Widest() (*View, error) {
	all := newRuleset()
	for _, role := range p.roles {
		r := p.rules[role.Name]
		if role.When != (When{}) { // whom it denies something may be somebody else than whom another opens it for
			r.deniedAreas, r.deniedCoords = nil, nil
		}
		all.add(r)
	}
	c, err := p.compile(all, true)
	if err != nil {
		return nil, err
	}
	return &View{Schema: c.schema, compiled: c, Areas: all.openedAreas(), Roles: p.names()}, nil
}

// SDLFor returns the SDL as callers with this role alone see it.
func (p *Policy) SDLFor(role string) (string, error) {
	v, err := p.View([]string{role})
	if err != nil {
		return "", err
	}
	return v.SDL(), nil
}

// view makes the view of sorted names that exist.
func (p *Policy) view(names []string) (*View, error) {
	all := newRuleset()
	for _, name := range names {
		all.add(p.rules[name])
	}
	v := &View{Areas: all.openedAreas(), Roles: names, costs: p.index.costs}
	v.grant(p.named(names))
	c, err := p.compile(all, v.Introspection)
	if err != nil {
		return nil, err
	}
	v.Schema, v.compiled = c.schema, c
	return v, nil
}

// named returns the roles of these names.
func (p *Policy) named(names []string) []Role {
	return slices.DeleteFunc(slices.Clone(p.roles), func(r Role) bool { return !slices.Contains(names, r.Name) })
}

// names returns the names of all roles, sorted.
func (p *Policy) names() []string {
	names := make([]string, 0, len(p.roles))
	for _, role := range p.roles {
		names = append(names, role.Name)
	}
	slices.Sort(names)
	return names
}

// cloneRoles copies roles, so that later changes by the caller change nothing here.
func cloneRoles(roles []Role) []Role {
	out := slices.Clone(roles)
	for i := range out {
		out[i].Allow = slices.Clone(out[i].Allow)
		out[i].Deny = slices.Clone(out[i].Deny)
		out[i].Sites = slices.Clone(out[i].Sites)
		out[i].EmbedScopes = slices.Clone(out[i].EmbedScopes)
	}
	return out
}
