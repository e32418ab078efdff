package config

import (
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"slices"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
)

// maxFile bounds the settings file, in bytes. Real ones have a few thousand; the
// library's time grows with the square of some inputs.
const maxFile = 64 << 10

// source is where settings come from besides the file itself.
type source struct {
	dir      string // of the settings file: relative names start here
	getenv   func(string) string
	readFile func(string) ([]byte, error)
}

// Load reads the settings file at path and all that it points to. File names in
// it are relative to its own directory. Notes are what an operator should look
// at though it stops nothing, such as a secret that others may read. The error
// is [Problems] unless the file itself could not be read. What checks find is
// reported beside the rest.
func Load(path string, getenv func(string) string, readFile func(string) ([]byte, error), checks ...Check) (*Config, []string, error) {
	if path == "" {
		return nil, nil, errors.New("no settings file is named: use --config FILE or VITRINE_CONFIG")
	}
	data, err := readFile(path)
	if err != nil {
		return nil, nil, fmt.Errorf("cannot read the settings file %q: %w", path, reason(err))
	}
	return Parse(path, data, getenv, readFile, checks...)
}

// Check finds what is wrong with settings that only others can judge, such as
// roles, which depend on the schema. It gets them also when they have problems
// already; of the settings that have, its own are dropped.
type Check func(*Config) Problems

// Parse is [Load] for a file that was read already; name is what problems call
// it and where relative file names start.
func Parse(name string, data []byte, getenv func(string) string, readFile func(string) ([]byte, error), checks ...Check) (*Config, []string, error) {
	r := &reader{
		file:   name,
		source: source{dir: filepath.Dir(name), getenv: getenv, readFile: readFile},
		places: map[string]position{},
		bad:    map[string]bool{},
	}
	c := Default()
	if root := r.root(data); root != nil {
		r.config(root, c)
		found := validate(c)
		r.merge(found)
		for _, check := range checks {
			r.merge(slices.DeleteFunc(check(c), func(p Problem) bool {
				return slices.ContainsFunc(found, func(known Problem) bool { return known.Path == p.Path })
			}))
		}
	}
	r.notes = append(r.notes, withoutTLS(c)...)
	r.problems.sort()
	if err := r.problems.err(); err != nil {
		return nil, r.notes, err
	}
	return c, r.notes, nil
}

// withoutTLS notes each way that the settings open to plain text.
func withoutTLS(c *Config) (notes []string) {
	note := func(path, address, scheme string, accepted bool) {
		if u, err := url.Parse(address); err == nil && accepted && u.Scheme == scheme && !isLoopback(u.Hostname()) {
			notes = append(notes, fmt.Sprintf("%s: %s is not encrypted by vitrine, because dangerouslyWithoutTLS accepts it: something else has to do it", path, presentable(address)))
		}
	}
	note("tableau.url", c.Tableau.URL, "http", c.Tableau.DangerouslyWithoutTLS)
	for i, issuer := range c.OIDC {
		note(fmt.Sprintf("oidc[%d].issuer", i), issuer.URL, "http", issuer.DangerouslyWithoutTLS)
	}
	note("sharedStore.redis", c.SharedStore.Redis, "redis", c.SharedStore.DangerouslyWithoutTLS)
	return notes
}

// root parses the file into its one object; nil, with a problem noted, if it is
// anything else.
func (r *reader) root(data []byte) *object {
	if len(data) > maxFile {
		r.problem("", "", fmt.Sprintf("the file has %d bytes, more than %d", len(data), maxFile), "is this the settings file?")
		return nil
	}
	data, err := plainText(data)
	if err != nil {
		reason, fix := reasonAndFix(err)
		r.problem("", "", "the file "+reason, fix)
		return nil
	}
	// Keys that occur twice are noted by object, with their path.
	file, err := parser.ParseBytes(data, 0, parser.AllowDuplicateMapKey())
	if err != nil {
		r.syntax(err, data)
		return nil
	}
	var bodies []ast.Node
	for _, doc := range file.Docs {
		if doc != nil && doc.Body != nil {
			bodies = append(bodies, doc.Body)
		}
	}
	switch len(bodies) {
	case 0:
		r.problem("", "", "the file holds no settings", "begin with the example in the operators' guide")
		return nil
	case 1:
		return r.object("", bodies[0])
	default:
		at := place(bodies[1])
		r.problems = append(r.problems, Problem{
			File: r.file, Line: at.line, Column: at.column,
			Reason: "the file holds more than one document", Fix: "keep the text before the second ---",
		})
		return nil
	}
}

// syntax notes that the file is not YAML. The library's own text shows the lines
// around the place, which may hold what a person took for a good place for a
// secret; only its message and the place are taken.
func (r *reader) syntax(err error, data []byte) {
	p := Problem{File: r.file, Reason: "the file is not YAML", Fix: "check the indentation, quotes and brackets here"}
	var where yaml.Error
	if errors.As(err, &where) {
		p.Reason += ": " + where.GetMessage()
		if t := where.GetToken(); t != nil && t.Position != nil {
			p.Line, p.Column = t.Position.Line, t.Position.Column
		}
	}
	if line := tabInIndentation(data); line > 0 {
		p.Line, p.Column = line, 1
		p.Reason, p.Fix = "the line is indented with a tab, which YAML does not allow", "indent with spaces"
	}
	r.problems = append(r.problems, p)
}

// resolve returns the file name as seen from where the program runs.
func (s source) resolve(name string) string {
	if filepath.IsAbs(name) {
		return name
	}
	return filepath.Join(s.dir, name)
}

// reason takes the file name out of an error of the file system; it is shown
// beside it, where it may be.
func reason(err error) error {
	var path *fs.PathError
	if errors.As(err, &path) {
		return path.Err
	}
	return err
}

// tooOpen returns the mode of a file that others than its owner and group may
// read, or others than its owner may write; 0 if all is well or cannot be known.
func tooOpen(name string) fs.FileMode {
	info, err := os.Stat(name)
	if err != nil || !info.Mode().IsRegular() || info.Mode().Perm()&0o027 == 0 {
		return 0
	}
	return info.Mode().Perm()
}
