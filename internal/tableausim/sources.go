package tableausim

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"vitrine/internal/tableausim/draw"
	"vitrine/internal/tableausim/vizql"
)

// sourceRows is how many rows a data source has.
const sourceRows = 400

// dataStart and dataEnd bound the dates in the data; the last day is the one before [epoch].
var (
	dataStart = time.Date(2023, time.January, 1, 0, 0, 0, 0, time.UTC)
	dataEnd   = time.Date(2025, time.August, 31, 0, 0, 0, 0, time.UTC)
)

// derivedField is a field of a data source that no column holds: a calculation, a group or a bin.
type derivedField struct {
	caption, dataType, role, formula, aggregation string
	base                                          string
	binSize                                       float64
	groups                                        []vizql.Group
}

// derivedFields are those of data sources by the name of their table.
var derivedFields = map[string][]derivedField{
	"orders": {
		{caption: "Profit Ratio", dataType: "REAL", role: "MEASURE", formula: "SUM([Profit])/SUM([Sales])", aggregation: "AGG"},
		{caption: "Order Year", dataType: "INTEGER", role: "DIMENSION", formula: "YEAR([Order Date])", aggregation: "COUNT"},
		{caption: "Net Sales", dataType: "REAL", role: "MEASURE", formula: "[Sales] - [Sales] * [Discount]", aggregation: "SUM"},
		{caption: "Region Group", dataType: "STRING", role: "DIMENSION", aggregation: "COUNT", base: "Region", groups: []vizql.Group{
			{Alias: "Coasts", Members: []string{"East", "West"}}, {Alias: "Inland", Members: []string{"Central"}},
		}},
		{caption: "Sales (bin)", dataType: "INTEGER", role: "DIMENSION", aggregation: "COUNT", base: "Sales", binSize: 1000},
	},
	"orders$": {
		{caption: "Profit Ratio", dataType: "REAL", role: "MEASURE", formula: "SUM([Profit])/SUM([Sales])", aggregation: "AGG"},
		{caption: "Sales per Customer", dataType: "REAL", role: "MEASURE", formula: "SUM([Sales])/COUNTD([Customer Name])", aggregation: "AGG"},
	},
	"sessions":  {{caption: "Conversion Rate", dataType: "REAL", role: "MEASURE", formula: "SUM(IIF([Converted],1,0))/COUNT([Session ID])", aggregation: "AGG"}},
	"shipments": {{caption: "Cost per Parcel", dataType: "REAL", role: "MEASURE", formula: "SUM([Cost])/COUNT([Shipment ID])", aggregation: "AGG"}},
	"ledger":    {{caption: "Doubled Amount", dataType: "REAL", role: "MEASURE", formula: "[Amount]*2", aggregation: "SUM"}},
	"readings":  {{caption: "Name", dataType: "STRING", role: "DIMENSION", formula: "[Name]", aggregation: "COUNT"}}, // a caption that is there already
}

// source returns what can be asked of a data source. The world is locked for reading.
func (s *Server) source(st *site, d *datasource) *vizql.Source {
	if x, ok := s.sources.Load(d); ok {
		return x.(*vizql.Source)
	}
	x, _ := s.sources.LoadOrStore(d, makeSource(tableBehind(st, d), d))
	return x.(*vizql.Source)
}

// tableBehind returns the table that a data source reads.
func tableBehind(st *site, d *datasource) *dbTable {
	for _, t := range st.tables {
		if t.name == d.table && slices.Contains(t.sources, d) {
			return t
		}
	}
	return &dbTable{name: d.table}
}

func makeSource(t *dbTable, d *datasource) *vizql.Source {
	tableID := urlName(t.name) + "_" + strings.ToUpper(strings.ReplaceAll(luid("logical", d.id), "-", ""))
	x := &vizql.Source{Tables: []vizql.Table{{ID: tableID, Caption: captionOf(strings.TrimSuffix(t.name, "$")), Description: t.description}}}
	for i, column := range t.columns {
		x.Fields = append(x.Fields, columnField(column, tableID, i))
	}
	for i := range sourceRows {
		row := make([]any, len(t.columns))
		for j, column := range t.columns {
			row[j] = cell(d.id, column, i)
		}
		x.Rows = append(x.Rows, row)
	}
	if t.name == "orders" {
		addManagers(x, d)
		x.Parameters = sourceParameters()
	}
	for _, f := range derivedFields[strings.ToLower(t.name)] {
		x.Fields = append(x.Fields, f.field(d, x))
	}
	return x
}

// columnField is the field of one column. Numbers that name something are dimensions; the key of a
// customer is hidden.
func columnField(x *dbColumn, table string, position int) *vizql.Field {
	f := &vizql.Field{
		Name: x.name, Caption: captionOf(x.name), DataType: dataTypes[x.remoteType], Role: "DIMENSION", Class: "COLUMN", Aggregation: "COUNT",
		Description: x.description, Table: table, Hidden: x.name == "customer_id", Column: position,
	}
	switch f.DataType {
	case "INTEGER", "REAL":
		if !strings.HasSuffix(f.Caption, "ID") {
			f.Role, f.Aggregation = "MEASURE", "SUM"
		}
		if f.DataType == "REAL" {
			f.Decimals = "2"
		}
	case "DATE", "DATETIME":
		f.Aggregation = "YEAR"
	}
	if x.name == "region" {
		f.Aliases = []vizql.Alias{{Member: "Central", Value: "Middle"}}
	}
	return f
}

// dataTypes are those of fields, by the type of the column.
var dataTypes = map[string]string{
	"I4": "INTEGER", "I8": "INTEGER", "R8": "REAL", "NUMERIC": "REAL", "WSTR": "STRING", "DATE": "DATE", "DBTIMESTAMP": "DATETIME", "BOOL": "BOOLEAN",
}

// captionOf is what Tableau makes of the name of a column: order_id becomes Order ID, StageName
// Stage Name.
func captionOf(name string) string {
	var b strings.Builder
	last := ' '
	for _, r := range name {
		switch {
		case r == '_':
			r = ' '
		case last == ' ':
			r = unicode.ToUpper(r)
		case unicode.IsUpper(r) && unicode.IsLower(last):
			b.WriteRune(' ')
		}
		b.WriteRune(r)
		last = r
	}
	words := strings.Fields(b.String())
	for i, w := range words {
		if strings.EqualFold(w, "id") || w == "Sku" {
			words[i] = strings.ToUpper(w)
		}
	}
	return strings.Join(words, " ")
}

// field makes a derived field of a data source.
func (f derivedField) field(d *datasource, x *vizql.Source) *vizql.Field {
	out := &vizql.Field{
		Name: "Calculation_" + strconv.FormatUint(seed(d.id, f.caption, f.formula)%1_000_000_000_000, 10), Caption: f.caption, DataType: f.dataType,
		Role: f.role, Class: "CALCULATION", Aggregation: f.aggregation, Formula: f.formula, Column: -1,
	}
	switch {
	case f.groups != nil:
		out.Class, out.Base, out.Groups, out.Name = "GROUP", f.base, f.groups, f.caption
	case f.binSize != 0:
		out.Class, out.Base, out.BinSize, out.Name = "BIN", f.base, f.binSize, f.caption
		out.Formula = fmt.Sprintf("BIN([%s], %g)", f.base, f.binSize)
	}
	if base := x.ByName(f.base); base != nil {
		out.Table = base.Table
	}
	return out
}

// addManagers relates a second logical table: the manager of each region.
func addManagers(x *vizql.Source, d *datasource) {
	id := "Regions_" + strings.ToUpper(strings.ReplaceAll(luid("regions", d.id), "-", ""))
	x.Tables = append(x.Tables, vizql.Table{ID: id, Caption: "Regions"})
	x.Relationships = append(x.Relationships, vizql.Relationship{From: x.Tables[0].ID, To: id, FromField: "[region]", ToField: "[region (Regions)]"})
	x.Fields = append(x.Fields, &vizql.Field{
		Name: "manager", Caption: "Region Manager", DataType: "STRING", Role: "DIMENSION", Class: "COLUMN", Aggregation: "COUNT", Table: id, Column: len(x.Rows[0]),
	})
	region := x.ByName("region").Column
	for i, row := range x.Rows {
		var manager any
		if name, ok := row[region].(string); ok {
			manager = customerDim.Values[seed("manager", name)%uint64(len(customerDim.Values))]
		}
		x.Rows[i] = append(row, manager)
	}
}

// sourceParameters are one of each kind. A whole number may be written as 5.0, as real ones are.
func sourceParameters() []vizql.Parameter {
	return []vizql.Parameter{
		{Kind: "LIST", Name: "Parameter 1", Caption: "Top N", DataType: "INTEGER", Value: 5.0, Members: []vizql.Member{{Value: 5.0}, {Value: 10.0, Alias: "ten"}}},
		{Kind: "QUANTITATIVE_RANGE", Name: "Parameter 2", Caption: "Least Sales", DataType: "REAL", Value: 2.5, Min: 1.5, Step: 1.0},
		{Kind: "QUANTITATIVE_DATE", Name: "Parameter 3", Caption: "First Day", DataType: "DATE", Value: "2024-01-01", Min: "2023-01-01", Max: "2026-01-01"},
		{Kind: "ANY_VALUE", Name: "Parameter 4", Caption: "Greeting", DataType: "STRING", Value: "Hello World!"},
	}
}

// namesIn are the values of columns of text, by name in lower case.
var namesIn = map[string]draw.Dimension{
	"region": regionDim, "category": categoryDim, "segment": segmentDim, "country": countryDim, "customer name": customerDim, "full_name": customerDim,
	"channel": channelDim, "department": departmentDim, "cost_centre": departmentDim, "warehouse": siteDim, "carrier": shipDim,
	"device": dim("Device", "Desktop", "Phone", "Tablet"), "stagename": dim("Stage", "Prospecting", "Proposal", "Closed Won", "Closed Lost"),
	"currency": dim("Currency", "EUR", "USD"), "account": dim("Account", "Income", "Payroll", "Travel", "Rent"),
}

// cell is the value of a column in one row, the same at every start. A column that may be empty is
// so in every 23rd row.
func cell(source string, x *dbColumn, row int) any {
	n := seed(source, x.name, strconv.Itoa(row))
	name := strings.ToLower(x.name)
	if x.nullable && n%23 == 0 {
		return nil
	}
	n /= 23
	day := dataStart.AddDate(0, 0, int(n%uint64(dataEnd.Sub(dataStart)/(24*time.Hour)+1)))
	switch dataTypes[x.remoteType] {
	case "INTEGER":
		if strings.HasSuffix(name, "id") && row >= 0 && !x.nullable && name != "customer_id" {
			return int64(1001 + row)
		}
		return int64(n % 40)
	case "REAL":
		if name == "discount" {
			return float64(n%9) / 20
		}
		if name == "profit" {
			return float64(n%90_000)/100 - 150
		}
		return float64(n%500_000) / 100
	case "BOOLEAN":
		return n%3 == 0
	case "DATE":
		return day
	case "DATETIME":
		return vizql.DateTime(day.Add(time.Duration(n>>20%86_400) * time.Second))
	}
	if d, ok := namesIn[name]; ok {
		return d.Values[n%uint64(len(d.Values))]
	}
	if !x.nullable || strings.HasSuffix(name, "id") {
		return fmt.Sprintf("%s-%05d", strings.ToUpper(urlName(x.name))[:2], 10_001+row/2)
	}
	return captionOf(x.name) + " " + strconv.Itoa(int(n%25))
}
