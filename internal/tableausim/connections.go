package tableausim

// authentication names how a connection proves who it is.
func (x *connection) authentication() string {
	if x.userName == "" {
		return "auth-none"
	}
	return "auth-user"
}

// connectionElement is one connection; whether its queries are tagged is told to administrators only.
func connectionElement(c *call, x *connection) *element {
	e := el("connection", str("id", x.id), str("type", x.kind), str("serverAddress", x.server))
	e.opt("serverPort", x.port)
	e.str("userName", x.userName)
	e.flag("embedPassword", x.embedPassword)
	e.str("authenticationType", x.authentication())
	if c.user().admin() {
		e.flag("queryTaggingEnabled", false)
	}
	if x.sourceID != "" {
		e.add(el("datasource", str("id", x.sourceID), str("name", x.sourceName)))
	}
	return e
}

// listFlowConnections is GET flows/{id}/connections; it has no pages.
func listFlowConnections(c *call) (*answer, error) {
	f, err := pathFlow(c)
	if err != nil {
		return nil, err
	}
	return found(contain("connections", f.connections, func(x *connection) *element { return connectionElement(c, x) }))
}

// listVirtualConnectionConnections is GET virtualconnections/{id}/connections; it has no pages, and its attributes are spelled otherwise
// than all other connections': in one way up to API 3.22, in another from then on (both were seen; which server has which is UNSURE).
func listVirtualConnectionConnections(c *call) (*answer, error) {
	v, err := pathVirtualConnection(c)
	if err != nil {
		return nil, err
	}
	names := []string{"id", "serverAddress", "serverPort"}
	if !c.version.less(ver(3, 23)) {
		names = []string{"connectionId", "server", "port"}
	}
	return found(contain("virtualConnectionConnections", v.connections, func(x *connection) *element {
		e := el("connection", str(names[0], x.id), str(names[1], x.server))
		e.opt(names[2], x.port)
		e.str("username", x.userName)
		e.str("dbClass", x.kind)
		return e
	}))
}
