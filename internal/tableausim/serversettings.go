package tableausim

import "vitrine/internal/tableausim/wire"

// errServerAdmin refuses users who do not administer the server.
func errServerAdmin(c *call) error {
	if c.user().account == nil || !c.user().serverAdmin {
		return errForbidden()
	}
	return nil
}

// getServerExtensions is GET settings/extensions: whether dashboard extensions may run at all. Its
// values are text in elements.
func getServerExtensions(c *call) (*answer, error) {
	if err := errServerAdmin(c); err != nil {
		return nil, err
	}
	return found(wire.New("extensionsServerSettings").Add(
		wire.Text("extensionsGloballyEnabled", "true"),
		wire.Item(wire.Text("blockList", "https://widgets.example.net/tracker")), wire.Item(wire.Text("blockList", "https://old.example.net/map")),
	))
}

// getServerAnalytics is GET /api/-/settings/server/extensions/analytics. The documentation does not
// show the answer whole.
func getServerAnalytics(c *call) (*answer, error) {
	if err := errServerAdmin(c); err != nil {
		return nil, err
	}
	return jsonAnswer(map[string]bool{"enabled": true})
}

// listDomains is GET domains: those of directories that accounts come from, and the server's own.
func listDomains(c *call) (*answer, error) {
	if err := errServerAdmin(c); err != nil {
		return nil, err
	}
	domains := []string{localDomain}
	for _, a := range c.s.world.accounts {
		if a.domain != localDomain && a.domain != domains[len(domains)-1] {
			domains = append(domains, a.domain)
		}
	}
	return found(wire.Contain("domainList", domains, func(name string) *wire.Element {
		full := name
		if name != localDomain {
			full += ".example"
		}
		return wire.New("domain", wire.Str("id", luid("domain", name)), wire.Str("name", full), wire.Str("shortName", name))
	}))
}
