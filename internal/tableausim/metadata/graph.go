package metadata

import (
	"cmp"
	"slices"
)

// Node is an object of the graph. A node belongs to one Graph and does not change after it was
// added.
type Node struct {
	Type string // name of the GraphQL type
	ID   string // of the Metadata API alone
	LUID string // the LUID of the REST API; empty for types without one
	// Values are the plain values by field: string, bool, int or time.Time. The identifiers are not
	// among them. It is called when the node is shown or filtered.
	Values func() map[string]any
	// Links are the objects that a field leads to: a field that is no list takes the first.
	Links map[string][]*Node
	// Up are the objects that this one is made of. The upstream and downstream fields of all types
	// follow from them.
	Up []*Node
	// Owner is the person who owns the object, for the downstreamOwners of what it is made of.
	Owner *Node
	// Subject is what [Viewer.Sees] decides about.
	Subject any

	down []*Node
}

// Graph holds the objects of a site.
type Graph struct {
	byType map[string][]*Node // types and interfaces, by ID
	site   string             // names the site in cursors
}

// NewGraph indexes nodes. The site is the text by which cursors name it.
func NewGraph(site string, nodes []*Node) *Graph {
	g := &Graph{byType: map[string][]*Node{}, site: site}
	sorted := slices.Clone(nodes) // once for all lists, which are many
	slices.SortFunc(sorted, func(a, b *Node) int { return cmp.Compare(a.ID, b.ID) })
	for _, n := range sorted {
		for _, name := range typesOf(n.Type) {
			g.byType[name] = append(g.byType[name], n)
		}
	}
	for _, n := range nodes {
		for _, up := range n.Up {
			up.down = append(up.down, n)
		}
	}
	return g
}

// ownTypes are, by type, its name and the interfaces that it implements.
var ownTypes = func() map[string][]string {
	types := map[string][]string{}
	for name, def := range schema.Types {
		types[name] = append([]string{name}, def.Interfaces...)
	}
	return types
}()

// typesOf returns a type and the interfaces that it implements.
func typesOf(name string) []string {
	types := ownTypes[name]
	if types == nil {
		panic("metadata: the schema has no type " + name) // only a programmer writes it
	}
	return types
}

// reach returns the nodes that a node leads to, over any number of steps, by ID and without the
// node itself.
func reach(from *Node, next func(*Node) []*Node) []*Node {
	seen := map[*Node]bool{from: true}
	queue := []*Node{from}
	for i := 0; i < len(queue); i++ {
		for _, n := range next(queue[i]) {
			if !seen[n] {
				seen[n] = true
				queue = append(queue, n)
			}
		}
	}
	out := queue[1:]
	slices.SortFunc(out, func(a, b *Node) int { return cmp.Compare(a.ID, b.ID) })
	return out
}

func upOf(n *Node) []*Node   { return n.Up }
func downOf(n *Node) []*Node { return n.down }

// Subject returns the node of a type that stands for something, or nil.
func (g *Graph) Subject(typeName string, subject any) *Node {
	for _, n := range g.byType[typeName] {
		if n.Subject == subject {
			return n
		}
	}
	return nil
}

// is reports whether a node is of a type or implements an interface.
func (n *Node) is(name string) bool { return slices.Contains(typesOf(n.Type), name) }

// value returns a plain value, an identifier among them; nil for no value.
func (n *Node) value(values map[string]any, field string) any {
	switch {
	case field == "id":
		return n.ID
	case field == "luid" && schema.Types[n.Type].Fields.ForName("luid") != nil:
		return n.LUID
	}
	return values[field]
}

// values are the plain values of a node.
func (n *Node) values() map[string]any {
	if n.Values == nil {
		return nil
	}
	return n.Values()
}
