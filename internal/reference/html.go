package reference

import (
	_ "embed"
	"html/template"
	"io"
	"strings"
)

//go:embed page.html
var pageText string

var page = template.Must(template.New("page").Funcs(template.FuncMap{
	"facts": facts, "title": title, "named": named,
	"lower": strings.ToLower,
}).Parse(pageText))

// HTML writes all of it as one page, which needs nothing else: its search box shows the types and fields that have what is typed.
func (r *Reference) HTML(w io.Writer) error {
	return page.Execute(w, struct {
		*Reference
		LeftOut map[string]string
	}{r, LeftOut})
}

// Search is what the search box looks for in a type: its name, its members, and what is said of them.
func (t Type) Search() string {
	words := []string{t.Name, t.Description}
	for _, f := range t.Fields {
		words = append(words, t.Name+"."+f.Name, f.Description)
	}
	return strings.ToLower(strings.Join(words, " "))
}
