package tableau

import (
	"context"
	"encoding/json"
	"fmt"

	"vitrine/internal/tableau/rest"
)

// The methods of the VizQL Data Service that this program sends. See
// https://help.tableau.com/current/api/vizql-data-service/en-us/index.html
const (
	readMetadataTemplate = "v1/vizql-data-service/read-metadata"
	readModelTemplate    = "v1/vizql-data-service/get-datasource-model"
	queryTemplate        = "v1/vizql-data-service/query-datasource"
)

// dataSourceRef names a data source. Credentials for its connections are never sent.
type dataSourceRef struct {
	LUID LUID `json:"datasourceLuid"`
}

// QueryField is a field that a query may name.
type QueryField struct {
	Name               Text  `json:"fieldName"`
	Caption            Text  `json:"fieldCaption"`
	DataType           Text  `json:"dataType"`
	Role               Text  `json:"fieldRole"`
	Type               Text  `json:"fieldType"`
	DefaultAggregation Text  `json:"defaultAggregation"`
	Kind               Text  `json:"columnClass"`
	Formula            Text  `json:"formula"`
	TableID            Text  `json:"logicalTableId"`
	Description        Text  `json:"description"`
	IsHidden           *bool `json:"hidden"`
}

// QueryParameter is a parameter of a data source.
type QueryParameter struct {
	Kind     Text                    `json:"parameterType"`
	Name     Text                    `json:"parameterName"`
	Caption  Text                    `json:"parameterCaption"`
	DataType Text                    `json:"dataType"`
	Value    Text                    `json:"value"`
	Members  []*QueryParameterMember `json:"members"`
	Min      Text                    `json:"min"`
	Max      Text                    `json:"max"`
	Step     Text                    `json:"step"`
	MinDate  Text                    `json:"minDate"`
	MaxDate  Text                    `json:"maxDate"`
}

// QueryParameterMember is a value that a parameter can have.
type QueryParameterMember struct {
	Value Text
	Alias Text
}

// UnmarshalJSON takes an object, or the bare value as older servers may write it.
func (m *QueryParameterMember) UnmarshalJSON(data []byte) error {
	if len(data) == 0 || data[0] != '{' {
		return m.Value.UnmarshalJSON(data)
	}
	var wire struct {
		Value Text `json:"value"`
		Alias Text `json:"alias"`
	}
	err := json.Unmarshal(data, &wire)
	m.Value, m.Alias = wire.Value, wire.Alias
	return err
}

// metadataOutput is what read-metadata answers.
type metadataOutput struct {
	Fields []*QueryField `json:"data"`
	Extra  struct {
		Parameters []*QueryParameter `json:"parameters"`
	} `json:"extraData"`
}

// readQueryMetadata reads the fields and parameters of the data source, once in an operation. POST
// read-metadata, from API 3.25.
func (d *DataSource) readQueryMetadata(ctx context.Context, since string) (*metadataOutput, error) {
	var out metadataOutput
	return &out, d.ask(ctx, readMetadataTemplate, since, map[string]any{"datasource": dataSourceRef{d.LUID}}, &out)
}

// ask sends a request that only reads to the VizQL Data Service.
func (d *DataSource) ask(ctx context.Context, template, since string, request, into any) error {
	body, err := json.Marshal(request)
	if err != nil {
		return err
	}
	r := rest.SiteRead{Template: template, Since: since, Body: body}
	if since != "" {
		if err := d.s.client.door.Offers(ctx, r); err != nil {
			return err
		}
	}
	a, err := get(ctx, d.s, r, func(*rest.JSONAnswer) {})
	if err != nil {
		return err
	}
	if err := json.Unmarshal(a.Raw, into); err != nil {
		return &Error{Kind: Malformed, Call: "POST " + template, Status: 200, Err: fmt.Errorf("it has another form: %w", err)}
	}
	return nil
}

// QueryFields returns the fields that a query may name.
func (d *DataSource) QueryFields(ctx context.Context) ([]*QueryField, error) {
	out, err := d.readQueryMetadata(ctx, "")
	if err != nil {
		return nil, err
	}
	return present(nonNil(out.Fields)), nil
}

// QueryParameters returns the parameters of the data source. From API 3.27.
func (d *DataSource) QueryParameters(ctx context.Context) ([]*QueryParameter, error) {
	out, err := d.readQueryMetadata(ctx, "3.27")
	if err != nil {
		return nil, err
	}
	for _, p := range out.Extra.Parameters {
		if p != nil {
			p.Members = present(nonNil(p.Members))
		}
	}
	return present(nonNil(out.Extra.Parameters)), nil
}

// DataModel has the logical tables of a data source and how they are related.
type DataModel struct {
	Tables        []*LogicalTable      `json:"logicalTables"`
	Relationships []*TableRelationship `json:"logicalTableRelationships"`
}

// LogicalTable is a table of a data model.
type LogicalTable struct {
	ID          Text `json:"logicalTableId"`
	Caption     Text `json:"caption"`
	Description Text `json:"description"`
}

// TableRelationship relates two tables of a data model.
type TableRelationship struct {
	From       logicalTableRef `json:"fromLogicalTable"`
	To         logicalTableRef `json:"toLogicalTable"`
	Expression struct {
		Conditions []*RelationshipCondition `json:"relationships"`
	} `json:"expression"`
}

type logicalTableRef struct {
	ID Text `json:"logicalTableId"`
}

// FromTableID is the id of one of the tables.
func (r *TableRelationship) FromTableID() Text { return r.From.ID }

// ToTableID is the id of the other table.
func (r *TableRelationship) ToTableID() Text { return r.To.ID }

// Conditions are what rows of both tables have in common; from API 3.28.
func (r *TableRelationship) Conditions() []*RelationshipCondition {
	return present(nonNil(r.Expression.Conditions))
}

// RelationshipCondition compares a field of each table.
type RelationshipCondition struct {
	Operator  Text `json:"operator"`
	FromField Text `json:"fromField"`
	ToField   Text `json:"toField"`
}

// Model returns the logical tables of the data source. POST get-datasource-model, from API 3.27.
func (d *DataSource) Model(ctx context.Context) (*DataModel, error) {
	var out DataModel
	if err := d.ask(ctx, readModelTemplate, "", map[string]any{"datasource": dataSourceRef{d.LUID}}, &out); err != nil {
		return nil, err
	}
	out.Tables, out.Relationships = present(nonNil(out.Tables)), present(nonNil(out.Relationships))
	return &out, nil
}
