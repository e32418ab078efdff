package resolvers

import (
	"context"

	"vitrine/internal/tableau"
)

// Usage says how often the workbook was looked at.
func (r workbookResolver) Usage(ctx context.Context, w *tableau.Workbook) (*tableau.UsageStatistics, error) {
	return w.ReadUsage(ctx)
}

// Usage says how often the view was looked at, by stretches of time.
func (r viewResolver) Usage(ctx context.Context, v *tableau.View) (*tableau.UsageStatistics, error) {
	return v.ReadUsage(ctx)
}

// Usage says how often the data source was used.
func (r dataSourceResolver) Usage(ctx context.Context, d *tableau.DataSource) (*tableau.UsageStatistics, error) {
	return d.ReadUsage(ctx)
}

// Usage says how often the flow was used.
func (r flowResolver) Usage(ctx context.Context, f *tableau.Flow) (*tableau.UsageStatistics, error) {
	return f.ReadUsage(ctx)
}
