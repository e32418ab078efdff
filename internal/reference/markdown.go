package reference

import (
	"fmt"
	"slices"
	"strings"
)

// Markdown returns the pages by file name: one per section, README.md with the index, and
// rest-methods.md.
func (r *Reference) Markdown() map[string]string {
	pages := map[string]string{"README.md": r.index(), "rest-methods.md": r.methodsPage()}
	for _, s := range r.Sections {
		pages[s.Slug()+".md"] = r.section(s)
	}
	return pages
}

const made = "<!-- Generated from schema.graphqls by make reference. Do not edit. -->\n\n"

func (r *Reference) index() string {
	var b strings.Builder
	b.WriteString(made + "# Schema reference\n\n" +
		"Each page documents a part of `schema.graphqls`. For each member it gives the area, the REST method behind it, the first\n" +
		"REST API version, and who may call it. For each type it shows a query with its response.\n" +
		"[REST methods](rest-methods.md) lists Tableau's methods with their fields. `make reference` also writes a single page with\n" +
		"a search box, `build/reference.html`. The documentation in the playground shows the part that your roles open:\n" +
		"`/playground#type=Workbook.views` opens it at a field.\n\n")
	for _, s := range r.Sections {
		names := make([]string, len(s.Types))
		for i, t := range s.Types {
			names[i] = "`" + t.Name + "`"
		}
		fmt.Fprintf(&b, "- [%s](%s.md): %s\n", title(s.Title), s.Slug(), shortened(names, 12))
	}
	b.WriteString("\n## All types\n\n")
	pages := r.pages()
	for _, name := range sortedKeys(pages) {
		fmt.Fprintf(&b, "- %s\n", link(name, name, pages))
	}
	return b.String()
}

func shortened(names []string, most int) string {
	if len(names) > most {
		return strings.Join(names[:most], ", ") + fmt.Sprintf(" and %d more", len(names)-most)
	}
	return strings.Join(names, ", ")
}

// pages returns the page of each type.
func (r *Reference) pages() map[string]string {
	pages := map[string]string{}
	for _, s := range r.Sections {
		for _, t := range s.Types {
			pages[t.Name] = s.Slug() + ".md"
		}
	}
	return pages
}

// link returns a link to the type of a text such as [Workbook!]!, or plain code if the schema does
// not have the type.
func link(text, name string, pages map[string]string) string {
	page, ok := pages[name]
	if !ok {
		return "`" + text + "`"
	}
	return fmt.Sprintf("[`%s`](%s#%s)", text, page, strings.ToLower(name))
}

func named(of string) string { return strings.Trim(of, "[]!") }

func (r *Reference) section(s Section) string {
	var b strings.Builder
	pages := r.pages()
	fmt.Fprintf(&b, "%s# %s\n\n[All of the schema](README.md)\n", made, title(s.Title))
	for _, t := range s.Types {
		fmt.Fprintf(&b, "\n## %s\n\n*%s*%s. %s\n", t.Name, t.Kind, implements(t, pages), t.Description)
		if len(t.Members) > 0 {
			fmt.Fprintf(&b, "\nOne of %s.\n", links(t.Members, pages))
		}
		if len(t.Fields) > 0 {
			b.WriteString("\n" + heads[t.Kind])
			for _, f := range t.Fields {
				b.WriteString(row(t, f, pages))
			}
		}
		if t.Example != nil {
			fmt.Fprintf(&b, "\n%s\n\n```graphql\n%s```\n\n```json\n%s\n```\n", strings.TrimSpace("For example"+note(t.Example)), t.Example.Query, t.Example.Answer)
		}
	}
	return b.String()
}

func note(e *Example) string {
	if e.Note == "" {
		return ":"
	}
	return ", " + e.Note + ":"
}

func implements(t Type, pages map[string]string) string {
	if len(t.Implements) == 0 {
		return ""
	}
	return ", implements " + links(t.Implements, pages)
}

func links(names []string, pages map[string]string) string {
	out := make([]string, len(names))
	for i, n := range names {
		out[i] = link(n, n, pages)
	}
	return strings.Join(out, ", ")
}

var heads = map[string]string{
	"type": "| field | type | description |\n|---|---|---|\n", "interface": "| field | type | description |\n|---|---|---|\n",
	"input": "| input field | type | description |\n|---|---|---|\n", "enum": "| value | description |\n|---|---|\n",
}

func row(t Type, f Field, pages map[string]string) string {
	text := cell(strings.TrimSpace(f.Description + " " + facts(f)))
	for _, a := range f.Arguments {
		text += fmt.Sprintf("<br>`%s`: %s. %s", a.Name, typeAndDefault(a, pages), cell(strings.TrimSpace(a.Description+" "+facts(a))))
	}
	if t.Kind == "enum" {
		return fmt.Sprintf("| `%s` | %s |\n", f.Name, text)
	}
	return fmt.Sprintf("| `%s` | %s | %s |\n", f.Name, typeAndDefault(f, pages), text)
}

func typeAndDefault(f Field, pages map[string]string) string {
	text := link(f.Type, named(f.Type), pages)
	if f.Default != "" {
		text += " = `" + f.Default + "`"
	}
	return text
}

// cell escapes a text for a table cell.
func cell(s string) string { return strings.NewReplacer("|", `\|`, "<", "&lt;").Replace(s) }

var whoTexts = map[string]string{
	"ANYONE": "anyone", "USER": "any user", "OWNER": "users for their own, administrators for all", "ADMIN": "administrators",
	"SERVER_ADMIN": "server administrators",
}

// facts returns the directives of a member as one line.
func facts(f Field) string {
	var parts []string
	if f.Area != "" {
		parts = append(parts, "area "+f.Area)
	}
	for _, c := range f.Rest {
		text := c.Method + " " + c.Path
		if c.Later {
			text += " when the link is fetched"
		}
		text += ", for " + whoTexts[c.Who]
		if c.Scope != "" {
			text += ", scope " + c.Scope
		}
		parts = append(parts, text)
	}
	if len(f.Since) > 0 {
		parts = append(parts, "from REST API "+strings.Join(f.Since, " or "))
	}
	if f.Deprecated != "" {
		parts = append(parts, "deprecated: "+f.Deprecated)
	}
	if len(parts) == 0 {
		return ""
	}
	return "(" + strings.Join(parts, "; ") + ")"
}

func (r *Reference) methodsPage() string {
	var b strings.Builder
	pages := r.pages()
	b.WriteString(made + "# REST methods and their fields\n\n" +
		"Every method of Tableau's REST API that Vitrine calls, and the fields that read it. Paths without a leading slash are\n" +
		"relative to `/api/{version}/sites/{site}/`, paths with one to `/api/{version}/`, and paths with `-/`, `exp/`, `metadata/` or `v1/` to `/api/`.\n" +
		"A case is a file in `resolvers/testdata`: a query with its response and the REST calls. A case that ends in `.fetched`\n" +
		"contains the responses of the content links. The last table lists methods that Vitrine does not call, with the reason.\n\n" +
		"| method | case | fields | area | who | JWT scope | from API |\n|---|---|---|---|---|---|---|\n")
	for _, m := range r.Methods {
		for i, f := range m.Fields {
			name, golden := "", ""
			if i == 0 {
				name, golden = code(m.Name), code(m.Golden)
			}
			typ, _, _ := strings.Cut(f.Coordinate, ".")
			fmt.Fprintf(&b, "| %s | %s | %s | %s | %s | %s | %s |\n", name, golden, link(f.Coordinate, typ, pages), f.Area, whoTexts[f.Who],
				code(f.Scope), strings.Join(f.Since, " or "))
		}
	}
	b.WriteString("\n## Methods without a field\n\n| method | reason |\n|---|---|\n")
	for _, name := range sortedKeys(LeftOut) {
		fmt.Fprintf(&b, "| `%s` | %s |\n", name, LeftOut[name])
	}
	return b.String()
}

func code(s string) string {
	if s == "" {
		return ""
	}
	return "`" + s + "`"
}

func title(s string) string { return strings.ToUpper(s[:1]) + s[1:] }

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
