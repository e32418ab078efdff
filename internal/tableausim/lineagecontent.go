package tableausim

import (
	"slices"
	"strconv"
	"strings"

	"vitrine/internal/tableausim/metadata"
	"vitrine/internal/tableausim/vizql"
)

// The part of the graph that people publish: flows, data sources with their fields, and workbooks.

func (l *lineage) flow(f *flow) {
	n := l.add(f, "Flow", f.id, func() facts {
		return place(f.project, f.owner, facts{
			"name": f.name, "description": f.description, "uri": l.uri("flows", f.number), "vizportalUrlId": strconv.Itoa(f.number), "createdAt": f.created,
			"updatedAt": f.updated, "hasActiveWarning": l.warned(f.id), "containsUnsupportedCustomSql": false,
		})
	})
	l.owned(n, f.owner, "ownedFlows")
	l.tagged(n, f.tags, "flows")
	for _, step := range f.steps {
		out := l.add(f, "FlowOutputStep", step.id, func() facts { return facts{"name": step.name, "stepId": step.id} })
		join(n, "outputSteps", out, "flow")
	}
}

// inputs connects a flow with the data source that it reads.
func (l *lineage) inputs(f *flow) {
	for _, x := range f.connections {
		if d := l.byLUID[x.sourceID]; d != nil {
			l.of[f].Up = append(l.of[f].Up, d)
		}
	}
}

// customSQL is the name of the data source that reads a query instead of a table.
const customSQL = "Web Analytics"

func (l *lineage) datasource(d *datasource) {
	n := l.add(d, "PublishedDatasource", d.id, func() facts {
		v := place(d.project, d.owner, facts{
			"name": d.name, "description": d.description, "uri": l.uri("datasources", d.number), "vizportalId": strconv.Itoa(d.number), "vizportalUrlId": strconv.Itoa(d.number),
			"createdAt": d.created, "updatedAt": d.updated, "hasExtracts": d.hasExtracts, "hasUserReference": false, "containsUnsupportedCustomSql": false,
			"isCertified": d.certified, "certificationNote": d.certificationNote, "hasActiveWarning": l.warned(d.id),
		})
		if d.certified {
			v["certifierDisplayName"] = d.owner.fullName
		}
		if d.hasExtracts {
			v["extractLastRefreshTime"], v["extractLastUpdateTime"] = d.updated, d.updated
		}
		return v
	})
	l.owned(n, d.owner, "ownedDatasources")
	l.tagged(n, d.tags, "publishedDatasources")
	if d.certified {
		join(n, "certifier", l.of[d.owner], "certifiedDatasources")
	}
	t := tableBehind(l.st, d)
	table := l.of[t]
	columns := map[string]*metadata.Node{}
	for _, x := range t.columns {
		columns[x.name] = l.of[x]
	}
	if d.name == customSQL && table != nil {
		table = l.query(d, t, table, columns)
	}
	if table != nil {
		n.Up = append(n.Up, table)
	}
	for _, f := range l.st.flows {
		for _, step := range f.steps {
			if step.name == d.name {
				n.Up = append(n.Up, l.of[f])
			}
		}
	}
	l.fields(d, n, columns)
}

// query puts a table of custom SQL between a data source and its table, with columns of its own.
func (l *lineage) query(d *datasource, t *dbTable, table *metadata.Node, columns map[string]*metadata.Node) *metadata.Node {
	n := l.add(customTable{d}, "CustomSQLTable", luid(d.id, "query"), func() facts {
		return facts{
			"name": "Custom SQL Query", "query": "SELECT * FROM " + t.name + " WHERE pages > 0", "isUnsupportedCustomSql": false, "isEmbedded": true,
			"connectionType": t.database.connectionType,
		}
	})
	n.Up = nodes{table}
	join(n, "tables", table, "referencedByQueries")
	n.Links["database"] = table.Links["database"]
	for _, x := range t.columns {
		c := l.column(x, customTable{d}, luid(d.id, "query", x.name), n)
		c.Up = append(c.Up, columns[x.name])
		columns[x.name] = c
	}
	return n
}

// customTable is the custom SQL of a data source.
type customTable struct{ source *datasource }

// parents connects a data source with the published ones that it is composed of.
func (l *lineage) parents(d *datasource) {
	for _, url := range d.parents {
		for _, parent := range l.st.datasources {
			if parent.contentURL == url {
				l.of[d].Up = append(l.of[d].Up, l.of[parent])
			}
		}
	}
}

// fieldTypes are the types of fields in the Metadata API.
var fieldTypes = map[string]string{"COLUMN": "ColumnField", "CALCULATION": "CalculatedField", "GROUP": "GroupField", "BIN": "BinField"}

// fields adds the fields and parameters of a data source.
func (l *lineage) fields(d *datasource, source *metadata.Node, columns map[string]*metadata.Node) {
	x := l.s.source(l.st, d)
	l.sources[d] = x
	byCaption := map[string]*metadata.Node{}
	for _, f := range x.Fields {
		n := l.add(d, fieldTypes[f.Class], luid(d.id, "field", f.Name), func() facts { return fieldFacts(f) })
		if f.Class == "COLUMN" && columns[f.Name] != nil {
			n.Up = nodes{columns[f.Name]}
			n.Links["columns"] = n.Up
			columns[f.Name].Links["referencedByFields"] = append(columns[f.Name].Links["referencedByFields"], n)
		}
		join(n, "datasource", source, "fields")
		if byCaption[f.Caption] == nil {
			byCaption[f.Caption] = n
		}
	}
	for _, f := range x.Fields {
		n := l.byLUID[luid(d.id, "field", f.Name)]
		for caption, to := range byCaption {
			if to != n && (f.Base == caption || strings.Contains(f.Formula, "["+caption+"]")) {
				n.Up = append(n.Up, to)
				n.Links["fields"] = append(n.Links["fields"], to)
			}
		}
	}
	for _, p := range x.Parameters {
		n := l.add(d, "Parameter", luid(d.id, "parameter", p.Name), func() facts { return facts{"name": p.Caption, "parentName": d.name} })
		join(n, "datasource", source, "parameters")
	}
	l.field[d] = byCaption
}

// fieldFacts are the values of a field, of whatever type.
func fieldFacts(f *vizql.Field) facts {
	v := facts{
		"name": f.Caption, "fullyQualifiedName": "[" + f.Caption + "]", "isHidden": f.Hidden, "role": f.Role, "dataType": f.DataType, "dataCategory": "NOMINAL",
		"isAutoGenerated": false, "hasUserReference": false,
	}
	switch {
	case f.Role == "MEASURE":
		v["dataCategory"] = "QUANTITATIVE"
	case f.DataType != "STRING" && f.DataType != "BOOLEAN":
		v["dataCategory"] = "ORDINAL"
	}
	if f.Description != "" {
		v["description"] = f.Description
	}
	if f.Formula != "" {
		v["formula"] = f.Formula
	}
	if f.BinSize > 0 {
		v["binSize"] = strconv.FormatFloat(f.BinSize, 'f', -1, 64)
	}
	if f.Groups != nil {
		v["hasOther"] = true
	}
	if f.Aggregation != "AGG" { // as a word: Sum, Count, Year
		v["aggregation"] = f.Aggregation[:1] + strings.ToLower(f.Aggregation[1:])
	}
	if f.Decimals != "" {
		v["defaultFormat"] = "*0." + strings.Repeat("0", len(f.Decimals))
	}
	return v
}

func (l *lineage) workbook(w *workbook) {
	n := l.add(w, "Workbook", w.id, func() facts {
		return place(w.project, w.owner, facts{
			"name": w.name, "description": w.description, "uri": l.uri("workbooks", w.number), "vizportalUrlId": strconv.Itoa(w.number), "createdAt": w.created,
			"updatedAt": w.updated, "containsUnsupportedCustomSql": false,
		})
	})
	l.owned(n, w.owner, "ownedWorkbooks")
	l.tagged(n, w.tags, "workbooks")
	embedded, fields := l.embedded(w, n)
	var sheets, dashboards nodes
	for _, x := range w.views {
		v := l.view(x, n)
		if v.Type == "Dashboard" {
			dashboards = append(dashboards, v)
			continue
		}
		sheets = append(sheets, v)
		l.shows(v, x.sheet.Captions(), embedded, fields)
	}
	if w.showTabs { // a sheet that is hidden, which the REST API does not list
		hidden := l.add(w, "Sheet", luid(w.id, "hidden"), func() facts {
			return facts{"name": "Mobile", "path": "", "createdAt": w.created, "updatedAt": w.updated, "index": len(w.views) + 1}
		})
		hidden.LUID = ""
		join(hidden, "workbook", n, "views")
		n.Links["sheets"] = append(n.Links["sheets"], hidden)
		sheets = append(sheets, hidden)
		l.shows(hidden, w.views[0].sheet.Captions(), embedded, fields)
	}
	for i, x := range slices.DeleteFunc(slices.Clone(w.views), func(x *view) bool { return x.sheet.Kind == "view" }) {
		if x.sheet.Kind == "dashboard" { // a story has no sheets of its own
			dashboards[i].Up = sheets
			for _, sheet := range sheets {
				join(dashboards[i], "sheets", sheet, "containedInDashboards")
			}
		}
	}
	n.Up = slices.Concat(sheets, dashboards)
}

// view adds a sheet, or a dashboard or story.
func (l *lineage) view(x *view, book *metadata.Node) *metadata.Node {
	kind, list := "Sheet", "sheets"
	if x.sheet.Kind != "view" {
		kind, list = "Dashboard", "dashboards"
	}
	n := l.add(x, kind, x.id, func() facts {
		return facts{
			"name": x.name, "path": x.workbook.contentURL + "/" + x.urlName, "documentViewId": luid("document", x.id), "createdAt": x.created, "updatedAt": x.updated,
			"index": x.number - 1,
		}
	})
	join(n, "workbook", book, "views")
	book.Links[list] = append(book.Links[list], n)
	l.tagged(n, x.tags, "views")
	return n
}

// embedded adds the data source within a workbook: a copy of a published one with fields that lead
// to the published ones, or one of its own with a file.
func (l *lineage) embedded(w *workbook, book *metadata.Node) (source *metadata.Node, fields map[string]*metadata.Node) {
	x := w.sources[0]
	n := l.add(w, "EmbeddedDatasource", luid(w.id, "embedded"), func() facts {
		return facts{"name": x.sourceName, "hasExtracts": w.hasExtracts, "hasUserReference": false, "containsUnsupportedCustomSql": false, "createdAt": w.created, "updatedAt": w.updated}
	})
	n.LUID = "" // the type has none
	join(n, "workbook", book, "embeddedDatasources")
	fields = map[string]*metadata.Node{}
	d, _ := find[*datasource](l.st, x.sourceID)
	if d == nil {
		n.Up = nodes{l.extract(w)}
		return n, fields
	}
	published := l.of[d]
	n.Up = nodes{published}
	n.Links["parentPublishedDatasources"] = n.Up
	for _, f := range l.sources[d].Fields {
		remote := l.byLUID[luid(d.id, "field", f.Name)]
		to := l.add(w, "DatasourceField", luid(w.id, "field", f.Name), func() facts {
			return facts{"name": f.Caption, "fullyQualifiedName": "[" + f.Caption + "]", "isHidden": f.Hidden}
		})
		to.Up = nodes{remote, published}
		to.Links["remoteField"] = nodes{remote}
		join(to, "datasource", n, "fields")
		fields[f.Caption] = to
	}
	return n, fields
}

// extract adds the table and the file behind a data source that is embedded in a workbook.
func (l *lineage) extract(w *workbook) *metadata.Node {
	name := w.sources[0].sourceName
	file := l.add(w, "File", luid(w.id, "file"), func() facts {
		return facts{"name": name + ".hyper", "vizportalId": strconv.Itoa(w.number), "connectionType": "hyper", "isEmbedded": true, "filePath": "Data/" + name + ".hyper"}
	})
	table := l.add(w, "DatabaseTable", luid(w.id, "extract"), func() facts {
		return facts{
			"name": "Extract", "vizportalId": strconv.Itoa(w.number), "isEmbedded": true, "tableType": "DATABASETABLE", "schema": "Extract",
			"fullName": "[Extract].[Extract]", "connectionType": "hyper", "description": "",
		}
	})
	table.Up = nodes{file}
	join(table, "database", file, "tables")
	return table
}

// shows connects a sheet with the fields that it shows. What its data source does not have is a
// column of an extract, or a calculation of the sheet itself.
func (l *lineage) shows(sheet *metadata.Node, captions []string, embedded *metadata.Node, fields map[string]*metadata.Node) {
	join(sheet, "parentEmbeddedDatasources", embedded, "shownBy")
	sheet.Up = append(sheet.Up, embedded)
	w := embedded.Subject
	for _, caption := range captions {
		name := strings.TrimPrefix(caption, "Month of ")
		f := fields[name]
		switch {
		case f != nil:
			sheet.Links["datasourceFields"] = append(sheet.Links["datasourceFields"], f)
		case len(embedded.Links["parentPublishedDatasources"]) > 0:
			f = l.add(w, "CalculatedField", luid(sheet.ID, caption), func() facts {
				return facts{"name": caption, "fullyQualifiedName": "[" + caption + "]", "isHidden": false, "role": "MEASURE", "dataType": "REAL", "dataCategory": "QUANTITATIVE", "formula": "1"}
			})
			join(f, "sheet", sheet, "worksheetFields")
			f.Links["datasource"] = nodes{embedded}
		default:
			f = l.add(w, "ColumnField", luid(embedded.ID, caption), func() facts {
				return facts{"name": name, "fullyQualifiedName": "[" + name + "]", "isHidden": false, "role": "DIMENSION", "dataType": "STRING", "dataCategory": "NOMINAL"}
			})
			fields[name] = f
			join(f, "datasource", embedded, "fields")
			f.Up = embedded.Up
			sheet.Links["datasourceFields"] = append(sheet.Links["datasourceFields"], f)
		}
		sheet.Links["sheetFieldInstances"] = append(sheet.Links["sheetFieldInstances"], f)
		sheet.Up = append(sheet.Up, f)
	}
}

// metric adds a metric definition of Pulse, made of the fields of a data source.
func (l *lineage) metric(d *pulseDefinition) {
	n := l.add(d.source, "MetricDefinition", d.id, func() facts { return facts{"name": d.name} })
	for _, f := range []*vizql.Field{d.measure, d.time} {
		n.Up = append(n.Up, l.byLUID[luid(d.source.id, "field", f.Name)])
	}
	n.Links["fields"], n.Links["site"] = n.Up, nodes{l.site}
}
