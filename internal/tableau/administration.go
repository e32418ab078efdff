package tableau

import (
	"context"
	"encoding/xml"
	"net/url"
	"strings"

	"vitrine/internal/tableau/rest"
)

// SiteAdministration is what administrators set around a site, in many places. It is there without
// a call.
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
	if err := rest.Unmarshal(data, (*plainEntry)(e)); err != nil {
		return err
	}
	return rest.Unmarshal(data, &e.settings)
}

// UnmarshalXML takes in the entry and, from the same element, its settings.
func (e *SiteEntry) UnmarshalXML(d *xml.Decoder, start xml.StartElement) error {
	for _, a := range start.Attr {
		switch a.Name.Local {
		case "id":
			e.LUID = rest.LUIDOf(Text(a.Value))
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
	rest.Envelope
	Sites struct {
		Items []*SiteEntry `json:"site" xml:"site"`
	} `json:"sites" xml:"sites"`
}

// ServerSites reads a stretch of the sites of the server that Tableau lists to the user. GET
// /sites, Server only.
func (s *Session) ServerSites(ctx context.Context, q ListQuery[SiteEntry], offset, first int) (*Page[SiteEntry], error) {
	read := func(ctx context.Context, query url.Values) (Pagination, []*SiteEntry, error) {
		r := rest.SiteRead{Template: "/sites", Query: query}
		a, err := get(ctx, s, r, func(a *sitesAnswer) { bindAll(s, &a.Sites.Items) })
		if err != nil {
			return Pagination{}, nil, err
		}
		return a.Pagination, a.Sites.Items, nil
	}
	return readRange(ctx, s, read, q, offset, first)
}

// EmbeddingSettings say where content of a site may be embedded.
type EmbeddingSettings struct {
	IsUnrestricted Flag
	AllowList      []string
}

// Embedding reads where content may be embedded; administrators only. GET settings/embedding, from
// API 3.16. The root of the answer is not documented: whatever holds the two values is taken.
func (s *Session) Embedding(ctx context.Context) (*EmbeddingSettings, error) {
	b, err := s.element(ctx, rest.SiteRead{Template: "settings/embedding"},
		"siteEmbeddingSettings", "embeddingSettings", "site")
	if err != nil {
		return nil, err
	}
	b = b.In("siteEmbeddingSettings", "embeddingSettings", "site")
	apart := func(r rune) bool { return strings.ContainsRune(" ,;\n\t", r) }
	return &EmbeddingSettings{
		IsUnrestricted: b.Flag("unrestrictedEmbedding"), AllowList: append([]string{}, strings.FieldsFunc(string(b.Value("allowList")), apart)...),
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

// Extensions reads which dashboard extensions may run; administrators only. GET
// settings/extensions, from API 3.21.
func (s *Session) Extensions(ctx context.Context) (*ExtensionSettings, error) {
	b, err := s.element(ctx, rest.SiteRead{Template: "settings/extensions"},
		"extensionsSiteSettings")
	if err != nil {
		return nil, err
	}
	b = b.In("extensionsSiteSettings")
	return &ExtensionSettings{
		IsEnabled: b.Flag("extensionsEnabled"), UsesDefault: b.Flag("useDefaultSetting"), AreTrustedAllowed: b.Flag("allowTrusted"),
		AreSandboxedAllowed: b.Flag("includeSandboxed"), AreTableauBuiltAllowed: b.Flag("includeTableauBuilt"),
		ArePartnerBuiltAllowed: b.Flag("includePartnerBuilt"),
		SafeList: rest.EachElement(b.List("safeList", "safeListEntry"), func(b *rest.Element) (*SafeExtension, Text) {
			return &SafeExtension{
				URL: URL(b.Value("url")), IsFullDataAllowed: b.Flag("fullDataAllowed"), IsPromptNeeded: b.Flag("promptNeeded"),
			}, b.Value("url")
		}),
	}, nil
}

// NotificationPreference says whether the user wants notifications of one kind.
type NotificationPreference struct {
	Channel              NotificationChannel
	Type                 string
	IsEnabled            Flag
	IsDisabledByOverride Flag
}

// NotificationPreferences returns which notifications the user wants. GET settings/notifications,
// from API 3.15.
func (s *Session) NotificationPreferences(ctx context.Context) ([]*NotificationPreference, error) {
	b, err := s.element(ctx, rest.SiteRead{Template: "settings/notifications"},
		"userNotificationsPreferences", "userNotificationsPreference")
	if err != nil {
		return nil, err
	}
	return rest.EachElement(b.List("userNotificationsPreferences", "userNotificationsPreference"), func(b *rest.Element) (*NotificationPreference, Text) {
		return &NotificationPreference{
			Channel: NotificationChannel(b.Value("channel")), Type: string(b.Value("notificationType")), IsEnabled: b.Flag("enabled"),
			IsDisabledByOverride: b.Flag("disabledByOverride"),
		}, b.Value("notificationType")
	}), nil
}

// MCPSettings are the settings of Tableau's MCP server for the site. GET settings/mcp, from API
// 3.26: which version brought it is not documented.
func (s *Session) MCPSettings(ctx context.Context) ([]*rest.NamedValue, error) {
	b, err := s.element(ctx, rest.SiteRead{Template: "settings/mcp"}, "settings", "setting")
	if err != nil {
		return nil, err
	}
	return rest.EachElement(b.List("settings", "setting"), func(b *rest.Element) (*rest.NamedValue, Text) {
		return &rest.NamedValue{Name: string(b.Value("key")), Value: string(b.Value("value"))}, b.Value("key")
	}), nil
}

// DataAccelerationRecord compares how long a view takes with and without data acceleration.
type DataAccelerationRecord struct {
	Site                      Text
	SheetURI                  Text
	PlainSessionCount         Int
	AcceleratedSessionCount   Int
	AveragePlainSeconds       *float64
	AverageAcceleratedSeconds *float64
}

// DataAccelerationReport compares views with and without data acceleration; administrators only.
// GET dataAccelerationReport, from API 3.8 to 3.15, Server only.
func (s *Session) DataAccelerationReport(ctx context.Context) ([]*DataAccelerationRecord, error) {
	b, err := s.element(ctx, rest.SiteRead{Template: "dataAccelerationReport"}, "dataAccelerationReport", "comparisonRecord")
	if err != nil {
		return nil, err
	}
	return rest.EachElement(b.List("dataAccelerationReport", "comparisonRecord"), func(b *rest.Element) (*DataAccelerationRecord, Text) {
		return &DataAccelerationRecord{
			Site: b.Value("site"), SheetURI: b.Value("sheetURI"), PlainSessionCount: b.Number("unacceleratedSessionCount"),
			AcceleratedSessionCount: b.Number("acceleratedSessionCount"),
			AveragePlainSeconds:     b.Decimal("averageNonAcceleratedPLT", "averageUnAcceleratedPLT"), AverageAcceleratedSeconds: b.Decimal("averageAcceleratedPLT"),
		}, b.Value("sheetURI")
	}), nil
}

// ChannelRaw is the same as Tableau writes it.
func (p *NotificationPreference) ChannelRaw() string { return string(p.Channel) }
