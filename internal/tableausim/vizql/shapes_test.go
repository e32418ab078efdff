package vizql

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// document is a part of an OpenAPI document: the schemas of a release.
type document map[string]definition

type definition struct {
	Properties map[string]json.RawMessage `json:"properties"`
	Required   []string                   `json:"required"`
	AllOf      []definition               `json:"allOf"`
	OneOf      []definition               `json:"oneOf"`
	Ref        string                     `json:"$ref"`
	Enum       []string                   `json:"enum"`
}

func documentOf(t *testing.T, r Release) document {
	t.Helper()
	dir := os.Getenv("VITRINE_RECORDED")
	if dir == "" {
		t.Skip("VITRINE_RECORDED is not set: there are no documents to compare with")
	}
	text, err := os.ReadFile(filepath.Join(dir, "next", "vds", fmt.Sprintf("openapi-%d.0.json", r)))
	if err != nil {
		t.Fatal(err)
	}
	var all struct {
		Components struct{ Schemas document }
	}
	if err := json.Unmarshal(text, &all); err != nil {
		t.Fatal(err)
	}
	return all.Components.Schemas
}

// collect adds the members of a definition and of what it is made of. Members of alternatives are
// not required.
func (doc document) collect(d definition, members map[string]bool, alternative bool) {
	if d.Ref != "" {
		d = doc[filepath.Base(d.Ref)]
	}
	for name := range d.Properties {
		members[name] = members[name] || false
	}
	for _, part := range d.AllOf {
		doc.collect(part, members, alternative)
	}
	for _, part := range d.OneOf {
		doc.collect(part, members, true)
	}
	for _, name := range d.Required {
		if _, ok := members[name]; ok {
			members[name] = members[name] || !alternative
		}
	}
}

// TestShapesAreThoseOfTheDocuments compares the members of every object of a request with the
// OpenAPI document of each release.
func TestShapesAreThoseOfTheDocuments(t *testing.T) {
	t.Parallel()
	for _, r := range []Release{R20251, R20252, R20253, R20261} {
		doc := documentOf(t, r)
		for name, s := range shapes {
			d, ok := doc[name]
			if !ok {
				continue // of another release; the object that has it is compared
			}
			want := map[string]bool{}
			doc.collect(d, want, false)
			if name == "Field" { // all alternatives share the base
				want["fieldCaption"] = true
			}
			if name == "TopNFilter" && r < R20253 { // one text with a comma in the document of these
				want["howMany"], want["fieldToMeasure"] = true, true
			}
			for member, m := range s {
				required, known := want[member]
				if m.has(r) != known || known && m.required != required {
					t.Errorf("%d: %s.%s: known %v, want %v; required %v, want %v", r, name, member, m.has(r), known, m.required, required)
				}
			}
			for member := range want {
				if _, ok := s[member]; !ok {
					t.Errorf("%d: %s has no %s", r, name, member)
				}
			}
		}
		for _, name := range []string{"Function", "SortDirection", "ReturnFormat", "PeriodType", "TableCalcComputedAggregation"} {
			if d, ok := doc[name]; ok && !slices.Equal(valuesOf(name, r), d.Enum) {
				t.Errorf("%d: %s is %q, want %q", r, name, valuesOf(name, r), d.Enum)
			}
		}
	}
}

// TestDocumentsHaveNoOtherObjects finds objects of requests that there is no shape for.
func TestDocumentsHaveNoOtherObjects(t *testing.T) {
	t.Parallel()
	doc := documentOf(t, R20261)
	answers := []string{ // what is written and not read, and parts of other shapes
		"TableauError", "FieldMetadata", "MetadataOutput", "QueryOutput", "DatasourceModelOutput", "LogicalTable", "LogicalTableRelationship",
		"LogicalTableRelationshipEndpoint", "SupportedFunctionOverload", "SupportedFunction", "GroupFormula", "Grouping", "FieldRelationshipExpression",
		"RelationshipExpressionItem", "AliasedDataValue", "AnyValueParameter", "ListParameter", "QuantitativeRangeParameter", "QuantitativeDateParameter",
		"ParameterRecord", "Formatting", "FieldAlias", "SseMetadataEvent", "SseDataEvent", "SseErrorEvent", "SseResultStream", "FieldBase", "DimensionField", "MeasureField",
		"CalculatedField", "BinField", "TableCalcField", "DimensionFilterField", "MeasureFilterField", "CalculatedFilterField", "Filter",
		"QuantitativeFilterBase", "TableCalcSpecification", "NullableAny",
	}
	for name, d := range doc {
		if _, ok := shapes[name]; !ok && d.Enum == nil && !slices.Contains(answers, name) {
			t.Errorf("there is no shape for %s", name)
		}
	}
}
