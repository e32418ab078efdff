package rest

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"
)

// TestStatusesBecomeKinds holds the kind of every status that has no code of Tableau's, and of the
// codes that decide alone.
func TestStatusesBecomeKinds(t *testing.T) {
	t.Parallel()
	special := map[int]Kind{401: SignedOut, 403: Refused, 404: Missing, 408: Timeout, 429: RateLimited, 504: Timeout}
	for status := 100; status < 700; status++ {
		want, ok := special[status]
		switch {
		case ok:
		case status >= 400 && status < 500:
			want = BadRequest
		default:
			want = Unavailable
		}
		if got := kindOf(status, ""); got != want {
			t.Errorf("%d: %v, want %v", status, got, want)
		}
	}
	for _, c := range []struct {
		status int
		code   string
		want   Kind
	}{
		{401, "401001", LoginRefused},
		{200, "401001", LoginRefused},
		{401, "401002", SignedOut},
		{401, "400003", Refused},
		{403, "400003", Refused},
		{400, "400003", BadRequest},
		{404, "404001", Unsupported},
		{404, "404003", Unsupported},
		{404, "404008", Unsupported},
		{404, "404002", Missing},
		{403, "403004", Refused},
		{403, "403157", Unsupported},
		{403, "403158", Refused},
	} {
		if got := kindOf(c.status, c.code); got != c.want {
			t.Errorf("%d with %s: %v, want %v", c.status, c.code, got, c.want)
		}
	}
	for code := range switchedOff {
		if got := kindOf(403, code); got != Unsupported {
			t.Errorf("403 with %s: %v", code, got)
		}
	}
}

// The first three digits of a code are a status.
func TestCodesHoldAStatus(t *testing.T) {
	t.Parallel()
	for code, want := range map[string]int{"404002": 404, "404": 404, "40": 500, "": 500, "0x5CE10192": 500, "BAD_REQUEST": 500} {
		if got := statusOfCode(code); got != want {
			t.Errorf("%q: %d, want %d", code, got, want)
		}
	}
}

// Texts are whole up to their bound and are cut between characters above.
func TestTextsOfErrorsAreCut(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		text string
		most int
		want string
	}{
		{"", 0, ""}, {"abc", 3, "abc"}, {"abcd", 3, "abc…"}, {"aé", 2, "a…"}, {"aé", 3, "aé"}, {"éé", 3, "é…"},
	} {
		if got := Clip(c.text, c.most); got != c.want {
			t.Errorf("%q to %d bytes: %q, want %q", c.text, c.most, got, c.want)
		}
	}
}

// A redirect is named by scheme and host, never by its path.
func TestRedirectsAreNamedWithoutTheirPath(t *testing.T) {
	t.Parallel()
	for location, want := range map[string]string{
		"":                               "a place that is not given",
		"::":                             "a place that is not given",
		"/elsewhere?name=kim":            "another path of the same host",
		"https://sso.example.com/a?b=c":  `"https://sso.example.com"`,
		"//sso.example.com/a":            `"://sso.example.com"`,
		"https://x\"y.example.com/\x00a": "a place that is not given",
	} {
		if got := placeOf(location); got != want {
			t.Errorf("%q: %s, want %s", location, got, want)
		}
	}
}

// TestWhatIsRefusedAlthoughItIsGET holds each part of the rule: a webhook's test, an app's secret,
// Pulse's getOrCreate.
func TestWhatIsRefusedAlthoughItIsGET(t *testing.T) {
	t.Parallel()
	for path, want := range map[string]struct{ sideEffect, passes bool }{
		"sites/S/webhooks/W/test":           {true, false},
		"sites/S/WEBHOOKS/W/TEST":           {true, false},
		"sites/S/webhooks/W":                {false, true},
		"sites/S/webhooks/test/x":           {false, false},
		"sites/S/workbooks/W/test":          {false, false},
		"connected-apps/A/secrets/X":        {true, false},
		"connected-applications/A/secrets":  {true, false},
		"connected-apps/A":                  {false, false},
		"sites/S/workbooks/secrets":         {false, true},
		"pulse/metrics:getOrCreate":         {true, false},
		"pulse/metrics:getOrCreate/x":       {true, false},
		"pulse/getOrCreate":                 {true, false},
		"sites/S/workbooks/getOrCreate":     {true, false},
		"sites/S/workbooks/getOrCreateThis": {false, true},
	} {
		if got := sideEffectGET(strings.Split(path, "/")); got != want.sideEffect {
			t.Errorf("%s: refused %v", path, got)
		}
		r := &request{method: http.MethodGet, path: strings.Split(path, "/"), template: "x"}
		if err := r.checkReadOnly(); (err == nil) != want.passes {
			t.Errorf("GET %s: %v", path, err)
		}
	}
}

// POSTs that read, and those that open and close sessions, pass below their own root only.
func TestPOSTsPassBelowTheirRootOnly(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		root, path string
		passes     bool
	}{
		{"", "auth/signin", true},
		{"", "auth/signout", true},
		{"-", "auth/signin", false},
		{"exp", "auth/signout", false},
		{"", "sites/S/labels", true},
		{"-", "sites/S/labels", false},
		{"-", "content/usage-stats", true},
		{"", "content/usage-stats", false},
		{"exp", "content/usage-stats", false},
	} {
		r := &request{method: http.MethodPost, root: c.root, path: strings.Split(c.path, "/"), template: "x"}
		if err := r.checkReadOnly(); (err == nil) != c.passes {
			t.Errorf("POST %q below %q: %v", c.path, c.root, err)
		}
	}
}

// TestRequestsCarryNoMoreThanTheyNeed holds the headers and the body of each kind of request.
func TestRequestsCarryNoMoreThanTheyNeed(t *testing.T) {
	t.Parallel()
	c := client(t, Config{URL: "https://tableau.example.com", APIVersion: "3.27"})
	for _, tt := range []struct {
		name string
		r    request
		url  string
		want map[string]string // headers; "" for none
		body bool
	}{
		{
			"a read",
			request{method: "GET", version: "3.27", path: []string{"sites", "a b"}, token: NewSecret("t"), body: []byte("x")},
			"https://tableau.example.com/api/3.27/sites/a%20b",
			map[string]string{"X-Tableau-Auth": "t", "Accept": "application/json", "Content-Type": ""},
			false,
		},
		{
			"a read without a token",
			request{method: "GET", version: "3.27", path: []string{"serverinfo"}, query: map[string][]string{"a": {"b c"}}, accept: "*/*"},
			"https://tableau.example.com/api/3.27/serverinfo?a=b+c",
			map[string]string{"X-Tableau-Auth": "", "Accept": "*/*", "Content-Type": ""},
			false,
		},
		{
			"a read below another root",
			request{method: "POST", version: "3.27", root: "-", path: []string{"content", "usage-stats"}, body: []byte("{}"), media: "application/x"},
			"https://tableau.example.com/api/-/content/usage-stats",
			map[string]string{"Accept": "application/json", "Content-Type": "application/x"},
			true,
		},
		{
			"a sign-in",
			request{method: "POST", version: "3.27", path: []string{"auth", "signin"}, body: []byte("{}")},
			"https://tableau.example.com/api/3.27/auth/signin",
			map[string]string{"X-Tableau-Auth": "", "Content-Type": "application/json"},
			true,
		},
	} {
		got, err := c.build(t.Context(), &tt.r)
		if err != nil {
			t.Fatal(err)
		}
		if got.URL.String() != tt.url || (got.Body != nil) != tt.body || (got.ContentLength > 0) != tt.body {
			t.Errorf("%s: %s, %d bytes", tt.name, got.URL, got.ContentLength)
		}
		for name, want := range tt.want {
			if values := got.Header.Values(name); want == "" && len(values) > 0 || want != "" && (len(values) != 1 || values[0] != want) {
				t.Errorf("%s: %s is %q, want %q", tt.name, name, values, want)
			}
		}
	}
}

// An answer from 300 on is an error, below it is decoded; a redirect says where it leads.
func TestAnswersFrom300OnAreErrors(t *testing.T) {
	t.Parallel()
	for status, part := range map[int]string{
		299: "", 300: "it redirects to", 302: "it redirects to", 304: "nothing has changed", 399: "it redirects to", 400: "",
	} {
		res := &http.Response{StatusCode: status, Header: http.Header{"Content-Type": {"application/json"}, "Location": {"https://sso.example.com/x"}}, ContentLength: -1}
		err := checkAnswer(&request{method: "GET", template: "sites/{site}/views"}, res, []byte(`{"pagination":{"totalAvailable":"0"},"views":{}}`), nil, start)
		var e *Error
		switch {
		case status < 300:
			if err != nil {
				t.Errorf("%d: %v", status, err)
			}
		case !errors.As(err, &e) || e.Status != status || !strings.Contains(fmt.Sprint(e.Err), part):
			t.Errorf("%d: %v (%v), want %q", status, err, e.Err, part)
		}
	}
}

// Outside the versioned API an answer without a code is about the thing, or about the method where
// the path names no thing.
func TestUnversionedMethodsThatAreMissing(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		root, template, media string
		want                  Kind
	}{
		{"-", "content/usage-stats/{id}", "application/json", Missing},
		{"-", "content/usage-stats", "application/json", Unsupported},
		{"-", "content/usage-stats", "text/html", Malformed},
		{"", "sites/{site}/views", "application/json", Malformed},
	} {
		res := &http.Response{StatusCode: 404, Header: http.Header{"Content-Type": {c.media}}}
		body := "{}"
		if c.media == "text/html" {
			body = "<html></html>"
		}
		err := errorAnswer(&request{method: "GET", root: c.root, template: c.template}, res, []byte(body), start)
		wantKind(t, err, c.want)
	}
}

// Whatever breaks after the deadline is a time-out; before it only what says so itself.
func TestBreaksAfterTheDeadlineAreTimeouts(t *testing.T) {
	t.Parallel()
	c := client(t, Config{URL: "https://tableau.example.com", APIVersion: "3.27"})
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	for _, tt := range []struct {
		name string
		ctx  context.Context //nolint:containedctx // it is what is tried
		err  error
		want Kind
	}{
		{"broken", t.Context(), errors.New("reset"), Unavailable},
		{"the caller has gone", gone, errors.New("reset"), Timeout},
		{"deadline", t.Context(), context.DeadlineExceeded, Timeout},
		{"a time-out of the net", t.Context(), timeoutError(true), Timeout},
		{"an error of the net that is no time-out", t.Context(), timeoutError(false), Unavailable},
	} {
		if got := c.transportError(tt.ctx, &request{method: "GET", template: "x"}, tt.err); got.Kind != tt.want {
			t.Errorf("%s: %v, want %v", tt.name, got.Kind, tt.want)
		}
	}
}

type timeoutError bool

func (timeoutError) Error() string   { return "net" }
func (e timeoutError) Timeout() bool { return bool(e) }
func (timeoutError) Temporary() bool { return false }

// Seconds are taken up to a minute, in whatever length they are written.
func TestRetryAfterIsAMinuteAtMost(t *testing.T) {
	t.Parallel()
	for header, want := range map[string]time.Duration{
		"59": 59 * time.Second, "60": time.Minute, "61": time.Minute, "0000059": 59 * time.Second,
		start.Add(59 * time.Second).Format(http.TimeFormat): 59 * time.Second,
		start.Add(61 * time.Second).Format(http.TimeFormat): time.Minute,
		start.Format(http.TimeFormat):                       0,
	} {
		if got := retryAfter(header, start); got != want {
			t.Errorf("%q: %s, want %s", header, got, want)
		}
	}
}

// repeating is a gate that opens three times for each request.
type repeating struct{}

func (repeating) Pass(ctx context.Context, _ Call, try func(context.Context) error) error {
	return errors.Join(try(ctx), try(ctx), try(ctx))
}

// The first try of a request is a call, each further one a call that was sent again.
func TestTriesAfterTheFirstAreCountedAsRetried(t *testing.T) {
	t.Parallel()
	u := serve(t, func(*http.Request) reply { return reply{body: "{}"} })
	c := client(t, Config{URL: u.URL, APIVersion: "3.27", Gate: repeating{}})
	op := NewOperation(1)
	for n := 1; n <= 2; n++ {
		if err := c.send(t.Context(), &request{method: "GET", path: []string{"serverinfo"}, template: "serverinfo", version: "3.27", op: op}, nil); err != nil {
			t.Fatal(err)
		}
		calls, _ := op.Calls()
		if calls["GET serverinfo"] != 3*n || op.Retried() != 2*n {
			t.Errorf("after %d requests: %v, %d retried", n, calls, op.Retried())
		}
	}
}

// An error with a code of Tableau's needs no further explanation: 400 is no redirect.
func TestErrorsWithACodeAreNotExplained(t *testing.T) {
	t.Parallel()
	res := &http.Response{StatusCode: http.StatusBadRequest, Header: http.Header{"Content-Type": {"application/json"}}}
	err := errorAnswer(&request{method: "GET", template: "x"}, res, []byte(`{"error":{"code":"400065"}}`), start)
	var e *Error
	if !errors.As(err, &e) || e.Kind != BadRequest || e.Err != nil {
		t.Errorf("%v", err)
	}
}
