package tableausim

import (
	"strings"

	"vitrine/internal/tableausim/wire"
)

// siteElement is a site with the settings that administrators and the sites list show.
func siteElement(c *call, s *site) *wire.Element {
	e := wire.New("site", wire.Str("id", s.id), wire.Str("name", s.name), wire.Str("contentUrl", s.contentURL),
		wire.Str("adminMode", "ContentAndUsers"), wire.Str("state", "Active"))
	e.Str("storageQuota", "25600")
	e.Flag("disableSubscriptions", false)
	e.Flag("revisionHistoryEnabled", !s.noHistory)
	e.Int("revisionLimit", 25)
	e.Flag("subscribeOthersEnabled", true)
	e.Flag("allowSubscriptionAttachments", true)
	e.Flag("guestAccessEnabled", false)
	e.Flag("commentingEnabled", true)
	e.Flag("commentingMentionsEnabled", true)
	e.Flag("editingFlowsEnabled", true)
	e.Flag("schedulingFlowsEnabled", true)
	e.Str("extractEncryptionMode", "enabled")
	e.Flag("catalogingEnabled", true)
	e.Flag("derivedPermissionsEnabled", true)
	e.Flag("requestAccessEnabled", true)
	e.Flag("runNowEnabled", true)
	e.Flag("isDataAlertsEnabled", true)
	e.Str("askDataMode", "DisabledByDefault")
	e.Str("userVisibilityMode", s.visibility())
	e.Flag("useDefaultTimeZone", false)
	e.Str("timeZone", "Europe/Berlin")
	newerSettings(c, e, s)
	if strings.EqualFold(c.query.Get("includeUsage"), "true") {
		e.Add(siteUsage(s))
	}
	return e
}

// newerSettings are those that came, or went, with versions. Which version sends which attribute is
// documented for few of them.
func newerSettings(c *call, e *wire.Element, s *site) {
	flag := func(since version, name string, on bool) {
		if !c.version.less(since) {
			e.Flag(name, on)
		}
	}
	if c.version.less(ver(3, 19)) {
		e.Flag("cacheWarmupEnabled", true)
	}
	if s.contentURL != "" { // some sites have limits of their own
		e.Int("userQuota", 250)
		e.Int("tierCreatorCapacity", 20)
		e.Int("tierExplorerCapacity", 80)
		e.Int("tierViewerCapacity", 150)
	}
	flag(ver(3, 8), "catalogObfuscationEnabled", false)
	flag(ver(3, 8), "autoSuspendRefreshEnabled", true)
	if !c.version.less(ver(3, 8)) {
		e.Int("autoSuspendRefreshInactivityWindow", 30)
	}
	flag(ver(3, 10), "explainDataEnabled", true)
	flag(ver(3, 13), "personalSpaceEnabled", true)
	if !c.version.less(ver(3, 13)) {
		e.Int("personalSpaceStorageQuota", 100)
	}
	flag(ver(3, 14), "dqwSubscriptionsEnabled", true)
	flag(ver(3, 15), "flowParametersEnabled", true)
	flag(ver(3, 15), "linkedTaskSchedulingEnabled", true)
	flag(ver(3, 15), "linkedTaskRunNowEnabled", false)
	flag(map[bool]version{true: ver(3, 19), false: ver(3, 25)}[c.s.cfg.Cloud], "attributeCaptureEnabled", true)
	flag(ver(3, 22), "groupSetsEnabled", true)
	flag(ver(3, 29), "recycleBinEnabled", true)
	flag(ver(3, 3), "authoringEnabled", true)
	flag(ver(3, 3), "sheetImageEnabled", true)
	flag(ver(3, 3), "namedSharingEnabled", true)
	flag(ver(3, 3), "mobileBiometricsEnabled", false) // one of those that clients know nothing of
	e.Int("tagLimit", 50)
}

// siteUsage is what the site uses: users by kind of license, storage in MB.
func siteUsage(s *site) *wire.Element {
	var creators, explorers, viewers, storage int
	for _, u := range s.users {
		switch u.role {
		case "Creator", "SiteAdministratorCreator", "ServerAdministrator":
			creators++
		case "Explorer", "ExplorerCanPublish", "SiteAdministratorExplorer":
			explorers++
		case "Viewer":
			viewers++
		}
	}
	for _, w := range s.workbooks {
		storage += w.size
	}
	for _, d := range s.datasources {
		storage += d.size
	}
	e := wire.New("usage")
	e.Int("numUsers", len(s.users))
	e.Int("storage", storage)
	e.Int("numCreators", creators)
	e.Int("numExplorers", explorers)
	e.Int("numViewers", viewers)
	return e
}

var siteFields = map[string]field[*site]{
	"id": {ops: opEq, exact: true, text: func(s *site) string { return s.id }, unsorted: true},
}

// listSites is GET sites: those that the person is a user of.
func listSites(c *call) (*answer, error) {
	if c.s.cfg.Cloud {
		return nil, wire.Fail("403069", "Tableau Cloud does not list sites.")
	}
	var mine []*site
	for _, s := range c.s.world.sites {
		if u := s.userOf(c.user().account); u != nil && u.role != unlicensed {
			mine = append(mine, s)
		}
	}
	part, p, err := query(c, "sites", mine, siteFields)
	if err != nil {
		return nil, err
	}
	return listed(p, "sites", part, func(s *site) *wire.Element { return siteElement(c, s) })
}

// querySite is GET sites/{id}, sites/{name}?key=name and sites/{contentUrl}?key=contentUrl:
// administrators only, and only the site of the session.
func querySite(c *call) (*answer, error) {
	if !c.user().admin() {
		return nil, errForbidden()
	}
	wanted := c.r.PathValue("site")
	own := c.site()
	match := func(s *site) bool { return s.id == wanted }
	switch c.query.Get("key") {
	case "name":
		match = func(s *site) bool { return s.name == wanted }
	case "contentUrl":
		match = func(s *site) bool { return s.contentURL == wanted }
	case "":
	default:
		return nil, wire.Fail("400008", "Key '%s' is not one of name, contentUrl.", c.query.Get("key"))
	}
	if match(own) {
		return found(siteElement(c, own))
	}
	for _, s := range c.s.world.sites {
		if match(s) {
			return nil, wire.Fail("403010", "The site in the URI is not the site that the session signed in to.")
		}
	}
	return nil, errNotFound("404000", "Site", wanted)
}

// queryDefaultSite is GET sites/: the default site by its empty content URL with key=contentUrl,
// else the list.
func queryDefaultSite(c *call) (*answer, error) {
	if c.query.Get("key") == "" {
		return listSites(c)
	}
	return querySite(c)
}

// userOf returns the user of the site that an account is, or nil.
func (s *site) userOf(a *account) *user {
	for _, u := range s.users {
		if u.account == a {
			return u
		}
	}
	return nil
}
