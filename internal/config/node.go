package config

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/goccy/go-yaml/ast"

	"vitrine/internal/suggest"
)

// position is a place in the settings file, both from 1.
type position struct{ line, column int }

// reader walks the tree of a settings file and collects what is wrong with it.
// The library's own decoder stops at the first problem; people who set up a
// server want all of them.
type reader struct {
	file     string
	source   source
	problems Problems
	notes    []string
	places   map[string]position // of every setting in the file
	bad      map[string]bool     // settings that have a problem already
}

// problem notes one; the place is that of the setting or of what it is in.
func (r *reader) problem(path, value, reason, fix string) {
	r.bad[path] = true
	r.add(Problem{Path: path, Value: value, Reason: reason, Fix: fix})
}

// add notes a problem that has no place yet.
func (r *reader) add(p Problem) {
	p.File = r.file
	for path := p.Path; ; path = parent(path) {
		if at, ok := r.places[path]; ok {
			p.Line, p.Column = at.line, at.column
			break
		}
		if path == "" {
			break
		}
	}
	r.problems = append(r.problems, p)
}

// merge takes over problems of [Validate], but those of settings that could not
// be read in the first place.
func (r *reader) merge(ps Problems) {
	for _, p := range ps {
		known := false
		for path := p.Path; path != "" && !known; path = parent(path) {
			known = r.bad[path]
		}
		if !known {
			r.add(p)
		}
	}
}

// parent cuts the last step off a path: a.b[0] gives a.b, which gives a.
func parent(path string) string {
	if i := strings.LastIndexAny(path, ".["); i >= 0 {
		return path[:i]
	}
	return ""
}

// object is a mapping of the file. Its methods read one key each and leave the
// target as it is where the key is absent or wrong.
type object struct {
	r      *reader
	path   string
	values map[string]ast.Node
	order  []string // the keys as written in the file
	asked  []string // the keys that were read
}

// object turns a node into an object; nil, with a problem noted, if it is not one.
func (r *reader) object(path string, n ast.Node) *object {
	var pairs []*ast.MappingValueNode
	switch n := n.(type) {
	case *ast.MappingNode:
		pairs = n.Values
	case *ast.MappingValueNode:
		pairs = []*ast.MappingValueNode{n}
	default:
		r.wrongType(path, n, "an object of keys and values")
		return nil
	}
	o := &object{r: r, path: path, values: make(map[string]ast.Node, len(pairs))}
	for _, pair := range pairs {
		o.pair(pair)
	}
	return o
}

// pair takes one key and its value into the object.
func (o *object) pair(pair *ast.MappingValueNode) {
	at := place(pair.Key)
	name, ok := pair.Key.(*ast.StringNode)
	if !ok {
		o.r.problems = append(o.r.problems, Problem{
			File: o.r.file, Line: at.line, Column: at.column, Path: o.path,
			Reason: "a key is not a plain word here", Fix: "merge keys, numbers and objects are no keys of settings",
		})
		return
	}
	path := o.at(name.Value)
	if _, twice := o.values[name.Value]; twice {
		o.r.problems = append(o.r.problems, Problem{
			File: o.r.file, Line: at.line, Column: at.column, Path: path, Reason: "is set here twice", Fix: "keep one of the two",
		})
		return
	}
	o.r.places[path] = at
	o.values[name.Value] = pair.Value
	o.order = append(o.order, name.Value)
}

// at returns the path of a key. A key that is no plain word is quoted: it ends up
// in a line of text.
func (o *object) at(key string) string {
	key = shorten(key)
	if key == "" || strings.ContainsFunc(key, func(c rune) bool { return !unicode.IsLetter(c) && !unicode.IsDigit(c) && c != '_' && c != '-' }) {
		key = strconv.Quote(key)
	}
	if o.path == "" {
		return key
	}
	return o.path + "." + key
}

// get returns the value of a key; nil if absent, or nothing in it.
func (o *object) get(key string) ast.Node {
	o.asked = append(o.asked, key)
	n, ok := o.values[key]
	if !ok {
		return nil
	}
	if _, null := n.(*ast.NullNode); null || n == nil {
		o.r.problem(o.at(key), "", "has no value", "give it one or take the key out")
		return nil
	}
	return n
}

// has reports whether the key is in the file, and counts it as read if so.
func (o *object) has(key string) bool {
	_, ok := o.values[key]
	if ok {
		o.asked = append(o.asked, key)
	}
	return ok
}

// done notes every key that nobody asked for.
func (o *object) done() {
	slices.Sort(o.asked)
	o.asked = slices.Compact(o.asked)
	for _, key := range o.order {
		if !slices.Contains(o.asked, key) {
			o.r.problem(o.at(key), "", "is not a setting", o.meant(key)+"known here: "+strings.Join(o.asked, ", "))
		}
	}
}

// meant is the key that was probably meant: one of this object, else one of the same name
// elsewhere.
func (o *object) meant(key string) string {
	if near := suggest.Nearest(key, o.asked); near != "" {
		return fmt.Sprintf("did you mean %q? ", near)
	}
	for _, known := range o.asked { // a secret, of which there are only passwordFile and passwordEnv
		if stem, ok := strings.CutSuffix(known, "File"); ok && suggest.Nearest(key, []string{stem}) != "" {
			return fmt.Sprintf("did you mean %q? ", known)
		}
	}
	part, _, _ := strings.Cut(strings.ReplaceAll(o.path, "[", ".["), ".")
	for _, s := range Settings() { // in the same part of the file, unless this is its top
		inside := part == "" || strings.HasPrefix(s.Key, part+".") || strings.HasPrefix(s.Key, part+"[")
		if inside && slices.ContainsFunc(strings.Split(s.Key, "."), func(step string) bool { return strings.EqualFold(strings.TrimSuffix(step, "[]"), key) }) {
			return fmt.Sprintf("did you mean %s? ", s.Key)
		}
	}
	return ""
}

// text reads a string.
func (o *object) text(key string, into *string) {
	if n := o.get(key); n != nil {
		o.r.text(o.at(key), n, into)
	}
}

func (r *reader) text(path string, n ast.Node, into *string) {
	var s string
	switch n := n.(type) {
	case *ast.StringNode:
		s = n.Value
	case *ast.LiteralNode:
		s = n.Value.Value
	default:
		r.wrongType(path, n, "a text")
		return
	}
	if strings.ContainsFunc(s, func(c rune) bool { return !unicode.IsPrint(c) }) {
		r.problem(path, "", "holds characters that cannot be printed", "write it in one line of plain text")
		return
	}
	*into = s
}

// texts reads a list of strings.
func (o *object) texts(key string, into *[]string) {
	items, ok := o.list(key)
	if !ok {
		return
	}
	out := make([]string, len(items))
	for i, n := range items {
		o.r.text(o.item(key, i), n, &out[i])
	}
	*into = out
}

// list returns the items of a list and notes their places.
func (o *object) list(key string) ([]ast.Node, bool) {
	n := o.get(key)
	if n == nil {
		return nil, false
	}
	s, ok := n.(*ast.SequenceNode)
	if !ok {
		o.r.wrongType(o.at(key), n, "a list")
		return nil, false
	}
	for i, item := range s.Values {
		o.r.places[o.item(key, i)] = place(item)
	}
	return s.Values, true
}

// item returns the path of a list's item.
func (o *object) item(key string, i int) string { return fmt.Sprintf("%s[%d]", o.at(key), i) }

// object reads a nested object; nil if absent.
func (o *object) object(key string) *object {
	if n := o.get(key); n != nil {
		return o.r.object(o.at(key), n)
	}
	return nil
}

// each reads a list of objects into a list of T. An item that is no object stays
// at its default, so that the others keep their numbers.
func each[T any](o *object, key string, item T, read func(*object, *T)) []T {
	nodes, ok := o.list(key)
	if !ok {
		return nil
	}
	out := make([]T, len(nodes))
	for i, n := range nodes {
		out[i] = item
		if io := o.r.object(o.item(key, i), n); io != nil {
			read(io, &out[i])
		}
	}
	return out
}

// flag reads true or false.
func (o *object) flag(key string, into *bool) {
	n := o.get(key)
	if n == nil {
		return
	}
	b, ok := n.(*ast.BoolNode)
	if !ok {
		o.r.wrongType(o.at(key), n, "true or false")
		return
	}
	*into = b.Value
}

// number reads a whole number.
func (o *object) number(key string, into *int) {
	n := o.get(key)
	if n == nil {
		return
	}
	i, ok := n.(*ast.IntegerNode)
	if !ok {
		o.r.wrongType(o.at(key), n, "a whole number")
		return
	}
	// The library also knows 0x10, 0b1, 1_000 and 010; few readers do.
	v, err := strconv.Atoi(i.Token.Value)
	if err != nil || strconv.Itoa(v) != i.Token.Value {
		o.r.problem(o.at(key), i.Token.Value, "is not a whole number in plain digits", "write it like 10000")
		return
	}
	*into = v
}

// duration reads a Go duration.
func (o *object) duration(key string, into *time.Duration) {
	n := o.get(key)
	if n == nil {
		return
	}
	var s string
	if _, ok := n.(*ast.StringNode); !ok {
		o.r.wrongType(o.at(key), n, "a duration with its unit, like 90s, 5m or 4h")
		return
	}
	o.r.text(o.at(key), n, &s)
	d, err := time.ParseDuration(s)
	if err != nil {
		o.r.problem(o.at(key), s, "is not a duration", "write it with its unit, like 90s, 5m or 4h")
		return
	}
	*into = d
}

// wrongType notes that a value is of another kind. Texts are not shown, and
// nothing of settings that point to a secret: somebody may have put it there.
func (r *reader) wrongType(path string, n ast.Node, want string) {
	value, is := "", ""
	switch n := n.(type) {
	case *ast.StringNode, *ast.LiteralNode:
		is = "is a text"
	case *ast.IntegerNode, *ast.FloatNode, *ast.InfinityNode, *ast.NanNode:
		value, is = n.GetToken().Value, "is a number"
	case *ast.BoolNode:
		value, is = n.GetToken().Value, "is true or false"
	case *ast.NullNode, nil:
		is = "is empty"
	case *ast.SequenceNode:
		is = "is a list"
	case *ast.MappingNode, *ast.MappingValueNode:
		is = "is an object"
	case *ast.AnchorNode, *ast.AliasNode, *ast.TagNode:
		r.problem(path, "", "uses an anchor, an alias or a tag", "write the value out")
		return
	default:
		is = "is not a value that settings can have"
	}
	fix := "give " + want
	if want == "a text" && value != "" {
		fix = "put it in quotes"
	}
	if strings.HasSuffix(path, "File") || strings.HasSuffix(path, "Env") {
		value = ""
	}
	if path == "" {
		at := place(n)
		r.problems = append(r.problems, Problem{File: r.file, Line: at.line, Column: at.column, Value: value, Reason: "the file " + is, Fix: fix})
		return
	}
	r.problem(path, value, is, fix)
}

// place returns where a node begins. A block mapping's own token is the colon
// after its first key; people look for the key.
func place(n ast.Node) position {
	switch v := n.(type) {
	case nil:
		return position{1, 1}
	case *ast.MappingNode:
		if !v.IsFlowStyle && len(v.Values) > 0 {
			return place(v.Values[0].Key)
		}
	case *ast.MappingValueNode:
		return place(v.Key)
	}
	if t := n.GetToken(); t != nil && t.Position != nil {
		return position{t.Position.Line, t.Position.Column}
	}
	return position{1, 1}
}
