package tableau

import (
	"cmp"
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
	Name               Text `json:"fieldName"`
	Caption            Text `json:"fieldCaption"`
	DataType           Text `json:"dataType"`
	Role               Text `json:"fieldRole"`
	Type               Text `json:"fieldType"`
	DefaultAggregation Text `json:"defaultAggregation"`
	Kind               Text `json:"columnClass"`
	Formula            Text `json:"formula"`
	TableID            Text `json:"logicalTableId"`
	Description        Text `json:"description"`
	IsHidden           Flag `json:"hidden"`
}

// QueryParameter is a parameter of a data source.
type QueryParameter struct {
	Kind     Text                               `json:"parameterType"`
	Name     Text                               `json:"parameterName"`
	Caption  Text                               `json:"parameterCaption"`
	DataType Text                               `json:"dataType"`
	Value    Text                               `json:"value"`
	Values   metadataList[QueryParameterMember] `json:"members"`
	Min      Text                               `json:"min"`
	Max      Text                               `json:"max"`
	Step     Text                               `json:"step"`
	MinDate  Text                               `json:"minDate"`
	MaxDate  Text                               `json:"maxDate"`
}

// Members are the values that it can have.
func (p *QueryParameter) Members() []*QueryParameterMember { return nonNil(p.Values.items) }

// QueryParameterMember is a value that a parameter can have.
type QueryParameterMember struct {
	Value string // can be an empty text
	Alias Text
}

// UnmarshalJSON takes an object, or the bare value as older servers may write it.
func (m *QueryParameterMember) UnmarshalJSON(data []byte) error {
	if len(data) == 0 || data[0] != '{' {
		m.Value = rest.ScalarText(data)
		return nil
	}
	var wire struct {
		Value Text `json:"value"`
		Alias Text `json:"alias"`
	}
	err := json.Unmarshal(data, &wire)
	m.Value, m.Alias = string(wire.Value), wire.Alias
	return err
}

// metadataOutput is what read-metadata answers.
type metadataOutput struct {
	Fields metadataList[QueryField] `json:"data"`
	Extra  metadataObject[struct {
		Parameters metadataList[QueryParameter] `json:"parameters"`
	}] `json:"extraData"`
}

// fields are the fields that queries can name, and whether some could not be read.
func (o *metadataOutput) fields() (fields []*QueryField, lost bool) {
	for _, f := range o.Fields.items {
		if f.Name = cmp.Or(f.Name, f.Caption); f.Caption == "" {
			lost = true
			continue
		}
		fields = append(fields, f)
	}
	return nonNil(fields), lost || o.Fields.lost
}

// parameters are the parameters that queries can name, and whether some could not be read.
func (o *metadataOutput) parameters() (parameters []*QueryParameter, lost bool) {
	all := o.Extra.value.Parameters
	for _, p := range all.items {
		lost = lost || p.Values.lost
		if p.Name = cmp.Or(p.Name, p.Caption); p.Caption == "" {
			lost = true
			continue
		}
		parameters = append(parameters, p)
	}
	return nonNil(parameters), lost || all.lost || o.Extra.lost
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

// ReadQueryFields returns the fields that a query may name.
func (d *DataSource) ReadQueryFields(ctx context.Context) (*Lineage[QueryField], error) {
	out, err := d.readQueryMetadata(ctx, "")
	if err != nil {
		return nil, err
	}
	fields, lost := out.fields()
	return &Lineage[QueryField]{fields, gapIf(lost)}, nil
}

// ReadQueryParameters returns the parameters of the data source. From API 3.27.
func (d *DataSource) ReadQueryParameters(ctx context.Context) (*Lineage[QueryParameter], error) {
	out, err := d.readQueryMetadata(ctx, "3.27")
	if err != nil {
		return nil, err
	}
	parameters, lost := out.parameters()
	return &Lineage[QueryParameter]{parameters, gapIf(lost)}, nil
}

// DataModel has the logical tables of a data source and how they are related.
type DataModel struct {
	Tables        []*LogicalTable
	Relationships []*TableRelationship
	Gap           Gap // says whether something is missing
}

// modelOutput is what get-datasource-model answers.
type modelOutput struct {
	Tables        metadataList[LogicalTable]      `json:"logicalTables"`
	Relationships metadataList[TableRelationship] `json:"logicalTableRelationships"`
}

// model is what is right of the answer.
func (o *modelOutput) model() *DataModel {
	o.Tables.keep(func(t *LogicalTable) bool { return t.ID != "" })
	o.Relationships.keep(func(r *TableRelationship) bool { return r.From.value.ID != "" && r.To.value.ID != "" })
	lost := o.Tables.lost || o.Relationships.lost || !o.Tables.given
	for _, r := range o.Relationships.items {
		lost = lost || r.Expression.lost || r.Expression.value.Conditions.lost
	}
	return &DataModel{Tables: nonNil(o.Tables.items), Relationships: nonNil(o.Relationships.items), Gap: gapIf(lost)}
}

// LogicalTable is a table of a data model.
type LogicalTable struct {
	ID          Text `json:"logicalTableId"`
	Caption     Text `json:"caption"`
	Description Text `json:"description"`
}

// TableRelationship relates two tables of a data model.
type TableRelationship struct {
	From       metadataObject[logicalTableRef] `json:"fromLogicalTable"`
	To         metadataObject[logicalTableRef] `json:"toLogicalTable"`
	Expression metadataObject[struct {
		Conditions metadataList[RelationshipCondition] `json:"relationships"`
	}] `json:"expression"`
}

type logicalTableRef struct {
	ID Text `json:"logicalTableId"`
}

// FromTableID is the id of one of the tables.
func (r *TableRelationship) FromTableID() Text { return r.From.value.ID }

// ToTableID is the id of the other table.
func (r *TableRelationship) ToTableID() Text { return r.To.value.ID }

// Conditions are what rows of both tables have in common; from API 3.28.
func (r *TableRelationship) Conditions() []*RelationshipCondition {
	return nonNil(r.Expression.value.Conditions.items)
}

// RelationshipCondition compares a field of each table.
type RelationshipCondition struct {
	Operator  Text `json:"operator"`
	FromField Text `json:"fromField"`
	ToField   Text `json:"toField"`
}

// ReadModel returns the logical tables of the data source. POST get-datasource-model, from API 3.27.
func (d *DataSource) ReadModel(ctx context.Context) (*DataModel, error) {
	var out modelOutput
	if err := d.ask(ctx, readModelTemplate, "", map[string]any{"datasource": dataSourceRef{d.LUID}}, &out); err != nil {
		return nil, err
	}
	return out.model(), nil
}
