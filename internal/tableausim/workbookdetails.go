package tableausim

import (
	"strconv"
	"strings"
	"time"

	"vitrine/internal/tableausim/wire"
)

// freshness is how fresh the data of a workbook has to be; the zero value is what the site says.
type freshness struct {
	option              string
	every               int // hours
	frequency, at, zone string
	days                []string
}

// freshnessOf gives some workbooks policies of their own.
var freshnessOf = map[string]freshness{
	"Regional Sales":        {option: "FreshEvery", every: 4},
	"Superstore":            {option: "FreshAt", frequency: "Week", at: "06:30:00", zone: "Europe/Berlin", days: []string{"Monday", "Thursday"}},
	"Account Tracker":       {option: "AlwaysLive"},
	"Supply Chain Overview": {option: "FreshAt", frequency: "Day", at: "22:00:00", zone: "UTC"},
	"Budget Control":        {option: "FreshAt", frequency: "Month", at: "05:00:00", zone: "Europe/Berlin", days: []string{"LastDay"}},
}

func freshnessElement(w *workbook) *wire.Element {
	f := freshnessOf[w.name]
	if f.option == "" {
		return wire.New("dataFreshnessPolicy", wire.Str("option", "SiteDefault"))
	}
	e := wire.New("dataFreshnessPolicy", wire.Str("option", f.option))
	if f.every > 0 {
		e.Add(wire.New("freshEverySchedule", wire.Str("frequency", "Hours"), wire.Str("value", strconv.Itoa(f.every))))
	}
	if f.frequency == "" {
		return e
	}
	at := wire.New("freshAtSchedule", wire.Str("frequency", f.frequency), wire.Str("time", f.at), wire.Str("timezone", f.zone))
	if len(f.days) > 0 {
		at.Add(wire.Contain("intervals", f.days, func(day string) *wire.Element {
			if f.frequency == "Month" {
				return wire.New("interval", wire.Str("monthDay", day))
			}
			return wire.New("interval", wire.Str("weekDay", day))
		}))
	}
	return e.Add(at)
}

// accelerationElement is empty for most workbooks, as recorded.
func accelerationElement(w *workbook) *wire.Element {
	e := wire.New("dataAccelerationConfig")
	if n := seed(w.id, "acceleration"); w.hasExtracts && n%4 == 0 {
		e.Flag("accelerationEnabled", true)
		e.Str("accelerationStatus", "Enabled")
		e.When("lastUpdatedAt", w.updated.Add(time.Duration(n%7200)*time.Second))
	}
	return e
}

// lateFeatures are things that a workbook may use, and the release that brought each.
var lateFeatures = []struct{ name, release, severity string }{
	{"Animations", "2020.1", "Warning"},
	{"Relationships between tables", "2020.2", "Error"},
	{"Quick LOD expressions", "2021.1", "Warning"},
	{"Workbook optimizer hints", "2022.1", "Warning"},
	{"Dynamic zone visibility", "2022.3", "Warning"},
	{"Image role fields", "2022.4", "Error"},
	{"Multi-fact relationships", "2024.2", "Error"},
}

// downgradeInfo is GET workbooks/{id}/downGradeInfo: what the workbook would lose in an older
// release.
func downgradeInfo(c *call) (*answer, error) {
	w, err := pathWorkbook(c)
	if err != nil {
		return nil, err
	}
	release, ok := parseRelease(c.query.Get("productVersion"))
	if !ok {
		return nil, wire.Fail("400008", "productVersion '%s' is no release such as 2022.1.", c.query.Get("productVersion"))
	}
	n := seed(w.id, "features")
	e := wire.New("downgradeInfo")
	for i, f := range lateFeatures {
		if came, _ := parseRelease(f.release); n>>i&1 == 1 && release < came {
			e.Add(wire.Item(wire.New("downgradedFeature", wire.Str("name", f.name), wire.Str("severity", f.severity))))
		}
	}
	return found(e)
}

// parseRelease makes a number of a release, so that 2021.4 is before 2022.1.
func parseRelease(text string) (int, bool) {
	parts := strings.Split(text, ".")
	year, err := strconv.Atoi(parts[0])
	if err != nil || year < 8 || len(parts) > 3 {
		return 0, false
	}
	quarter := 0
	if len(parts) > 1 {
		if quarter, err = strconv.Atoi(parts[1]); err != nil || quarter < 0 || quarter > 99 {
			return 0, false
		}
	}
	return year*100 + quarter, true
}
