package tableau

import (
	"context"

	"vitrine/internal/tableau/rest"
)

// AnalyticsExtension is a program outside Tableau that calculates for workbooks.
type AnalyticsExtension struct {
	node
	LUID     LUID
	Name     Text
	Type     Text
	Host     Text
	Port     Int
	IsSecure Flag
}

// ID is an id for client caches.
func (a *AnalyticsExtension) ID() string { return a.cacheID("AnalyticsExtension", string(a.LUID)) }

// AnalyticsExtensionsEnabled says whether the site may use analytics extensions; administrators
// only. GET /api/-/settings/site/extensions/analytics, from API 3.11.
func (s *Session) AnalyticsExtensionsEnabled(ctx context.Context) (Flag, error) {
	return s.analyticsEnabled(ctx, rest.SiteRead{Template: "-/settings/site/extensions/analytics"})
}

// analyticsEnabled reads whether analytics extensions are allowed. The documentation does not show
// the answer whole.
func (s *Session) analyticsEnabled(ctx context.Context, r rest.SiteRead) (Flag, error) {
	b, err := s.element(ctx, r)
	if err != nil {
		return Unsaid, err
	}
	names := []string{"enabled", "isEnabled", "extensionsEnabled", "analyticsExtensionsEnabled"}
	if !b.Has(names...) {
		return Unsaid, rest.NoContainer(r)
	}
	return b.Flag(names...), nil
}

// AnalyticsExtensions are those of the site; administrators only. GET
// /api/-/settings/site/extensions/analytics/connections, from API 3.11.
func (s *Session) AnalyticsExtensions(ctx context.Context) ([]*AnalyticsExtension, error) {
	return s.analyticsAt(ctx, rest.SiteRead{Template: "-/settings/site/extensions/analytics/connections"})
}

func (s *Session) analyticsAt(ctx context.Context, r rest.SiteRead) ([]*AnalyticsExtension, error) {
	b, err := s.element(ctx, r)
	if err != nil {
		return nil, err
	}
	if !b.IsEmpty() && !b.Has("connectionList", "connection", rest.ListKey, "connectionLuid", "luid", "id") {
		return nil, rest.NoContainer(r)
	}
	items := append(b.List("connectionList", "connection"), b.Kids[rest.ListKey]...)
	if len(items) == 0 {
		items = []*rest.Element{b}
	}
	return rest.EachElement(items, func(b *rest.Element) (*AnalyticsExtension, Text) {
		id := rest.LUIDOf(b.Value("connectionLuid", "luid", "id"))
		brief := b.In("connectionBrief", "connectionMetadata", "metadata")
		if len(brief.Values) == 0 {
			brief = b
		}
		return &AnalyticsExtension{
			node: node{s: s},
			LUID: id, Name: brief.Value("connectionName", "name"), Type: brief.Value("connectionType", "type"),
			Host: brief.Value("host"), Port: brief.Number("port"), IsSecure: brief.Flag("isSslEnabled", "sslEnabled", "requireSsl"),
		}, Text(id)
	}), nil
}

// AnalyticsExtensions are those that the workbook could use; one call for each workbook.
// GET /api/-/settings/site/extensions/analytics/workbooks/{id}/connections, from API 3.11.
func (w *Workbook) AnalyticsExtensions(ctx context.Context) ([]*AnalyticsExtension, error) {
	return w.s.analyticsAt(ctx, rest.SiteRead{Template: "-/settings/site/extensions/analytics/workbooks/{id}/connections", Values: []string{string(w.LUID)}})
}

// AnalyticsExtension is the one that the workbook uses; nil for none. One call for each workbook.
// GET /api/-/settings/site/extensions/analytics/workbooks/{id}/selected_connection, from API 3.11.
func (w *Workbook) AnalyticsExtension(ctx context.Context) (*AnalyticsExtension, error) {
	all, err := w.s.analyticsAt(ctx, rest.SiteRead{Template: "-/settings/site/extensions/analytics/workbooks/{id}/selected_connection", Values: []string{string(w.LUID)}})
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
