package tableau

import (
	"context"
	"encoding/xml"
	"net/url"
	"strings"
)

// SiteAdministration is what administrators set around a site, in many places. It is there without a call.
type SiteAdministration struct{ Site *Site }

// SiteEntry is a site as Tableau's own list has it. It cannot be read any further from here.
type SiteEntry struct {
	node
	LUID       LUID   `json:"id" xml:"id,attr"`
	ContentURL string `json:"contentUrl" xml:"contentUrl,attr"`
	Name       string `json:"name" xml:"name,attr"`

	settings SiteSettings
}

type plainEntry SiteEntry

// UnmarshalJSON takes in the entry and, from the same object, its settings.
func (e *SiteEntry) UnmarshalJSON(data []byte) error {
	if err := unmarshal(data, (*plainEntry)(e)); err != nil {
		return err
	}
	return unmarshal(data, &e.settings)
}

// UnmarshalXML takes in the entry and, from the same element, its settings.
func (e *SiteEntry) UnmarshalXML(d *xml.Decoder, start xml.StartElement) error {
	for _, a := range start.Attr {
		switch a.Name.Local {
		case "id":
			e.LUID = luidOf(Text(a.Value))
		case "contentUrl":
			e.ContentURL = a.Value
		case "name":
			e.Name = a.Value
		}
	}
	return e.settings.UnmarshalXML(d, start)
}

func (e *SiteEntry) luid() LUID { return e.LUID }

// Settings are those that the list has.
func (e *SiteEntry) Settings() *SiteSettings { return &e.settings }

// Usage is how much of the site is used, where the list says so.
func (e *SiteEntry) Usage() *SiteUsage { return e.settings.UsageRef }

type sitesAnswer struct {
	envelope
	Sites struct {
		Items []*SiteEntry `json:"site" xml:"site"`
	} `json:"sites" xml:"sites"`
}

// ServerSites reads a stretch of the sites of the server that Tableau lists to the user. GET /sites, Server only.
func (s *Session) ServerSites(ctx context.Context, q ListQuery[SiteEntry], offset, first int) (*Page[SiteEntry], error) {
	read := func(ctx context.Context, query url.Values) (Pagination, []*SiteEntry, error) {
		r := siteRead{template: "/sites", path: []string{"sites"}, query: query, serverOnly: true}
		a, err := get(ctx, s, r, func(a *sitesAnswer) { adoptAll(s, &a.Sites.Items) })
		if err != nil {
			return Pagination{}, nil, err
		}
		return a.Pagination, a.Sites.Items, nil
	}
	return window(ctx, s, read, q, offset, first)
}

// EmbeddingSettings say where content of a site may be embedded.
type EmbeddingSettings struct {
	IsUnrestricted Flag
	AllowList      []string
}

// Embedding reads where content may be embedded; administrators only. GET settings/embedding, from API 3.16. The root of the answer is
// not documented: whatever holds the two values is taken.
func (s *Session) Embedding(ctx context.Context) (*EmbeddingSettings, error) {
	b, err := s.bagAt(ctx, siteRead{template: "settings/embedding", path: []string{"settings", "embedding"}, since: "3.16"},
		"siteEmbeddingSettings", "embeddingSettings", "site")
	if err != nil {
		return nil, err
	}
	b = b.in("siteEmbeddingSettings", "embeddingSettings", "site")
	apart := func(r rune) bool { return strings.ContainsRune(" ,;\n\t", r) }
	return &EmbeddingSettings{
		IsUnrestricted: b.flag("unrestrictedEmbedding"), AllowList: append([]string{}, strings.FieldsFunc(string(b.value("allowList")), apart)...),
	}, nil
}

// ExtensionSettings say which dashboard extensions may run on a site.
type ExtensionSettings struct {
	IsEnabled, UsesDefault, AreTrustedAllowed, AreSandboxedAllowed, AreTableauBuiltAllowed, ArePartnerBuiltAllowed Flag

	SafeList []*SafeExtension
}

// SafeExtension is an extension that may run.
type SafeExtension struct {
	URL               URL
	IsFullDataAllowed Flag
	IsPromptNeeded    Flag
}

// Extensions reads which dashboard extensions may run; administrators only. GET settings/extensions, from API 3.21.
func (s *Session) Extensions(ctx context.Context) (*ExtensionSettings, error) {
	b, err := s.bagAt(ctx, siteRead{template: "settings/extensions", path: []string{"settings", "extensions"}, since: "3.21"},
		"extensionsSiteSettings")
	if err != nil {
		return nil, err
	}
	b = b.in("extensionsSiteSettings")
	return &ExtensionSettings{
		IsEnabled: b.flag("extensionsEnabled"), UsesDefault: b.flag("useDefaultSetting"), AreTrustedAllowed: b.flag("allowTrusted"),
		AreSandboxedAllowed: b.flag("includeSandboxed"), AreTableauBuiltAllowed: b.flag("includeTableauBuilt"),
		ArePartnerBuiltAllowed: b.flag("includePartnerBuilt"),
		SafeList: eachBag(b.list("safeList", "safeListEntry"), func(b *bag) (*SafeExtension, Text) {
			return &SafeExtension{
				URL: URL(b.value("url")), IsFullDataAllowed: b.flag("fullDataAllowed"), IsPromptNeeded: b.flag("promptNeeded"),
			}, b.value("url")
		}),
	}, nil
}

// NotificationPreference is something that the user wants, or does not want, to be told of.
type NotificationPreference struct {
	Channel              string
	Kind                 string
	IsEnabled            Flag
	IsDisabledByOverride Flag
}

// NotificationPreferences are what the user wants to be told of. GET settings/notifications, from API 3.15.
func (s *Session) NotificationPreferences(ctx context.Context) ([]*NotificationPreference, error) {
	b, err := s.bagAt(ctx, siteRead{template: "settings/notifications", path: []string{"settings", "notifications"}, since: "3.15"},
		"userNotificationsPreferences", "userNotificationsPreference")
	if err != nil {
		return nil, err
	}
	return eachBag(b.list("userNotificationsPreferences", "userNotificationsPreference"), func(b *bag) (*NotificationPreference, Text) {
		return &NotificationPreference{
			Channel: string(b.value("channel")), Kind: string(b.value("notificationType")), IsEnabled: b.flag("enabled"),
			IsDisabledByOverride: b.flag("disabledByOverride"),
		}, b.value("notificationType")
	}), nil
}

// MCPSettings are the settings of Tableau's MCP server for the site. GET settings/mcp, from API 3.26: which version brought it is not
// documented.
func (s *Session) MCPSettings(ctx context.Context) ([]*NamedValue, error) {
	b, err := s.bagAt(ctx, siteRead{template: "settings/mcp", path: []string{"settings", "mcp"}, since: "3.26"}, "settings", "setting")
	if err != nil {
		return nil, err
	}
	return eachBag(b.list("settings", "setting"), func(b *bag) (*NamedValue, Text) {
		return &NamedValue{Name: string(b.value("key")), Value: string(b.value("value"))}, b.value("key")
	}), nil
}

// DataAccelerationRecord compares how long a view takes with and without data acceleration.
type DataAccelerationRecord struct {
	Site                      Text
	SheetURI                  Text
	PlainSessions             Int
	AcceleratedSessions       Int
	AveragePlainSeconds       *float64
	AverageAcceleratedSeconds *float64
}

// DataAccelerationReport compares views with and without data acceleration; administrators only. GET dataAccelerationReport, from API
// 3.8 to 3.15, Server only.
func (s *Session) DataAccelerationReport(ctx context.Context) ([]*DataAccelerationRecord, error) {
	b, err := s.bagAt(ctx, siteRead{
		template: "dataAccelerationReport", path: []string{"dataAccelerationReport"}, since: "3.8", until: "3.16", serverOnly: true,
	}, "dataAccelerationReport", "comparisonRecord")
	if err != nil {
		return nil, err
	}
	return eachBag(b.list("dataAccelerationReport", "comparisonRecord"), func(b *bag) (*DataAccelerationRecord, Text) {
		return &DataAccelerationRecord{
			Site: b.value("site"), SheetURI: b.value("sheetURI"), PlainSessions: b.number("unacceleratedSessionCount"),
			AcceleratedSessions: b.number("acceleratedSessionCount"),
			AveragePlainSeconds: b.decimal("averageNonAcceleratedPLT", "averageUnAcceleratedPLT"), AverageAcceleratedSeconds: b.decimal("averageAcceleratedPLT"),
		}, b.value("sheetURI")
	}), nil
}
