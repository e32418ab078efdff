package tableau

import (
	"bytes"
	"context"
	"encoding/json"
	"encoding/xml"
	"net/url"
	"reflect"
	"slices"
	"strings"

	"vitrine/internal/tableau/rest"
)

// SiteSettings are all settings of a site that Tableau shows. Servers differ in which they send: a
// setting that a server does not send is unsaid, and one without a field here is in Others.
type SiteSettings struct {
	State                                     SiteState             `json:"state" xml:"state,attr"`
	StatusReason                              Text                  `json:"statusReason" xml:"statusReason,attr"`
	AdminMode                                 SiteAdminMode         `json:"adminMode" xml:"adminMode,attr"`
	StorageQuota                              Int                   `json:"storageQuota" xml:"storageQuota,attr"`
	UserQuotaGiven                            Int                   `json:"userQuota" xml:"userQuota,attr"`
	CreatorCapacity                           Int                   `json:"tierCreatorCapacity" xml:"tierCreatorCapacity,attr"`
	ExplorerCapacity                          Int                   `json:"tierExplorerCapacity" xml:"tierExplorerCapacity,attr"`
	ViewerCapacity                            Int                   `json:"tierViewerCapacity" xml:"tierViewerCapacity,attr"`
	IsRevisionHistoryEnabled                  Flag                  `json:"revisionHistoryEnabled" xml:"revisionHistoryEnabled,attr"`
	RevisionLimit                             Int                   `json:"revisionLimit" xml:"revisionLimit,attr"`
	AreSubscriptionsDisabled                  Flag                  `json:"disableSubscriptions" xml:"disableSubscriptions,attr"`
	CanSubscribeOthers                        Flag                  `json:"subscribeOthersEnabled" xml:"subscribeOthersEnabled,attr"`
	AreSubscriptionAttachmentsAllowed         Flag                  `json:"allowSubscriptionAttachments" xml:"allowSubscriptionAttachments,attr"`
	IsGuestAccessEnabled                      Flag                  `json:"guestAccessEnabled" xml:"guestAccessEnabled,attr"`
	IsCommentingEnabled                       Flag                  `json:"commentingEnabled" xml:"commentingEnabled,attr"`
	AreCommentMentionsEnabled                 Flag                  `json:"commentingMentionsEnabled" xml:"commentingMentionsEnabled,attr"`
	IsCacheWarmupEnabled                      Flag                  `json:"cacheWarmupEnabled" xml:"cacheWarmupEnabled,attr"`
	IsFlowEditingEnabled                      Flag                  `json:"editingFlowsEnabled" xml:"editingFlowsEnabled,attr"`
	IsFlowSchedulingEnabled                   Flag                  `json:"schedulingFlowsEnabled" xml:"schedulingFlowsEnabled,attr"`
	AreFlowParametersEnabled                  Flag                  `json:"flowParametersEnabled" xml:"flowParametersEnabled,attr"`
	IsLinkedTaskSchedulingEnabled             Flag                  `json:"linkedTaskSchedulingEnabled" xml:"linkedTaskSchedulingEnabled,attr"`
	IsLinkedTaskRunNowEnabled                 Flag                  `json:"linkedTaskRunNowEnabled" xml:"linkedTaskRunNowEnabled,attr"`
	ExtractEncryptionMode                     ExtractEncryptionMode `json:"extractEncryptionMode" xml:"extractEncryptionMode,attr"`
	IsCatalogEnabled                          Flag                  `json:"catalogingEnabled" xml:"catalogingEnabled,attr"`
	IsCatalogObfuscationEnabled               Flag                  `json:"catalogObfuscationEnabled" xml:"catalogObfuscationEnabled,attr"`
	AreDerivedPermissionsEnabled              Flag                  `json:"derivedPermissionsEnabled" xml:"derivedPermissionsEnabled,attr"`
	IsRequestAccessEnabled                    Flag                  `json:"requestAccessEnabled" xml:"requestAccessEnabled,attr"`
	IsRunNowEnabled                           Flag                  `json:"runNowEnabled" xml:"runNowEnabled,attr"`
	DataAlerts                                Flag                  `json:"isDataAlertsEnabled" xml:"isDataAlertsEnabled,attr"`
	DataAlertsBySchema                        Flag                  `json:"dataAlertsEnabled" xml:"dataAlertsEnabled,attr"`
	AskDataMode                               Text                  `json:"askDataMode" xml:"askDataMode,attr"`
	IsExplainDataEnabled                      Flag                  `json:"explainDataEnabled" xml:"explainDataEnabled,attr"`
	UsesDefaultTimeZone                       Flag                  `json:"useDefaultTimeZone" xml:"useDefaultTimeZone,attr"`
	TimeZone                                  Text                  `json:"timeZone" xml:"timeZone,attr"`
	IsAutoSuspendRefreshEnabled               Flag                  `json:"autoSuspendRefreshEnabled" xml:"autoSuspendRefreshEnabled,attr"`
	AutoSuspendRefreshDays                    Int                   `json:"autoSuspendRefreshInactivityWindow" xml:"autoSuspendRefreshInactivityWindow,attr"`
	AreDataQualityWarningSubscriptionsEnabled Flag                  `json:"dqwSubscriptionsEnabled" xml:"dqwSubscriptionsEnabled,attr"`
	IsAttributeCaptureEnabled                 Flag                  `json:"attributeCaptureEnabled" xml:"attributeCaptureEnabled,attr"`
	UserVisibility                            UserVisibility        `json:"userVisibilityMode" xml:"userVisibilityMode,attr"`
	IsAuthoringEnabled                        Flag                  `json:"authoringEnabled" xml:"authoringEnabled,attr"`
	IsWebExtractionEnabled                    Flag                  `json:"webExtractionEnabled" xml:"webExtractionEnabled,attr"`
	IsSheetImageEnabled                       Flag                  `json:"sheetImageEnabled" xml:"sheetImageEnabled,attr"`
	IsPersonalSpaceEnabled                    Flag                  `json:"personalSpaceEnabled" xml:"personalSpaceEnabled,attr"`
	PersonalSpaceQuota                        Int                   `json:"personalSpaceStorageQuota" xml:"personalSpaceStorageQuota,attr"`
	IsNamedSharingEnabled                     Flag                  `json:"namedSharingEnabled" xml:"namedSharingEnabled,attr"`
	AreAdminsNotifiedOnThrottle               Flag                  `json:"notifySiteAdminsOnThrottle" xml:"notifySiteAdminsOnThrottle,attr"`
	AreGroupSetsEnabled                       Flag                  `json:"groupSetsEnabled" xml:"groupSetsEnabled,attr"`
	AreGroupAssertionsEnabled                 Flag                  `json:"groupAssertionsEnabled" xml:"groupAssertionsEnabled,attr"`
	IsPulseEnabled                            Flag                  `json:"pulseEnabled" xml:"pulseEnabled,attr"`
	IsRecycleBinEnabled                       Flag                  `json:"recycleBinEnabled" xml:"recycleBinEnabled,attr"`
	TagLimit                                  Int                   `json:"tagLimit" xml:"tagLimit,attr"`
	TokensPerUserLimit                        Int                   `json:"maxServiceTokenLimitPerUser" xml:"maxServiceTokenLimitPerUser,attr"`
	IsLoginBasedLicenseManagementEnabled      Flag                  `json:"loginBasedLicenseManagementEnabled" xml:"loginBasedLicenseManagementEnabled,attr"`
	IsContentMigrationToolEnabled             Flag                  `json:"contentMigrationToolEnabled" xml:"contentMigrationToolEnabled,attr"`

	UsageRef *SiteUsage   `json:"usage" xml:"usage"`
	Settings settingsList `json:"siteSettings" xml:"siteSettings"`

	others []*rest.NamedValue
}

// SiteUsage says how much of a site is used.
type SiteUsage struct {
	UserCount        Int `json:"numUsers" xml:"numUsers,attr"`
	CreatorCount     Int `json:"numCreators" xml:"numCreators,attr"`
	ExplorerCount    Int `json:"numExplorers" xml:"numExplorers,attr"`
	ViewerCount      Int `json:"numViewers" xml:"numViewers,attr"`
	StorageMegabytes Int `json:"storage" xml:"storage,attr"`
}

// settingsList are settings that Tableau sends as keys with values: one, several, or none.
type settingsList []*rest.NamedValue

func (l *settingsList) UnmarshalJSON(data []byte) error {
	var items []*rest.NamedValue
	if rest.Unmarshal(data, &items) != nil { // what cannot be read is not a setting
		items = nil
	}
	*l = present(items)
	return nil
}

// siteNames are attributes of the site that are no settings, beside those that have a field.
var siteNames = []string{"id", "name", "contentUrl", "numUsers", "storage", "numCreators", "numExplorers", "numViewers", "usage", "siteSettings"}

// knownSettings are the names of attributes that have a field.
var knownSettings = func() []string {
	names := slices.Clone(siteNames)
	for field := range reflect.TypeFor[SiteSettings]().Fields() {
		if name := field.Tag.Get("json"); name != "" {
			names = append(names, name)
		}
	}
	return names
}()

// plainSettings decodes as the tags say.
type plainSettings SiteSettings

// UnmarshalJSON keeps what has no field.
func (s *SiteSettings) UnmarshalJSON(data []byte) error {
	if err := rest.Unmarshal(data, (*plainSettings)(s)); err != nil {
		return err
	}
	all := map[string]json.RawMessage{}
	if err := json.Unmarshal(data, &all); err != nil {
		return err
	}
	for name, value := range all {
		s.keep(name, rest.ScalarText(value))
	}
	s.inlineUsage(func(into *SiteUsage) { _ = rest.Unmarshal(data, into) })
	return nil
}

// UnmarshalXML keeps what has no field.
func (s *SiteSettings) UnmarshalXML(d *xml.Decoder, start xml.StartElement) error {
	for _, a := range start.Attr {
		if a.Name.Space == "" {
			s.keep(a.Name.Local, a.Value)
		}
	}
	attributes := start.Copy()
	if err := d.DecodeElement((*plainSettings)(s), &start); err != nil {
		return err
	}
	s.inlineUsage(func(into *SiteUsage) {
		var b bytes.Buffer
		e := xml.NewEncoder(&b)
		if e.EncodeToken(attributes) == nil && e.EncodeToken(attributes.End()) == nil && e.Flush() == nil {
			_ = xml.Unmarshal(b.Bytes(), into)
		}
	})
	return nil
}

func (s *SiteSettings) keep(name, value string) {
	if value != "" && !slices.Contains(knownSettings, name) && !strings.HasPrefix(name, "xmlns") {
		s.others = append(s.others, &rest.NamedValue{Name: name, Value: value})
	}
}

// inlineUsage takes the usage from attributes of the site, where older servers have it.
func (s *SiteSettings) inlineUsage(decode func(*SiteUsage)) {
	var u SiteUsage
	if decode(&u); s.UsageRef == nil && u != (SiteUsage{}) {
		s.UsageRef = &u
	}
}

// Other is every other setting that Tableau sent, by name, so that nothing is lost.
func (s *SiteSettings) Other() []*rest.NamedValue {
	all := slices.Concat(s.others, s.Settings)
	slices.SortFunc(all, func(a, b *rest.NamedValue) int { return strings.Compare(a.Name, b.Name) })
	return nonNil(all)
}

// limit is a number that Tableau also writes as -1, for none.
func limit(n Int) Int {
	if n.V < 0 {
		return Int{}
	}
	return n
}

// StorageQuotaMegabytes is the storage allowed; none for no limit.
func (s *SiteSettings) StorageQuotaMegabytes() Int { return limit(s.StorageQuota) }

// UserQuota is how many users are allowed; none for no limit.
func (s *SiteSettings) UserQuota() Int { return limit(s.UserQuotaGiven) }

// PersonalSpaceStorageQuotaMegabytes is the storage of a personal space.
func (s *SiteSettings) PersonalSpaceStorageQuotaMegabytes() Int { return limit(s.PersonalSpaceQuota) }

// StateRaw is the state as Tableau writes it.
func (s *SiteSettings) StateRaw() Text { return Text(s.State) }

// AdminModeRaw is the mode as Tableau writes it.
func (s *SiteSettings) AdminModeRaw() Text { return Text(s.AdminMode) }

// UserVisibilityRaw is the visibility as Tableau writes it.
func (s *SiteSettings) UserVisibilityRaw() Text { return Text(s.UserVisibility) }

// AreDataAlertsEnabled says whether people may make data-driven alerts: the schema has another name
// for it than answers.
func (s *SiteSettings) AreDataAlertsEnabled() Flag {
	if s.DataAlerts != Unsaid {
		return s.DataAlerts
	}
	return s.DataAlertsBySchema
}

type siteSettingsAnswer struct {
	rest.Envelope
	Site *SiteSettings `json:"site" xml:"site"`
}

// Settings reads the settings of the session's own site, with how much of it is used where that is
// wanted; administrators only. GET sites/{site}?includeUsage=….
func (s *Session) Settings(ctx context.Context, usage bool) (*SiteSettings, error) {
	r := rest.SiteRead{Template: "/sites/{site}"}
	if usage {
		r.Query = url.Values{"includeUsage": {"true"}}
	}
	a, err := get(ctx, s, r, func(*siteSettingsAnswer) {})
	if err != nil {
		return nil, err
	}
	return one(a.Site, "GET sites/{site}")
}

// ExtractEncryptionModeRaw is the same as Tableau writes it.
func (s *SiteSettings) ExtractEncryptionModeRaw() Text { return Text(s.ExtractEncryptionMode) }
