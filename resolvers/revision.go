package resolvers

import (
	"context"
	"fmt"

	"vitrine/graph"
	"vitrine/internal/tableau"
)

type revisionResolver struct{ *Resolver }

// Revision implements graph.ResolverRoot.
func (r *Resolver) Revision() graph.RevisionResolver { return revisionResolver{r} }

// Publisher is who published it.
func (r revisionResolver) Publisher(ctx context.Context, rev *tableau.Revision) (*tableau.User, error) {
	return owner(ctx, rev, rev.PublisherRef, (*tableau.Revision).ReadPublisher)
}

// Download is the file of a version that is no longer in use.
func (r revisionResolver) Download(ctx context.Context, rev *tableau.Revision, disposition *tableau.Disposition) (*graph.ContentLink, error) {
	file := rev.File()
	if file == nil {
		return nil, nil
	}
	return r.link(ctx, rev.Session(), file, fmt.Sprintf("%s, revision %d", rev.Name, file.Revision), disposition)
}

// revisions is a page of the revisions of what has the global id.
func (r *Resolver) revisions(
	ctx context.Context, id string, first int32, after *string, read func(context.Context, int, int) (*tableau.Page[tableau.Revision], error),
) (*graph.RevisionConnection, error) {
	return list(ctx, r, id, first, after, listRequest[tableau.Revision]{},
		func(ctx context.Context, _ tableau.ListQuery[tableau.Revision], offset, first int) (*tableau.Page[tableau.Revision], error) {
			return read(ctx, offset, first)
		}, connection[graph.RevisionConnection])
}

// Revisions is a page of the workbook's versions.
func (r workbookResolver) Revisions(ctx context.Context, w *tableau.Workbook, first int32, after *string) (*graph.RevisionConnection, error) {
	return r.revisions(ctx, w.ID(), first, after, w.ReadRevisions)
}

// Revisions is a page of the data source's versions.
func (r dataSourceResolver) Revisions(ctx context.Context, d *tableau.DataSource, first int32, after *string) (*graph.RevisionConnection, error) {
	return r.revisions(ctx, d.ID(), first, after, d.ReadRevisions)
}

// Revisions is a page of the virtual connection's versions.
func (r virtualConnectionInfoResolver) Revisions(
	ctx context.Context, v *tableau.VirtualConnectionInfo, first int32, after *string,
) (*graph.RevisionConnection, error) {
	return r.revisions(ctx, v.ID(), first, after, v.ReadRevisions)
}
