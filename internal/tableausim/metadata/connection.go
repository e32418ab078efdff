package metadata

import "slices"

// connection answers a list with pages: nodes, pageInfo and totalCount.
func (x *execution) connection(n *Node, typeName, base string, f *selected) any {
	nodesType := x.schema.Types[f.Definition.Type.Name()].Fields.ForName("nodes").Type
	target := nodesType.Name()
	list, o := x.arranged(n, f, x.related(n, typeName, base, target), target)
	total := len(list)
	page, more := x.page(f, list, target, o)
	var out Object
	for _, member := range x.collect(f.Definition.Type.Name(), f.set, nil) {
		var value any
		switch member.Name {
		case "__typename":
			value = f.Definition.Type.Name()
		case "totalCount":
			value = total
		case "nodes":
			value = x.objects(page, member.set)
		case "pageInfo":
			value = x.pageInfo(member, page, more, target, o)
		}
		out = append(out, Entry{member.alias, value})
	}
	return out
}

// page cuts one page out of a list and reports whether there are more.
func (x *execution) page(f *selected, list []*Node, target string, o order) ([]*Node, bool) {
	args := f.ArgumentMap(x.variable)
	first := number(args["first"], 100)
	offset := number(args["offset"], 0)
	token, hasToken := args["after"].(string)
	switch {
	case hasToken && args["offset"] != nil:
		x.fail("The arguments 'after' and 'offset' cannot be used together.")
		return nil, false
	case first < 0 || offset < 0:
		x.fail("The arguments 'first' and 'offset' must not be negative.")
		return nil, false
	case first > maxPage:
		x.pages, first = true, maxPage
	}
	if hasToken {
		rest, ok := x.after(list, token, target, o)
		if !ok {
			x.fail("The cursor '" + token + "' does not belong to this query.")
			return nil, false
		}
		list = rest
	}
	list = list[min(offset, len(list)):]
	if len(list) > first {
		return list[:first], true
	}
	return list, false
}

// pageInfo has a cursor as long as there are more pages.
func (x *execution) pageInfo(f *selected, page []*Node, more bool, target string, o order) Object {
	var out Object
	for _, member := range x.collect("PageInfo", f.set, nil) {
		var value any
		switch {
		case member.Name == "__typename":
			value = "PageInfo"
		case member.Name == "hasNextPage":
			value = more
		case more && len(page) > 0:
			value = x.cursorAfter(page[len(page)-1], target, o)
		}
		out = append(out, Entry{member.alias, value})
	}
	return out
}

// fail ends the whole answer.
func (x *execution) fail(message string) {
	if x.failed == nil {
		x.failed = &Error{Message: message, Code: InvalidArgument, Severity: "ERROR"}
	}
}

func number(v any, otherwise int) int {
	switch v := v.(type) {
	case int64:
		return int(v)
	case int:
		return v
	case float64:
		return int(v)
	}
	return otherwise
}

// sortedKeys are the names of a map, in order.
func sortedKeys[V any](m map[string]V) []string {
	names := make([]string, 0, len(m))
	for name := range m {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}
