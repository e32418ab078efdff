package tableausim

import "vitrine/internal/tableausim/wire"

// authentication names how a connection proves who it is.
func (x *connection) authentication() string {
	if x.userName == "" {
		return "auth-none"
	}
	return "auth-user"
}

// connectionElement is one connection; only administrators see whether its queries are tagged.
func connectionElement(c *call, x *connection) *wire.Element {
	e := wire.New("connection", wire.Str("id", x.id), wire.Str("type", x.kind), wire.Str("serverAddress", x.server))
	e.Opt("serverPort", x.port)
	e.Str("userName", x.userName)
	e.Flag("embedPassword", x.embedPassword)
	e.Str("authenticationType", x.authentication())
	if c.user().admin() {
		e.Flag("queryTaggingEnabled", false)
	}
	if x.sourceID != "" {
		e.Add(wire.New("datasource", wire.Str("id", x.sourceID), wire.Str("name", x.sourceName)))
	}
	return e
}

// listFlowConnections is GET flows/{id}/connections; it has no pages.
func listFlowConnections(c *call) (*answer, error) {
	f, err := pathFlow(c)
	if err != nil {
		return nil, err
	}
	return found(wire.Contain("connections", f.connections, func(x *connection) *wire.Element { return connectionElement(c, x) }))
}

// listVirtualConnectionConnections is GET virtualconnections/{id}/connections; it has no pages, and
// its attributes are spelled otherwise than all other connections': in one way up to API 3.22, in
// another from then on (both were seen; which server has which is UNSURE).
func listVirtualConnectionConnections(c *call) (*answer, error) {
	v, err := pathVirtualConnection(c)
	if err != nil {
		return nil, err
	}
	names := []string{"id", "serverAddress", "serverPort"}
	if !c.version.less(ver(3, 23)) {
		names = []string{"connectionId", "server", "port"}
	}
	return found(wire.Contain("virtualConnectionConnections", v.connections, func(x *connection) *wire.Element {
		e := wire.New("connection", wire.Str(names[0], x.id), wire.Str(names[1], x.server))
		e.Opt(names[2], x.port)
		e.Str("username", x.userName)
		e.Str("dbClass", x.kind)
		return e
	}))
}
