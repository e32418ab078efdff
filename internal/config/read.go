package config

import (
	"log/slog"
	"time"

	"github.com/goccy/go-yaml/ast"

	"vitrine/internal/suggest"
)

// This file is the shape of the settings file: one method per object, one line
// per key. The rules for values are in validate.go.

func (r *reader) config(o *object, c *Config) {
	o.text("listen", &c.Listen)
	o.text("publicURL", &c.PublicURL)
	r.edge(o, c)
	if t := o.object("tableau"); t != nil {
		r.tableau(t, &c.Tableau)
	}
	c.OIDC = each(o, "oidc", DefaultIssuer(), r.issuer)
	c.Roles = each(o, "roles", Role{}, r.role)
	if t := o.object("cors"); t != nil {
		t.texts("origins", &c.CORS.Origins)
		t.texts("headers", &c.CORS.Headers)
		t.done()
	}
	if t := o.object("limits"); t != nil {
		r.limits(t, &c.Limits)
	}
	if t := o.object("cache"); t != nil {
		r.cache(t, &c.Cache)
	}
	if t := o.object("content"); t != nil {
		t.duration("linkLifetime", &c.Content.LinkLifetime)
		t.done()
	}
	if t := o.object("documents"); t != nil {
		r.documents(t, &c.Documents)
	}
	page(o, "playground", &c.Playground)
	page(o, "gallery", &c.Gallery)
	o.flag("federation", &c.Federation)
	if t := o.object("log"); t != nil {
		r.log(t, &c.Log)
	}
	if a := o.object("audit"); a != nil {
		r.audit(a, &c.Audit)
	}
	if t := o.object("traces"); t != nil {
		r.traces(t, &c.Traces)
	}
	r.traceVariables(&c.Traces)
	if s := o.object("shutdown"); s != nil {
		s.duration("delay", &c.Shutdown.Delay)
		s.duration("grace", &c.Shutdown.Grace)
		s.done()
	}
	r.keyFiles(o, &c.Keys)
	if s := o.object("sharedStore"); s != nil {
		r.sharedStore(s, &c.SharedStore)
	}
	o.flag("dangerouslySharedNames", &c.DangerouslySharedNames)
	o.done()
}

func page(o *object, key string, p *Page) {
	if t := o.object(key); t != nil {
		t.flag("enabled", &p.Enabled)
		t.text("clientID", &p.ClientID)
		t.done()
	}
}

func (r *reader) tableau(o *object, t *Tableau) {
	o.text("url", &t.URL)
	t.BrowserURL = t.URL
	o.text("browserURL", &t.BrowserURL)
	r.certificates(o, &t.CA)
	o.text("apiVersion", &t.APIVersion)
	if s := o.object("signIn"); s != nil {
		r.signIn(s, &t.SignIn)
	}
	t.Sites = r.sites(o)
	o.duration("sessionIdle", &t.SessionIdle)
	if t.isCloud() {
		t.SessionLifetime = 120 * time.Minute
	}
	o.duration("sessionLifetime", &t.SessionLifetime)
	if l := o.object("limits"); l != nil {
		r.tableauLimits(l, &t.Limits)
	}
	o.duration("luidLifetime", &t.LUIDLifetime)
	o.number("maxSessions", &t.MaxSessions)
	t.Embed = r.embed(o, "embed")
	o.flag("dangerouslyWithoutTLS", &t.DangerouslyWithoutTLS)
	o.flag("dangerouslyImpersonateServerAdministrators", &t.DangerouslyImpersonateServerAdministrators)
	o.done()
}

// tableauLimits reads the widest bound first: a narrower one that is not given is no wider.
func (r *reader) tableauLimits(o *object, l *TableauLimits) {
	o.number("total", &l.Total)
	l.PerSite = min(l.PerSite, l.Total)
	o.number("perSite", &l.PerSite)
	l.PerUser = min(l.PerUser, l.PerSite)
	o.number("perUser", &l.PerUser)
	o.number("longRunning", &l.LongRunning)
	o.number("queue", &l.Queue)
	o.duration("wait", &l.Wait)
	o.number("tries", &l.Tries)
	o.done()
}

func (r *reader) signIn(o *object, s *SignIn) {
	o.text("method", &s.Method)
	o.text("name", &s.Name)
	s.PasswordFile = r.secret(o, "password", &s.Password)
	s.Tokens = each(o, "tokens", Token{}, r.token)
	r.signInByJWT(o, s)
	o.done()
}

// signInByJWT reads what the methods that sign JWTs have beside.
func (r *reader) signInByJWT(o *object, s *SignIn) {
	o.text("trust", &s.Trust)
	o.text("clientID", &s.ClientID)
	o.text("secretID", &s.SecretID)
	r.secret(o, "secret", &s.Secret)
	r.key(o, "key", &s.Key)
	o.text("issuer", &s.Issuer)
	o.text("tenantID", &s.TenantID)
	o.text("keyID", &s.KeyID)
	o.text("userClaim", &s.UserClaim)
	s.Attributes = each(o, "attributes", Attribute{}, r.attribute)
	if d := o.object("onDemandAccess"); d != nil {
		d.texts("groups", &s.OnDemand.Groups)
		d.text("claim", &s.OnDemand.Claim)
		if len(s.OnDemand.Groups) == 0 && s.OnDemand.Claim == "" {
			r.problem(d.path, "", "names no group", "list groups, name the claim that holds them, or leave onDemandAccess out")
		}
		d.done()
	}
}

func (r *reader) attribute(o *object, a *Attribute) {
	o.text("claim", &a.Claim)
	a.Name = a.Claim
	o.text("name", &a.Name)
	o.done()
}

func (r *reader) token(o *object, t *Token) {
	o.text("name", &t.Name)
	t.File = r.secret(o, "secret", &t.Secret)
	o.done()
}

// sites reads a list whose items are content URLs or objects.
func (r *reader) sites(o *object) []Site {
	items, _ := o.list("sites")
	out := make([]Site, len(items))
	for i, n := range items {
		path := o.item("sites", i)
		if !isObject(n) {
			r.text(path, n, &out[i].ContentURL)
			continue
		}
		site := r.object(path, n)
		if !site.has("contentUrl") {
			r.problem(path+".contentUrl", "", "is missing", `give the site's content URL, "" for the default site`)
		}
		site.text("contentUrl", &out[i].ContentURL)
		if s := site.object("signIn"); s != nil {
			out[i].SignIn = &SignIn{}
			r.signIn(s, out[i].SignIn)
		}
		out[i].Embed = r.embed(site, "embed")
		site.done()
	}
	return out
}

func (r *reader) issuer(o *object, i *Issuer) {
	o.text("issuer", &i.URL)
	o.texts("audiences", &i.Audiences)
	o.texts("tokenTypes", &i.TokenTypes)
	o.flag("acceptIDTokens", &i.AcceptIDTokens)
	o.flag("dangerouslyAcceptBoundTokens", &i.DangerouslyAcceptBoundTokens)
	o.texts("algorithms", &i.Algorithms)
	o.duration("leeway", &i.Leeway)
	o.flag("userInfo", &i.UserInfo)
	if u := o.object("username"); u != nil {
		r.username(u, &i.Username)
	}
	if g := o.object("groups"); g != nil {
		g.text("claim", &i.Groups.Claim)
		g.done()
	}
	o.texts("scopes", &i.Scopes)
	o.texts("requiredScopes", &i.RequiredScopes)
	if n := o.object("introspection"); n != nil {
		r.introspection(n, &i.Introspection)
	}
	if b := o.object("backchannelLogout"); b != nil {
		b.texts("clients", &i.LogoutClients)
		if !b.has("clients") {
			r.problem(b.at("clients"), "", "is missing", "list the client IDs for which the provider sends logout tokens")
		}
		b.done()
	}
	if p := o.object("authorizeParams"); p != nil {
		i.AuthorizeParams = map[string]string{}
		for _, name := range p.order {
			var value string
			p.text(name, &value)
			i.AuthorizeParams[name] = value
		}
	}
	r.certificates(o, &i.CA)
	o.flag("dangerouslyWithoutTLS", &i.DangerouslyWithoutTLS)
	o.done()
}

func (r *reader) username(o *object, u *Username) {
	o.text("claim", &u.Claim)
	u.RequireVerified = u.Claim == "email" // other claims are not what email_verified speaks of
	o.flag("requireVerified", &u.RequireVerified)
	o.text("stripDomain", &u.StripDomain)
	o.text("prefixDomain", &u.PrefixDomain)
	o.done()
}

func (r *reader) log(o *object, l *Log) {
	o.text("format", &l.Format)
	level := "info"
	o.text("level", &level)
	levels := map[string]slog.Level{"debug": slog.LevelDebug, "info": slog.LevelInfo, "warn": slog.LevelWarn, "error": slog.LevelError}
	v, ok := levels[level]
	if !ok {
		r.problem(o.at("level"), level, "is not a level", suggest.Or(level, []string{"debug", "info", "warn", "error"}, "use debug, info, warn or error"))
	}
	l.Level = v
	o.flag("userNames", &l.UserNames)
	o.done()
}

// isObject reports whether a node holds keys and values.
func isObject(n ast.Node) bool {
	switch n.(type) {
	case *ast.MappingNode, *ast.MappingValueNode:
		return true
	default:
		return false
	}
}
