package resolvers

import (
	"context"

	"vitrine/graph"
	"vitrine/internal/tableau"
)

type labelResolver struct{ *Resolver }

// Label implements graph.ResolverRoot.
func (r *Resolver) Label() graph.LabelResolver { return labelResolver{r} }

// Labels are those on the workbook.
func (r workbookResolver) Labels(ctx context.Context, w *tableau.Workbook) ([]*tableau.Label, error) {
	found, err := w.ReadLabels(ctx)
	return reserveList(ctx, found, err)
}

// Labels are those on the data source.
func (r dataSourceResolver) Labels(ctx context.Context, d *tableau.DataSource) ([]*tableau.Label, error) {
	found, err := d.ReadLabels(ctx)
	return reserveList(ctx, found, err)
}

// Labels are those on the flow.
func (r flowResolver) Labels(ctx context.Context, f *tableau.Flow) ([]*tableau.Label, error) {
	found, err := f.ReadLabels(ctx)
	return reserveList(ctx, found, err)
}

// Labels are those on the virtual connection.
func (r virtualConnectionInfoResolver) Labels(ctx context.Context, v *tableau.VirtualConnectionInfo) ([]*tableau.Label, error) {
	found, err := v.ReadLabels(ctx)
	return reserveList(ctx, found, err)
}

// Labels are those on the database.
func (r databaseResolver) Labels(ctx context.Context, d *tableau.Database) ([]*tableau.Label, error) {
	found, err := d.ReadLabels(ctx)
	return reserveList(ctx, found, err)
}

// Labels are those on the table.
func (r tableResolver) Labels(ctx context.Context, t *tableau.Table) ([]*tableau.Label, error) {
	found, err := t.ReadLabels(ctx)
	return reserveList(ctx, found, err)
}

// Labels are those on the column.
func (r columnResolver) Labels(ctx context.Context, c *tableau.Column) ([]*tableau.Label, error) {
	found, err := c.ReadLabels(ctx)
	return reserveList(ctx, found, err)
}

// Owner is who owns the label.
func (r labelResolver) Owner(ctx context.Context, l *tableau.Label) (*tableau.User, error) {
	return owner(ctx, l, l.OwnerRef, (*tableau.Label).ReadOwner)
}

// Label is one label as it was put on something.
func (r siteResolver) Label(ctx context.Context, site *tableau.Site, by graph.LabelLookup) (*tableau.Label, error) {
	return oneOnSite(ctx, r.Resolver, site, by.Luid, (*tableau.Session).Label)
}

// LabelValues are the kinds of label.
func (r siteResolver) LabelValues(ctx context.Context, site *tableau.Site) ([]*tableau.LabelValue, error) {
	s, err := r.session(ctx, site.ContentURL)
	if err != nil {
		return nil, err
	}
	values, err := s.LabelValues(ctx)
	return reserveList(ctx, values, err)
}

// LabelValue is one kind of label.
func (r siteResolver) LabelValue(ctx context.Context, site *tableau.Site, by graph.LabelValueLookup) (*tableau.LabelValue, error) {
	if err := exactlyOne("by", by.Name != nil); err != nil {
		return nil, err
	}
	if !isPart(*by.Name) {
		return nil, errNotFound
	}
	s, err := r.session(ctx, site.ContentURL)
	if err != nil {
		return nil, err
	}
	return found(s.LabelValue(ctx, *by.Name))
}

// LabelCategories are the categories of labels.
func (r siteResolver) LabelCategories(ctx context.Context, site *tableau.Site) ([]*tableau.LabelCategory, error) {
	s, err := r.session(ctx, site.ContentURL)
	if err != nil {
		return nil, err
	}
	categories, err := s.LabelCategories(ctx)
	return reserveList(ctx, categories, err)
}
