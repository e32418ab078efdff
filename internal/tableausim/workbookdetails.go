package tableausim

import (
	"strconv"
	"strings"
	"time"
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

func freshnessElement(w *workbook) *element {
	f := freshnessOf[w.name]
	if f.option == "" {
		return el("dataFreshnessPolicy", str("option", "SiteDefault"))
	}
	e := el("dataFreshnessPolicy", str("option", f.option))
	if f.every > 0 {
		e.add(el("freshEverySchedule", str("frequency", "Hours"), str("value", strconv.Itoa(f.every))))
	}
	if f.frequency == "" {
		return e
	}
	at := el("freshAtSchedule", str("frequency", f.frequency), str("time", f.at), str("timezone", f.zone))
	if len(f.days) > 0 {
		at.add(contain("intervals", f.days, func(day string) *element {
			if f.frequency == "Month" {
				return el("interval", str("monthDay", day))
			}
			return el("interval", str("weekDay", day))
		}))
	}
	return e.add(at)
}

// accelerationElement is empty for most workbooks, as recorded.
func accelerationElement(w *workbook) *element {
	e := el("dataAccelerationConfig")
	if n := seed(w.id, "acceleration"); w.hasExtracts && n%4 == 0 {
		e.flag("accelerationEnabled", true)
		e.str("accelerationStatus", "Enabled")
		e.when("lastUpdatedAt", w.updated.Add(time.Duration(n%7200)*time.Second))
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

// downgradeInfo is GET workbooks/{id}/downGradeInfo: what the workbook would lose in an older release.
func downgradeInfo(c *call) (*answer, error) {
	w, err := pathWorkbook(c)
	if err != nil {
		return nil, err
	}
	release, ok := parseRelease(c.query.Get("productVersion"))
	if !ok {
		return nil, fail("400008", "productVersion '%s' is no release such as 2022.1.", c.query.Get("productVersion"))
	}
	n := seed(w.id, "features")
	e := el("downgradeInfo")
	for i, f := range lateFeatures {
		if came, _ := parseRelease(f.release); n>>i&1 == 1 && release < came {
			e.add(item(el("downgradedFeature", str("name", f.name), str("severity", f.severity))))
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
