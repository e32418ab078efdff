package policy

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"

	"vitrine/internal/suggest"
)

// ruleset is what one role, or several together, opens and denies. Coordinates are `Type` or
// `Type.member`.
type ruleset struct {
	areas        map[string]bool // areas opened by name
	fields       map[string]bool // fields opened by name
	types        map[string]bool // types whose fields are opened by a wildcard
	deniedAreas  map[string]bool
	deniedCoords map[string]bool // types and members
}

func newRuleset() ruleset {
	return ruleset{
		areas: map[string]bool{}, fields: map[string]bool{}, types: map[string]bool{},
		deniedAreas: map[string]bool{}, deniedCoords: map[string]bool{},
	}
}

// add takes another role's rules in: openings add up, denials too.
func (r ruleset) add(other ruleset) {
	maps.Copy(r.areas, other.areas)
	maps.Copy(r.fields, other.fields)
	maps.Copy(r.types, other.types)
	maps.Copy(r.deniedAreas, other.deniedAreas)
	maps.Copy(r.deniedCoords, other.deniedCoords)
}

// sees reports whether a field of an object or interface is left; area is empty for one that comes
// with its type.
func (r ruleset) sees(typ, field, area string) bool {
	coord := typ + "." + field
	if r.deniedAreas[area] || r.deniedCoords[typ] || r.deniedCoords[coord] {
		return false
	}
	return area == "" || area == areaAlways || r.opens(typ, field, area)
}

// onlyByName reports whether fields of an area are opened by its name or theirs, and never by a
// wildcard: whole files, and tokens.
func onlyByName(area string) bool { return area == areaDownload || area == areaEmbed }

// opens reports whether an entry of allow names the field: itself, by its area, or by a wildcard,
// which never reaches downloads and tokens.
func (r ruleset) opens(typ, field, area string) bool {
	return r.areas[area] || r.fields[typ+"."+field] || (r.types[typ] && !onlyByName(area))
}

// openedAreas returns the areas opened by name and denied by nobody, sorted.
func (r ruleset) openedAreas() []string {
	areas := make([]string, 0, len(r.areas))
	for area := range r.areas {
		if !r.deniedAreas[area] {
			areas = append(areas, area)
		}
	}
	slices.Sort(areas)
	return areas
}

// compile turns a role's entries into a ruleset. The problems are all of the role; path is its
// setting.
func (x *index) compile(path string, role Role) (ruleset, []error) {
	r := newRuleset()
	var problems []error
	problem := func(list string, n int, entry string, err error) {
		at := path
		if list != "" {
			at = fmt.Sprintf("%s.%s[%d]", path, list, n)
		}
		problems = append(problems, &Problem{Path: at, Role: role.Name, List: list, Entry: entry, Err: err})
	}
	for n, entry := range role.Deny {
		if err := x.deny(r, entry); err != nil {
			problem("deny", n, entry, err)
		}
	}
	for n, entry := range role.Allow {
		if err := x.allowed(r, role, entry); err != nil {
			problem("allow", n, entry, err)
		}
	}
	if len(problems) == 0 && x.opensNothing(role, r) {
		problem("", 0, "", errOpensNothing)
	}
	return r, problems
}

var errOpensNothing = errors.New("it opens nothing: it has no entry, or each of its areas is empty or denied by the role itself; " +
	"allow or deny something, or leave the role out")

// allowed adds one entry of allow, after those of deny, and refuses one of which they leave
// nothing.
func (x *index) allowed(r ruleset, role Role, entry string) error {
	if slices.Contains(role.Deny, entry) {
		return errors.New("it is allowed and denied: what is denied is denied, so leave it out of one of the two")
	}
	alone := newRuleset()
	if err := x.allow(alone, entry); err != nil {
		return err
	}
	r.add(alone)
	opened, left := false, false
	for coord, area := range x.areas {
		typ, field, _ := strings.Cut(coord, ".")
		if area == areaAlways || !alone.opens(typ, field, area) {
			continue
		}
		opened = true
		left = left || r.sees(typ, field, area)
	}
	if opened && !left {
		return errors.New("it opens nothing: the role denies all of it, so leave it out of one of the two")
	}
	return nil
}

// opensNothing reports whether the role makes no difference: it says nothing at all, or allows only
// areas in which nothing is.
func (x *index) opensNothing(role Role, r ruleset) bool {
	if len(role.Allow) == 0 {
		return len(role.Deny) == 0 && len(role.Sites) == 0 && role.Limits == (RoleLimits{}) && !role.NoIntrospection &&
			role.Documents == DocumentsDefault && len(role.EmbedScopes) == 0
	}
	for coord, area := range x.areas {
		typ, field, _ := strings.Cut(coord, ".")
		if area != areaAlways && r.opens(typ, field, area) && r.sees(typ, field, area) {
			return false
		}
	}
	return true
}

// allow adds one entry that opens.
func (x *index) allow(r ruleset, entry string) error {
	if x.isArea(entry) {
		if entry == areaAlways {
			return errAlways
		}
		r.areas[entry] = true
		return nil
	}
	typ, member, err := x.coordinate(entry)
	if err != nil {
		return err
	}
	if member != "" && member != "*" {
		coord := typ.Name + "." + member
		if area := x.areas[coord]; area == "" || area == areaAlways {
			return errors.New("it comes with its type for every role that reaches it, so there is nothing to open: leave it out")
		}
		r.fields[coord] = true
		return nil
	}
	if !x.wildcardOpens(typ) {
		return errors.New("no field of it has an area that a wildcard opens, so there is nothing to open: " +
			"leave it out, or name a download or token by its field")
	}
	r.types[typ.Name] = true
	return nil
}

// wildcardOpens reports whether `Type.*` opens any field.
func (x *index) wildcardOpens(typ *ast.Definition) bool {
	return slices.ContainsFunc(typ.Fields, func(f *ast.FieldDefinition) bool {
		area := x.areas[typ.Name+"."+f.Name]
		return area != "" && area != areaAlways && !onlyByName(area)
	})
}

// deny adds one entry that closes.
func (x *index) deny(r ruleset, entry string) error {
	if x.isArea(entry) {
		if entry == areaAlways {
			return errAlways
		}
		r.deniedAreas[entry] = true
		return nil
	}
	typ, member, err := x.coordinate(entry)
	if err != nil {
		return err
	}
	if typ.Kind == ast.Enum && member != "" && x.answered[typ.Name] {
		return fmt.Errorf("answers hold values of %s, so none of them can be denied: deny the fields of that type", typ.Name)
	}
	switch {
	case member == "" || (member == "*" && typ.Kind != ast.Interface):
		r.deniedCoords[typ.Name] = true
	case member == "*":
		for _, f := range typ.Fields {
			x.denyMember(r, typ, f.Name)
		}
	default:
		x.denyMember(r, typ, member)
	}
	return nil
}

// denyMember denies a member, and with a field of an interface that field of all that implement it:
// who denies Content.owner does not want it to be read as Workbook.owner.
func (x *index) denyMember(r ruleset, typ *ast.Definition, member string) {
	r.deniedCoords[typ.Name+"."+member] = true
	if typ.Kind != ast.Interface {
		return
	}
	for _, def := range x.schema.Types {
		if slices.Contains(def.Interfaces, typ.Name) {
			r.deniedCoords[def.Name+"."+member] = true
		}
	}
}

var errAlways = errors.New("ALWAYS is in the schema of every role and is never named in settings: leave it out")

// coordinate resolves `Type`, `Type.*` (member is "*") or `Type.member`.
func (x *index) coordinate(entry string) (typ *ast.Definition, member string, err error) {
	if strings.ContainsAny(entry, "(@") {
		return nil, "", errors.New("arguments and directives cannot be named: name the field or the input field")
	}
	name, member, dotted := strings.Cut(entry, ".")
	typ = x.schema.Types[name]
	if typ == nil || typ.BuiltIn {
		return nil, "", fmt.Errorf("the schema has no such area or type; %sareas are %s, anything else is Type, Type.* or Type.field",
			x.meant(name, member), strings.Join(x.areaNames(), ", "))
	}
	if !dotted {
		return typ, "", nil
	}
	if member == "*" {
		if len(typ.Fields) == 0 {
			return nil, "", fmt.Errorf("%s has no fields: name the type itself", name)
		}
		return typ, member, nil
	}
	// The two fields of introspection that the loader puts into Query are nobody's to name.
	known := typ.Fields.ForName(member) != nil || typ.EnumValues.ForName(member) != nil
	if !known || strings.HasPrefix(member, "__") {
		return nil, "", fmt.Errorf("%s has no %q; %sits members are in the schema, which `vitrine schema` prints", name, member,
			suggestion(name+".", suggest.Nearest(member, memberNames(typ))))
	}
	return typ, member, nil
}

// meant is the area or type that was probably meant, as the beginning of a remedy. Operators read
// it, never clients.
func (x *index) meant(name, member string) string {
	if member == "" {
		if area := suggest.Nearest(name, x.areaNames()); area != "" {
			return suggestion("", area)
		}
	}
	var types []string
	for _, def := range x.schema.Types {
		if !def.BuiltIn {
			types = append(types, def.Name)
		}
	}
	slices.Sort(types)
	near := suggest.Nearest(name, types)
	if near != "" && member != "" {
		near += "." + member
	}
	return suggestion("", near)
}

func suggestion(before, name string) string {
	if name == "" {
		return ""
	}
	return fmt.Sprintf("did you mean %q? ", before+name)
}

func memberNames(typ *ast.Definition) []string {
	var names []string
	for _, f := range typ.Fields {
		if !strings.HasPrefix(f.Name, "__") {
			names = append(names, f.Name)
		}
	}
	for _, v := range typ.EnumValues {
		names = append(names, v.Name)
	}
	return names
}
