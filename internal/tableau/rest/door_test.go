package rest

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"
)

// TestDoorLetsNothingPassThatCouldChangeSomething is the table of what is refused before it is
// sent.
func TestDoorLetsNothingPassThatCouldChangeSomething(t *testing.T) {
	t.Parallel()
	u := serve(t, func(*http.Request) reply { return reply{body: "{}"} })
	c := u.client(t)
	tests := []struct {
		method, path string
		passes       bool
	}{
		{"GET", "serverinfo", true},
		{"GET", "sites/S/workbooks", true},
		{"GET", "sites/S/workbooks/a b%2F?#", true},
		{"GET", "sites/S/workbooks/secrets", true}, // somebody's workbook
		{"GET", "sites/S/workbooks/test", true},
		{"GET", "sites/S/workbooks/W/test", false}, // no row of the table
		{"GET", "sites/S/workbook", false},
		{"GET", "workbooks", false},
		{"GET", "sites/S/auth/signin", false},
		{"GET", "auth/signin", false},
		{"POST", "auth/signin", true},
		{"POST", "auth/signout", true},
		{"POST", "sites/S/labels", true}, // a read that Tableau made POST

		{"GET", "", false},
		{"GET", "sites//workbooks", false},
		{"GET", "sites/S/workbooks/", false},
		{"GET", "sites/./workbooks", false},
		{"GET", "sites/S/workbooks/..", false},
		{"GET", "sites/S/webhooks/W/test", false},
		{"GET", "sites/S/Webhooks/W/Test", false},
		{"GET", "pulse/metrics:getOrCreate", false},
		{"GET", "pulse/metrics/getorcreate", false},
		{"GET", "sites/S/connected-apps/direct-trust/A/secrets/X", false},
		{"GET", "sites/S/connected-applications/A/secrets", false},
		{"get", "sites/S/workbooks", false},
		{"", "sites/S/workbooks", false},
		{"POST", "", false},
		{"POST", "auth/switchSite", false},
		{"POST", "pulse/metrics:getOrCreate", false},
		{"POST", "pulse/insights/detail", false}, // billed
		{"POST", "pulse/insights/brief", false},  // costs AI credits
		{"POST", "metadata/graphql/x", false},
		{"POST", "metadata", false},
		{"GET", "metadata/graphql", false},
		{"POST", "v1/vizql-data-service/simple-request", false},
		{"GET", "v1/vizql-data-service/query-datasource", false},
		{"POST", "auth/signin/x", false},
		{"POST", "Auth/signin", false},
		{"POST", "serverinfo", false},
		{"POST", "sites/S/workbooks", false},
		{"POST", "sites/S/fileUploads", false},
		{"POST", "sites/S/labels/L", false},
		{"POST", "sites/S/Labels", false},
		{"POST", "labels", false},
		{"PUT", "sites/S/labels", false},
		{"DELETE", "sites/S/labels", false},
		{"post", "auth/signin", false},
		{"PUT", "auth/signin", false},
		{"PUT", "sites/S/workbooks/W", false},
		{"PATCH", "sites/S/workbooks/W", false},
		{"DELETE", "sites/S/workbooks/W", false},
		{"DELETE", "sessions/X", false},
		{"DELETE", "auth/serverAdminAccessTokens", false},
		{"HEAD", "serverinfo", false},
		{"OPTIONS", "serverinfo", false},
		{"CONNECT", "serverinfo", false},
		{"TRACE", "serverinfo", false},
	}
	sent := 0
	for _, tt := range tests {
		path := strings.Split(tt.path, "/")
		if tt.path == "" {
			path = nil
		}
		err := c.send(t.Context(), &request{method: tt.method, path: path, template: "x", version: "3.27", token: NewSecret(markedToken)}, nil)
		if (err == nil) != tt.passes {
			t.Errorf("%s %q: error %v", tt.method, tt.path, err)
		}
		wantNoSecret(t, err)
		if tt.passes {
			sent++
		}
	}
	if len(u.requests) != sent {
		t.Errorf("%d requests left, want %d", len(u.requests), sent)
	}
}

func TestDoorKeepsSegmentsApart(t *testing.T) {
	t.Parallel()
	u := serve(t, func(*http.Request) reply { return reply{body: "{}"} })
	c := u.client(t)
	for _, segment := range []string{"%2e%2e", "%2E", "..%2f..", "a/../../b", `..\..`, "a;b", "a?b=c", "a#b", "\x00", "é", " "} {
		err := c.send(t.Context(), &request{method: "GET", path: []string{"sites", "S", "workbooks", segment}, version: "3.27"}, nil)
		if err != nil {
			t.Fatalf("%q: %v", segment, err)
		}
		got := u.requests[len(u.requests)-1].URL
		parts := strings.Split(got.EscapedPath(), "/")
		last, err := url.PathUnescape(parts[len(parts)-1])
		if err != nil || last != segment || len(parts) != 7 || got.RawQuery != "" {
			t.Errorf("%q arrives as %q", segment, got)
		}
	}
}

func TestRetryAfter(t *testing.T) {
	t.Parallel()
	tests := map[string]time.Duration{
		"": 0, "0": 0, "7": 7 * time.Second, "-3": 0, "soon": 0, "99999": time.Minute, "1e3": 0,
		"9223372036854775807": time.Minute, "99999999999999999999999999": time.Minute, " 5 ": 5 * time.Second, "1.5": 0, "+5": 0, "60": time.Minute, "61": time.Minute,
		start.Add(50 * time.Second).Format(http.TimeFormat): 50 * time.Second,
		start.Add(-time.Minute).Format(http.TimeFormat):     0,
		start.AddDate(1, 0, 0).Format(http.TimeFormat):      time.Minute,
	}
	for header, want := range tests {
		if got := retryAfter(header, start); got != want {
			t.Errorf("Retry-After: %q is %s, want %s", header, got, want)
		}
	}
	u := serve(t, func(*http.Request) reply {
		return reply{status: 429, header: map[string]string{"Retry-After": start.Add(time.Minute).Format(http.TimeFormat)}, body: fmt.Sprint(1)}
	})
	c := client(t, Config{URL: u.URL, Now: func() time.Time { return start }})
	_, err := c.ServerInfo(t.Context())
	var e *Error
	if !errors.As(err, &e) || e.RetryAfter != time.Minute {
		t.Errorf("error %#v, want a wait of a minute by the client's clock", err)
	}
}
