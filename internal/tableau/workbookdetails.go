package tableau

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"encoding/xml"
	"io"
	"net/url"

	"vitrine/internal/tableau/rest"
)

// DataFreshnessPolicy says how fresh the data of a workbook has to be when someone opens it.
type DataFreshnessPolicy struct {
	Type      DataFreshnessPolicyType `json:"option" xml:"option,attr"`
	EveryPart *struct {
		Frequency Text `json:"frequency" xml:"frequency,attr"`
		Value     Int  `json:"value" xml:"value,attr"`
	} `json:"freshEverySchedule" xml:"freshEverySchedule"`
	AtPart *freshAt `json:"freshAtSchedule" xml:"freshAtSchedule"`
}

type freshAt struct {
	Frequency Text      `json:"frequency" xml:"frequency,attr"`
	Time      LocalTime `json:"time" xml:"time,attr"`
	TimeZone  Text      `json:"timezone" xml:"timezone,attr"`
	Intervals struct {
		Items []struct {
			WeekDay  Text `json:"weekDay" xml:"weekDay,attr"`
			MonthDay Text `json:"monthDay" xml:"monthDay,attr"`
		} `json:"interval" xml:"interval"`
	} `json:"intervals" xml:"intervals"`
}

// TypeRaw is the type as Tableau writes it.
func (p *DataFreshnessPolicy) TypeRaw() Text { return Text(p.Type) }

// EveryValue is the number of units, for a policy of a span.
func (p *DataFreshnessPolicy) EveryValue() Int {
	if p.EveryPart == nil {
		return Int{}
	}
	return p.EveryPart.Value
}

// EveryUnit is the unit, such as Hours, for a policy of a span.
func (p *DataFreshnessPolicy) EveryUnit() Text {
	if p.EveryPart == nil {
		return ""
	}
	return p.EveryPart.Frequency
}

func (p *DataFreshnessPolicy) at() *freshAt { return cmp.Or(p.AtPart, &freshAt{}) }

// AtFrequency is Day, Week or Month, for a policy of certain times.
func (p *DataFreshnessPolicy) AtFrequency() Text { return p.at().Frequency }

// AtTime is the time of day, for a policy of certain times.
func (p *DataFreshnessPolicy) AtTime() LocalTime { return p.at().Time }

// AtTimeZone is the time zone of the time of day.
func (p *DataFreshnessPolicy) AtTimeZone() Text { return p.at().TimeZone }

// AtDays are the days of the week or of the month.
func (p *DataFreshnessPolicy) AtDays() []string {
	days := []string{}
	for _, i := range p.at().Intervals.Items {
		if day := cmp.Or(i.WeekDay, i.MonthDay); day != "" {
			days = append(days, string(day))
		}
	}
	return days
}

// DataFreshness returns the workbook's policy: only a look-up by id has it, so after a list it is
// one more call. Nil if Tableau says none. GET workbooks/{id}, the policy from API 3.22.
func (w *Workbook) DataFreshness(ctx context.Context) (*DataFreshnessPolicy, error) {
	if err := w.s.client.door.Offers(ctx, rest.SiteRead{Template: "workbooks/{id}", Since: "3.22"}); err != nil {
		return nil, err
	}
	if w.FreshnessRef == nil && w.ViewRefs == nil { // views come with a look-up by id
		var err error
		if w, err = w.s.Workbook(ctx, w.LUID); err != nil {
			return nil, err
		}
	}
	if w.FreshnessRef == nil || w.FreshnessRef.Type == "" {
		return nil, nil
	}
	return w.FreshnessRef, nil
}

// DataAcceleration is precomputed data of a workbook.
type DataAcceleration struct {
	IsEnabled     Flag `json:"accelerationEnabled" xml:"accelerationEnabled,attr"`
	Status        Text `json:"accelerationStatus" xml:"accelerationStatus,attr"`
	LastUpdatedAt Time `json:"lastUpdatedAt" xml:"lastUpdatedAt,attr"`
}

// Acceleration is nil if Tableau says nothing of it: most workbooks have the element, and nothing
// in it.
func (w *Workbook) Acceleration() *DataAcceleration {
	if w.AccelerationRef == nil || *w.AccelerationRef == (DataAcceleration{}) {
		return nil
	}
	return w.AccelerationRef
}

// DowngradedFeature is a feature of a workbook that an older release lacks.
type DowngradedFeature struct {
	Name     string `json:"name" xml:"name,attr"`
	Severity Text   `json:"severity" xml:"severity,attr"`
}

type downgradeAnswer struct {
	rest.Envelope
	Info struct {
		Items []*DowngradedFeature `json:"downgradedFeature" xml:"downgradedFeature"`
	} `json:"downgradeInfo" xml:"downgradeInfo"`
}

// DowngradeInfo says what would be lost if the workbook were saved for an older release, such as
// 2022.1. GET workbooks/{id}/downGradeInfo?productVersion=…, from API 3.5.
func (w *Workbook) DowngradeInfo(ctx context.Context, productVersion string) ([]*DowngradedFeature, error) {
	a, err := get(ctx, w.s, rest.SiteRead{Template: "workbooks/{id}/downGradeInfo", Values: []string{string(w.LUID)}, Query: url.Values{"productVersion": {productVersion}}}, func(*downgradeAnswer) {})
	if err != nil {
		return nil, err
	}
	features := []*DowngradedFeature{}
	for _, f := range a.Info.Items {
		if f != nil && f.Name != "" {
			features = append(features, f)
		}
	}
	return features, nil
}

// textList decodes texts in any form: one or many, bare or inside a container. The form is not
// confirmed.
type textList []string

// UnmarshalJSON takes a text, a list of them, or an object that holds them.
func (l *textList) UnmarshalJSON(data []byte) error {
	var v any
	if err := json.Unmarshal(data, &v); err != nil {
		return err
	}
	l.gather(v)
	return nil
}

func (l *textList) gather(v any) {
	switch v := v.(type) {
	case string:
		if v != "" {
			*l = append(*l, v)
		}
	case []any:
		for _, one := range v {
			l.gather(one)
		}
	case map[string]any:
		for _, one := range v {
			l.gather(one)
		}
	}
}

// UnmarshalXML takes one element more: its texts, at whatever depth.
func (l *textList) UnmarshalXML(d *xml.Decoder, _ xml.StartElement) error {
	for depth := 1; depth > 0; {
		token, err := d.Token()
		if err == io.EOF { //nolint:errorlint // the decoder never wraps it
			return io.ErrUnexpectedEOF
		}
		if err != nil {
			return err
		}
		switch t := token.(type) {
		case xml.StartElement:
			depth++
		case xml.EndElement:
			depth--
		case xml.CharData:
			l.gather(string(bytes.TrimSpace(t)))
		}
	}
	return nil
}
