package tableau

import (
	"cmp"
	"context"
	"net/url"
	"slices"

	"vitrine/internal/tableau/rest"
)

// DataSource is a published data source: a connection with fields and calculations that workbooks
// share.
type DataSource struct {
	node
	LUID                       LUID   `json:"id" xml:"id,attr"`
	Name                       string `json:"name" xml:"name,attr"`
	Description                Text   `json:"description" xml:"description,attr"`
	ContentURL                 Text   `json:"contentUrl" xml:"contentUrl,attr"`
	WebpageURL                 Text   `json:"webpageUrl" xml:"webpageUrl,attr"`
	Type                       Text   `json:"type" xml:"type,attr"`
	SizeMegabytes              Int    `json:"size" xml:"size,attr"`
	CreatedAt                  Time   `json:"createdAt" xml:"createdAt,attr"`
	UpdatedAt                  Time   `json:"updatedAt" xml:"updatedAt,attr"`
	IsCertified                Flag   `json:"isCertified" xml:"isCertified,attr"`
	CertificationNote          Text   `json:"certificationNote" xml:"certificationNote,attr"`
	AreExtractsEncrypted       Flag   `json:"encryptExtracts" xml:"encryptExtracts,attr"`
	HasExtracts                Flag   `json:"hasExtracts" xml:"hasExtracts,attr"`
	HasAlert                   Flag   `json:"hasAlert" xml:"hasAlert,attr"`
	IsPublished                Flag   `json:"isPublished" xml:"isPublished,attr"`
	UsesBridge                 Flag   `json:"useRemoteQueryAgent" xml:"useRemoteQueryAgent,attr"`
	HasSemanticLayerConnection Flag   `json:"hasSemanticLayerConnection" xml:"hasSemanticLayerConnection,attr"`
	ServerName                 Text   `json:"serverName" xml:"serverName,attr"`
	DatabaseName               Text   `json:"databaseName" xml:"databaseName,attr"`
	ConnectedWorkbookCount     Int    `json:"connectedWorkbooksCount" xml:"connectedWorkbooksCount,attr"`
	FavoriteCount              Int    `json:"favoritesTotal" xml:"favoritesTotal,attr"`
	ParentType                 Text   `json:"parentType" xml:"parentType,attr"`

	ParentContentURLRefs textList `json:"parentDataSourceUrls" xml:"parentDataSourceUrls"`

	ProjectRef *Project  `json:"project" xml:"project" scan:"shared"`
	Location   *Location `json:"location" xml:"location" scan:"shared"`
	OwnerRef   *User     `json:"owner" xml:"owner" scan:"shared"`
	TagRefs    tags      `json:"tags" xml:"tags"`
	AskData    *struct {
		Enablement Text `json:"enablement" xml:"enablement,attr"`
	} `json:"askData" xml:"askData"`

	lookedUp bool // read by LUID: what only lists have is missing
}

// IsLookedUp says whether it was read by LUID, so without what only lists have (see Completed).
func (d *DataSource) IsLookedUp() bool { return d.lookedUp }

func (d *DataSource) luid() LUID { return d.LUID }

func (d *DataSource) bind(s *Session) {
	d.s = s
	bindRefs(s, &d.ProjectRef, &d.OwnerRef, &d.TagRefs.Items)
}

// IsNode marks a DataSource as something with a global id.
func (*DataSource) IsNode() {}

// IsContent marks a DataSource as something that people put on a site.
func (*DataSource) IsContent() {}

// ID is the global id.
func (d *DataSource) ID() string { return GlobalID(KindDataSource, d.s.ContentURL(), string(d.LUID)) }

// URL is the page of the data source in Tableau, as browsers reach it.
func (d *DataSource) URL() URL { return d.s.client.rebase(d.WebpageURL) }

// Tags are the words that people put on it.
func (d *DataSource) Tags() []*Tag { return nonNil(d.TagRefs.Items) }

// ParentContentURLs are the names in addresses of the data sources that it is composed of.
func (d *DataSource) ParentContentURLs() []string {
	if d.ParentContentURLRefs == nil {
		return []string{}
	}
	return d.ParentContentURLRefs
}

// AskDataEnablement is the state of the old question-asking feature, as Tableau writes it.
func (d *DataSource) AskDataEnablement() Text {
	if d.AskData == nil {
		return ""
	}
	return d.AskData.Enablement
}

type dataSourcesAnswer struct {
	rest.Envelope
	DataSources struct {
		Items []*DataSource `json:"datasource" xml:"datasource"`
	} `json:"datasources" xml:"datasources"`
}

type dataSourceAnswer struct {
	rest.Envelope
	DataSource *DataSource `json:"datasource" xml:"datasource"`
}

func (s *Session) dataSourcesPage(ctx context.Context, query url.Values) (Pagination, []*DataSource, error) {
	a, err := get(ctx, s, rest.SiteRead{Template: "datasources", Query: query}, func(a *dataSourcesAnswer) {
		bindAll(s, &a.DataSources.Items)
		joinAnswer(a.DataSources.Items)
	})
	if err != nil {
		return Pagination{}, nil, err
	}
	return a.Pagination, a.DataSources.Items, nil
}

// DataSources reads a stretch of the published data sources that the user may connect to. GET
// datasources.
func (s *Session) DataSources(ctx context.Context, q ListQuery[DataSource], offset, first int) (*Page[DataSource], error) {
	return readRange(ctx, s, s.dataSourcesPage, q, offset, first)
}

// DataSource reads one published data source. GET datasources/{id}.
func (s *Session) DataSource(ctx context.Context, id LUID) (*DataSource, error) {
	r := rest.SiteRead{Template: "datasources/{id}", Values: []string{string(id)}}
	a, err := get(ctx, s, r, func(a *dataSourceAnswer) {
		if bindOne(s, &a.DataSource); a.DataSource != nil {
			a.DataSource.lookedUp = true
		}
	})
	if err != nil {
		return nil, err
	}
	return one(a.DataSource, "GET datasources/{id}")
}

// DataSourceByContentURL finds one data source by its name in addresses, with what its list is
// asked for beside its default fields. GET datasources?filter=contentUrl:eq:….
func (s *Session) DataSourceByContentURL(ctx context.Context, contentURL string, fields ...string) (*DataSource, error) {
	return findOne(ctx, s, s.dataSourcesPage, Filter[DataSource]{Field: "contentUrl", Op: "eq", Values: []string{contentURL}},
		func(d *DataSource) bool { return string(d.ContentURL) == contentURL }, fields...)
}

// dataSourceFields are what lists of data sources tell when asked; a look-up by id leaves them out.
var dataSourceFields = []string{
	"connectedWorkbooksCount", "databaseName", "favoritesTotal", "hasAlert", "hasExtracts", "isPublished", "serverName",
}

// Completed is a data source that was looked up by id with what only lists tell: one call for all
// data sources that were looked up together.
func (d *DataSource) Completed(ctx context.Context) (*DataSource, error) {
	list, err := d.Listed(ctx, slices.Concat(dataSourceFields, OwnerFields)...)
	if list == nil || err != nil {
		return d, err
	}
	full := *d
	full.lookedUp = false
	full.ConnectedWorkbookCount, full.FavoriteCount = list.ConnectedWorkbookCount, list.FavoriteCount
	full.DatabaseName, full.ServerName = cmp.Or(d.DatabaseName, list.DatabaseName), cmp.Or(d.ServerName, list.ServerName)
	full.HasAlert, full.HasExtracts = cmp.Or(d.HasAlert, list.HasAlert), cmp.Or(d.HasExtracts, list.HasExtracts)
	full.IsPublished = cmp.Or(d.IsPublished, list.IsPublished)
	return &full, nil
}

// dataSourcesByProjectName says whether this version filters data sources by projectName: not from
// 3.13 to 3.17.
func dataSourcesByProjectName(version string) bool {
	return !AtLeast(version, "3.13") || AtLeast(version, "3.18")
}
