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
