package vizql

import (
	"bytes"
	"encoding/json"
	"strconv"
	"strings"
	"time"
)

// number writes a number with all its digits; one that is no integer has a point.
func number(v any) json.RawMessage {
	switch v := v.(type) {
	case int64:
		return strconv.AppendInt(nil, v, 10)
	case float64:
		b := strconv.AppendFloat(nil, v, 'f', -1, 64)
		if !bytes.ContainsRune(b, '.') {
			b = append(b, ".0"...)
		}
		return b
	}
	return json.RawMessage("null")
}

// rounded writes a number with some places at most, and without zeros at its end.
func rounded(v any, places int) json.RawMessage {
	n, ok := v.(float64)
	if !ok {
		return number(v)
	}
	return strconv.AppendFloat(nil, roundTo(n, places), 'f', -1, 64)
}

// cell writes one value.
func cell(v any, places int) json.RawMessage {
	switch v := v.(type) {
	case string, bool:
		b, _ := json.Marshal(v) // both always marshal
		return b
	case time.Time:
		layout := "2006-01-02"
		if h, m, s := v.Clock(); h+m+s > 0 || v.Location() == datetime {
			layout = "2006-01-02T15:04:05"
		}
		return json.RawMessage(strconv.Quote(v.Format(layout)))
	}
	if places >= 0 {
		return rounded(v, places)
	}
	return number(v)
}

// MarshalJSON writes the rows as objects or arrays.
func (r *Rows) MarshalJSON() ([]byte, error) {
	names := make([]json.RawMessage, len(r.names))
	for i, name := range r.names {
		b, err := json.Marshal(name)
		if err != nil {
			return nil, err
		}
		names[i] = append(b, ':')
	}
	opening, closing := byte('{'), byte('}')
	if len(names) == 0 {
		opening, closing = '[', ']'
	}
	b := []byte{'['}
	for i, row := range r.values {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(b, opening)
		for j, v := range row {
			if j > 0 {
				b = append(b, ',')
			}
			if len(names) > 0 {
				b = append(b, names[j]...)
			}
			b = append(b, cell(v, r.places[j])...)
		}
		b = append(b, closing)
	}
	return append(b, ']'), nil
}

// datetime marks times of fields of the type DATETIME, which are written with a clock also at
// midnight.
var datetime = time.FixedZone("DATETIME", 0)

// DateTime makes a value of a field of the type DATETIME.
func DateTime(t time.Time) time.Time { return t.In(datetime) }

// Metadata is the answer of read-metadata.
func (x *Request) Metadata(s *Source) map[string]any {
	fields := []map[string]any{}
	for _, f := range s.Fields {
		if f.Hidden && !x.option("includeHiddenFields") {
			continue
		}
		fields = append(fields, x.field(f))
	}
	out := map[string]any{"data": fields}
	if x.release >= R20253 {
		parameters := []map[string]any{}
		for _, p := range s.Parameters {
			parameters = append(parameters, p.json())
		}
		out["extraData"] = map[string]any{"parameters": parameters}
	}
	return out
}

// field describes a field with what the release knows.
func (x *Request) field(f *Field) map[string]any {
	m := map[string]any{"fieldName": f.Name, "fieldCaption": f.Caption, "dataType": f.DataType, "logicalTableId": f.Table}
	if x.release >= R20252 {
		m["defaultAggregation"] = f.Aggregation
	}
	if x.release >= R20253 {
		m["columnClass"] = f.Class
		if f.Formula != "" && f.Class == "CALCULATION" {
			m["formula"] = f.Formula
		}
		if f.Table == "" {
			delete(m, "logicalTableId") // missing or empty
		}
	}
	if x.release < R20261 {
		return m
	}
	m["fieldRole"], m["fieldType"], m["hidden"], m["isLODCalc"] = f.Role, "NOMINAL", f.Hidden, false
	switch {
	case f.Role == "MEASURE":
		m["fieldType"] = "CONTINUOUS"
	case f.DataType != "STRING" && f.DataType != "BOOLEAN":
		m["fieldType"] = "ORDINAL"
	}
	if f.Description != "" {
		m["description"] = f.Description
	}
	if f.Decimals != "" {
		m["defaultFormatting"] = map[string]any{"decimalPlaces": f.Decimals}
	}
	if f.Aliases != nil {
		var aliases []map[string]any
		for _, a := range f.Aliases {
			aliases = append(aliases, map[string]any{"member": a.Member, "value": a.Value})
		}
		m["aliases"] = aliases
	}
	if f.Groups != nil && x.option("includeGroupFormulas") {
		var groupings []map[string]any
		for _, g := range f.Groups {
			groupings = append(groupings, map[string]any{"alias": g.Alias, "members": g.Members})
		}
		m["groupFormula"] = map[string]any{"baseFieldName": f.Base, "groupings": groupings, "hasIncludeOther": true}
	}
	return m
}

// json describes a parameter. A bound that it does not have is null.
func (p Parameter) json() map[string]any {
	m := map[string]any{"parameterType": p.Kind, "parameterName": p.Name, "parameterCaption": p.Caption, "dataType": p.DataType, "value": jsonNumber(p.Value)}
	switch p.Kind {
	case "LIST":
		var members []map[string]any
		for _, x := range p.Members {
			member := map[string]any{"value": jsonNumber(x.Value)}
			if x.Alias != "" {
				member["alias"] = x.Alias
			}
			members = append(members, member)
		}
		m["members"] = members
	case "QUANTITATIVE_RANGE":
		m["min"], m["max"], m["step"] = jsonNumber(p.Min), jsonNumber(p.Max), jsonNumber(p.Step)
	case "QUANTITATIVE_DATE":
		m["minDate"], m["maxDate"], m["periodType"], m["periodValue"] = p.Min, p.Max, nil, nil
	}
	return m
}

// jsonNumber writes whole numbers as 5.0.
func jsonNumber(v any) any {
	if n, ok := v.(float64); ok {
		return number(n)
	}
	return v
}

// Model is the answer of get-datasource-model.
func (x *Request) Model(s *Source) map[string]any {
	tables, relations := []map[string]any{}, []map[string]any{}
	for _, t := range s.Tables {
		m := map[string]any{"logicalTableId": t.ID, "caption": t.Caption}
		if t.Description != "" {
			m["description"] = t.Description
		}
		tables = append(tables, m)
	}
	for _, r := range s.Relationships {
		m := map[string]any{"fromLogicalTable": map[string]any{"logicalTableId": r.From}, "toLogicalTable": map[string]any{"logicalTableId": r.To}}
		if x.release >= R20261 {
			m["expression"] = map[string]any{"op": "AND", "relationships": []map[string]any{{"operator": "=", "fromField": r.FromField, "toField": r.ToField}}}
		}
		relations = append(relations, m)
	}
	return map[string]any{"logicalTables": tables, "logicalTableRelationships": relations}
}

// Functions is the answer of list-supported-functions.
func Functions() []map[string]any {
	out := []map[string]any{}
	for _, name := range sortedNames() {
		f := functions[name]
		args := make([]string, f.least)
		for i := range args {
			args[i] = "ANY"
		}
		result := map[string]string{"INTEGER": "INT", "STRING": "STR", "BOOLEAN": "BOOL", "": "ANY"}[f.result]
		if result == "" {
			result = strings.ToUpper(f.result)
		}
		out = append(out, map[string]any{"name": name, "overloads": []map[string]any{{"arg_types": args, "return_type": result}}})
	}
	return out
}
