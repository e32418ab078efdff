package tableau

import (
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
)

// openAPI is the part of an OpenAPI document that tests read.
type openAPI struct {
	Components struct {
		Schemas map[string]any `json:"schemas"`
	} `json:"components"`
}

func readOpenAPI(t *testing.T, version string) openAPI {
	t.Helper()
	dir := os.Getenv("VITRINE_RECORDED")
	if dir == "" {
		t.Skip("SKIPPED: VITRINE_RECORDED names no directory of recorded answers")
	}
	text, err := os.ReadFile(filepath.Join(dir, "next", "vds", "openapi-"+version+".json"))
	if err != nil {
		t.Fatal(err)
	}
	var doc openAPI
	if err := json.Unmarshal(text, &doc); err != nil {
		t.Fatal(err)
	}
	return doc
}

// propertiesIn collects the names of properties anywhere in a schema, without following references.
func propertiesIn(v any, found map[string]bool) {
	switch v := v.(type) {
	case map[string]any:
		if properties, ok := v["properties"].(map[string]any); ok {
			for name := range properties {
				found[name] = true
			}
		}
		for _, inner := range v {
			propertiesIn(inner, found)
		}
	case []any:
		for _, inner := range v {
			propertiesIn(inner, found)
		}
	}
}

// tagsOf collects the JSON names of a struct and of those in it.
func tagsOf(of reflect.Type, found map[string]bool, seen map[reflect.Type]bool) {
	for of.Kind() == reflect.Pointer || of.Kind() == reflect.Slice {
		of = of.Elem()
	}
	if of.Kind() != reflect.Struct || seen[of] {
		return
	}
	seen[of] = true
	for f := range fieldsOf(of) {
		if name, _, _ := strings.Cut(f.Tag.Get("json"), ","); name != "" {
			found[name] = true
		}
		tagsOf(f.Type, found, seen)
	}
}

func fieldsOf(of reflect.Type) func(func(reflect.StructField) bool) {
	return func(yield func(reflect.StructField) bool) {
		for i := range of.NumField() {
			if !yield(of.Field(i)) {
				return
			}
		}
	}
}

// unusedProperties are those of the VizQL Data Service that the program does not use, with the
// reason.
var unusedProperties = map[string]string{
	"connections": "credentials are never sent", "connectionLuid": "as connections", "connectionUsername": "as connections", "connectionPassword": "as connections",
	"calculation": "a formula could read fields that a role lacks", "disaggregate": "rows are always grouped",
	"tableCalculation": "left out", "nestedTableCalculations": "left out", "tableCalcType": "left out", "dimensions": "of table calculations",
	"levelAddress": "of table calculations", "restartEvery": "of table calculations", "customSort": "of table calculations", "relativeTo": "of table calculations",
	"rankType": "of table calculations", "aggregation": "of table calculations", "secondaryTableCalculation": "of table calculations",
	"previous": "of table calculations", "next": "of table calculations", "includeCurrent": "of table calculations", "fillInNull": "of table calculations",
	"binSize": "left out", "fieldAlias": "rows are arrays, which have no names", "condition": "CONDITION filters are left out", "comparison": "of CONDITION filters",
	"debug": "messages for Tableau's developers", "bypassMetadataCache": "costs the whole site", "interpretFieldCaptionsAsFieldNames": "queries name captions",
	"includeHiddenFields": "hidden fields stay hidden", "includeGroupFormulas": "left out", "returnServerSentEvents": "answers are read whole",
	"imageRole": "of no use to queries", "defaultFormatting": "left out", "decimalPlaces": "of defaultFormatting", "isLODCalc": "left out",
	"aliases": "left out", "member": "of aliases", "groupFormula": "left out", "groupings": "of groupFormula", "baseFieldName": "of groupFormula",
	"hasIncludeOther": "of groupFormula", "periodValue": "of a date parameter's step", "op": "relationships have one operator, and",
	"datetime": "of errors", "messages": "of errors: texts go no further", "tab-error-code": "of errors", "errorCode": "read by the door", "message": "read by the door",
	"rowCount": "of server-sent events", "event": "of server-sent events", "overloads": "of list-supported-functions, which is not called",
	"arg_types": "of list-supported-functions", "return_type": "of list-supported-functions", "name": "of list-supported-functions",
}

// TestEveryPropertyIsUsedOrNamed holds that no property of the OpenAPI documents is overlooked.
func TestEveryPropertyIsUsedOrNamed(t *testing.T) {
	t.Parallel()
	used, seen := map[string]bool{"alias": true}, map[reflect.Type]bool{} // alias is read by UnmarshalJSON
	for _, of := range []reflect.Type{
		reflect.TypeFor[rowsRequest](), reflect.TypeFor[rowsOutput](), reflect.TypeFor[metadataOutput](), reflect.TypeFor[modelOutput](),
	} {
		tagsOf(of, used, seen)
	}
	known := map[string]bool{}
	for _, version := range []string{"20251.0", "20252.0", "20253.0", "20261.0"} {
		for _, schema := range readOpenAPI(t, version).Components.Schemas {
			propertiesIn(schema, known)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(known)) {
		if !used[name] && unusedProperties[name] == "" {
			t.Errorf("%s is neither used nor named with a reason", name)
		}
	}
	for name := range used {
		if !known[name] {
			t.Errorf("%s is used, and in no OpenAPI document", name)
		}
	}
	for name := range unusedProperties {
		if !known[name] || used[name] {
			t.Errorf("%s is named as unused: known %v, used %v", name, known[name], used[name])
		}
	}
}

func TestRecordedMetadataDecodes(t *testing.T) {
	t.Parallel()
	dir := os.Getenv("VITRINE_RECORDED")
	if dir == "" {
		t.Skip("SKIPPED: VITRINE_RECORDED names no directory of recorded answers")
	}
	read := func(file string, into any) {
		text, err := os.ReadFile(filepath.Join(dir, "next", "vds", file))
		if err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(text, into); err != nil {
			t.Errorf("%s: %v", file, err)
		}
	}
	var out metadataOutput
	read("read-metadata-mcp-mock.json", &out)
	fields, lostFields := out.fields()
	parameters, lostParameters := out.parameters()
	if len(fields) != 3 || lostFields || lostParameters || fields[0].Formula == "" ||
		!slices.ContainsFunc(parameters, func(p *QueryParameter) bool { return len(p.Members()) > 0 && p.Members()[0].Value != "" }) {
		t.Errorf("%+v %+v", fields, parameters)
	}
	var answer modelOutput
	read("datasource-model-mcp-mock.json", &answer)
	model := answer.model()
	if len(model.Tables) != 2 || len(model.Relationships) != 1 || model.Gap != GapNone ||
		model.Relationships[0].ToTableID() == "" || len(model.Relationships[0].Conditions()) != 1 {
		t.Errorf("%+v", model)
	}
}

func TestCellsTellNullFromEmptyText(t *testing.T) {
	t.Parallel()
	text := func(s string) *string { return &s }
	for raw, want := range map[string]*string{
		"null": nil, `""`: text(""), `"a\"b"`: text(`a"b`), "466671.11140000017": text("466671.11140000017"), "671.0": text("671.0"), "true": text("true"), " 1 ": text("1"),
	} {
		got := cellText(json.RawMessage(raw))
		if (got == nil) != (want == nil) || got != nil && *got != *want {
			t.Errorf("%s: %v", raw, got)
		}
	}
}
