package resolvers

import (
	"context"
	"fmt"
	"net/http"

	"github.com/99designs/gqlgen/graphql"

	"vitrine/auth"
	"vitrine/graph"
	"vitrine/internal/content"
	"vitrine/internal/graphqlhttp"
	"vitrine/internal/policy"
	"vitrine/internal/tableau"
)

// link makes a content link for the field that is being resolved. It asks Tableau nothing: what
// cannot be asked, or is not there on this server, is an error now, and the person's rights are
// checked when the link is fetched.
func (r *Resolver) link(ctx context.Context, s *tableau.Session, x *tableau.Export, name string, as *tableau.Disposition) (*graph.ContentLink, error) {
	l, err := r.address(ctx, s, x, name, as)
	if err != nil {
		return nil, err
	}
	link := &graph.ContentLink{
		URL: tableau.URL(l.URL), ExpiresAt: tableau.Time{Time: l.Ends}, ContentType: l.MediaType, FileName: l.FileName, Disposition: l.As,
	}
	if x.Size != nil && x.Resolution == "" && isPicture(x.Kind) {
		link.Width, link.Height = &x.Size.Width, &x.Size.Height
	}
	return link, nil
}

// isPicture reports whether a size in pixels is that of the content: pages of a document have that of
// their paper.
func isPicture(kind tableau.ExportKind) bool {
	return kind == tableau.ViewImage || kind == tableau.CustomViewImage
}

func (r *Resolver) address(
	ctx context.Context, s *tableau.Session, x *tableau.Export, name string, as *tableau.Disposition,
) (*content.Link, error) {
	if x.Options.Empty() {
		x.Options = nil // what changes nothing is not another picture
	}
	if err := s.Offers(ctx, x); err != nil {
		return nil, err
	}
	by := tableau.Disposition("")
	if as != nil {
		by = *as
	}
	fc, op := graphql.GetFieldContext(ctx), operationFrom(ctx)
	l, err := op.links(ctx, r).LinkAs(s.ContentURL(), fc.Object+"."+fc.Field.Name, x, name, by)
	if err == nil {
		op.HasLink(l.Ends)
	}
	return l, err
}

// links makes the caller's content links.
func (op *operation) links(ctx context.Context, r *Resolver) *content.Linker {
	op.mu.Lock()
	defer op.mu.Unlock()
	if op.linker == nil {
		op.linker = r.Links.For(ctx, op.Identity, op.View.Roles)
	}
	return op.linker
}

// thumbnail is a small picture that Tableau keeps.
func (r *Resolver) thumbnail(ctx context.Context, s *tableau.Session, x *tableau.Export) (*tableau.Thumbnail, error) {
	l, err := r.address(ctx, s, x, "thumbnail", nil)
	if err != nil {
		return nil, err
	}
	t := &tableau.Thumbnail{
		URL: tableau.URL(l.URL), ExpiresAt: tableau.Time{Time: l.Ends}, ContentType: l.MediaType, FileName: l.FileName, Disposition: l.As,
	}
	t.Read(s, x)
	return t, nil
}

// picture is a picture on demand, of a view or a custom view.
func picture(
	kind tableau.ExportKind, id tableau.LUID, format tableau.ImageFormat, resolution tableau.ImageResolution, size *tableau.PixelSize,
	options *tableau.ViewOptions,
) *tableau.Export {
	if format == tableau.PNG {
		format = "" // the default, as Tableau has it
	}
	if resolution == tableau.Standard {
		resolution = ""
	}
	return &tableau.Export{Kind: kind, LUID: id, Format: format, Resolution: resolution, Size: size, Options: options}
}

// paged is a document in pages.
func paged(
	kind tableau.ExportKind, id tableau.LUID, paper *tableau.PaperSize, orientation *tableau.PageOrientation, size *tableau.PixelSize,
	options *tableau.ViewOptions,
) *tableau.Export {
	x := &tableau.Export{Kind: kind, LUID: id, Size: size, Options: options}
	if paper != nil {
		x.Paper = *paper
	}
	if orientation != nil {
		x.Orientation = *orientation
	}
	return x
}

// data answers summary data as columns and rows; parent is the global id of what shows it.
func (r *Resolver) data(
	ctx context.Context, parent string, s *tableau.Session, x *tableau.Export, first int32, after *string,
) (*graph.ViewData, error) {
	at, err := pageSpanWithin(ctx, parent, first, after, r.mostRows(ctx))
	if err != nil {
		return nil, err
	}
	if x.Options.Empty() {
		x.Options = nil
	}
	t, err := s.ViewTable(ctx, x)
	if err != nil {
		return nil, err
	}
	rows := t.Rows[min(at.Offset, len(t.Rows)):min(at.Offset+at.first, len(t.Rows))]
	sel := selectionOf(ctx)
	if err := reserveTable(ctx, sel, rows, len(t.Columns)); err != nil {
		return nil, err
	}
	data := &graph.ViewData{Columns: []*graph.DataColumn{}, Rows: [][]string{}, TotalCount: total(len(t.Rows))}
	page := &tableau.Page[[]string]{Total: len(t.Rows)}
	for i := range rows {
		page.Items = append(page.Items, &rows[i])
	}
	data.PageInfo = pageInfo(at, page)
	if sel.has("rows") {
		data.Rows = append(data.Rows, rows...)
	}
	for i, c := range t.Columns {
		data.Columns = append(data.Columns, dataColumn(sel.under("columns"), c, i, rows))
	}
	return data, nil
}

// reserveTable takes the share of a page of a table: each of its texts and numbers is as much as a
// field, and its bytes are counted before they are written. What is asked for under several aliases
// is answered, and paid, several times.
func reserveTable(ctx context.Context, sel selection, rows [][]string, columns int) error {
	times := sel.count("rows") + sel.countBelow("columns", "numbers")
	if err := operationFrom(ctx).ReserveTexts(columns + times*len(rows)*columns); err != nil {
		return err
	}
	size := 0
	for _, row := range rows {
		for _, text := range row {
			size += len(text) + len(`"",`)
		}
	}
	return operationFrom(ctx).ReserveBytes(times * size)
}

func dataColumn(sel selection, c *tableau.TableColumn, index int, rows [][]string) *graph.DataColumn {
	column := &graph.DataColumn{Name: c.Name, Index: int32(index), IsNumeric: c.Numeric}
	if c.Unit != "" {
		column.Unit = &c.Unit
	}
	if c.Numeric && sel.has("numbers") {
		column.Numbers = make([]*float64, len(rows))
		for i, row := range rows {
			if n, ok := c.Number(row[index]); ok {
				column.Numbers[i] = &n
			}
		}
	}
	return column
}

// RolesOf says which roles an identity has.
func RolesOf(p *policy.Policy) func(*auth.Identity) []string {
	return func(id *auth.Identity) []string { return p.RolesFor(graphqlhttp.CallerOf(id)) }
}

// MayFetch says whether roles have a field on a site, such as View.image. A context that ends before
// their schema is there gives false.
func MayFetch(p *policy.Policy) func(ctx context.Context, roles []string, site, field string) bool {
	return func(ctx context.Context, roles []string, site, field string) bool {
		view, err := p.ViewContext(ctx, roles)
		return err == nil && view.Offers(site) && view.Has(field)
	}
}

// contentStatus are the codes that a content link answers with another status than 404: what has
// nothing to do with what is behind the link.
var contentStatus = map[string]int{
	codeUnsupported: http.StatusNotImplemented, codeRateLimited: http.StatusTooManyRequests, codeUnavailable: http.StatusBadGateway,
	codeTableauTimeout: http.StatusGatewayTimeout, codeSignInFailed: http.StatusServiceUnavailable, codeDeadline: http.StatusGatewayTimeout,
	codeInternal: http.StatusInternalServerError,
}

// ContentRefusal returns the answer for a content link whose fetch failed.
func ContentRefusal(ctx context.Context, err error) content.Refusal {
	p := publicOf(ctx, err)
	status, ok := contentStatus[p.Code]
	if !ok {
		status = http.StatusNotFound
	}
	return content.Refusal{Status: status, Code: p.Code, Message: p.Message, RetryAfter: p.RetryAfter}
}

// tooLargeText is the message where a table is too large to be taken apart.
func tooLargeText(e *tableau.TooLargeError) string {
	return fmt.Sprintf("the view has more data than is answered here (%d MiB or two million values): filter it, or download it", e.Most>>20)
}
