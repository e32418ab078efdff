package tableausim

import (
	"fmt"
	"slices"

	"vitrine/internal/tableausim/wire"
)

// Capabilities that decide what may be taken along.
const (
	exportImage = "ExportImage"
	exportData  = "ExportData"
	exportXML   = "ExportXml"
)

// may reports whether u, who sees a thing, may do more with it. What no rule speaks of is allowed,
// as in the templates that projects begin with; but nobody with the site role Viewer takes files
// along.
func (u *user) may(owner *user, own []rule, p *project, capability string) bool {
	if u.admin() || owner == u || p != nil && p.owner == u {
		return true
	}
	if allowed, said := decide(own, u, capability); said {
		return allowed
	}
	if p != nil {
		if allowed, said := decide(p.content, u, capability); said {
			return allowed
		}
	}
	return capability != exportXML || u.role != "Viewer" && u.role != "ReadOnly"
}

func (u *user) mayWithView(x *view, capability string) bool {
	return u.may(x.workbook.owner, slices.Concat(x.rules, x.workbook.rules), x.workbook.project, capability)
}

func (u *user) mayWithWorkbook(w *workbook, capability string) bool {
	return u.may(w.owner, w.rules, w.project, capability)
}

// switches are the codes that refuse what a server administrator has switched off, by the name that
// [Server.SwitchOff] takes.
var switches = map[string]string{
	"image": "403068", "pdf": "403072", "data": "403075", "workbook pdf": "403105", "powerpoint": "403128", "crosstab": "403134",
}

// SwitchOff has the server refuse a kind of content of views and workbooks to everybody: image,
// pdf, data, workbook pdf, powerpoint or crosstab.
func (s *Server) SwitchOff(kind string) error {
	if switches[kind] == "" {
		return fmt.Errorf("there is no content of the kind %q to switch off", kind)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.off = append(s.off, kind)
	return nil
}

func (s *Server) switchedOff(kind string) error {
	if slices.Contains(s.off, kind) {
		return wire.Fail(switches[kind], "The %s endpoint is disabled on this server.", kind)
	}
	return nil
}

// Forbid takes a capability, such as ExportImage or ExportXml, on a workbook, view or data source
// from a user who may see it.
func (s *Server) Forbid(contentURL, id, name, capability string) error {
	return s.edit(contentURL, func(st *site) error {
		u := st.user(name)
		if u == nil {
			return fmt.Errorf("there is no user %q on site %q", name, contentURL)
		}
		no := rule{user: u, capability: capability}
		switch x := st.byID[id].(type) {
		case *workbook:
			x.rules = append(slices.Clone(x.rules), no)
		case *view:
			x.rules = append(slices.Clone(x.rules), no)
		case *datasource:
			x.rules = append(slices.Clone(x.rules), no)
		case *flow:
			x.rules = append(slices.Clone(x.rules), no)
		default:
			return fmt.Errorf("nothing on site %q that can be forbidden has the LUID %q", contentURL, id)
		}
		return nil
	})
}
