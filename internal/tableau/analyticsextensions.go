package tableau

import "context"

// AnalyticsExtension is a program outside Tableau that calculates for workbooks.
type AnalyticsExtension struct {
	LUID     LUID
	Name     Text
	Kind     Text
	Host     Text
	Port     Int
	IsSecure Flag
}

// analyticsSince is the API version that brought analytics extensions. The reads stand outside the versioned API.
const analyticsSince = "3.11"

func analyticsPath(more ...string) []string {
	return append([]string{"settings", "site", "extensions", "analytics"}, more...)
}

// AnalyticsExtensionsEnabled says whether the site may use analytics extensions; administrators only.
// GET /api/-/settings/site/extensions/analytics, from API 3.11.
func (s *Session) AnalyticsExtensionsEnabled(ctx context.Context) (Flag, error) {
	return s.analyticsEnabled(ctx, siteRead{template: "-/settings/site/extensions/analytics", path: analyticsPath(), since: analyticsSince})
}

// analyticsEnabled reads whether analytics extensions are allowed. The documentation does not show the answer whole.
func (s *Session) analyticsEnabled(ctx context.Context, r siteRead) (Flag, error) {
	b, err := s.bagAt(ctx, r)
	if err != nil {
		return Unsaid, err
	}
	names := []string{"enabled", "isEnabled", "extensionsEnabled", "analyticsExtensionsEnabled"}
	if !b.has(names...) {
		return Unsaid, hollow(r)
	}
	return b.flag(names...), nil
}

// AnalyticsExtensions are those of the site; administrators only. GET /api/-/settings/site/extensions/analytics/connections, from API
// 3.11.
func (s *Session) AnalyticsExtensions(ctx context.Context) ([]*AnalyticsExtension, error) {
	return s.analyticsAt(ctx, siteRead{template: "-/settings/site/extensions/analytics/connections", path: analyticsPath("connections"), since: analyticsSince})
}

func (s *Session) analyticsAt(ctx context.Context, r siteRead) ([]*AnalyticsExtension, error) {
	b, err := s.bagAt(ctx, r)
	if err != nil {
		return nil, err
	}
	if !b.isEmpty() && !b.has("connectionList", "connection", bagItems, "connectionLuid", "luid", "id") {
		return nil, hollow(r)
	}
	items := append(b.list("connectionList", "connection"), b.kids[bagItems]...)
	if len(items) == 0 {
		items = []*bag{b}
	}
	return eachBag(items, func(b *bag) (*AnalyticsExtension, Text) {
		id := luidOf(b.value("connectionLuid", "luid", "id"))
		brief := b.in("connectionBrief", "connectionMetadata", "metadata")
		if len(brief.values) == 0 {
			brief = b
		}
		return &AnalyticsExtension{
			LUID: id, Name: brief.value("connectionName", "name"), Kind: brief.value("connectionType", "type"),
			Host: brief.value("host"), Port: brief.number("port"), IsSecure: brief.flag("isSslEnabled", "sslEnabled", "requireSsl"),
		}, Text(id)
	}), nil
}

// AnalyticsExtensions are those that the workbook could use; one call for each workbook.
// GET /api/-/settings/site/extensions/analytics/workbooks/{id}/connections, from API 3.11.
func (w *Workbook) AnalyticsExtensions(ctx context.Context) ([]*AnalyticsExtension, error) {
	return w.s.analyticsAt(ctx, siteRead{
		template: "-/settings/site/extensions/analytics/workbooks/{id}/connections", path: analyticsPath("workbooks", string(w.LUID), "connections"),
		since: analyticsSince,
	})
}

// AnalyticsExtension is the one that the workbook uses; nil for none. One call for each workbook.
// GET /api/-/settings/site/extensions/analytics/workbooks/{id}/selected_connection, from API 3.11.
func (w *Workbook) AnalyticsExtension(ctx context.Context) (*AnalyticsExtension, error) {
	all, err := w.s.analyticsAt(ctx, siteRead{
		template: "-/settings/site/extensions/analytics/workbooks/{id}/selected_connection",
		path:     analyticsPath("workbooks", string(w.LUID), "selected_connection"), since: analyticsSince,
	})
	if IsKind(err, Missing) || len(all) == 0 {
		return nil, unlessMissing(err)
	}
	return all[0], err
}

// unlessMissing goes without an error that says that there is nothing.
func unlessMissing(err error) error {
	if IsKind(err, Missing) {
		return nil
	}
	return err
}
