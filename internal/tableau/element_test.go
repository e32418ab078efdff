package tableau

import (
	"context"
	"net/http"
	"testing"
)

// looseReads are the reads whose answers are taken in without a fixed form, with an empty answer of
// each in its usual container.
var looseReads = map[string]struct {
	read  func(context.Context, *Session) (int, error)
	empty string
}{
	"bridge clients":      {count((*Session).BridgeClients), `{"bridgeClients":{}}`},
	"bridge pools":        {count((*Session).BridgePools), `{"edgePool":{"poolList":null}}`},
	"custom domains":      {count((*Session).CustomDomains), `{"customDomains":[]}`},
	"sign-in":             {count((*Session).AuthConfigurations), `{"siteAuthConfigurations":""}`},
	"SCIM":                {count((*Session).ScimConfigurations), `{"scimConfigurations":[]}`},
	"connected apps":      {count((*Session).ConnectedApps), `{"connectedApplications":{}}`},
	"external servers":    {count((*Session).ExternalAuthorizationServers), `{"externalAuthorizationServerList":{}}`},
	"notifications":       {count((*Session).NotificationPreferences), `{"userNotificationsPreferences":{}}`},
	"MCP settings":        {count((*Session).MCPSettings), `{"settings":[]}`},
	"acceleration report": {count((*Session).DataAccelerationReport), `{"dataAccelerationReport":{}}`},
	"analytics":           {count((*Session).AnalyticsExtensions), `{"connectionList":[]}`},
	"embedding":           {anything((*Session).Embedding), `{"siteEmbeddingSettings":{}}`},
	"extensions":          {anything((*Session).Extensions), `{"extensionsSiteSettings":null}`},
	"analytics allowed":   {anything((*Session).AnalyticsExtensionsEnabled), `{"enabled":null}`},
	"server's analytics":  {anything((*Session).ServerAnalyticsExtensions), `{"enabled":""}`},
}

func count[T any](read func(*Session, context.Context) ([]*T, error)) func(context.Context, *Session) (int, error) {
	return func(ctx context.Context, s *Session) (int, error) {
		items, err := read(s, ctx)
		return len(items), err
	}
}

func anything[T any](read func(*Session, context.Context) (T, error)) func(context.Context, *Session) (int, error) {
	return func(ctx context.Context, s *Session) (int, error) {
		_, err := read(s, ctx)
		return 0, err
	}
}

// TestMissingContainersAreNoEmptyLists holds that an answer of something else is Malformed, and an
// empty container an empty list.
func TestMissingContainersAreNoEmptyLists(t *testing.T) {
	t.Parallel()
	for name, loose := range looseReads {
		for body, missing := range map[string]bool{
			loose.empty: false, `{"somethingElse":{"a":1}}`: true, `<tsResponse><somethingElse a="1"/></tsResponse>`: true,
		} {
			u := serve(t, func(*http.Request) reply { return reply{body: body} })
			version := "3.28"
			if name == "acceleration report" {
				version = "3.15"
			}
			s := client(t, Config{URL: u.URL, APIVersion: version}).Session(t.Context(), &keeper{})
			n, err := loose.read(t.Context(), s)
			if n != 0 || missing != IsKind(err, Malformed) || !missing && err != nil {
				t.Errorf("%s: %s: %d items, error %v", name, body, n, err)
			}
		}
	}
}
