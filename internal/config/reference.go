package config

// Setting describes one key of the settings file, for the reference in docs/operators/settings.md.
// Objects and lists of objects are no settings of their own: their keys are.
type Setting struct {
	Key     string // its path; [] is for the number of an item: oidc[].issuer
	Type    Type
	Default string // as it is written in the file; empty if absent
	Absent  string // what holds without it, where Default does not say so: "required", "the bound address"
	Bounds  string // of a number or duration, as messages give them: "5m to 168h"
	Text    string // what it is, in Markdown; links start in docs/operators
}

// Type is the kind of value that a key takes.
type Type string

// The types of values.
const (
	TypeText     Type = "text"
	TypeTexts    Type = "list of texts"
	TypeNumber   Type = "number"
	TypeDuration Type = "duration"
	TypeFlag     Type = "true or false"
	TypeFile     Type = "file name"
	TypeFiles    Type = "list of file names"
	TypeVariable Type = "environment variable"
	TypeSites    Type = "list of texts or objects"
	TypeObject   Type = "object of texts"
)

const (
	required = "required"
	optional = "none"
)

// Settings returns every key of the settings file that this version has, in the order in which the
// reference lists them. A test compares it with the keys that are read.
func Settings() []Setting {
	var all []Setting
	for _, part := range [][]Setting{
		serverSettings, tableauSettings, signInSettings("tableau.signIn"), embedSettings("tableau.embed"), tableauLimitSettings, issuerSettings, roleSettings,
		limitSettings, pageSettings, auditSettings, traceSettings, storeSettings,
	} {
		all = append(all, part...)
	}
	return all
}

var serverSettings = []Setting{
	{Key: "listen", Type: TypeText, Default: "127.0.0.1:8080", Text: "Address to serve on, `host:port`. The host is an IP address, `localhost`, or empty for all interfaces. Port 0 picks a free port."},
	{Key: "adminListen", Type: TypeText, Absent: "no such address", Text: "Address of `/metrics`, `/healthz` and `/readyz`, `host:port`, apart from `listen`. Nothing there needs a token, so only the machines that scrape should reach it. See [Metrics](metrics.md)."},
	{Key: "metrics.operations", Type: TypeTexts, Absent: optional, Text: "Names of GraphQL operations whose durations `/metrics` counts one by one, at most 200. All others count together as `other`."},
	{Key: "dangerouslyServeProfiles", Type: TypeFlag, Default: "false", Text: "Serve Go's profiles at `/debug/pprof/` on `adminListen`. A profile of the memory can hold tokens and content of users. Switch it on to examine a fault, and off again."},
	{Key: "publicURL", Type: TypeText, Absent: "the bound address", Text: "Scheme and host at which browsers reach Vitrine, without a path. It may be left out only where `listen` is a loopback address."},
	{Key: "tls.certFile", Type: TypeFile, Absent: "plain HTTP", Text: "PEM file with the server's certificate, followed by the intermediate certificates. See [TLS and proxies](first-deployment.md#tls-and-proxies)."},
	{Key: "tls.keyFile", Type: TypeFile, Absent: "required with `tls`", Text: "PEM file with the private key of the certificate."},
	{Key: "tls.keyEnv", Type: TypeVariable, Absent: optional, Text: "Environment variable with the private key, instead of `tls.keyFile`."},
	{Key: "hosts", Type: TypeTexts, Absent: optional, Text: "Further host names, beside that of `publicURL`, under which callers reach Vitrine, such as a name inside a cluster; without ports. IP addresses and `localhost` are always accepted. A request for any other name gets 421."},
	{Key: "trustedProxies", Type: TypeTexts, Absent: optional, Text: "IP addresses and networks of proxies whose word about the client's address is taken. Nobody else's is."},
	{Key: "forwardedHeader", Type: TypeText, Default: "X-Forwarded-For", Text: "Header in which trusted proxies give the client's address: `X-Forwarded-For` or `Forwarded` (RFC 7239). The other one is not read."},
	{Key: "connections.total", Type: TypeNumber, Default: "20000", Bounds: "100 to 1000000", Text: "Connections to Vitrine, and no more than the process may have open files."},
	{Key: "connections.perAddress", Type: TypeNumber, Default: "2000", Bounds: "10 to 20000", Text: "Connections from one IPv4 address or one IPv6 network of 64 bits ([what counts as one](../decisions.md#settings-server-and-pages)). The default is `connections.total` if that is less, which is also the upper bound. Trusted proxies may have any number."},
}

var tableauSettings = []Setting{
	{Key: "tableau.url", Type: TypeText, Absent: required, Text: "Where Vitrine reaches Tableau: scheme and host."},
	{Key: "tableau.browserURL", Type: TypeText, Absent: "`tableau.url`", Text: "Where browsers reach Tableau, if that differs. Addresses in answers begin with it."},
	{Key: "tableau.caFile", Type: TypeFile, Absent: optional, Text: "PEM file of certificates to trust besides the system's."},
	{Key: "tableau.apiVersion", Type: TypeText, Default: "auto", Text: "Version of the REST API. `auto` uses the newest that the server has and asks for it again each hour; otherwise a version in quotes, such as `\"3.24\"`."},
	{Key: "tableau.sites", Type: TypeSites, Absent: required, Text: "Sites to serve, by content URL (the part after `/site/` in addresses), `\"\"` for the default site. The field `sites` lists them in this order. An item may be an object with `contentUrl` and a `signIn` or an `embed` of its own."},
	{Key: "tableau.sites[].contentUrl", Type: TypeText, Absent: "required in an object", Text: "Content URL of a site that has a `signIn` or an `embed` of its own."},
	{Key: "tableau.sites[].signIn", Type: TypeObject, Absent: "`tableau.signIn`", Text: "How users are signed in on this site alone, with the keys of `tableau.signIn`."},
	{Key: "tableau.sites[].embed", Type: TypeObject, Absent: "`tableau.embed`", Text: "The connected app that signs embed tokens on this site alone, with the keys of `tableau.embed`."},
	{Key: "tableau.sessionIdle", Type: TypeDuration, Default: "240m", Bounds: "5m to 168h", Text: "After how long without use Tableau ends a session (`wgserver.session.idle_limit`). Sessions are renewed shortly before."},
	{Key: "tableau.sessionLifetime", Type: TypeDuration, Default: "0s", Bounds: "5m to 168h", Text: "After how long Tableau ends a session that is in use; 0 for no such limit. On Tableau Cloud the default is `120m`."},
	{Key: "tableau.luidLifetime", Type: TypeDuration, Default: "24h", Bounds: "1m to 720h", Text: "How long the LUID of a user name is cached. A user who is deleted and created again is found at once regardless."},
	{Key: "tableau.maxSessions", Type: TypeNumber, Default: "20000", Bounds: "100 to 1000000", Text: "How many Tableau sessions are kept. Each takes less than a kilobyte of memory. Beyond the limit those that are used least are signed out."},
	{Key: "tableau.dangerouslyImpersonateServerAdministrators", Type: TypeFlag, Default: "false", Text: "Serve users who are server administrators in Tableau. A token of theirs can do everything on the server."},
	{Key: "tableau.dangerouslyWithoutTLS", Type: TypeFlag, Default: "false", Text: "Accept a `tableau.url` with `http` whose host is not a loopback address. Passwords, tokens and all content then cross the network in the clear. Set it only where something else encrypts that way, such as a service mesh."},
}

// signInSettings are the keys of a sign-in, wherever it is.
func signInSettings(at string) []Setting {
	settings := []Setting{
		{Key: "method", Type: TypeText, Absent: required, Text: "`connectedApp`, `unifiedAccessToken`, `personalAccessToken` or `password`. See [One of four sign-in methods](first-deployment.md#what-tableau-needs)."},
		{Key: "name", Type: TypeText, Absent: "required for `password`", Text: "For `password`: the account of a server administrator, if need be `DOMAIN\\name`. See [Signing in by password](../sign-in-password.md)."},
		{Key: "passwordFile", Type: TypeFile, Absent: "required for `password`", Text: "For `password`: file with the password of the account."},
		{Key: "passwordEnv", Type: TypeVariable, Absent: optional, Text: "For `password`: environment variable with the password, instead of `passwordFile`."},
		{Key: "tokens[].name", Type: TypeText, Absent: "required for `personalAccessToken`", Text: "For `personalAccessToken`: the token's name in Tableau. The first token looks users up, the others impersonate. See [how many](first-deployment.md#what-tableau-needs)."},
		{Key: "tokens[].secretFile", Type: TypeFile, Absent: "required for `personalAccessToken`", Text: "For `personalAccessToken`: file with the token's secret."},
		{Key: "tokens[].secretEnv", Type: TypeVariable, Absent: optional, Text: "For `personalAccessToken`: environment variable with the token's secret, instead of `secretFile`."},
		{Key: "trust", Type: TypeText, Absent: "required for `connectedApp`", Text: "For `connectedApp`: `direct` or `oauth`. See [Signing in with JWTs](../sign-in-connected-app.md)."},
		{Key: "clientID", Type: TypeText, Absent: "required for trust `direct`", Text: "For trust `direct`: client ID of the connected app."},
		{Key: "secretID", Type: TypeText, Absent: "required for trust `direct`", Text: "For trust `direct`: ID of the app's secret."},
		{Key: "secretFile", Type: TypeFile, Absent: "required for trust `direct`", Text: "For trust `direct`: file with the value of the app's secret."},
		{Key: "secretEnv", Type: TypeVariable, Absent: optional, Text: "For trust `direct`: environment variable with the value of the app's secret, instead of `secretFile`."},
		{Key: "keyFile", Type: TypeFile, Absent: "required for trust `oauth` and `unifiedAccessToken`", Text: "For trust `oauth` and `unifiedAccessToken`: private key in PEM form, RSA or, for `oauth`, P-256. Further keys in the file are only published."},
		{Key: "keyEnv", Type: TypeVariable, Absent: optional, Text: "For trust `oauth` and `unifiedAccessToken`: environment variable with the private key, instead of `keyFile`."},
		{Key: "issuer", Type: TypeText, Absent: "required for `unifiedAccessToken`", Text: "For `unifiedAccessToken`: issuer URI as configured in Tableau Cloud Manager."},
		{Key: "tenantID", Type: TypeText, Absent: "required for `unifiedAccessToken`", Text: "For `unifiedAccessToken`: tenant ID as Tableau Cloud Manager shows it."},
		{Key: "keyID", Type: TypeText, Absent: "the key's thumbprint", Text: "For `unifiedAccessToken`: ID of the key, where Tableau reads a key set."},
		{Key: "userClaim", Type: TypeText, Absent: "`email`", Text: "For `unifiedAccessToken`: claim of the JWT that holds the user name."},
		{Key: "attributes[].claim", Type: TypeText, Absent: "required in an item", Text: "For methods that sign a JWT: claim of the access token that becomes a user attribute. A dot reaches into objects."},
		{Key: "attributes[].name", Type: TypeText, Absent: "the claim's name", Text: "For methods that sign a JWT: name of the user attribute in Tableau."},
		{Key: "onDemandAccess.groups", Type: TypeTexts, Absent: optional, Text: "Tableau Cloud: groups whose rights people have without being users of the site."},
		{Key: "onDemandAccess.claim", Type: TypeText, Absent: optional, Text: "Tableau Cloud: claim of the access token that holds further such groups."},
	}
	for i := range settings {
		settings[i].Key = at + "." + settings[i].Key
	}
	return settings
}

var tableauLimitSettings = []Setting{
	{Key: "tableau.limits.total", Type: TypeNumber, Default: "256", Bounds: "1 to 10000", Text: "Requests to Tableau that may be running at the same time. All of `tableau.limits` holds for each instance of Vitrine by itself. See [How hard Tableau is asked](limits.md#load-on-tableau)."},
	{Key: "tableau.limits.perSite", Type: TypeNumber, Default: "64", Bounds: "1 to 256", Text: "Requests on one site. The default is `tableau.limits.total` if that is less, which is also the upper bound."},
	{Key: "tableau.limits.perUser", Type: TypeNumber, Default: "16", Bounds: "1 to 64", Text: "Requests of one user on one site. The default is `tableau.limits.perSite` if that is less, which is also the upper bound."},
	{Key: "tableau.limits.longRunning", Type: TypeNumber, Default: "20", Bounds: "1 to 1000", Text: "Requests on one site for which Tableau renders or exports. Tableau Cloud refuses the 21st."},
	{Key: "tableau.limits.queue", Type: TypeNumber, Default: "10000", Bounds: "1 to 100000", Text: "Requests that may wait."},
	{Key: "tableau.limits.wait", Type: TypeDuration, Default: "10s", Bounds: "100ms to 5m", Text: "How long one request may wait."},
	{Key: "tableau.limits.tries", Type: TypeNumber, Default: "3", Bounds: "1 to 5", Text: "How often a read that fails for a moment is sent in all; 1 sends nothing again."},
}
