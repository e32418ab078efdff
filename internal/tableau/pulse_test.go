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

	"vitrine/internal/tableau/rest"
)

// pulseRecorded are recorded lists of Pulse, within their answers.
func pulseRecorded(tb testing.TB) map[string]string {
	tb.Helper()
	bodies := map[string]string{}
	for _, name := range []string{"definitions", "metrics", "subscriptions"} {
		text, err := os.ReadFile(filepath.Join(os.Getenv("VITRINE_RECORDED"), "next", "pulse", name+".json"))
		if err != nil {
			return nil
		}
		bodies[name] = `{"` + name + `":` + string(text) + `,"next_page_token":"","total_available":1,"offset":0}`
	}
	return bodies
}

func TestRecordedPulseDecodes(t *testing.T) {
	t.Parallel()
	bodies := pulseRecorded(t)
	if bodies == nil {
		t.Skip("SKIPPED: VITRINE_RECORDED names no directory of recorded answers")
	}
	var definitions pulseDefinitionsAnswer
	var metrics pulseMetricsAnswer
	var subscriptions pulseSubscriptionsAnswer
	for name, into := range map[string]rest.Answer{"definitions": &definitions, "metrics": &metrics, "subscriptions": &subscriptions} {
		if err := rest.Decode([]byte(bodies[name]), "application/json", into); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
	}
	d, m, s := definitions.Items[0], metrics.Items[0], subscriptions.Items[0]
	if d.Name() != "Tableau MCP" || d.MeasureField() != "Profit" || d.TimeField() != "Order Date" || d.IsRunningTotal() != Yes || d.MetricCount != NewInt(1) ||
		d.Specification.Value.DataSource.LUID != "2d935df8-fe7e-4fd8-bb14-35eb4ba31d45" || len(d.GranularitiesRaw()) != 5 || len(d.ComparisonsRaw()) != 2 ||
		len(d.InsightTypes()) != 9 || !slices.Equal(d.Dimensions(), []string{"City"}) || d.NumberFormat().Currency() != "" {
		t.Errorf("%+v", d)
	}
	if m.DefinitionLUID != d.LUID() || m.IsDefault != Yes || m.IsFollowed != Yes || m.GranularityRaw() != "GRANULARITY_BY_MONTH" || m.RangeRaw() != "RANGE_CURRENT_PARTIAL" ||
		m.ComparisonRaw() != "TIME_COMPARISON_PREVIOUS_PERIOD" || m.Goal() != nil {
		t.Errorf("%+v", m)
	}
	if s.MetricLUID != m.LUID || s.user != nil {
		t.Errorf("%+v", s)
	}
}

// pulseTypes are the types of Pulse by Tableau's names: their members, with the name of the type of
// each.
func pulseTypes(t *testing.T) map[string]map[string]string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(os.Getenv("VITRINE_RECORDED"), "next", "pulse", "pulse-types.json"))
	if err != nil {
		t.Skip("SKIPPED: VITRINE_RECORDED names no directory of recorded answers")
	}
	var document map[string]struct{ Fields map[string]string }
	if err := json.Unmarshal(text, &document); err != nil {
		t.Fatal(err)
	}
	types := map[string]map[string]string{}
	for name, typ := range document {
		types[name] = typ.Fields
	}
	return types
}

// unusedOfPulse are members that the program does not use, with the reason.
var unusedOfPulse = map[string]string{
	"offset": "of no use beside a token", "schema_version": "of no use to readers", "metric_version": "of no use to readers", "definition_version": "of no use to readers",
	"abstract_query_specification": "repeated in requests for insights, and not shown: a text without a documented form", "abstract_query_string": "as abstract_query_specification",
	"viz_state_specification": "as abstract_query_specification", "viz_state_string": "as abstract_query_specification",
	"offset_from_today": "repeated in requests for insights", "row_level_id_field": "repeated in requests for insights", "identifier_col": "of row_level_id_field",
	"identifier_label": "of row_level_id_field", "row_level_entity_names": "repeated in requests for insights", "entity_name_singular": "of row_level_entity_names",
	"entity_name_plural": "of row_level_entity_names", "row_level_name_field": "repeated in requests for insights", "name_col": "of row_level_name_field",
	"show_insights": "of Tableau's own pages", "message": "an internal code", "insight_type": "the insight has it too", "version": "of the form of insights",
	"content": "empty in all answers that were seen", "viz": "a drawing, which is not handed on", "id": "of an insight: nothing reads it by its id",
	"insight_feedback_metadata": "of Tableau's own pages", "score": "of insight_feedback_metadata", "dimension_hash": "of insight_feedback_metadata", "generation_id": "of Tableau's own pages",
	"table": "its numbers are texts, which the finding repeats", "columns": "of table", "rows": "of table", "label": "of table", "entries": "of table", "value": "of table",
	"formatted_value": "of table", "summaries": "a language model writes them", "timestamp": "of summaries", "last_attempted_timestamp": "of summaries",
	"now": "Tableau knows what day it is", "score_weights": "left out", "impact_score": "of score_weights", "relevance_score": "of score_weights", "certainty_score": "of score_weights",
	"definition_ids": "a parameter of the address", "view": "a parameter of the address", "number_of_metrics": "a parameter of the address",
}

// methodsOfPulse are the types of the requests and answers of the methods that are called.
var methodsOfPulse = []string{
	"ListDefinitionsResponse", "GetDefinitionResponse", "BatchGetDefinitionsResponse", "ListMetricsResponse", "GetMetricResponse", "BatchGetMetricsResponse",
	"ListSubscriptionsResponse", "GetSubscriptionResponse", "BatchGetMetricFollowerCountsResponse",
	"GenerateInsightBundleBANRequest", "GenerateInsightBundleBANResponse", "GenerateInsightBundleSpringboardRequest", "GenerateInsightBundleSpringboardResponse",
}

// typeOfMember finds a type by what a member says of it: List[Filter], InsightsserviceV1Insight.
func typeOfMember(types map[string]map[string]string, member string) string {
	member = strings.TrimSuffix(strings.TrimPrefix(member, "List["), "]")
	for _, prefix := range []string{"", "InsightsserviceV1", "InsightsserviceTypesV1", "InsightsV1", "Metricqueryservice"} {
		if name := strings.TrimPrefix(member, prefix); types[name] != nil {
			return name
		}
	}
	return ""
}

// reach collects the members of a type and of those below it.
func reach(types map[string]map[string]string, name string, names, seen map[string]bool) {
	if seen[name] {
		return
	}
	seen[name] = true
	for member, of := range types[name] {
		names[member] = true
		if inner := typeOfMember(types, of); inner != "" {
			reach(types, inner, names, seen)
		}
	}
}

// No member of what is called is overlooked.
func TestEveryMemberOfPulseIsUsedOrNamed(t *testing.T) {
	t.Parallel()
	types, known, seen := pulseTypes(t), map[string]bool{}, map[string]bool{}
	for _, name := range methodsOfPulse {
		if types[name] == nil {
			t.Errorf("there is no type %s", name)
		}
		reach(types, name, known, seen)
	}
	if !seen["Filter"] || !seen["Insight"] || !seen["Follower"] || !seen["MetricDefinitionMetadata"] {
		t.Fatalf("only %v are reached", slices.Sorted(maps.Keys(seen)))
	}
	used, visited := map[string]bool{}, map[reflect.Type]bool{reflect.TypeFor[rest.Envelope](): true, reflect.TypeFor[DataSource](): true, reflect.TypeFor[User](): true}
	for _, of := range []reflect.Type{
		reflect.TypeFor[pulseDefinitionsAnswer](), reflect.TypeFor[pulseDefinitionAnswer](), reflect.TypeFor[pulseMetricsAnswer](), reflect.TypeFor[pulseMetricAnswer](),
		reflect.TypeFor[pulseSubscriptionsAnswer](), reflect.TypeFor[pulseSubscriptionAnswer](), reflect.TypeFor[followersAnswer](), reflect.TypeFor[insightsAnswer](),
		reflect.TypeFor[insightRequest](),
	} {
		tagsOf(of, used, visited)
	}
	for _, name := range slices.Sorted(maps.Keys(known)) {
		if !used[name] && unusedOfPulse[name] == "" {
			t.Errorf("%s is neither used nor named with a reason", name)
		}
	}
	for name := range unusedOfPulse {
		if !known[name] && name != "definition_ids" && name != "view" && name != "number_of_metrics" {
			t.Errorf("%s is named as unused, and nothing has it", name)
		}
	}
}

// keysOf checks that an object has members of its type only, and follows those that are objects.
func keysOf(t *testing.T, types map[string]map[string]string, name string, v any) {
	t.Helper()
	object, ok := v.(map[string]any)
	if !ok {
		return
	}
	for member, value := range object {
		of, known := types[name][member]
		if !known {
			t.Errorf("%s has no %s", name, member)
			continue
		}
		items, many := value.([]any)
		if !many {
			items = []any{value}
		}
		for _, item := range items {
			if inner := typeOfMember(types, of); inner != "" {
				keysOf(t, types, inner, item)
			}
		}
	}
}

// A request for insights has members that Tableau knows, and the parts of the metric as Tableau
// wrote them.
func TestRequestsForInsightsAreTableausOwn(t *testing.T) {
	t.Parallel()
	types, bodies := pulseTypes(t), pulseRecorded(t)
	var definitions pulseDefinitionsAnswer
	var metrics pulseMetricsAnswer
	if err := rest.Decode([]byte(bodies["definitions"]), "application/json", &definitions); err != nil {
		t.Fatal(err)
	}
	if err := rest.Decode([]byte(bodies["metrics"]), "application/json", &metrics); err != nil {
		t.Fatal(err)
	}
	body, err := metrics.Items[0].insightBody(definitions.Items[0], "Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	var request, definition, metric map[string]any
	if err := json.Unmarshal(body, &request); err != nil {
		t.Fatal(err)
	}
	keysOf(t, types, "GenerateInsightBundleBANRequest", request)
	input := request["bundle_request"].(map[string]any)["input"].(map[string]any)["metric"].(map[string]any)
	if err := json.Unmarshal([]byte(bodies["definitions"]), &definition); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal([]byte(bodies["metrics"]), &metric); err != nil {
		t.Fatal(err)
	}
	definition, metric = definition["definitions"].([]any)[0].(map[string]any), metric["metrics"].([]any)[0].(map[string]any)
	for name, want := range map[string]any{
		"definition": definition["specification"], "metric_specification": metric["specification"], "extension_options": definition["extension_options"],
		"representation_options": definition["representation_options"], "insights_options": definition["insights_options"],
	} {
		if want == nil || !reflect.DeepEqual(input[name], want) {
			t.Errorf("%s is %v, want %v", name, input[name], want)
		}
	}
}
