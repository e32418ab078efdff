package config

var issuerSettings = []Setting{
	{Key: "oidc[].issuer", Type: TypeText, Absent: required, Text: "The issuer, character by character as in `iss` of its tokens, a slash at the end included."},
	{Key: "oidc[].audiences", Type: TypeTexts, Absent: required, Text: "Values of `aud` that mean Vitrine. A token must have one of them."},
	{Key: "oidc[].tokenTypes", Type: TypeTexts, Default: "[at+jwt]", Text: "Accepted values of the header `typ`: `at+jwt`, `application/at+jwt`, `JWT`. `JWT` also accepts tokens without a type."},
	{Key: "oidc[].acceptIDTokens", Type: TypeFlag, Default: "false", Text: "Accept ID tokens as access tokens."},
	{Key: "oidc[].algorithms", Type: TypeTexts, Default: "[RS256, ES256, PS256, EdDSA]", Text: "Accepted signatures, of these and RS384, RS512, ES384, ES512, PS384, PS512."},
	{Key: "oidc[].leeway", Type: TypeDuration, Default: "30s", Bounds: "0s to 5m", Text: "By how much clocks may differ."},
	{Key: "oidc[].userInfo", Type: TypeFlag, Default: "false", Text: "Ask the provider's UserInfo endpoint when a token lacks the claim with the user name."},
	{Key: "oidc[].username.claim", Type: TypeText, Default: "email", Text: "Claim that holds the Tableau user name. A dot reaches into objects."},
	{Key: "oidc[].username.requireVerified", Type: TypeFlag, Absent: "`true` for the claim `email`, otherwise `false`", Text: "Require the claim `email_verified` to be true."},
	{Key: "oidc[].username.stripDomain", Type: TypeText, Absent: optional, Text: "Mail domain that is required and cut off."},
	{Key: "oidc[].username.prefixDomain", Type: TypeText, Absent: optional, Text: "Windows domain that is put before the name."},
	{Key: "oidc[].groups.claim", Type: TypeText, Default: "groups", Text: "Claim that holds the groups. A dot reaches into objects."},
	{Key: "oidc[].scopes", Type: TypeTexts, Default: "[openid, email]", Text: "Scopes that the playground asks for; also published at `/.well-known/oauth-protected-resource`."},
	{Key: "oidc[].authorizeParams", Type: TypeObject, Absent: optional, Text: "Further parameters of the playground's authorization request, such as `{audience: vitrine}`."},
	{Key: "oidc[].backchannelLogout.clients", Type: TypeTexts, Absent: optional, Text: "Client IDs for which the provider sends logout tokens to `/oidc/backchannel-logout`: the accepted values of `aud` there. A logout ends the user's Tableau sessions, content links and earlier access tokens in all replicas. See [Logout](logout.md)."},
	{Key: "oidc[].caFile", Type: TypeFile, Absent: optional, Text: "PEM file of certificates to trust besides the system's."},
	{Key: "oidc[].dangerouslyAcceptBoundTokens", Type: TypeFlag, Default: "false", Text: "Accept tokens that are bound to a key of the client (claim `cnf`: DPoP, mutual TLS) as plain bearer tokens. Vitrine does not check that the sender has the key, so a stolen token works."},
	{Key: "oidc[].dangerouslyWithoutTLS", Type: TypeFlag, Default: "false", Text: "Accept an issuer with `http` whose host is not a loopback address. Anyone on the way can then replace the provider's keys and be anybody. Set it only where something else protects that way, such as a service mesh."},
	{Key: "dangerouslySharedNames", Type: TypeFlag, Default: "false", Text: "Let two issuers speak for the same Tableau user name. Anyone who controls one can then be anyone of the other."},
}

var roleSettings = []Setting{
	{Key: "roles[].name", Type: TypeText, Absent: required, Text: "Letters, digits, `-` and `_`. `viewer.roles` and the log show it. See [Roles](roles.md)."},
	{Key: "roles[].when.group", Type: TypeText, Absent: optional, Text: "Exact name of a group. Everything in `when` must hold; without `when` everyone has the role."},
	{Key: "roles[].when.scope", Type: TypeText, Absent: optional, Text: "A scope of the access token."},
	{Key: "roles[].when.client", Type: TypeText, Absent: optional, Text: "The client that the token was issued to: its `client_id`, otherwise `azp`."},
	{Key: "roles[].when.claim", Type: TypeText, Absent: optional, Text: "A claim of the token, with `equals` or `contains`. A dot reaches into objects."},
	{Key: "roles[].when.equals", Type: TypeText, Absent: optional, Text: "The only value of the claim."},
	{Key: "roles[].when.contains", Type: TypeText, Absent: optional, Text: "One of the values of the claim."},
	{Key: "roles[].allow", Type: TypeTexts, Absent: optional, Text: "Areas and schema coordinates that the role opens."},
	{Key: "roles[].deny", Type: TypeTexts, Absent: optional, Text: "Areas and schema coordinates that the role closes, whatever other roles allow."},
	{Key: "roles[].sites", Type: TypeTexts, Absent: "all", Text: "Which of `tableau.sites` the role gives, by content URL."},
	{Key: "roles[].limits.first", Type: TypeNumber, Absent: "`limits.first`", Bounds: "1 to 10000", Text: "Most items of one page. The upper bound is `limits.first`."},
	{Key: "roles[].limits.rows", Type: TypeNumber, Absent: "`limits.first`", Bounds: "1 to 10000", Text: "Most rows of one page of a view's data. The upper bound is `limits.first`."},
	{Key: "roles[].introspection", Type: TypeFlag, Default: "true", Text: "Whether people with the role may ask for the schema."},
}

var limitSettings = []Setting{
	{Key: "limits.first", Type: TypeNumber, Default: "10000", Bounds: "1 to 100000", Text: "Most items of one page of a list. See [Limits](limits.md) for all of `limits`."},
	{Key: "limits.documentBytes", Type: TypeNumber, Default: "100000", Bounds: "1000 to 1000000", Text: "Size of a GraphQL document, in bytes."},
	{Key: "limits.tokens", Type: TypeNumber, Default: "2000", Bounds: "200 to 2000", Text: "Lexical tokens of a document."},
	{Key: "limits.depth", Type: TypeNumber, Default: "20", Bounds: "3 to 50", Text: "Depth of nested fields."},
	{Key: "limits.aliases", Type: TypeNumber, Default: "100", Bounds: "1 to 1000", Text: "Fields with an alias."},
	{Key: "limits.rootFields", Type: TypeNumber, Default: "50", Bounds: "1 to 1000", Text: "Fields of `Query`."},
	{Key: "limits.fields", Type: TypeNumber, Default: "2000", Bounds: "50 to 100000", Text: "Fields, those of a fragment for each time it is spread."},
	{Key: "limits.comparisons", Type: TypeNumber, Default: "20000", Bounds: "100 to 200000", Text: "Comparisons that validation has to make: between fields of the same name, and between fragments."},
	{Key: "limits.directives", Type: TypeNumber, Default: "100", Bounds: "1 to 1000", Text: "Uses of directives."},
	{Key: "limits.introspection", Type: TypeNumber, Default: "3", Bounds: "3 to 10", Text: "Nested lists of the schema in an introspection query."},
	{Key: "limits.cost", Type: TypeNumber, Default: "500000", Bounds: "100 to 2147483647", Text: "Points that one document may cost."},
	{Key: "limits.measure", Type: TypeTexts, Absent: optional, Text: "Limits that refuse nothing and are only logged: of `aliases`, `comparisons`, `cost`, `depth`, `directives`, `fields`, `introspection`, `rootFields`, `perPerson`, `perAddress`."},
	{Key: "limits.deadline", Type: TypeDuration, Default: "1m", Bounds: "1s to 2m", Text: "How long a request may take."},
	{Key: "limits.fieldsUnderWay", Type: TypeNumber, Default: "2000000", Bounds: "10000 to 1000000000", Text: "Fields of all answers that are assembled at the same time."},
	{Key: "limits.answerBytes", Type: TypeNumber, Default: "32000000", Bounds: "1000000 to 1000000000", Text: "Bytes of one answer. All answers together take up to three times as much memory while they are written and sent."},
	{Key: "limits.perPerson", Type: TypeNumber, Default: "0", Bounds: "100 to 2147483647", Text: "Points that one person may use in a minute; 0 for no limit."},
	{Key: "limits.perAddress", Type: TypeNumber, Default: "0", Bounds: "100 to 2147483647", Text: "Points that may be used from one address in a minute; 0 for no limit."},
	{Key: "content.linkLifetime", Type: TypeDuration, Default: "5m", Bounds: "10s to 1h", Text: "How long the address of a picture or a file works, and never longer than the token that asked for it. See [Content links](content-links.md)."},
}

var pageSettings = []Setting{
	{Key: "cors.origins", Type: TypeTexts, Absent: optional, Text: "Exact origins of front ends elsewhere; no wildcard."},
	{Key: "cors.headers", Type: TypeTexts, Absent: optional, Text: "Request headers that those front ends may send besides `Authorization`, `Content-Type`, `apollographql-client-name`, `apollographql-client-version`, `traceparent`, `tracestate`, `baggage` and `sentry-trace`. Vitrine ignores them."},
	{Key: "playground.enabled", Type: TypeFlag, Default: "false", Text: "Serve `/playground`. The binary must have been built with the pages (`make web`)."},
	{Key: "playground.clientID", Type: TypeText, Absent: "required with `playground.enabled`", Text: "Public client of the playground at the first issuer."},
	{Key: "log.format", Type: TypeText, Default: "json", Text: "`json` or `text`."},
	{Key: "log.level", Type: TypeText, Default: "info", Text: "`debug`, `info`, `warn` or `error`."},
	{Key: "log.userNames", Type: TypeFlag, Default: "true", Text: "Write the Tableau user name of the caller into each event of a request."},
	{Key: "shutdown.delay", Type: TypeDuration, Default: "5s", Bounds: "0s to 5m", Text: "How long the server goes on serving after SIGTERM while `/readyz` answers 503. Also `--shutdown-delay` and `VITRINE_SHUTDOWN_DELAY`. See [Stopping](upgrading.md)."},
	{Key: "shutdown.grace", Type: TypeDuration, Default: "20s", Bounds: "0s to 10m", Text: "How long running requests may take after that before they are answered 503. Also `--shutdown-grace` and `VITRINE_SHUTDOWN_GRACE`."},
}

var storeSettings = []Setting{
	{Key: "keyFiles", Type: TypeFiles, Absent: optional, Text: "Files with a root key each, 40 characters or more: the current one, and the previous one while they are changed. What needs a key and finds none makes a random one at each start."},
	{Key: "sharedStore.redis", Type: TypeText, Absent: "no shared store", Text: "A Redis through which replicas share sessions: `rediss://host:port`, or `redis://` on loopback, with a database number if need be: `rediss://host:port/1`. See [Several replicas](../several-replicas.md)."},
	{Key: "sharedStore.username", Type: TypeText, Absent: "the default user", Text: "User of Redis."},
	{Key: "sharedStore.passwordFile", Type: TypeFile, Absent: optional, Text: "File with the password of Redis."},
	{Key: "sharedStore.passwordEnv", Type: TypeVariable, Absent: optional, Text: "Environment variable with the password of Redis, instead of `sharedStore.passwordFile`."},
	{Key: "sharedStore.caFile", Type: TypeFile, Absent: optional, Text: "PEM file of certificates to trust besides the system's."},
	{Key: "sharedStore.timeout", Type: TypeDuration, Default: "1s", Bounds: "50ms to 10s", Text: "How long one operation may take."},
	{Key: "sharedStore.dangerouslyWithoutTLS", Type: TypeFlag, Default: "false", Text: "Accept a `sharedStore.redis` with `redis` whose host is not a loopback address. The password of Redis then crosses the network in the clear; entries stay sealed. Set it only where something else encrypts that way, such as a service mesh."},
}
