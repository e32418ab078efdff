package tableau

import (
	"context"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"vitrine/internal/tableau/rest"
)

// Export names something that Tableau answers as bytes: a picture, a document, a table, a file. It
// is a value that can be written down, as JSON, and asked for later.
type Export struct {
	Kind ExportKind `json:"k"`
	LUID LUID       `json:"i"`
	// Within is the workbook of a view's preview, which Tableau wants to know.
	Within LUID `json:"w,omitempty"`
	// Revision is the number of a revision.
	Revision int `json:"n,omitempty"`
	// Bare leaves extracts out of a file.
	Bare bool `json:"b,omitempty"`
	// Extension is that of a file, where it is known before the file comes: tflx.
	Extension string `json:"e,omitempty"`

	Format      ImageFormat     `json:"f,omitempty"`
	Resolution  ImageResolution `json:"r,omitempty"`
	Size        *PixelSize      `json:"s,omitempty"`
	Paper       PaperSize       `json:"p,omitempty"`
	Orientation PageOrientation `json:"o,omitempty"`
	Options     *ViewOptions    `json:"v,omitempty"`
}

// ExportKind is what content is of what.
type ExportKind string

// The kinds of content.
const (
	ViewImage          ExportKind = "view image"
	ViewPDF            ExportKind = "view pdf"
	ViewCSV            ExportKind = "view csv"
	ViewCrosstab       ExportKind = "view crosstab"
	ViewPreview        ExportKind = "view preview"
	CustomViewImage    ExportKind = "custom view image"
	CustomViewPDF      ExportKind = "custom view pdf"
	CustomViewCSV      ExportKind = "custom view csv"
	CustomViewFile     ExportKind = "custom view file"
	WorkbookPDF        ExportKind = "workbook pdf"
	WorkbookPowerPoint ExportKind = "workbook powerpoint"
	WorkbookPreview    ExportKind = "workbook preview"
	WorkbookFile       ExportKind = "workbook file"
	WorkbookRevision   ExportKind = "workbook revision"
	DataSourceFile     ExportKind = "data source file"
	DataSourceRevision ExportKind = "data source revision"
	FlowFile           ExportKind = "flow file"
)

// exportReads are the GETs behind the kinds, and the API versions that brought some of their
// parameters.
var exportReads = map[ExportKind]struct{ template, sizeSince, svg, stateFrom string }{
	ViewImage:          {template: "views/{id}/image", sizeSince: "3.23", svg: "3.29"},
	ViewPDF:            {template: "views/{id}/pdf", sizeSince: "3.23"},
	ViewCSV:            {template: "views/{id}/data"},
	ViewCrosstab:       {template: "views/{id}/crosstab/excel"},
	ViewPreview:        {template: "workbooks/{workbook}/views/{id}/previewImage"},
	CustomViewImage:    {template: "customviews/{id}/image", svg: "3.29"},
	CustomViewPDF:      {template: "customviews/{id}/pdf", sizeSince: "3.23"},
	CustomViewCSV:      {template: "customviews/{id}/data"},
	CustomViewFile:     {template: "exp/sites/{site}/customviews/{id}/content"},
	WorkbookPDF:        {template: "workbooks/{id}/pdf", sizeSince: "3.26", stateFrom: "3.23"},
	WorkbookPowerPoint: {template: "workbooks/{id}/powerpoint"},
	WorkbookPreview:    {template: "workbooks/{id}/previewImage"},
	WorkbookFile:       {template: "workbooks/{id}/content"},
	WorkbookRevision:   {template: "workbooks/{id}/revisions/{number}/content"},
	DataSourceFile:     {template: "datasources/{id}/content"},
	DataSourceRevision: {template: "datasources/{id}/revisions/{number}/content"},
	FlowFile:           {template: "flows/{id}/content"},
}

// Offers checks what was asked for, and that this server has it. It costs no call but that for the
// server's version, which is remembered.
func (s *Session) Offers(ctx context.Context, x *Export) error {
	r, err := x.read()
	if err != nil {
		return err
	}
	return s.client.door.Offers(ctx, r)
}

// read is the GET of a content, or what cannot be asked.
func (x *Export) read() (rest.SiteRead, error) {
	known, ok := exportReads[x.Kind]
	if !ok {
		return rest.SiteRead{}, &InputError{Reason: "there is no content of this kind"}
	}
	query, err := x.query()
	if err != nil {
		return rest.SiteRead{}, err
	}
	r := rest.SiteRead{Template: known.template, Query: query}
	later := func(needed bool, since string) {
		if needed && since != "" && (r.Since == "" || AtLeast(since, r.Since)) {
			r.Since = since
		}
	}
	later(x.Size != nil, known.sizeSince)
	later(x.Format == SVG, known.svg)
	later(x.Options != nil, known.stateFrom)
	values := map[string]string{"{id}": string(x.LUID), "{workbook}": string(x.Within), "{number}": strconv.Itoa(x.Revision)}
	for segment := range strings.SplitSeq(known.template, "/") {
		if value, ok := values[segment]; ok {
			r.Values = append(r.Values, value)
		}
	}
	return r, nil
}

// query writes the parameters down as Tableau takes them; what is at Tableau's default is left out.
func (x *Export) query() (url.Values, error) {
	q := url.Values{}
	if x.Bare {
		q.Set("includeExtract", "False")
	}
	if x.Format == SVG {
		q.Set("format", "svg")
	}
	if x.Resolution == High {
		q.Set("resolution", "high")
	}
	if x.Paper != "" {
		q.Set("type", string(x.Paper))
	}
	if x.Orientation != "" {
		q.Set("orientation", string(x.Orientation))
	}
	if x.Size != nil {
		if err := x.Size.check(); err != nil {
			return nil, err
		}
		q.Set("vizWidth", strconv.Itoa(int(x.Size.Width)))
		q.Set("vizHeight", strconv.Itoa(int(x.Size.Height)))
	}
	state, err := x.Options.query()
	if err != nil {
		return nil, err
	}
	maps.Copy(q, state)
	if len(q) == 0 {
		return nil, nil
	}
	return q, nil
}

// ExportKinds are all kinds, sorted.
func ExportKinds() []ExportKind { return slices.Sorted(maps.Keys(exportReads)) }

// Empty says that the options change nothing.
func (o *ViewOptions) Empty() bool {
	return o == nil || len(o.Filters) == 0 && len(o.Parameters) == 0 && o.MaxAgeMinutes == nil && o.Language == nil
}

// Stream reads content as it arrives. The function to is called once with the body, which is cut
// off when to returns; see [rest.Reader.ReadStream].
func (s *Session) Stream(ctx context.Context, x *Export, to func(*Stream) error) error {
	r, err := x.read()
	if err != nil {
		return err
	}
	return s.reader.ReadStream(ctx, r, to)
}

// Bytes reads content of up to most bytes as a whole. Longer content is a *TooLargeError.
func (s *Session) Bytes(ctx context.Context, x *Export, most int64) ([]byte, error) {
	r, err := x.read()
	if err != nil {
		return nil, err
	}
	return s.reader.ReadBytes(ctx, r, most)
}
