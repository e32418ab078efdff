package resolvers

import (
	"context"

	"vitrine/graph"
	"vitrine/internal/tableau"
)

type dataQualityWarningResolver struct{ *Resolver }

// DataQualityWarning implements graph.ResolverRoot.
func (r *Resolver) DataQualityWarning() graph.DataQualityWarningResolver {
	return dataQualityWarningResolver{r}
}

// DataQualityWarnings are the warnings on the data source.
func (r dataSourceResolver) DataQualityWarnings(ctx context.Context, d *tableau.DataSource) ([]*tableau.DataQualityWarning, error) {
	found, err := d.ReadWarnings(ctx)
	return reserveList(ctx, found, err)
}

// DataQualityCertifications are the certifications of the data source.
func (r dataSourceResolver) DataQualityCertifications(ctx context.Context, d *tableau.DataSource) ([]*tableau.DataQualityWarning, error) {
	found, err := d.ReadCertifications(ctx)
	return reserveList(ctx, found, err)
}

// DataQualityTriggers are the rules that set warnings on the data source.
func (r dataSourceResolver) DataQualityTriggers(ctx context.Context, d *tableau.DataSource) ([]*tableau.DataQualityTrigger, error) {
	found, err := d.ReadTriggers(ctx)
	return reserveList(ctx, found, err)
}

// DataQualityWarnings are the warnings on the flow.
func (r flowResolver) DataQualityWarnings(ctx context.Context, f *tableau.Flow) ([]*tableau.DataQualityWarning, error) {
	found, err := f.ReadWarnings(ctx)
	return reserveList(ctx, found, err)
}

// DataQualityCertifications are the certifications of the flow.
func (r flowResolver) DataQualityCertifications(ctx context.Context, f *tableau.Flow) ([]*tableau.DataQualityWarning, error) {
	found, err := f.ReadCertifications(ctx)
	return reserveList(ctx, found, err)
}

// DataQualityTriggers are the rules that set warnings on the flow.
func (r flowResolver) DataQualityTriggers(ctx context.Context, f *tableau.Flow) ([]*tableau.DataQualityTrigger, error) {
	found, err := f.ReadTriggers(ctx)
	return reserveList(ctx, found, err)
}

// DataQualityWarnings are the warnings on the virtual connection.
func (r virtualConnectionInfoResolver) DataQualityWarnings(ctx context.Context, v *tableau.VirtualConnectionInfo) ([]*tableau.DataQualityWarning, error) {
	found, err := v.ReadWarnings(ctx)
	return reserveList(ctx, found, err)
}

// DataQualityCertifications are the certifications of the virtual connection.
func (r virtualConnectionInfoResolver) DataQualityCertifications(ctx context.Context, v *tableau.VirtualConnectionInfo) ([]*tableau.DataQualityWarning, error) {
	found, err := v.ReadCertifications(ctx)
	return reserveList(ctx, found, err)
}

// DataQualityTriggers are the rules that set warnings on the virtual connection.
func (r virtualConnectionInfoResolver) DataQualityTriggers(ctx context.Context, v *tableau.VirtualConnectionInfo) ([]*tableau.DataQualityTrigger, error) {
	found, err := v.ReadTriggers(ctx)
	return reserveList(ctx, found, err)
}

// DataQualityWarnings are the warnings on the database.
func (r databaseResolver) DataQualityWarnings(ctx context.Context, d *tableau.Database) ([]*tableau.DataQualityWarning, error) {
	found, err := d.ReadWarnings(ctx)
	return reserveList(ctx, found, err)
}

// DataQualityCertifications are the certifications of the database.
func (r databaseResolver) DataQualityCertifications(ctx context.Context, d *tableau.Database) ([]*tableau.DataQualityWarning, error) {
	found, err := d.ReadCertifications(ctx)
	return reserveList(ctx, found, err)
}

// DataQualityTriggers are the rules that set warnings on the database.
func (r databaseResolver) DataQualityTriggers(ctx context.Context, d *tableau.Database) ([]*tableau.DataQualityTrigger, error) {
	found, err := d.ReadTriggers(ctx)
	return reserveList(ctx, found, err)
}

// DataQualityWarnings are the warnings on the table.
func (r tableResolver) DataQualityWarnings(ctx context.Context, t *tableau.Table) ([]*tableau.DataQualityWarning, error) {
	found, err := t.ReadWarnings(ctx)
	return reserveList(ctx, found, err)
}

// DataQualityCertifications are the certifications of the table.
func (r tableResolver) DataQualityCertifications(ctx context.Context, t *tableau.Table) ([]*tableau.DataQualityWarning, error) {
	found, err := t.ReadCertifications(ctx)
	return reserveList(ctx, found, err)
}

// DataQualityTriggers are the rules that set warnings on the table.
func (r tableResolver) DataQualityTriggers(ctx context.Context, t *tableau.Table) ([]*tableau.DataQualityTrigger, error) {
	found, err := t.ReadTriggers(ctx)
	return reserveList(ctx, found, err)
}

// Owner is who owns the warning.
func (r dataQualityWarningResolver) Owner(ctx context.Context, w *tableau.DataQualityWarning) (*tableau.User, error) {
	return owner(ctx, w, w.OwnerRef, (*tableau.DataQualityWarning).ReadOwner)
}
