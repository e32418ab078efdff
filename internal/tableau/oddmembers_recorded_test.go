package tableau

import (
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
)

// recordedAnswers are recorded answers with the types that read them.
func recordedAnswers(tb testing.TB) map[string][]reflect.Type {
	tb.Helper()
	seeds := map[string][]reflect.Type{}
	files, _ := filepath.Glob(filepath.Join(os.Getenv("VITRINE_RECORDED"), "tsc", "*.xml"))
	made, err := filepath.Glob("../../test/recorded/testdata/recorded/made/*.xml")
	if err != nil || len(made) == 0 {
		tb.Fatalf("no answers made by hand: %v", err)
	}
	for _, file := range append(files, made...) {
		text, err := os.ReadFile(file)
		if err != nil {
			tb.Fatal(err)
		}
		for _, typ := range answerTypes {
			if _, err := readAnswer(typ, text); err == nil {
				if body := asJSON(text, typ); body != nil {
					seeds[string(body)] = append(seeds[string(body)], typ)
				}
				seeds[string(text)] = append(seeds[string(text)], typ)
			}
		}
	}
	return seeds
}

// pulseAnswers are answers of Pulse with the types that read them.
func pulseAnswers(tb testing.TB) map[string][]reflect.Type {
	tb.Helper()
	seeds := map[string][]reflect.Type{}
	for _, body := range slices.AppendSeq(slices.Collect(maps.Values(pulseRecorded(tb))), maps.Values(pulseMade)) {
		for _, typ := range pulseAnswerTypes {
			if _, err := readAnswer(typ, []byte(body)); err == nil {
				seeds[body] = append(seeds[body], typ)
			}
		}
	}
	return seeds
}

// pulseMade are answers of Pulse that are made by hand.
var pulseMade = map[string]string{
	"definition": `{"definition":{"metadata":{"name":"Sales","id":"d-1","user_link":"https://example.com/a","last_updated_user":{"id":"u-1"}},"specification":{"datasource":{"id":"s-1"},
		"basic_specification":{"measure":{"field":"Sales","aggregation":"AGGREGATION_SUM"},"time_dimension":{"field":"Order Date"},"filters":[{"field":"Region","operator":"OPERATOR_NOT_EQUAL",
		"categorical_values":[{"string_value":"West"},{"bool_value":true},{"null_value":"NULL_VALUE"}],"include_null":true},{"field":"City","values":["Ulm"]}]},"is_running_total":true},
		"metrics":[{"id":"m-1","is_default":true},{"id":"m-2","goals":{"target":{"value":12.5}}}],"total_metrics":2,"representation_options":{"type":"NUMBER_FORMAT_TYPE_CURRENCY","currency_code":"CURRENCY_CODE_USD"},
		"comparisons":{"comparisons":[{"compare_config":{"comparison":"TIME_COMPARISON_NONE"},"index":1},{"compare_config":{"comparison":"TIME_COMPARISON_PREVIOUS_PERIOD"},"index":0}]}}}`,
	"metric":        `{"metric":{"id":"m-1","definition_id":"d-1","metric_version":"3","specification":{"filters":[{"field":"Region","values":["West"]}],"measurement_period":{"granularity":"GRANULARITY_BY_DAY","range":"RANGE_LAST_COMPLETE"}}}}`,
	"subscription":  `{"subscription":{"id":"s-1","metric_id":"m-1","follower":{"user_id":"u-1"},"create_time":"2026-02-01T08:00:00Z","update_time":"2026-02-01T08:00:00Z"}}`,
	"subscriptions": `{"subscriptions":[{"id":"s-1","metric_id":"m-1","follower":{"group_id":"g-1"}},{"id":"s-2","metric_id":"m-2","follower":{"user_id":"u-1"}}],"next_page_token":"Mg=="}`,
	"followers":     `{"follower_counts":[{"metric_id":"m-1","follower_count":12},{"metric_id":"m-2","follower_count":0}]}`,
	"batch":         `{"metrics":[{"id":"m-1","definition_id":"d-1"}],"errors":[{"id":"m-2","error":"404901"}]}`,
	"insights": `{"bundle_response":{"result":{"insight_groups":[{"type":"ban","insights":[{"result":{"type":"popc","version":1,"markup":"Sales was 120","viz":{},"facts":{"sentiment":"positive",
		"target_period_value":{"raw":120.5,"formatted":"120"},"comparison_period_value":{"raw":100.0,"formatted":"100"},"target_time_period":{"label":"March 2026","start_timestamp":"2026-03-01T00:00:00Z"},
		"difference":{"absolute":{"raw":20.5,"formatted":"20"},"relative":{"raw":0.2,"formatted":"20%"},"direction":"up"}},"characterization":"CHARACTERIZATION_NORMAL","question":"What changed?","score":0.5},
		"insight_type":"popc"},{"error":{"code":"500900"}}],"summaries":[]},{"type":"top","insights":[],"error":{"code":"408901"}}],"has_errors":true}}}`,
}

// asJSON writes an XML answer as JSON, with lists where a type has them.
func asJSON(text []byte, typ reflect.Type) []byte {
	d := xml.NewDecoder(strings.NewReader(string(text)))
	for {
		token, err := d.Token()
		if err != nil {
			return nil
		}
		if start, ok := token.(xml.StartElement); ok {
			body, err := json.Marshal(elementJSON(d, start, typ))
			if err != nil {
				return nil
			}
			return body
		}
	}
}

// memberOf returns the type of a struct's member by its name in JSON, and whether the member is a
// list of that type; nil for none.
func memberOf(t reflect.Type, name string) (member reflect.Type, list bool) {
	if t == nil || t.Kind() != reflect.Struct {
		return nil, false
	}
	for field := range t.Fields() {
		tag, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		if field.Anonymous && tag == "" {
			if member, list := memberOf(field.Type, name); member != nil {
				return member, list
			}
			continue
		}
		if !strings.EqualFold(tag, name) {
			continue
		}
		typ := field.Type
		for typ.Kind() == reflect.Pointer || typ.Kind() == reflect.Slice && typ.Elem().Kind() != reflect.Uint8 {
			list = list || typ.Kind() == reflect.Slice
			typ = typ.Elem()
		}
		return typ, list
	}
	return nil, false
}

func elementJSON(d *xml.Decoder, start xml.StartElement, typ reflect.Type) any {
	object, text := map[string]any{}, ""
	for _, a := range start.Attr {
		if a.Name.Space == "" && a.Name.Local != "xmlns" {
			object[a.Name.Local] = a.Value
		}
	}
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) || err != nil {
			return object
		}
		switch token := token.(type) {
		case xml.StartElement:
			below, many := memberOf(typ, token.Name.Local)
			if many {
				list, _ := object[token.Name.Local].([]any)
				object[token.Name.Local] = append(list, elementJSON(d, token, below))
			} else {
				object[token.Name.Local] = elementJSON(d, token, below)
			}
		case xml.CharData:
			text += strings.TrimSpace(string(token))
		case xml.EndElement:
			if len(object) == 0 && text != "" {
				return text
			}
			if text != "" {
				object["value"] = text
			}
			return object
		}
	}
}
