//go:build unix

package bench

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"vitrine/test/bench/memory"
)

// member is one member of an item: a text, or an object.
type member struct {
	name string
	text string
	of   object
}

// object is an item of a list, with its members in order.
type object []member

// stubList is a list of the REST API.
type stubList struct {
	list, item string
	items      []object
	onDemand   []string // members that come only when fields= names them
}

func stubUsers() *stubList {
	l := &stubList{list: "users", item: "user"}
	for i := range benchUsers {
		name := userName(i)
		l.items = append(l.items, object{
			{name: "id", text: luid("user", i)},
			{name: "name", text: name},
			{name: "siteRole", text: "Explorer"},
			{name: "authSetting", text: "ServerDefault"},
			{name: "lastLogin", text: "2025-07-27T23:48:00Z"},
			{name: "externalAuthUserId"},
		})
	}
	return l
}

func stubProjects(site *memory.Site) *stubList {
	l := &stubList{list: "projects", item: "project"}
	for i, p := range site.AllProjects {
		l.items = append(l.items, object{
			{name: "owner", of: object{{name: "id", text: luid("user", i%20)}}},
			{name: "id", text: p.Luid},
			{name: "name", text: p.Name},
			{name: "description", text: "What the region needs."},
			{name: "createdAt", text: "2022-09-09T06:00:00Z"},
			{name: "updatedAt", text: "2024-09-25T06:00:00Z"},
			{name: "contentPermissions", text: "ManagedByOwner"},
		})
	}
	return l
}

func stubWorkbooks(site *memory.Site) *stubList {
	l := &stubList{list: "workbooks", item: "workbook", onDemand: []string{"sheetCount", "hasExtracts", "shareDescription", "lastPublishedAt"}}
	for i, w := range site.AllWorkbooks {
		l.items = append(l.items, object{
			{name: "project", of: object{{name: "id", text: w.InProject.Luid}, {name: "name", text: w.InProject.Name}}},
			{name: "location", of: object{{name: "id", text: w.InProject.Luid}, {name: "type", text: "Project"}, {name: "name", text: w.InProject.Name}}},
			{name: "owner", of: object{{name: "id", text: w.OwnedBy.Luid}, {name: "name", text: w.OwnedBy.Name}}},
			{name: "id", text: w.Luid},
			{name: "name", text: w.Name},
			{name: "description", text: "Figures of the week, for everyone who sells."},
			{name: "contentUrl", text: fmt.Sprintf("Workbook%05d", i)},
			{name: "webpageUrl", text: fmt.Sprintf("https://tableau.example.com/#/workbooks/%d/views", i+1)},
			{name: "showTabs", text: "false"},
			{name: "size", text: "23"},
			{name: "createdAt", text: "2023-09-15T01:27:06Z"},
			{name: "updatedAt", text: w.UpdatedAt},
			{name: "encryptExtracts", text: "false"},
			{name: "defaultViewId", text: w.AllViews[0].Luid},
			{name: "sheetCount", text: "5"},
			{name: "hasExtracts", text: "false"},
			{name: "shareDescription"},
			{name: "lastPublishedAt", text: w.UpdatedAt},
		})
	}
	return l
}

func stubViews(site *memory.Site) *stubList {
	l := &stubList{list: "views", item: "view", onDemand: []string{"sheetType"}}
	for i, w := range site.AllWorkbooks {
		for n, v := range w.AllViews {
			book := fmt.Sprintf("Workbook%05d", i)
			l.items = append(l.items, object{
				{name: "workbook", of: object{{name: "id", text: w.Luid}, {name: "name", text: w.Name}, {name: "contentUrl", text: book}}},
				{name: "owner", of: object{{name: "id", text: w.OwnedBy.Luid}, {name: "name", text: w.OwnedBy.Name}}},
				{name: "project", of: object{{name: "id", text: w.InProject.Luid}, {name: "name", text: w.InProject.Name}}},
				{name: "id", text: v.Luid},
				{name: "name", text: v.Name},
				{name: "contentUrl", text: fmt.Sprintf("%s/sheets/View%d", book, n)},
				{name: "createdAt", text: "2023-09-15T01:27:06Z"},
				{name: "updatedAt", text: w.UpdatedAt},
				{name: "viewUrlName", text: fmt.Sprintf("View%d", n)},
				{name: "sheetType", text: "view"},
			})
		}
	}
	return l
}

// value returns a member by its path, such as owner.name.
func (o object) value(path string) (string, bool) {
	name, rest, nested := strings.Cut(path, ".")
	for _, m := range o {
		if m.name == name {
			if nested {
				return m.of.value(rest)
			}
			return m.text, m.of == nil
		}
	}
	return "", false
}

// render writes an item as JSON, with the members that are wanted; all of them when keep is nil.
func (o object) render(keep func(path string) bool) []byte {
	var b bytes.Buffer
	b.WriteByte('{')
	for _, m := range o {
		var text []byte
		if m.of != nil {
			below := func(path string) bool { return keep == nil || keep(m.name) || keep(m.name+"."+path) }
			if text = m.of.render(below); len(text) == 2 {
				continue
			}
		} else if keep != nil && !keep(m.name) {
			continue
		} else {
			text, _ = json.Marshal(m.text) // a text can be marshaled
		}
		if b.Len() > 1 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, "%q:%s", m.name, text)
	}
	b.WriteByte('}')
	return b.Bytes()
}

func (l *stubList) where(path, value string) *stubList {
	kept := *l
	kept.items = nil
	for _, o := range l.items {
		if v, _ := o.value(path); v == value {
			kept.items = append(kept.items, o)
		}
	}
	return &kept
}

// page renders one page of what a query asks for.
func (l *stubList) page(query url.Values) ([]byte, error) {
	items, err := l.filtered(query.Get("filter"))
	if err != nil {
		return nil, err
	}
	for by := range strings.SplitSeq(query.Get("sort"), ",") {
		if field, direction, ok := strings.Cut(by, ":"); ok {
			slices.SortStableFunc(items, func(a, b object) int {
				x, _ := a.value(pathOf(field))
				y, _ := b.value(pathOf(field))
				if direction == "desc" {
					x, y = y, x
				}
				return strings.Compare(x, y)
			})
		}
	}
	size, err := number(query, "pageSize", 100)
	if err != nil {
		return nil, err
	}
	page, err := number(query, "pageNumber", 1)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	fmt.Fprintf(&b, `{"pagination":{"pageNumber":"%d","pageSize":"%d","totalAvailable":"%d"},%q:{`, page, size, len(items), l.list)
	keep := l.keep(query.Get("fields"))
	for i, o := range items[min((page-1)*size, len(items)):min(page*size, len(items))] {
		if i == 0 {
			fmt.Fprintf(&b, "%q:[", l.item)
		} else {
			b.WriteByte(',')
		}
		b.Write(o.render(keep))
	}
	if b.Bytes()[b.Len()-1] == '}' {
		b.WriteByte(']')
	}
	b.WriteString("}}")
	return b.Bytes(), nil
}

// keep reads fields=, which names members, or _default_ or _all_.
func (l *stubList) keep(fields string) func(string) bool {
	names := strings.Split(fields, ",")
	byDefault := func(path string) bool { return !slices.Contains(l.onDemand, path) }
	switch {
	case slices.Contains(names, "_all_"):
		return nil
	case fields == "":
		return byDefault
	case slices.Contains(names, "_default_"):
		return func(path string) bool { return byDefault(path) || slices.Contains(names, path) }
	}
	return func(path string) bool { return slices.Contains(names, path) }
}

// filtered reads filter= as strictly as Tableau: a comma separates expressions, whatever it was
// meant for.
func (l *stubList) filtered(filter string) ([]object, error) {
	items := slices.Clone(l.items)
	if strings.Contains(filter, "&") {
		return nil, fmt.Errorf("the filter %q is cut off at its &", filter)
	}
	for filter != "" {
		field, rest, _ := strings.Cut(filter, ":")
		operator, rest, ok := strings.Cut(rest, ":")
		var values []string
		switch {
		case ok && operator == "eq":
			var value string
			value, filter, _ = strings.Cut(rest, ",")
			values = []string{value}
		case ok && operator == "in" && strings.HasPrefix(rest, "["):
			var list string
			if list, rest, ok = strings.Cut(rest[1:], "]"); !ok {
				return nil, fmt.Errorf("the filter %q has no end", filter)
			}
			values, filter = strings.Split(list, ","), strings.TrimPrefix(rest, ",")
		default:
			return nil, fmt.Errorf("the stub does not know the filter %q", filter)
		}
		if _, ok := l.items[0].value(pathOf(field)); !ok {
			return nil, fmt.Errorf("the stub does not filter by %q", field)
		}
		items = slices.DeleteFunc(items, func(o object) bool {
			v, _ := o.value(pathOf(field))
			return !slices.Contains(values, v)
		})
	}
	return items, nil
}

// pathOf returns the member that a filter or an order names.
func pathOf(field string) string {
	for _, of := range []string{"project", "workbook", "owner"} {
		if rest, ok := strings.CutPrefix(field, of); ok && rest != "" {
			return of + "." + strings.ToLower(rest[:1]) + rest[1:]
		}
	}
	return field
}
