package config

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"

	"vitrine/internal/suggest"
)

// Documents are GraphQL documents that clients name by an id.
type Documents struct {
	// Manifests are files with trusted documents, as the program finds them.
	// Key: manifests.
	Manifests []string
	// Mode is what happens to documents that are not trusted: off, log or
	// enforce. Key: mode. Default: off.
	Mode string
	// Automatic lets callers register documents: automatic persisted queries.
	// Key: automatic. Default: false.
	Automatic bool
}

// The modes of documents, the least strict first.
const (
	DocumentsOff     = "off"
	DocumentsLog     = "log"
	DocumentsEnforce = "enforce"
)

var documentModes = []string{DocumentsOff, DocumentsLog, DocumentsEnforce}

// ChecksDocuments reports whether the documents of some callers are compared with the trusted ones.
func (c *Config) ChecksDocuments() bool {
	checks := func(mode string) bool { return mode == DocumentsLog || mode == DocumentsEnforce }
	return checks(c.Documents.Mode) || slices.ContainsFunc(c.Roles, func(r Role) bool { return checks(r.Documents) })
}

func (r *reader) documents(o *object, d *Documents) {
	items, _ := o.list("manifests")
	for i, n := range items {
		path := o.item("manifests", i)
		var name string
		before := len(r.problems)
		if r.text(path, n, &name); len(r.problems) > before {
			continue
		}
		_, err := r.source.readFile(r.source.resolve(name)) // what it holds is checked where it is used
		switch {
		case name == "":
			r.problem(path, "", "names no file", "name one")
		case errors.Is(err, fs.ErrNotExist):
			r.problem(path, shownName(name), "does not exist", "names are relative to the directory of the settings file")
		case err != nil:
			r.problem(path, shownName(name), "cannot be read: "+reason(err).Error(), "let the user that runs vitrine read it")
		}
		d.Manifests = append(d.Manifests, r.source.resolve(name))
	}
	o.text("mode", &d.Mode)
	o.flag("automatic", &d.Automatic)
	o.done()
}

func (v *checker) documents(c *Config) {
	v.unique("documents.manifests", c.Documents.Manifests)
	v.documentMode("documents.mode", c.Documents.Mode, c)
	for i, role := range c.Roles {
		if role.Documents != "" {
			v.documentMode(fmt.Sprintf("roles[%d].documents", i), role.Documents, c)
		}
	}
}

func (v *checker) documentMode(path, mode string, c *Config) {
	switch {
	case !slices.Contains(documentModes, mode):
		v.problem(path, mode, "is not a mode", suggest.Or(mode, documentModes, "use off, log or enforce"))
	case mode != DocumentsOff && len(c.Documents.Manifests) == 0 && !c.Gallery.Enabled:
		v.problem(path, mode, "needs trusted documents, and there are none", "name a manifest in documents.manifests, enable the gallery, or use off")
	}
}
