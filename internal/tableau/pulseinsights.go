package tableau

import (
	"context"
	"encoding/json"
	"errors"
	"strings"

	"vitrine/internal/tableau/rest"
)

// The methods of Pulse that compute insights. Each call is a live query to the data source, and
// stores nothing. Those that are billed or cost AI credits are in no table.
const (
	banTemplate         = "-/pulse/insights/ban"
	springboardTemplate = "-/pulse/insights/springboard"
)

// insightRequest asks for insights about a metric. It has the whole metric, as Tableau wrote it.
type insightRequest struct {
	Bundle insightBundleRequest `json:"bundle_request"`
}

type insightBundleRequest struct {
	Version int            `json:"version"`
	Options insightOptions `json:"options"`
	Input   insightInput   `json:"input"`
}

type insightOptions struct {
	Format   string `json:"output_format"`
	TimeZone string `json:"time_zone,omitempty"`
}

type insightInput struct {
	Metadata insightMetadata `json:"metadata"`
	Metric   insightMetric   `json:"metric"`
}

type insightMetadata struct {
	Name           string `json:"name"`
	MetricLUID     LUID   `json:"metric_id"`
	DefinitionLUID LUID   `json:"definition_id"`
}

type insightMetric struct {
	Definition     json.RawMessage `json:"definition"`
	Specification  json.RawMessage `json:"metric_specification"`
	Extension      json.RawMessage `json:"extension_options,omitempty"`
	Representation json.RawMessage `json:"representation_options,omitempty"`
	Insights       json.RawMessage `json:"insights_options,omitempty"`
	Goals          json.RawMessage `json:"goals,omitempty"`
}

// insightsAnswer is what both methods answer.
type insightsAnswer struct {
	rest.Envelope
	Bundle insightBundle `json:"bundle_response" xml:"-"`
}

type insightBundle struct {
	Result struct {
		Groups    []*insightGroup `json:"insight_groups"`
		HasErrors Flag            `json:"has_errors"`
	} `json:"result"`
	Error *insightError `json:"error"`
}

type insightGroup struct {
	Type  Text           `json:"type"`
	Items []*insightItem `json:"insights"`
	Error *insightError  `json:"error"`
}

type insightItem struct {
	Result *PulseInsight `json:"result"`
	Error  *insightError `json:"error"`
}

type insightError struct {
	Code Text `json:"code"`
}

// insightErrorKinds are the kinds of errors by the first digits of their codes.
var insightErrorKinds = map[string]Kind{"403": Refused, "404": Missing, "408": Timeout, "429": RateLimited}

func (e *insightError) err(template string) error {
	kind := Unavailable
	if known, ok := insightErrorKinds[rest.Clip(string(e.Code), 3)]; ok && len(e.Code) > 3 {
		kind = known
	}
	return &Error{Kind: kind, Call: "POST " + template, Status: 200, Code: rest.Clip(string(e.Code), 40), Err: errInsight}
}

var errInsight = errors.New("an insight could not be computed")

// PulseInsight is a finding about a metric.
type PulseInsight struct {
	TypeListed             Text                  `json:"type"`
	Markup                 Text                  `json:"markup"`
	Facts                  insightFacts          `json:"facts"`
	CharacterizationListed PulseCharacterization `json:"characterization"`
	QuestionListed         Text                  `json:"question"`
	ScoreListed            Text                  `json:"score"`

	group Text
}

// insightFacts are the facts of the change from one period to the next. Others are not read.
type insightFacts struct {
	Sentiment      PulseChangeSentiment `json:"sentiment"`
	Value          insightAmount        `json:"target_period_value"`
	Previous       insightAmount        `json:"comparison_period_value"`
	Period         insightPeriod        `json:"target_time_period"`
	PreviousPeriod insightPeriod        `json:"comparison_time_period"`
	Difference     struct {
		Absolute  insightAmount  `json:"absolute"`
		Relative  insightAmount  `json:"relative"`
		Direction PulseDirection `json:"direction"`
	} `json:"difference"`
}

type insightAmount struct {
	Raw       Text `json:"raw"`
	Formatted Text `json:"formatted"`
}

type insightPeriod struct {
	Label Text `json:"label"`
	From  Time `json:"start_timestamp"`
	To    Time `json:"end_timestamp"`
}

// Group is the group of insights that it is in, as Tableau names it.
func (i *PulseInsight) Group() Text { return plainText(i.group) }

// Type is what kind of finding it is, as Tableau names it.
func (i *PulseInsight) Type() Text { return plainText(i.TypeListed) }

// Text is the finding, without markup.
func (i *PulseInsight) Text() Text { return plainText(i.Markup) }

// Question is the question that it answers.
func (i *PulseInsight) Question() Text { return plainText(i.QuestionListed) }

// Characterization is whether the finding is unusual.
func (i *PulseInsight) Characterization() PulseCharacterization { return i.CharacterizationListed }

// CharacterizationRaw is the same as Tableau writes it.
func (i *PulseInsight) CharacterizationRaw() Text { return plainText(Text(i.CharacterizationListed)) }

// Score orders findings by their importance.
func (i *PulseInsight) Score() *float64 { return finite(i.ScoreListed) }

// Sentiment is whether the change is good.
func (i *PulseInsight) Sentiment() PulseChangeSentiment { return i.Facts.Sentiment }

// SentimentRaw is the same as Tableau writes it.
func (i *PulseInsight) SentimentRaw() Text { return plainText(Text(i.Facts.Sentiment)) }

// Direction is where the value went.
func (i *PulseInsight) Direction() PulseDirection { return i.Facts.Difference.Direction }

// DirectionRaw is the same as Tableau writes it.
func (i *PulseInsight) DirectionRaw() Text { return plainText(Text(i.Facts.Difference.Direction)) }

// Value is the value in the period.
func (i *PulseInsight) Value() *PulseAmount { return i.Facts.Value.amount() }

// PreviousValue is the value that it is compared with.
func (i *PulseInsight) PreviousValue() *PulseAmount { return i.Facts.Previous.amount() }

// Change is the difference of both.
func (i *PulseInsight) Change() *PulseAmount { return i.Facts.Difference.Absolute.amount() }

// RelativeChange is the difference as a part of the previous value.
func (i *PulseInsight) RelativeChange() *PulseAmount { return i.Facts.Difference.Relative.amount() }

// Period is the period that the value is of.
func (i *PulseInsight) Period() *PulsePeriod { return i.Facts.Period.period() }

// PreviousPeriod is the period of the previous value.
func (i *PulseInsight) PreviousPeriod() *PulsePeriod { return i.Facts.PreviousPeriod.period() }

// PulseAmount is a number, and how Tableau writes it.
type PulseAmount struct {
	Number *float64
	Text   Text
}

func (a insightAmount) amount() *PulseAmount {
	if a == (insightAmount{}) {
		return nil
	}
	return &PulseAmount{finite(a.Raw), plainText(a.Formatted)}
}

// PulsePeriod is a range of time.
type PulsePeriod struct {
	Label    Text
	From, To Time
}

func (p insightPeriod) period() *PulsePeriod {
	if p == (insightPeriod{}) {
		return nil
	}
	return &PulsePeriod{plainText(p.Label), p.From, p.To}
}

// Headline is the value of the metric now and how it changed; nil where Tableau has nothing to say.
// POST /api/-/pulse/insights/ban.
func (m *PulseMetric) Headline(ctx context.Context, timeZone string) (*PulseInsight, error) {
	bundle, err := m.insights(ctx, banTemplate, timeZone)
	if err != nil {
		return nil, err
	}
	var fault error
	for _, g := range bundle.Result.Groups {
		for _, item := range g.Items {
			switch {
			case item.Error != nil:
				fault = item.Error.err(banTemplate)
			case item.Result != nil:
				return item.Result.in(g), nil
			}
		}
		if g.Error != nil {
			fault = g.Error.err(banTemplate)
		}
	}
	return nil, fault
}

// PulseInsights are findings about a metric, and why some may be missing.
type PulseInsights struct {
	Items []*PulseInsight
	Gap   Gap
}

// ReadInsights returns findings about the metric. POST /api/-/pulse/insights/springboard.
func (m *PulseMetric) ReadInsights(ctx context.Context, timeZone string) (*PulseInsights, error) {
	bundle, err := m.insights(ctx, springboardTemplate, timeZone)
	if err != nil {
		return nil, err
	}
	found := &PulseInsights{Items: []*PulseInsight{}}
	failed := bundle.Result.HasErrors == Yes
	for _, g := range bundle.Result.Groups {
		failed = failed || g.Error != nil
		for _, item := range g.Items {
			failed = failed || item.Error != nil
			if item.Result != nil && item.Error == nil {
				found.Items = append(found.Items, item.Result.in(g))
			}
		}
	}
	if failed {
		found.Gap = GapBroken
	}
	return found, nil
}

// in returns a copy that knows its group: several fields may share an answer.
func (i *PulseInsight) in(g *insightGroup) *PulseInsight {
	insight := *i
	insight.group = g.Type
	return &insight
}

// insights asks for insights about the metric. The definition of the metric is read for it, unless
// the metric was read with it.
func (m *PulseMetric) insights(ctx context.Context, template, timeZone string) (*insightBundle, error) {
	d, err := m.Definition(ctx)
	if err != nil {
		return nil, err
	}
	if d == nil {
		return nil, &Error{Kind: Refused, Call: "GET -/pulse/definitions:batchGet"}
	}
	body, err := m.insightBody(d, timeZone)
	if err != nil {
		return nil, err
	}
	a, err := get(ctx, m.s, rest.SiteRead{Template: template, Body: body}, func(*insightsAnswer) {})
	switch {
	case HasCode(err, "400700"):
		return nil, &InputError{Reason: "Tableau does not know this time zone: use a name of the IANA database, such as Europe/Berlin"}
	case err != nil:
		return nil, err
	case a.Bundle.Error != nil:
		return nil, a.Bundle.Error.err(template)
	}
	return &a.Bundle, nil
}

var errNoParts = errors.New("the metric lacks the parts that a request for insights repeats")

// insightBody is the request for insights about the metric.
func (m *PulseMetric) insightBody(d *PulseDefinition, timeZone string) ([]byte, error) {
	if d.Specification.raw == nil || m.Specification.raw == nil {
		return nil, &Error{Kind: Malformed, Call: "GET -/pulse/metrics/{id}", Status: 200, Err: errNoParts}
	}
	r := insightRequest{insightBundleRequest{
		Version: 1, Options: insightOptions{"OUTPUT_FORMAT_TEXT", timeZone},
		Input: insightInput{
			insightMetadata{strings.ToValidUTF8(d.Name(), ""), m.LUID, d.luid()},
			insightMetric{d.Specification.raw, m.Specification.raw, d.Extension.raw, d.Representation.raw, d.Insights.raw, m.Goals.raw},
		},
	}}
	return json.Marshal(r)
}
