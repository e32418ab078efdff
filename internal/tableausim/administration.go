package tableausim

import (
	"cmp"
	"slices"
	"strconv"

	"vitrine/internal/tableausim/wire"
)

// The scopes of what administrators set around a site.
var (
	connectedAppsRead  = need("tableau:connected_apps_direct_trust:read").from(3, 27)
	externalServerRead = need("tableau:external_authorization_servers:read").from(3, 27)
	bridgeRead         = need("tableau:bridge_rest_api:read").from(3, 28)
	domainsRead        = need("tableau:custom_domains:read").from(3, 26)
	analyticsRead      = need("tableau:analytics_extensions:read").from(3, 28)
	accelerationRead   = need("tableau:data_acceleration_reports:read").from(3, 27)
)

// forAdmins refuses users who do not administer the site.
func forAdmins(h handler) handler {
	return func(c *call) (*answer, error) {
		if !c.user().admin() {
			return nil, errForbidden()
		}
		return h(c)
	}
}

// getEmbedding is GET settings/embedding. Neither root nor form of the list are documented: here a
// site element, as the schema has the type, with hosts between spaces.
func getEmbedding(*call) (*answer, error) {
	e := wire.New("siteEmbeddingSettings")
	e.Flag("unrestrictedEmbedding", false)
	e.Str("allowList", "portal.example.com *.acme.example")
	return found(e)
}

// getExtensions is GET settings/extensions of a site. Its values are text in elements.
func getExtensions(*call) (*answer, error) {
	e := wire.New("extensionsSiteSettings")
	for _, x := range [][2]string{
		{"extensionsEnabled", "true"},
		{"useDefaultSetting", "false"},
		{"allowTrusted", "true"},
		{"includeSandboxed", "true"},
		{"includeTableauBuilt", "false"},
		{"includePartnerBuilt", "false"},
	} {
		e.Add(wire.Text(x[0], x[1]))
	}
	for _, x := range [][3]string{
		{"https://extensions.example.com/writeback.html", "true", "true"}, {"https://extensions.example.com/calendar.html", "false", "false"},
	} {
		e.Add(wire.Item(wire.New("safeList").Add(wire.Text("url", x[0]), wire.Text("fullDataAllowed", x[1]), wire.Text("promptNeeded", x[2]))))
	}
	return found(e)
}

// preference reports whether the caller wants notifications of one kind by one channel.
type preference struct {
	channel, kind     string
	enabled, override bool
}

var preferenceFields = map[string]field[preference]{
	"channel":          {ops: opEq, exact: true, text: func(p preference) string { return p.channel }},
	"notificationType": {ops: opEq, exact: true, text: func(p preference) string { return p.kind }},
}

// listNotificationPreferences is GET settings/notifications: the caller's own.
func listNotificationPreferences(c *call) (*answer, error) {
	var all []preference
	for i, kind := range []string{"comments", "data_alerts", "extract_refresh", "flow", "share"} {
		for j, channel := range []string{"email", "in_app", "slack"} {
			all = append(all, preference{channel, kind, seed(c.user().id, kind, channel)%3 > 0, i == 3 && j == 2})
		}
	}
	kept, err := filter(c, all, preferenceFields)
	if err != nil {
		return nil, err
	}
	return found(wire.Contain("userNotificationsPreferences", kept, func(p preference) *wire.Element {
		e := wire.New("userNotificationsPreference", wire.Str("channel", p.channel), wire.Str("notificationType", p.kind))
		e.Flag("enabled", p.enabled)
		e.Flag("disabledByOverride", p.override)
		return e
	}))
}

// listMCPSettings is GET settings/mcp: keys with values.
func listMCPSettings(*call) (*answer, error) {
	return found(
		wire.Item(wire.New("settings", wire.Str("key", "mcpEnabled"), wire.Str("value", "true"))),
		wire.Item(wire.New("settings", wire.Str("key", "mcpAllowedTools"), wire.Str("value", "list-datasources,query-datasource"))),
	)
}

// signIn is a way to sign in to a site.
type signInWay struct{ setting, id, name, alias string }

func signInWays(c *call) []signInWay {
	ways := []signInWay{{setting: "SAML", id: luid(c.site().id, "saml"), name: "Company SAML"}}
	if c.s.cfg.Cloud {
		ways = append(ways, signInWay{setting: "OIDC", id: luid(c.site().id, "oidc"), name: "Company login", alias: "Salesforce"})
	}
	return ways
}

// listAuthConfigurations is GET site-auth-configurations.
func listAuthConfigurations(c *call) (*answer, error) {
	return found(wire.Contain("siteAuthConfigurations", signInWays(c), func(w signInWay) *wire.Element {
		e := wire.New("siteAuthConfiguration", wire.Str("authSetting", w.setting))
		e.Flag("enabled", true)
		e.Str("idpConfigurationId", w.id)
		e.Str("idpConfigurationName", w.name)
		e.Opt("knownProviderAlias", w.alias)
		return e
	}))
}

// getOIDC is GET site-oidc-configuration, with the id as a parameter or, as Tableau's Python client
// asks, in the path. The secret is masked by asterisks, as documented.
func getOIDC(c *call) (*answer, error) {
	ways := signInWays(c)
	w := ways[len(ways)-1]
	if asked := cmp.Or(c.r.PathValue("id"), c.query.Get("idpConfigurationId")); asked != "" && asked != w.id {
		return nil, errNotFound("404029", "OpenID configuration", asked)
	}
	e := wire.New("siteOIDCConfiguration")
	e.Flag("enabled", true)
	e.Str("idpConfigurationId", w.id)
	e.Str("idpConfigurationName", w.name)
	e.Str("knownProviderAlias", w.alias)
	e.Str("clientId", "tableau-"+c.site().contentURL)
	e.Str("clientSecret", "*****")
	for _, x := range [][2]string{{"authorizationEndpoint", "authorize"}, {"tokenEndpoint", "token"}, {"userinfoEndpoint", "userinfo"}, {"jwksUri", "keys"}} {
		e.Str(x[0], "https://login.example.com/oauth2/"+x[1])
	}
	e.Flag("useFullName", false)
	return found(e)
}

// listSCIM is GET scimConfigurations.
func listSCIM(c *call) (*answer, error) {
	e := wire.New("scimConfiguration", wire.Str("id", luid(c.site().id, "scim")))
	e.Flag("enabled", true)
	e.Str("baseUrl", "https://scim.example.com/"+c.site().contentURL)
	return found(wire.New("scimConfigurations").Add(wire.Item(e)))
}

// connectedApps are the apps by which people can really sign in to the site.
func connectedApps(c *call) []ConnectedApp {
	var apps []ConnectedApp
	for _, app := range c.s.ConnectedApps() {
		if len(app.Sites) == 0 || slices.Contains(app.Sites, c.site().contentURL) {
			apps = append(apps, app)
		}
	}
	return apps
}

// connectedAppElement is one app, the n-th of its site from 1. Values are text in elements; of a
// secret only id and date are there.
func connectedAppElement(c *call, app ConnectedApp, n int) *wire.Element {
	e := wire.New("connectedApplication").Add(
		wire.Text("name", "Portal "+strconv.Itoa(n)), wire.Text("enabled", strconv.FormatBool(app.Enabled)),
		wire.Text("clientId", app.ClientID), wire.Text("createdAt", wire.Stamp(epoch.AddDate(0, -n, 0))),
		wire.Text("domainSafelist", "portal.example.com"), wire.Text("unrestrictedEmbedding", "false"),
	)
	if n > 1 {
		e.Add(wire.Text("projectId", c.site().projects[0].id))
	}
	return e.Add(wire.Item(wire.New("secret").Add(wire.Text("id", app.SecretID), wire.Text("createdAt", wire.Stamp(epoch.AddDate(0, -n, 0))))))
}

// listConnectedApps is GET connected-apps/direct-trust.
func listConnectedApps(c *call) (*answer, error) {
	n := 0
	return found(wire.Contain("connectedApplications", connectedApps(c), func(app ConnectedApp) *wire.Element {
		n++
		return connectedAppElement(c, app, n)
	}))
}

// pathConnectedApp is the app in the path, and which of the site's it is, from 1.
func pathConnectedApp(c *call) (ConnectedApp, int, error) {
	for i, app := range connectedApps(c) {
		if app.ClientID == c.r.PathValue("id") {
			return app, i + 1, nil
		}
	}
	return ConnectedApp{}, 0, errNotFound("404041", "Connected app", c.r.PathValue("id"))
}

// getConnectedApp is GET connected-apps/direct-trust/{clientId}. The stand-in does not have the
// method below it that hands out a secret.
func getConnectedApp(c *call) (*answer, error) {
	app, n, err := pathConnectedApp(c)
	if err != nil {
		return nil, err
	}
	return found(connectedAppElement(c, app, n))
}

// externalServers are the authorization servers whose tokens are really taken on the site. Cloud
// has them since 3.16, servers since 3.23.
func externalServers(c *call) ([]TrustedIssuer, error) {
	if !c.s.cfg.Cloud && c.version.less(ver(3, 23)) {
		return nil, errUnknownResource(c.r.URL.Path)
	}
	var known []TrustedIssuer
	for _, x := range c.s.trust.registered() {
		if len(x.Sites) == 0 || slices.Contains(x.Sites, c.site().contentURL) {
			known = append(known, x)
		}
	}
	return known, nil
}

func externalServerElement(x TrustedIssuer) *wire.Element {
	return wire.New("externalAuthorizationServer", wire.Str("id", luid("eas", x.URL)), wire.Str("name", "Login"), wire.Str("issuerUrl", x.URL), wire.Str("jwksUri", x.JWKS))
}

// listExternalServers is GET connected-apps/external-authorization-servers.
func listExternalServers(c *call) (*answer, error) {
	known, err := externalServers(c)
	if err != nil {
		return nil, err
	}
	return found(wire.Contain("externalAuthorizationServerList", known, externalServerElement))
}

// getExternalServer is GET connected-apps/external-authorization-servers/{id}.
func getExternalServer(c *call) (*answer, error) {
	known, err := externalServers(c)
	if err != nil {
		return nil, err
	}
	for _, x := range known {
		if luid("eas", x.URL) == c.r.PathValue("id") {
			return found(externalServerElement(x))
		}
	}
	return nil, errNotFound("404047", "External authorization server", c.r.PathValue("id"))
}

// registered are the issuers as they were registered.
func (t *trust) registered() []TrustedIssuer {
	t.mu.Lock()
	defer t.mu.Unlock()
	var all []TrustedIssuer
	for _, i := range t.issuers {
		all = append(all, i.TrustedIssuer)
	}
	return all
}

var bridgeClients = []string{"bridge-hq-1", "bridge-hq-2"}

func bridgeClientElement(c *call, name string) *wire.Element {
	status := map[bool]string{true: "CONNECTED", false: "DISCONNECTED"}[name == "bridge-hq-1"]
	return wire.New("bridgeClient", wire.Str("id", luid(c.site().id, name)), wire.Str("name", name), wire.Str("status", status), wire.Str("version", "20253.25.0901.1"),
		wire.Str("poolId", luid(c.site().id, "pool")), wire.Str("owner", "carol"))
}

// listBridgeClients is GET bridge-clients.
func listBridgeClients(c *call) (*answer, error) {
	return found(wire.Contain("bridgeClients", bridgeClients, func(name string) *wire.Element { return bridgeClientElement(c, name) }))
}

// getBridgeClient is GET bridge-clients/{id}.
func getBridgeClient(c *call) (*answer, error) {
	for _, name := range bridgeClients {
		if luid(c.site().id, name) == c.r.PathValue("id") {
			return found(bridgeClientElement(c, name))
		}
	}
	return nil, errNotFound("404029", "Bridge client", c.r.PathValue("id"))
}

// listBridgePools is GET bridge-pools. The list is in an edgePool.
func listBridgePools(c *call) (*answer, error) {
	return found(wire.New("edgePool").Add(wire.Contain("poolList", []string{"Headquarters"}, func(name string) *wire.Element {
		return wire.New("pool", wire.Str("id", luid(c.site().id, "pool")), wire.Str("name", name), wire.Str("domain", "corp.example"))
	})))
}

// listCustomDomains is GET /api/-/customdomains/site/{luid}. The form of the answer is not
// documented.
func listCustomDomains(c *call) (*answer, error) {
	if c.r.PathValue("luid") != c.site().id {
		return nil, wire.Fail("403010", "The site in the URI is not the site that the session signed in to.")
	}
	return jsonAnswer(map[string]any{"customDomains": []map[string]string{{"domain": "bi.acme.example", "status": "ACTIVE"}}})
}

// The analytics extensions of a site: their methods are outside the versioned API, and their names
// have underscores.
func analyticsExtension(c *call) map[string]any {
	return map[string]any{"connection_luid": luid(c.site().id, "tabpy"), "connection_brief": map[string]any{
		"connection_name": "Python models", "connection_type": "TABPY", "host": "tabpy.corp.example", "port": 9004, "is_ssl_enabled": true,
	}}
}

func getAnalytics(*call) (*answer, error) { return jsonAnswer(map[string]bool{"enabled": true}) }

func listAnalytics(c *call) (*answer, error) {
	return jsonAnswer(map[string]any{"connectionList": []any{analyticsExtension(c)}})
}

// getAnalyticsConnection is GET /api/-/settings/site/extensions/analytics/connections/{luid}.
func getAnalyticsConnection(c *call) (*answer, error) {
	if c.r.PathValue("id") != luid(c.site().id, "tabpy") {
		return nil, errNotFound("404020", "Connection", c.r.PathValue("id"))
	}
	return jsonAnswer(analyticsExtension(c))
}

// listWorkbookAnalytics is GET
// /api/-/settings/site/extensions/analytics/workbooks/{id}/connections: for everyone who sees the
// workbook.
func listWorkbookAnalytics(c *call) (*answer, error) {
	if _, err := pathWorkbook(c); err != nil {
		return nil, err
	}
	return listAnalytics(c)
}

// getWorkbookAnalytics is GET …/workbooks/{id}/selected_connection. Every fourth workbook has one;
// what the others answer is not documented.
func getWorkbookAnalytics(c *call) (*answer, error) {
	w, err := pathWorkbook(c)
	if err != nil {
		return nil, err
	}
	if w.number%4 != 0 {
		return jsonAnswer(map[string]any{})
	}
	return jsonAnswer(analyticsExtension(c))
}

// getAccelerationReport is GET dataAccelerationReport, which went with 3.16.
func getAccelerationReport(c *call) (*answer, error) {
	if !c.version.less(ver(3, 16)) {
		return nil, errUnknownResource(c.r.URL.Path)
	}
	return found(wire.Contain("dataAccelerationReport", c.site().views[:min(2, len(c.site().views))], func(v *view) *wire.Element {
		return wire.New("comparisonRecord", wire.Str("site", c.site().name), wire.Str("sheetURI", v.contentURL()), wire.Str("unacceleratedSessionCount", "2"),
			wire.Str("averageNonAcceleratedPLT", "1.29"), wire.Str("acceleratedSessionCount", "3"), wire.Str("averageAcceleratedPLT", "0.372"))
	}))
}
