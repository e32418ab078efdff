package tableau

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"vitrine/internal/tableau/rest"
)

const oneView = `{"view":{"id":"v","name":"V"}}`

func TestReadIsRepeatedOnceAfterARenewal(t *testing.T) {
	t.Parallel()
	ended := code(401, "401002")
	inside := reply{body: `{"error":{"code":"401002","summary":"s"},"view":{"id":"stale","name":"Stale"}}`}
	tests := []struct {
		name     string
		replies  []reply // the last one again and again
		refuse   error
		ok       bool
		kind     Kind
		requests int
		renewals int
	}{
		{"lives", []reply{{body: oneView}}, nil, true, 0, 1, 0},
		{"ended", []reply{ended, {body: oneView}}, nil, true, 0, 2, 1},
		{"ended, reported in an answer of 200", []reply{inside, {body: oneView}}, nil, true, 0, 2, 1},
		{"bare 401", []reply{{status: 401}, {body: oneView}}, nil, true, 0, 2, 1},
		{"ended three times", []reply{ended, ended, ended, ended, ended, ended, ended, {body: oneView}}, nil, true, 0, 4 + 2*2, 3},
		{"ends for ever", []reply{ended}, nil, false, SignedOut, 4 + 3*2, 3},
		{"ended, then refused", []reply{ended, code(403, "403004")}, nil, false, Refused, 2, 1},
		{"ended, then broken", []reply{ended, {body: "{"}}, nil, false, Malformed, 2, 1},
		{"renewal refused", []reply{ended}, &Error{Kind: LoginRefused}, false, LoginRefused, 1, 0},
		{"login refused, by a read", []reply{code(401, "401001"), {body: oneView}}, nil, true, 0, 2, 1},
		{"refused", []reply{code(403, "403004")}, nil, false, Refused, 1, 0},
		{"down", []reply{{status: 503}}, nil, false, Unavailable, 1, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var n atomic.Int64
			u := serve(t, func(*http.Request) reply { return tt.replies[min(int(n.Add(1)), len(tt.replies))-1] })
			s, k := u.signedIn(t) // which holds that each grant is released once
			k.refuse = tt.refuse
			v, err := s.View(t.Context(), "v", false)
			if tt.ok != (err == nil) || tt.ok && v.Name != "V" {
				t.Errorf("%+v, error %v", v, err)
			}
			if !tt.ok {
				wantKind(t, err, tt.kind)
			}
			if len(u.requests) != tt.requests || k.renewals != tt.renewals {
				t.Errorf("%d requests and %d renewals, want %d and %d", len(u.requests), k.renewals, tt.requests, tt.renewals)
			}
			if last := u.requests[len(u.requests)-1].Header.Get("X-Tableau-Auth"); last != fmt.Sprintf("%s|%d", markedToken, tt.renewals+1) {
				t.Errorf("the last request has the token %q", last)
			}
		})
	}
}

func TestEachReadIsSentOnceInAnOperation(t *testing.T) {
	t.Parallel()
	u := serve(t, func(r *http.Request) reply {
		if strings.HasSuffix(r.URL.Path, "refused") {
			return code(403, "403004")
		}
		return reply{body: oneView}
	})
	op := NewOperation(4)
	s := u.client(t).Session(WithOperation(t.Context(), op), &keeper{})
	var wg sync.WaitGroup
	for range 100 {
		wg.Go(func() {
			for _, usage := range []bool{false, true} {
				if v, err := s.View(t.Context(), "v", usage); err != nil || v.Name != "V" {
					t.Errorf("%+v, error %v", v, err)
				}
			}
			_, err := s.View(t.Context(), "refused", false)
			wantKind(t, err, Refused)
		})
	}
	wg.Wait()
	if len(u.requests) != 3 {
		t.Errorf("%d requests", len(u.requests))
	}
	calls, saved := op.Calls()
	if diff := cmp.Diff(map[string]int{"GET sites/{site}/views/{id}": 3}, calls); diff != "" || saved != 297 {
		t.Errorf("%d saved (-want +got):\n%s", saved, diff)
	}
	if _, err := u.session(t).View(t.Context(), "v", false); err != nil || len(u.requests) != 4 {
		t.Errorf("another operation shares a read: %d requests, error %v", len(u.requests), err)
	}
}

func TestOperationBoundsCallsUnderWay(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var now, most atomic.Int64
		slow := roundTrip(func(*http.Request) (*http.Response, error) {
			most.Store(max(most.Load(), now.Add(1)))
			defer now.Add(-1)
			time.Sleep(time.Second) // of the bubble's clock
			return nil, errors.New("down")
		})
		op := NewOperation(3)
		op.RecordTimeline()
		c := client(t, Config{URL: "https://t", APIVersion: "3.27", HTTP: &http.Client{Transport: slow}})
		ctx := WithOperation(t.Context(), op)
		var wg sync.WaitGroup
		for i := range 12 {
			s := c.Session(ctx, &keeper{}) // of whatever site: the bound is the operation's
			wg.Go(func() { _, _ = s.View(ctx, LUID(fmt.Sprint("v", i)), false) })
		}
		wg.Wait()
		if most.Load() != 3 || op.Waited() != 3*(1+2+3)*time.Second {
			t.Errorf("%d calls under way, waited %s", most.Load(), op.Waited())
		}
		const name = "GET sites/{site}/views/{id}"
		for i, c := range op.Timeline() {
			if want := (rest.TimedCall{Name: name, Wait: time.Duration(i/3) * time.Second, Duration: time.Second, Failed: true}); c != want {
				t.Errorf("call %d of the timeline: %+v, want %+v", i, c, want)
			}
		}
		shared := c.Session(ctx, &keeper{})
		for range 2 {
			_, _ = shared.View(ctx, "v", false)
		}
		last := rest.TimedCall{Name: name, Start: 5 * time.Second, Shared: true, Failed: true}
		if calls := op.Timeline(); len(calls) != 14 || calls[13] != last {
			t.Errorf("%+v", calls)
		}

		short, cancel := context.WithTimeout(ctx, 500*time.Millisecond)
		defer cancel()
		for i := range 4 {
			wg.Go(func() { _, _ = c.Session(ctx, &keeper{}).View(ctx, LUID(fmt.Sprint("w", i)), false) })
		}
		synctest.Wait()
		_, err := c.Session(ctx, &keeper{}).View(short, "late", false)
		wantKind(t, err, Timeout)
		wg.Wait()
		if calls, _ := op.Calls(); calls[name] != 17 {
			t.Errorf("calls %v", calls)
		}
	})
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// TestFailedPageSpoilsNoOtherRead has one page of a list fail while its siblings, which are
// cancelled then, are wanted elsewhere too.
func TestFailedPageSpoilsNoOtherRead(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		pages := roundTrip(func(r *http.Request) (*http.Response, error) {
			number := r.URL.Query().Get("pageNumber")
			wait := map[string]time.Duration{"1": 0, "2": time.Second, "3": time.Minute}[number]
			select {
			case <-time.After(wait):
			case <-r.Context().Done():
				return nil, r.Context().Err()
			}
			if number == "2" {
				return nil, errors.New("reset")
			}
			body := fmt.Sprintf(`{"pagination":{"pageNumber":"%s","pageSize":"1000","totalAvailable":"3000"},"workbooks":{"workbook":[{"id":"w%s"}]}}`, number, number)
			return &http.Response{StatusCode: 200, Header: http.Header{}, Body: readCloser(body), Request: r}, nil
		})
		c := client(t, Config{URL: "https://t", APIVersion: "3.27", HTTP: &http.Client{Transport: pages}, Timeout: time.Hour})
		s := c.Session(t.Context(), &keeper{})
		var wg sync.WaitGroup
		wg.Go(func() {
			_, err := s.Workbooks(t.Context(), ListQuery[Workbook]{}, 0, 3000)
			wantKind(t, err, Unavailable)
		})
		synctest.Wait()
		wg.Go(func() { // waits for page 3, which the list above gives up
			page, err := s.Workbooks(t.Context(), ListQuery[Workbook]{}, 2000, 1000)
			if err != nil || len(page.Items) != 1 || page.Items[0].LUID != "w3" {
				t.Errorf("%+v, error %v", page, err)
			}
		})
		wg.Wait()
	})
}

// A method that the server's version lacks is not sent; the error says what it takes.
func TestReadsThatTheServerLacksAreNotSent(t *testing.T) {
	t.Parallel()
	u := serve(t, func(*http.Request) reply { return reply{body: "{}"} })
	s := u.session(t)
	version, err := s.client.Version(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	sent := len(u.requests)
	needs := map[string]string{"workbooks": "99.0", "recyclebin/{kind}": "3.29", "projects/{id}/default-permissions/lenses": "3.16"}
	for _, r := range []rest.SiteRead{
		{Template: "workbooks", Since: "99.0"},
		{Template: "recyclebin/{kind}", Values: []string{"workbooks"}},
		{Template: "projects/{id}/default-permissions/lenses", Values: []string{"p"}},
	} {
		_, err := rest.Get(t.Context(), s.reader, r, func(*rest.Envelope) {})
		var e *Error
		if !errors.As(err, &e) || e.Kind != Unsupported || e.Needs != needs[r.Template] || e.Has != version || len(u.requests) != sent {
			t.Errorf("%s: %v after %d requests", r.Template, err, len(u.requests)-sent)
		}
	}
	if _, err := rest.Get(t.Context(), s.reader, rest.SiteRead{Template: "views", Since: "3.0"}, func(*rest.Envelope) {}); err != nil {
		t.Error(err)
	}
}

// Reads are below the site, beside the sites, or outside the versioned API.
func TestWhereReadsAreSent(t *testing.T) {
	t.Parallel()
	u := serve(t, func(*http.Request) reply { return reply{body: "{}"} })
	s := u.session(t)
	for want, r := range map[string]rest.SiteRead{
		"GET /api/3.27/sites/" + siteID + "/views":                      {Template: "views"},
		"GET /api/3.27/sessions/current":                                {Template: "/sessions/current"},
		"GET /api/-/search":                                             {Template: "-/search"},
		"GET /api/exp/sites/" + siteID + "/customviews/c/content":       {Template: "exp/sites/{site}/customviews/{id}/content", Values: []string{"c"}},
		"POST /api/-/content/usage-stats":                               {Template: "-/content/usage-stats", Body: []byte("{}")},
		"POST /api/3.27/sites/" + siteID + "/labels":                    {Template: "labels", Body: []byte("{}")},
		"GET /api/3.27/sites/" + siteID + "/workbooks/search/revisions": {Template: "workbooks/{id}/revisions", Values: []string{"search"}},
	} {
		before := len(u.requests)
		if _, err := rest.Get(t.Context(), s.reader, r, func(*rest.Envelope) {}); err != nil {
			t.Errorf("%s: %v", r.Template, err)
			continue
		}
		last := u.requests[len(u.requests)-1]
		if got := last.Method + " " + last.URL.Path; got != want || len(u.requests) != before+1 {
			t.Errorf("%s was sent to %s, want %s", r.Template, got, want)
		}
	}
}
