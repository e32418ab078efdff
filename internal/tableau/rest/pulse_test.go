package rest

import (
	"net/http"
	"strings"
	"testing"
)

// What makes metrics, follows them, is billed or costs AI credits does not leave, whatever the verb.
func TestPulseIsOnlyRead(t *testing.T) {
	t.Parallel()
	for path, verbs := range map[string]string{
		"definitions": "GET", "definitions/D": "GET", "definitions/D/metrics": "GET", "definitions:batchGet": "GET", "metrics/M": "GET",
		"metrics:batchGet": "GET", "subscriptions": "GET", "subscriptions/S": "GET", "subscriptions:batchGetMetricFollowerCounts": "GET",
		"insights/ban": "POST", "insights/springboard": "POST",

		"metrics:getOrCreate": "", "metrics:GetOrCreate": "", "metrics%3AgetOrCreate": "", "metrics": "", "insights/detail": "", "insights/brief": "",
		"insights/Detail": "", "insights/ban/detail": "", "insights": "", "subscriptions:batchCreate": "", "subscriptions/S/x": "", "user/preferences": "",
		"definitions/D/metrics/M": "", "images/metricCard": "", "insights/basic": "",
	} {
		for _, verb := range []string{http.MethodGet, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete} {
			r := &request{method: verb, root: "-", path: append([]string{"pulse"}, strings.Split(path, "/")...), template: "x"}
			if err := r.checkReadOnly(); (err == nil) != (verb == verbs) {
				t.Errorf("%s %s: %v", verb, path, err)
			}
		}
	}
}

func TestFaultsOfPulse(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		status int
		code   string
		header http.Header
		want   Kind
		says   string
	}{
		"off by one header":        {400, "400945", http.Header{"Validation_code": {"400999"}}, Unsupported, "400999"},
		"off by the other":         {400, "", http.Header{"Tableau_error_code": {"0xd3408984"}}, Unsupported, "400999"},
		"off by the body":          {400, "400999", nil, Unsupported, "400999"},
		"AI is off":                {400, "400945", http.Header{"Tableau_error_code": {"0x8c454877"}}, Unsupported, "400955"},
		"no such method":           {404, "404950", nil, Unsupported, "404950"},
		"no metric":                {404, "404901", nil, Missing, "404901"},
		"no data source":           {404, "404939", nil, Missing, "404939"},
		"no permission":            {403, "403901", nil, Refused, "403901"},
		"no license":               {403, "403906", nil, Refused, "403906"},
		"the session":              {401, "401002", nil, SignedOut, "401002"},
		"the data source's log-in": {401, "401003", nil, Refused, "401003"},
		"slow":                     {408, "408901", nil, Timeout, "408901"},
		"locked":                   {423, "423900", nil, Unavailable, "423900"},
		"too many":                 {429, "429957", nil, RateLimited, "429957"},
		"broken":                   {500, "500900", nil, Unavailable, "500900"},
		"odd headers":              {404, "404901", http.Header{"Validation_code": {"1", "400999"}}, Missing, "404901"},
	} {
		code, kind := pulseFault(&Error{Status: c.status, Code: c.code}, c.header)
		if code != c.says || kind != c.want {
			t.Errorf("%s: %s %v", name, code, kind)
		}
	}
}
