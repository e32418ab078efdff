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

// HTML writes the reference as one self-contained page with a search box.
func (r *Reference) HTML(w io.Writer) error {
	return page.Execute(w, struct {
		*Reference
		LeftOut map[string]string
	}{r, LeftOut})
}
