package tableausim

import (
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"vitrine/internal/tableausim/vizql"
	"vitrine/internal/tableausim/wire"
)

type object = map[string]any

// definitionView is what is asked of definitions: how much of each, and how many metrics.
type definitionView struct {
	name    string
	metrics int // -1: all of them in a full view, none otherwise
}

// viewOf reads view and number_of_metrics, of the query or of a body.
func viewOf(name, metrics string) (definitionView, error) {
	v := definitionView{name: strings.TrimPrefix(name, "DEFINITION_VIEW_"), metrics: -1}
	if v.name == "" {
		v.name = "DEFAULT"
	}
	if !slices.Contains([]string{"BASIC", "DEFAULT", "FULL"}, v.name) {
		return v, wire.Fail("400900", "view")
	}
	if metrics != "" {
		n, err := strconv.Atoi(metrics)
		if err != nil || n < 0 {
			return v, wire.Fail("400900", "number_of_metrics")
		}
		v.metrics = n
	}
	return v, nil
}

// json is a definition as Pulse writes it.
func (d *pulseDefinition) json(c *call, v definitionView) object {
	o := object{
		"metadata": object{
			"name": d.name, "description": d.description, "id": d.id, "schema_version": "1.0.0", "metric_version": 3, "definition_version": 1,
			"last_updated_user": object{"id": d.source.owner.id},
		},
		"specification": object{"datasource": object{"id": d.source.id}, "basic_specification": object{
			"measure": object{"field": d.measure.Name, "aggregation": d.aggregation}, "time_dimension": object{"field": d.time.Name}, "filters": []any{},
		}, "is_running_total": d.running},
	}
	if v.name == "BASIC" {
		return o
	}
	names := []string{}
	for _, f := range d.dimensions {
		names = append(names, f.Name)
	}
	o["extension_options"] = object{
		"allowed_dimensions": names, "offset_from_today": 0, "use_dynamic_offset": false, "correlation_candidate_definition_ids": []any{},
		"allowed_granularities": []string{"GRANULARITY_BY_DAY", "GRANULARITY_BY_WEEK", "GRANULARITY_BY_MONTH", "GRANULARITY_BY_QUARTER", "GRANULARITY_BY_YEAR"},
	}
	o["representation_options"] = d.representation()
	settings := []object{}
	for _, kind := range []string{"RISKY_MONOPOLY", "TOP_DRIVERS", "CURRENT_TREND", "BOTTOM_CONTRIBUTORS", "TOP_DETRACTORS", "NEW_TREND", "UNUSUAL_CHANGE"} {
		settings = append(settings, object{"type": "INSIGHT_TYPE_" + kind, "disabled": false})
	}
	o["insights_options"] = object{"show_insights": true, "settings": settings}
	compare := func(name string, index int) object {
		return object{"compare_config": object{"comparison": "TIME_COMPARISON_" + name}, "index": index}
	}
	o["comparisons"] = object{"comparisons": []object{compare("PREVIOUS_PERIOD", 0), compare("YEAR_AGO_PERIOD", 1)}}
	o["datasource_goals"] = []any{}
	o["total_metrics"] = len(d.metrics)
	n := v.metrics
	switch {
	case n < 0 && v.name == "FULL":
		n = len(d.metrics)
	case n < 0:
		n = 0
	}
	metrics := []object{}
	for _, m := range d.metrics[:min(n, len(d.metrics))] {
		metrics = append(metrics, m.json(c))
	}
	o["metrics"] = metrics
	return o
}

// representation says how the numbers of a definition are written.
func (d *pulseDefinition) representation() object {
	kind, currency := "NUMBER_FORMAT_TYPE_NUMBER", "CURRENCY_CODE_UNSPECIFIED"
	switch {
	case d.aggregation == "AGGREGATION_USER":
		kind = "NUMBER_FORMAT_TYPE_PERCENT"
	case d.measure.DataType == "REAL":
		kind, currency = "NUMBER_FORMAT_TYPE_CURRENCY", "CURRENCY_CODE_USD"
	}
	return object{
		"type": kind, "currency_code": currency, "sentiment_type": "SENTIMENT_TYPE_UP_IS_GOOD", "number_units": object{"singular_noun": "", "plural_noun": ""},
		"row_level_id_field": object{"identifier_col": ""}, "row_level_name_field": object{"name_col": ""},
		"row_level_entity_names": object{"entity_name_singular": "", "entity_name_plural": ""},
	}
}

// json is a metric as Pulse writes it; its version is a text, where that of a definition is a
// number.
func (m *pulseMetric) json(c *call) object {
	filters := []object{}
	if m.field != "" {
		filters = append(filters, object{
			"field": m.field, "operator": "OPERATOR_EQUAL", "values": []string{m.value}, "categorical_values": []object{{"string_value": m.value}}, "include_null": false,
		})
	}
	return object{
		"id": m.id, "definition_id": m.definition.id, "is_default": m.isDefault, "schema_version": "1.0.0", "metric_version": "3",
		"is_followed": slices.ContainsFunc(c.s.pulseOf(c.site()).subscriptions, func(s *pulseSubscription) bool { return s.metric == m && s.followedBy(c.user()) }),
		"specification": object{
			"filters": filters, "measurement_period": object{"granularity": m.granularity, "range": m.period}, "comparison": object{"comparison": m.comparing},
		},
		"datasource_luid": m.definition.source.id,
	}
}

func (s *pulseSubscription) followedBy(u *user) bool {
	return s.user == u || s.group != nil && u.in(s.group)
}

func (s *pulseSubscription) json() object {
	follower := object{}
	if s.user != nil {
		follower["user_id"] = s.user.id
	} else {
		follower["group_id"] = s.group.id
	}
	at := wire.Stamp(s.created)
	return object{"id": s.id, "metric_id": s.metric.id, "follower": follower, "create_time": at, "update_time": at}
}

// listDefinitions is GET pulse/definitions. The grammar of filter and order_by is not documented:
// they are refused.
func listDefinitions(c *call) (*answer, error) {
	v, err := viewOf(c.query.Get("view"), c.query.Get("number_of_metrics"))
	if err != nil {
		return nil, err
	}
	for name, code := range map[string]string{"order_by": "400733", "filter": "400736"} {
		if c.query.Get(name) != "" {
			return nil, wire.Fail(code, "%s", name)
		}
	}
	all := c.definitionsFor()
	if id := c.query.Get("metric_id"); id != "" {
		all = slices.DeleteFunc(all, func(d *pulseDefinition) bool {
			return !slices.ContainsFunc(d.metrics, func(m *pulseMetric) bool { return m.id == strings.ToLower(id) })
		})
	}
	part, next, offset, err := pulsePage(c, all, 10)
	if err != nil {
		return nil, err
	}
	out := []object{}
	for _, d := range part {
		out = append(out, d.json(c, v))
	}
	return jsonAnswer(object{"definitions": out, "next_page_token": next, "offset": offset, "total_available": len(all)})
}

// pathDefinition is the definition in the path.
func pathDefinition(c *call) (*pulseDefinition, error) {
	id := strings.ToLower(c.r.PathValue("id"))
	for _, d := range c.s.pulseOf(c.site()).definitions {
		switch {
		case d.id == id && !c.user().seesDatasource(d.source):
			return nil, wire.Fail("403901", "The data source.")
		case d.id == id:
			return d, nil
		}
	}
	return nil, wire.Fail("404900", "The definition.")
}

// getDefinition is GET pulse/definitions/{id}.
func getDefinition(c *call) (*answer, error) {
	v, err := viewOf(c.query.Get("view"), c.query.Get("number_of_metrics"))
	if err != nil {
		return nil, err
	}
	d, err := pathDefinition(c)
	if err != nil {
		return nil, err
	}
	return jsonAnswer(object{"definition": d.json(c, v)})
}

// listDefinitionMetrics is GET pulse/definitions/{id}/metrics.
func listDefinitionMetrics(c *call) (*answer, error) {
	d, err := pathDefinition(c)
	if err != nil {
		return nil, err
	}
	part, next, offset, err := pulsePage(c, d.metrics, 10)
	if err != nil {
		return nil, err
	}
	out := []object{}
	for _, m := range part {
		out = append(out, m.json(c))
	}
	return jsonAnswer(object{"metrics": out, "next_page_token": next, "offset": offset, "total_available": len(d.metrics)})
}

// batch is the body of a batch, or its query string.
type batch struct {
	DefinitionIDs []string `json:"definition_ids"`
	MetricIDs     []string `json:"metric_ids"`
	View          string   `json:"view"`
	Metrics       *int     `json:"number_of_metrics"`
}

// readBatch reads a batch. The view may be in the query string of a POST as well.
func readBatch(c *call) (b batch, err error) {
	ids := func(name string) []string {
		if text := c.query.Get(name); text != "" {
			return strings.Split(text, ",")
		}
		return nil
	}
	if c.r.Method == http.MethodGet {
		b.DefinitionIDs, b.MetricIDs = ids("definition_ids"), ids("metric_ids")
	} else if json.Unmarshal(c.body, &b) != nil {
		return b, wire.Fail("400000", "The body.")
	}
	if len(b.DefinitionIDs)+len(b.MetricIDs) == 0 {
		return b, wire.Fail("400900", "The batch is empty.")
	}
	if b.View == "" {
		b.View = c.query.Get("view")
	}
	return b, nil
}

// batchDefinitions is definitions:batchGet: what is missing is among the errors.
func batchDefinitions(c *call) (*answer, error) {
	b, err := readBatch(c)
	if err != nil {
		return nil, err
	}
	n := c.query.Get("number_of_metrics")
	if b.Metrics != nil {
		n = strconv.Itoa(*b.Metrics)
	}
	v, err := viewOf(b.View, n)
	if err != nil {
		return nil, err
	}
	found, missing := []object{}, []object{}
	all := c.definitionsFor()
	for _, id := range b.DefinitionIDs {
		i := slices.IndexFunc(all, func(d *pulseDefinition) bool { return d.id == strings.ToLower(id) })
		if i < 0 {
			missing = append(missing, object{"id": id, "error": "404900"})
			continue
		}
		found = append(found, all[i].json(c, v))
	}
	return created(c, object{"definitions": found, "errors": missing})
}

// created answers a POST with 201, as the specification says of those that only read, too.
func created(c *call, v any) (*answer, error) {
	a, err := jsonAnswer(v)
	if c.r.Method == http.MethodPost {
		a.status = http.StatusCreated
	}
	return a, err
}

// getPulseMetric is GET pulse/metrics/{id}.
func getPulseMetric(c *call) (*answer, error) {
	m := c.metricsFor()[strings.ToLower(c.r.PathValue("id"))]
	if m == nil {
		return nil, wire.Fail("404901", "The metric.")
	}
	return jsonAnswer(object{"metric": m.json(c)})
}

// batchMetrics is metrics:batchGet.
func batchMetrics(c *call) (*answer, error) {
	b, err := readBatch(c)
	if err != nil {
		return nil, err
	}
	found, missing := []object{}, []object{}
	all := c.metricsFor()
	for _, id := range b.MetricIDs {
		if m := all[strings.ToLower(id)]; m != nil {
			found = append(found, m.json(c))
		} else {
			missing = append(missing, object{"id": id, "error": "404901"})
		}
	}
	return created(c, object{"metrics": found, "errors": missing})
}

// subscriptionsFor are the subscriptions that the caller may know: their own, those of their groups
// that a request for a user includes, and for administrators all.
func (c *call) subscriptionsFor(userID string) ([]*pulseSubscription, error) {
	u := c.user()
	if userID != "" {
		asked, ok := find[*user](c.site(), userID)
		switch {
		case !ok:
			return nil, wire.Fail("400701", "The user.")
		case asked != u && !u.admin():
			return nil, wire.Fail("403900", "The user.")
		}
		u = asked
	}
	all := c.metricsFor()
	var out []*pulseSubscription
	for _, s := range c.s.pulseOf(c.site()).subscriptions {
		if all[s.metric.id] != nil && (s.followedBy(u) || userID == "" && u.admin()) {
			out = append(out, s)
		}
	}
	return out, nil
}

// listPulseSubscriptions is GET pulse/subscriptions. Whose they are without user_id is UNSURE: here
// one's own, or all for administrators.
func listPulseSubscriptions(c *call) (*answer, error) {
	all, err := c.subscriptionsFor(c.query.Get("user_id"))
	if err != nil {
		return nil, err
	}
	if id := strings.ToLower(c.query.Get("metric_id")); id != "" {
		all = slices.DeleteFunc(all, func(s *pulseSubscription) bool { return s.metric.id != id })
	}
	part, next, _, err := pulsePage(c, all, 100)
	if err != nil {
		return nil, err
	}
	out := []object{}
	for _, s := range part {
		out = append(out, s.json())
	}
	return jsonAnswer(object{"subscriptions": out, "next_page_token": next})
}

// getPulseSubscription is GET pulse/subscriptions/{id}.
func getPulseSubscription(c *call) (*answer, error) {
	all, err := c.subscriptionsFor("")
	if err != nil {
		return nil, err
	}
	for _, s := range all {
		if s.id == strings.ToLower(c.r.PathValue("id")) {
			return jsonAnswer(object{"subscription": s.json()})
		}
	}
	return nil, wire.Fail("404902", "The subscription.")
}

// batchSubscriptions is GET subscriptions:batchGet; it has no errors, what is missing is left out.
func batchSubscriptions(c *call) (*answer, error) {
	all, err := c.subscriptionsFor("")
	if err != nil {
		return nil, err
	}
	out := []object{}
	for id := range strings.SplitSeq(c.query.Get("subscription_ids"), ",") {
		for _, s := range all {
			if s.id == strings.ToLower(id) {
				out = append(out, s.json())
			}
		}
	}
	return jsonAnswer(object{"subscriptions": out})
}

// countFollowers is GET subscriptions:batchGetMetricFollowerCounts: people, those in groups too.
func countFollowers(c *call) (*answer, error) {
	out := []object{}
	all := c.metricsFor()
	for id := range strings.SplitSeq(c.query.Get("metric_ids"), ",") {
		m := all[strings.ToLower(id)]
		if m == nil {
			continue
		}
		n := 0
		for _, u := range c.site().users {
			if slices.ContainsFunc(c.s.pulseOf(c.site()).subscriptions, func(s *pulseSubscription) bool { return s.metric == m && s.followedBy(u) }) {
				n++
			}
		}
		out = append(out, object{"metric_id": m.id, "follower_count": n})
	}
	return jsonAnswer(object{"follower_counts": out})
}

// followedGroups is GET metrics:followedMetricsGroups, by the name of the definition or of its data
// source. Who follows nothing is refused.
func followedGroups(c *call) (*answer, error) {
	by := c.query.Get("group_by")
	if by == "" {
		by = "GROUP_BY_DEFINITION_NAME"
	}
	all, err := c.subscriptionsFor(c.user().id)
	if err == nil && len(all) == 0 {
		err = wire.Fail("400976", "There are no subscriptions.")
	}
	if err != nil {
		return nil, err
	}
	groups := map[string][]object{}
	var labels []string
	for _, s := range all {
		label := map[string]string{
			"GROUP_BY_DEFINITION_NAME": s.metric.definition.name, "GROUP_BY_DATASOURCE_LABEL": s.metric.definition.source.name, "GROUP_BY_RECENTLY_FOLLOWED": "",
		}[by]
		if groups[label] == nil {
			labels = append(labels, label)
		}
		groups[label] = append(groups[label], s.metric.json(c))
	}
	slices.Sort(labels)
	if c.query.Get("sort_order") == "SORT_ORDER_DESCENDING" {
		slices.Reverse(labels)
	}
	out := []object{}
	for _, label := range labels {
		out = append(out, object{"group_metadata": object{"group_label": label}, "metrics": groups[label]})
	}
	order := c.query.Get("sort_order")
	if order == "" {
		order = "SORT_ORDER_ASCENDING"
	}
	return jsonAnswer(object{"metric_groups": out, "group_by": by, "sort_order": order, "errors": []any{}})
}

// getPreferences is GET user/preferences.
func getPreferences(*call) (*answer, error) {
	channel := func(name, status string) object {
		return object{"channel": "DELIVERY_CHANNEL_" + name, "status": "CHANNEL_STATUS_" + status, "availability": "CHANNEL_AVAILABILITY_AVAILABLE"}
	}
	return jsonAnswer(object{"user_preferences_response": object{
		"cadence": "CADENCE_WEEKLY", "channel_preferences": []object{channel("EMAIL", "ENABLED"), channel("SLACK", "DISABLED")},
		"metric_grouping_preferences": object{"group_by": "GROUP_BY_RECENTLY_FOLLOWED", "sort_order": "SORT_ORDER_DESCENDING"},
	}})
}

// getEntitlements is GET entitlements.
func getEntitlements(c *call) (*answer, error) {
	out := []object{}
	for _, kind := range []string{"CONSUMPTION", "SCALE", "INSIGHTS", "GAI"} {
		out = append(out, object{"entitlement_type": "ENTITLEMENT_TYPE_PULSE_PREMIUM_" + kind, "enabled": kind != "GAI" || !c.s.cfg.Pulse.AIOff})
	}
	return jsonAnswer(object{"entitlements": out})
}

// fieldOf finds a field of a data source by its internal name.
func fieldOf(x *vizql.Source, name string) *vizql.Field {
	i := slices.IndexFunc(x.Fields, func(f *vizql.Field) bool { return f.Name == name })
	if i < 0 {
		return nil
	}
	return x.Fields[i]
}
