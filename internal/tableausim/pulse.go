package tableausim

import (
	"encoding/base64"
	"hash/crc32"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"vitrine/internal/tableausim/vizql"
	"vitrine/internal/tableausim/wire"
)

// PulseAPI says how Tableau Pulse behaves, which only Cloud has. The zero value is switched on.
type PulseAPI struct {
	// Off is a site without Pulse: 400 with the headers tableau_error_code and validation_code.
	Off bool
	// AIOff refuses the brief, which is generated.
	AIOff bool
	// InsightErrors puts an error in the place of each insight; the answer is a success with
	// has_errors.
	InsightErrors bool
	// Deadline answers 408901 to insights, as a slow data source makes them.
	Deadline bool
}

// SetPulse changes how Pulse behaves.
func (s *Server) SetPulse(p PulseAPI) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.cfg.Pulse = p
}

// pulseDefinition is a metric definition of Pulse: a measure of a data source over time.
type pulseDefinition struct {
	id, name, description string
	source                *datasource
	measure, time         *vizql.Field
	aggregation           string // AGGREGATION_…
	running               bool
	dimensions            []*vizql.Field
	metrics               []*pulseMetric
	updated               time.Time
}

// pulseMetric is a definition with a period, a comparison and filters.
type pulseMetric struct {
	id                             string
	definition                     *pulseDefinition
	granularity, period, comparing string
	field, value                   string // of a filter; empty for no filter
	isDefault                      bool
}

// pulseSubscription is a person or a group that follows a metric.
type pulseSubscription struct {
	id      string
	metric  *pulseMetric
	user    *user
	group   *group
	created time.Time
}

// pulse is what a site has of Pulse.
type pulse struct {
	definitions   []*pulseDefinition
	subscriptions []*pulseSubscription
}

// pulseOf returns what a site has of Pulse, which follows from its data sources. The world is
// locked for reading.
func (s *Server) pulseOf(st *site) *pulse {
	key := shownKey{kind: "pulse " + st.id}
	if list, ok := lookUp[*pulse](&s.shown, key); ok {
		return list[0]
	}
	p := &pulse{}
	for _, d := range st.datasources {
		p.define(d, s.source(st, d))
	}
	for i, d := range p.definitions {
		p.follow(st, d, i)
	}
	keep(&s.shown, key, []*pulse{p})
	return p
}

// define adds definitions for a data source that has dates: one for each of its measures.
func (p *pulse) define(d *datasource, x *vizql.Source) {
	i := slices.IndexFunc(x.Fields, func(f *vizql.Field) bool { return f.DataType == "DATE" || f.DataType == "DATETIME" })
	if i < 0 {
		return
	}
	var dimensions []*vizql.Field
	for _, f := range x.Fields {
		if f.Class == "COLUMN" && f.DataType == "STRING" && namesIn[strings.ToLower(f.Name)].Values != nil {
			dimensions = append(dimensions, f)
		}
	}
	for _, f := range x.Fields {
		if f.Role != "MEASURE" || f.Hidden {
			continue
		}
		m := &pulseDefinition{
			id: luid("pulse", d.id, f.Name), name: d.name + ": " + f.Caption, source: d, measure: f, time: x.Fields[i], aggregation: "AGGREGATION_SUM",
			running: true, dimensions: dimensions, updated: d.updated,
		}
		if f.Aggregation == "AGG" {
			m.aggregation, m.running = "AGGREGATION_USER", false
		}
		m.add("GRANULARITY_BY_MONTH", "RANGE_CURRENT_PARTIAL", "TIME_COMPARISON_PREVIOUS_PERIOD", "", "")
		m.add("GRANULARITY_BY_QUARTER", "RANGE_LAST_COMPLETE", "TIME_COMPARISON_YEAR_AGO_PERIOD", "", "")
		if len(dimensions) > 0 {
			first := dimensions[0]
			m.add("GRANULARITY_BY_YEAR", "RANGE_CURRENT_PARTIAL", "TIME_COMPARISON_YEAR_AGO_PERIOD", first.Name, namesIn[strings.ToLower(first.Name)].Values[0])
		}
		p.definitions = append(p.definitions, m)
	}
}

func (d *pulseDefinition) add(granularity, period, comparing, field, value string) {
	d.metrics = append(d.metrics, &pulseMetric{
		id: luid(d.id, granularity, period, value), definition: d, granularity: granularity, period: period, comparing: comparing, field: field, value: value,
		isDefault: len(d.metrics) == 0,
	})
}

// follow has some people, and now and then a group, follow the metrics of a definition.
func (p *pulse) follow(st *site, d *pulseDefinition, position int) {
	subscribe := func(m *pulseMetric, u *user, g *group, who string) {
		n := len(p.subscriptions)
		p.subscriptions = append(p.subscriptions, &pulseSubscription{
			id: luid("subscription", m.id, who), metric: m, user: u, group: g, created: epoch.AddDate(0, -3, n%80).Add(time.Duration(n) * time.Minute),
		})
	}
	for _, u := range st.users {
		if u.role != unlicensed && u.seesDatasource(d.source) && (seed("follows", d.id, u.id)%3 == 0 || strings.HasPrefix(u.name, "alice") && position%2 == 0) {
			subscribe(d.metrics[int(seed(u.id, d.id)%uint64(len(d.metrics)))], u, nil, u.id)
		}
	}
	if g := st.group("bi-analysts"); g != nil && position%4 == 1 {
		subscribe(d.metrics[0], nil, g, g.id)
	}
}

// PulseIDs returns the LUIDs of a definition of a site, of its first metric, and of the first
// subscription of a user; empty for none.
func (s *Server) PulseIDs(contentURL, user string) (definition, metric, subscription string) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	st := s.world.site(contentURL)
	if st == nil {
		return "", "", ""
	}
	p := s.pulseOf(st)
	if len(p.definitions) > 0 {
		definition, metric = p.definitions[0].id, p.definitions[0].metrics[0].id
	}
	for _, sub := range p.subscriptions {
		if subscription == "" && sub.user != nil && sub.user.name == user {
			subscription = sub.id
		}
	}
	return definition, metric, subscription
}

// definitionsFor are the definitions whose data source the caller may connect to.
func (c *call) definitionsFor() []*pulseDefinition {
	var out []*pulseDefinition
	for _, d := range c.s.pulseOf(c.site()).definitions {
		if c.user().seesDatasource(d.source) {
			out = append(out, d)
		}
	}
	return out
}

// metricsFor are the metrics of those definitions, by LUID in lower case.
func (c *call) metricsFor() map[string]*pulseMetric {
	out := map[string]*pulseMetric{}
	for _, d := range c.definitionsFor() {
		for _, m := range d.metrics {
			out[m.id] = m
		}
	}
	return out
}

// pulsePath is where Pulse is: without a version, and without a site.
const pulsePath = "-/pulse/"

// Scopes of sessions of a JWT. For POST definitions:batchGet Tableau documents another one than its
// own client uses; here it is that of the client.
const (
	definitionsRead = "tableau:insight_definitions_metrics:read"
	metricsRead     = "tableau:insight_metrics:read"
	followersRead   = "tableau:metric_subscriptions:read"
	insightsRead    = "tableau:insights:read"
)

// onPulse makes a handler of a method of Pulse, which a site may have switched off.
func onPulse(h handler) handler {
	return func(c *call) (*answer, error) {
		if c.s.cfg.Pulse.Off {
			return &answer{header: http.Header{"tableau_error_code": {"0xd3408984"}, "validation_code": {"400999"}}}, wire.Fail("400999", "Pulse is off.")
		}
		return h(c)
	}
}

// pulseError writes an error of Pulse: a code, and a message that is another code. On a Tableau
// Server there is nothing at all.
func (c *call) pulseError(e *wire.Error) ([]byte, string) {
	code := e.Code
	switch {
	case code == "404003" && !c.s.cfg.Cloud:
		return nil, ""
	case code == "404003":
		code = "404950"
	case code == "403004":
		code = "403900"
	}
	number := strconv.FormatUint(uint64(crc32.ChecksumIEEE([]byte(code))), 16)
	return []byte(`{"code":"` + code + `","message":"0x` + number + `"}`), wire.JSONType
}

// pulsePage cuts a page out of a list by page_size and page_token. A token belongs to its query.
func pulsePage[T any](c *call, all []T, size int) (part []T, next string, offset int, err error) {
	query := c.query
	if text := query.Get("page_size"); text != "" {
		if size, err = strconv.Atoi(text); err != nil || size < 1 || size > 1000 {
			return nil, "", 0, wire.Fail("400959", "page_size")
		}
	}
	var rest []string
	for name, values := range query {
		if name != "page_token" && name != "page_size" {
			rest = append(rest, name+"="+strings.Join(values, ","))
		}
	}
	slices.Sort(rest)
	mark := ":" + strconv.FormatUint(uint64(crc32.ChecksumIEEE([]byte(c.r.URL.Path+strings.Join(rest, "&")))), 36)
	if token := query.Get("page_token"); token != "" {
		raw, err := base64.StdEncoding.DecodeString(token)
		text, ours := strings.CutSuffix(string(raw), mark)
		n, errNumber := strconv.Atoi(text)
		if err != nil || !ours || errNumber != nil || n < 0 || n > len(all) {
			return nil, "", 0, wire.Fail("400740", "page_token")
		}
		offset = n
	}
	end := min(offset+size, len(all))
	if end < len(all) {
		next = base64.StdEncoding.EncodeToString([]byte(strconv.Itoa(end) + mark))
	}
	return all[offset:end], next, offset, nil
}
