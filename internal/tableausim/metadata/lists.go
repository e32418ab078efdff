package metadata

import (
	"cmp"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"hash/fnv"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/vektah/gqlparser/v2/ast"
)

func nodeLimitText(nodes int) string {
	return "Showing partial results. The request exceeded the " + strconv.Itoa(nodes) +
		" node limit. Use pagination, additional filtering, or both in the query to adjust results."
}

// related returns the nodes that a list leads to, by ID: all of a type at the root, what an object
// links to, or what it is made of or is part of.
func (x *execution) related(n *Node, typeName, name, target string) []*Node {
	if typeName == "Query" {
		return x.graph.byType[target]
	}
	if list, ok := n.Links[name]; ok {
		list = slices.Clone(list)
		slices.SortFunc(list, func(a, b *Node) int { return cmp.Compare(a.ID, b.ID) })
		return list
	}
	switch {
	case name == "upstreamLabels" || name == "upstreamDataQualityWarnings":
		return linked(reach(n, upOf), "labels", target)
	case name == "downstreamOwners":
		return ownersOf(n)
	case name == "sheets":
		return ofType(reach(n, downOf), target)
	case name == "directSheets":
		return ofType(slices.Clone(n.down), target)
	case strings.HasPrefix(name, "upstream"):
		return ofType(reach(n, upOf), upstreamType(target))
	case strings.HasPrefix(name, "downstream"):
		return ofType(reach(n, downOf), target)
	}
	return nil
}

// upstreamType is the type that an upstream list really has: tables are those of databases, and data
// sources are published, also where the schema allows others.
func upstreamType(target string) string {
	switch target {
	case "Table":
		return "DatabaseTable"
	case "Datasource":
		return "PublishedDatasource"
	}
	return target
}

func ofType(list []*Node, name string) []*Node {
	return slices.DeleteFunc(list, func(n *Node) bool { return !n.is(name) })
}

// linked collects what the nodes of a list link to, each once.
func linked(list []*Node, name, target string) []*Node {
	var out []*Node
	for _, n := range list {
		for _, to := range n.Links[name] {
			if to.is(target) && !slices.Contains(out, to) {
				out = append(out, to)
			}
		}
	}
	slices.SortFunc(out, func(a, b *Node) int { return cmp.Compare(a.ID, b.ID) })
	return out
}

// ownersOf are the owners of an object's workbooks, data sources and flows downstream, and its own.
func ownersOf(n *Node) []*Node {
	var out []*Node
	for _, to := range append(reach(n, downOf), n) {
		if to.Owner != nil && !slices.Contains(out, to.Owner) {
			out = append(out, to.Owner)
		}
	}
	slices.SortFunc(out, func(a, b *Node) int { return cmp.Compare(a.ID, b.ID) })
	return out
}

// arranged filters and orders the nodes of a list by its arguments, and returns them with the order.
func (x *execution) arranged(n *Node, f *selected, list []*Node, target string) ([]*Node, order) {
	args := f.ArgumentMap(x.variable)
	filter, _ := args["filter"].(map[string]any)
	visibleOnly := args["permissionMode"] == "FILTER_RESULTS"
	if names := sensitive(filter); len(names) > 0 && !visibleOnly {
		visibleOnly = true
		if n == nil || x.switched[f.Name] == nil {
			x.switched[f.Name] = names
		}
	}
	var out []*Node
	for _, item := range list {
		if x.limits.Backfill && unindexed(item) || !x.matches(item, filter) {
			continue
		}
		hidden := !x.sees(item) || n != nil && n.Type == "Tag" && !x.viewer.Admin
		if visibleOnly && hidden || target == "TableauUser" && n == nil && hidden {
			continue
		}
		out = append(out, item)
	}
	o := orderOf(args)
	slices.SortStableFunc(out, func(a, b *Node) int { return o.compare(x.key(a, o), x.key(b, o)) })
	return out, o
}

// unindexed picks one object of three.
func unindexed(n *Node) bool {
	h := fnv.New32a()
	_, _ = h.Write([]byte(n.ID))
	return h.Sum32()%3 == 0
}

// open are the members of filters that are not sensitive: identifiers and flags.
var open = []string{"id", "luid", "vizportalUrlId", "documentViewId", "isHidden", "isCertified", "isEmbedded", "hasActiveWarning", "isActive", "isElevated", "isSevere", "isExtracted"}

// sensitive returns the members of a filter that use what may be obfuscated, sorted.
func sensitive(filter map[string]any) []string {
	var names []string
	for name, value := range filter {
		if value != nil && !slices.Contains(open, strings.TrimSuffix(name, "Within")) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// matches reports whether a node has all that a filter names. A member that is null does not count.
func (x *execution) matches(n *Node, filter map[string]any) bool {
	if len(filter) == 0 {
		return true
	}
	var values map[string]any
	for name, wanted := range filter {
		base, list := strings.CutSuffix(name, "Within")
		if values == nil && base != "id" && base != "luid" {
			values = n.values()
		}
		is := n.value(values, base)
		switch {
		case wanted == nil:
		case name == "text":
			if !hasWords(wanted, values["name"], values["description"]) {
				return false
			}
		case list:
			items, _ := wanted.([]any)
			if !slices.ContainsFunc(items, func(item any) bool { return item != nil && same(item, is) }) {
				return false
			}
		case !same(wanted, is):
			return false
		}
	}
	return true
}

// same compares a value of a filter with that of an object: texts letter by letter.
func same(wanted, is any) bool { return is != nil && fmt.Sprint(wanted) == fmt.Sprint(is) }

// hasWords reports whether each word of a text begins a word of one of the values, in any case.
func hasWords(text any, values ...any) bool {
	var words []string
	for _, v := range values {
		if s, ok := v.(string); ok {
			words = append(words, strings.Fields(strings.ToLower(s))...)
		}
	}
	for word := range strings.FieldsSeq(strings.ToLower(fmt.Sprint(text))) {
		if !slices.ContainsFunc(words, func(w string) bool { return strings.HasPrefix(w, word) }) {
			return false
		}
	}
	return true
}

// order is the order of a list: by a field, then by ID.
type order struct {
	field      string // as in the document, NAME; empty for ID
	descending bool
}

func orderOf(args map[string]any) order {
	by, _ := args["orderBy"].(map[string]any)
	name, _ := by["field"].(string)
	if name == "ID" {
		name = ""
	}
	return order{name, by["direction"] == "DESC"}
}

// key is what a node is ordered by.
type key struct {
	text   string
	number int
	id     string
}

func (x *execution) key(n *Node, o order) key {
	k := key{id: n.ID}
	if o.field == "" {
		return k
	}
	name := camel(o.field)
	if list, ok := strings.CutSuffix(name, "Count"); ok {
		if list == "owner" {
			k.number = len(n.Links["owner"])
			return k
		}
		if def := x.schema.Types[n.Type].Fields.ForName(list); def != nil {
			k.number = len(x.related(n, n.Type, list, def.Type.Name()))
		}
		return k
	}
	if v := n.value(n.values(), name); v != nil {
		k.text = fmt.Sprint(v)
	}
	return k
}

// compare orders two keys; the ID decides last, always ascending.
func (o order) compare(a, b key) int {
	c := cmp.Or(cmp.Compare(a.number, b.number), strings.Compare(a.text, b.text))
	if c == 0 && o.field == "" {
		c = strings.Compare(a.id, b.id)
	}
	if o.descending {
		c = -c
	}
	return cmp.Or(c, strings.Compare(a.id, b.id))
}

// camel turns PROJECT_NAME into projectName.
func camel(name string) string {
	parts := strings.Split(strings.ToLower(name), "_")
	for i := range parts[1:] {
		parts[i+1] = strings.ToUpper(parts[i+1][:1]) + parts[i+1][1:]
	}
	return strings.Join(parts, "")
}

// connectionOf returns the name of the list that a connection field is the twin of.
func connectionOf(def *ast.FieldDefinition) (string, bool) {
	base, ok := strings.CutSuffix(def.Name, "Connection")
	return base, ok && strings.HasSuffix(def.Type.Name(), "sConnection")
}

// cursor is what an opaque token holds.
type cursor struct {
	Type  string         `json:"type"`
	Scope string         `json:"scope"`
	Sort  map[string]any `json:"sortOrderValue"`
}

func (x *execution) cursorAfter(n *Node, target string, o order) string {
	sort := map[string]any{"lastId": n.ID}
	if o.field != "" {
		k := x.key(n, o)
		sort["orderBy"], sort["direction"] = o.field, o.descending
		sort["lastValue"], sort["lastNumber"] = k.text, k.number
	}
	b, _ := json.Marshal(cursor{target, x.graph.site, sort}) // texts and numbers always marshal
	return base64.StdEncoding.EncodeToString(b)
}

// after returns the nodes behind a token, which belongs to a type, a site and an order.
func (x *execution) after(list []*Node, token, target string, o order) ([]*Node, bool) {
	raw, err := base64.StdEncoding.DecodeString(token)
	var c cursor
	if err != nil || json.Unmarshal(raw, &c) != nil || c.Type != target || c.Scope != x.graph.site {
		return nil, false
	}
	last, _ := c.Sort["lastId"].(string)
	field, _ := c.Sort["orderBy"].(string)
	down, _ := c.Sort["direction"].(bool)
	if last == "" || field != o.field || down != (o.descending && o.field != "") {
		return nil, false
	}
	k := key{id: last}
	k.text, _ = c.Sort["lastValue"].(string)
	number, _ := c.Sort["lastNumber"].(float64)
	k.number = int(number)
	i := slices.IndexFunc(list, func(n *Node) bool { return o.compare(x.key(n, o), k) > 0 })
	if i < 0 {
		return nil, true
	}
	return list[i:], true
}

// plain is a value as JSON has it.
func plain(v any, t *ast.Type) any {
	switch v := v.(type) {
	case time.Time:
		if v.IsZero() {
			return nil
		}
		return v.UTC().Format("2006-01-02T15:04:05Z")
	case nil:
		if t.NonNull { // a value that the graph does not have
			return map[string]any{"Boolean": false, "Int": 0}[t.Name()]
		}
	}
	return v
}
