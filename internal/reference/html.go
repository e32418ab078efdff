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
