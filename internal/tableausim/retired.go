package tableausim

import (
	"strconv"
	"time"

	"vitrine/internal/tableausim/wire"
)

// Methods that Tableau has retired: servers of the versions before still have them.

// metric is a number that somebody follows: the first measure of a view. Metrics went with API
// 3.22.
type metric struct {
	id, name string
	view     *view
}

// metricsOf are the metrics that somebody sees: those of views that they see. Every third workbook
// has one, on its first view.
func (s *Server) metricsOf(st *site, u *user) []*metric {
	var out []*metric
	for _, x := range s.viewsOf(st, u) {
		if x.workbook.number%3 == 0 && x == x.workbook.views[0] && len(x.sheet.Measures) > 0 {
			out = append(out, &metric{luid(x.id, "metric"), x.workbook.name + " " + x.sheet.Measures[0].Caption, x})
		}
	}
	return out
}

var metricFields = map[string]field[*metric]{
	"name":           {ops: eqIn, text: func(m *metric) string { return m.name }},
	"projectName":    {ops: eqIn, text: func(m *metric) string { return m.view.workbook.project.nameOrEmpty() }},
	"ownerName":      {ops: eqIn, text: func(m *metric) string { return m.view.workbook.owner.name }},
	"ownerEmail":     {ops: eqIn, text: func(m *metric) string { return m.view.workbook.owner.email }},
	"ownerDomain":    {ops: eqIn, text: func(m *metric) string { return m.view.workbook.owner.domain }},
	"tags":           {ops: eqIn, many: func(m *metric) []string { return m.view.tags }},
	"hitsTotal":      {ops: compare, num: func(m *metric) int { return m.view.hits }},
	"favoritesTotal": {ops: compare, num: func(m *metric) int { return m.view.favorites }},
	"createdAt":      {ops: compare, when: func(m *metric) time.Time { return m.view.created }},
	"updatedAt":      {ops: compare, when: func(m *metric) time.Time { return m.view.updated }},
}

func metricColumns(c *call) []column[*metric] {
	return []column[*metric]{
		{name: "id", shows: always, put: func(e *wire.Element, m *metric) { e.Str("id", m.id) }},
		{name: "name", shows: always, put: func(e *wire.Element, m *metric) { e.Str("name", m.name) }},
		{name: "description", shows: always, put: func(e *wire.Element, _ *metric) { e.Str("description", "") }},
		{name: "webpageUrl", shows: always, put: func(e *wire.Element, m *metric) {
			e.Str("webpageUrl", c.webBase()+"metrics/"+strconv.Itoa(m.view.workbook.number))
		}},
		{name: "createdAt", shows: always, put: func(e *wire.Element, m *metric) { e.When("createdAt", m.view.created) }},
		{name: "updatedAt", shows: always, put: func(e *wire.Element, m *metric) { e.When("updatedAt", m.view.updated) }},
		{name: "suspended", shows: always, put: func(e *wire.Element, m *metric) { e.Flag("suspended", seed(m.id)%5 == 0) }},
		{
			name: "project", shows: always, names: idAndName, all: describedProject,
			child: childOf("project", func(m *metric) (*project, bool) { return m.view.workbook.project, m.view.workbook.project != nil }, projectColumns(c), idAndName...),
		},
		{
			name: "owner", shows: always, names: []string{"id"}, all: wholeOwner,
			child: childOf("owner", func(m *metric) (*user, bool) { return m.view.workbook.owner, true }, userColumns, "id"),
		},
		{name: "tags", shows: always, put: func(e *wire.Element, m *metric) { e.Add(tagsElement(m.view.tags)) }},
		{name: "underlyingView", shows: always, put: func(e *wire.Element, m *metric) { e.Add(wire.New("underlyingView", wire.Str("id", m.view.id))) }},
	}
}

// listMetrics is GET metrics.
func listMetrics(c *call) (*answer, error) {
	part, p, err := query(c, "metrics", c.s.metricsOf(c.site(), c.user()), metricFields)
	if err != nil {
		return nil, err
	}
	show, err := selected(c, "metric", metricColumns(c))
	if err != nil {
		return nil, err
	}
	return listed(p, "metrics", part, show)
}

// pathMetric is the metric in the path. What the caller does not see is not found.
func pathMetric(c *call) (*metric, error) {
	for _, m := range c.s.metricsOf(c.site(), c.user()) {
		if m.id == c.r.PathValue("id") {
			return m, nil
		}
	}
	return nil, errNotFound("404028", "Metric", c.r.PathValue("id"))
}

// getMetric is GET metrics/{id}.
func getMetric(c *call) (*answer, error) {
	m, err := pathMetric(c)
	if err != nil {
		return nil, err
	}
	return found(show("metric", metricColumns(c), inSingle)(m))
}

// metricData is GET metrics/{id}/data: a CSV.
func metricData(c *call) (*answer, error) {
	m, err := pathMetric(c)
	if err != nil {
		return nil, err
	}
	return &answer{contentType: "text/csv;charset=UTF-8", body: tableOf(m.view, c.user()).CSV}, nil
}

// listLenses is GET /api/-/askdata/lenses. The form of the answer is not known: a list of names and
// what they are for.
func listLenses(c *call) (*answer, error) {
	lenses := []any{}
	for _, d := range c.s.datasourcesOf(c.site(), c.user()) {
		if d.certified {
			lenses = append(lenses, map[string]string{"luid": luid(d.id, "lens"), "name": "Ask about " + d.name, "datasourceLuid": d.id})
		}
	}
	return jsonAnswer(map[string]any{"lenses": lenses})
}

// listAccelerationTasks is GET tasks/dataAcceleration: administrators only, without pages.
func listAccelerationTasks(c *call) (*answer, error) {
	if !c.user().admin() {
		return nil, errForbidden()
	}
	plan := *c.s.world.schedules[1]
	plan.kind = "DataAcceleration"
	return found(wire.Contain("tasks", c.site().workbooks[:min(2, len(c.site().workbooks))], func(w *workbook) *wire.Element {
		return wire.New("task").Add(wire.New("dataAcceleration", wire.Str("id", luid(w.id, "acceleration")), wire.Str("consecutiveFailedCount", "0"),
			wire.Str("type", "MaterializeViewsTask")).Add(plan.inline(c), wire.New("workbook", wire.Str("id", w.id)), wire.Text("lastRunAt", wire.Stamp(epoch))))
	}))
}
