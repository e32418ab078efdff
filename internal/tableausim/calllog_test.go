package tableausim_test

import (
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"vitrine/internal/tableausim"
)

func TestLogTellsEveryCall(t *testing.T) {
	t.Parallel()
	clk := newClock()
	c := start(t, tableausim.Config{Now: clk.now})
	alice := c.as(credentials("marketing", c.sim.UserID("marketing", "alice"), "name", "admin", "password", "admin"))
	alice.get("workbooks", "pageSize", "5")
	alice.get("workbooks/" + nobody)
	c.do(http.MethodGet, "nonsense", "")
	site := "/api/3.27/sites/" + alice.siteID
	want := []tableausim.Call{
		{Time: clk.t, Method: "POST", Template: "POST auth/signin (impersonate)", Path: "/api/3.27/auth/signin", Site: "marketing", User: "alice", Status: 200},
		{Time: clk.t, Method: "GET", Template: "GET sites/{site}/workbooks", Path: site + "/workbooks", Query: "pageSize=5", Site: "marketing", User: "alice", Status: 200},
		{Time: clk.t, Method: "GET", Template: "GET sites/{site}/workbooks/{id}", Path: site + "/workbooks/" + nobody, Site: "marketing", User: "alice", Status: 404, Code: "404006"},
		{Time: clk.t, Method: "GET", Template: "GET (unknown)", Path: "/api/3.27/nonsense", Status: 404, Code: "404003"},
	}
	if diff := cmp.Diff(want, c.sim.Log()); diff != "" {
		t.Error(diff)
	}
	if c.sim.Count("POST auth/signin (impersonate)") != 1 || c.sim.Count("POST auth/signin") != 0 {
		t.Errorf("counts %v", c.sim.Counts())
	}
	c.sim.ResetLog()
	if len(c.sim.Log()) != 0 || len(c.sim.Counts()) != 0 {
		t.Error("the log is not empty after a reset")
	}
}

func TestMaxInFlightCountsWhatRunsAtOnce(t *testing.T) {
	t.Parallel()
	entered, release := make(chan struct{}), make(chan struct{})
	c := start(t, tableausim.Config{PublicURL: func() string { // asked once by each list of workbooks
		entered <- struct{}{}
		<-release
		return ""
	}})
	alice := c.user("alice", "")
	var wg sync.WaitGroup
	for range 5 {
		wg.Go(func() { alice.get("workbooks") })
	}
	for range 5 {
		<-entered
	}
	if c.sim.InFlight() != 5 {
		t.Errorf("%d in flight, want 5", c.sim.InFlight())
	}
	close(release)
	wg.Wait()
	if c.sim.MaxInFlight() != 5 {
		t.Errorf("most at once %d, want 5", c.sim.MaxInFlight())
	}
}

func TestFaults(t *testing.T) {
	t.Parallel()
	serverInfo := func(r *http.Request) bool { return strings.HasSuffix(r.URL.Path, "/serverinfo") }
	tests := []struct {
		name   string
		fault  tableausim.Fault
		status int
		code   string
		header string // Retry-After
		body   string // how it begins
	}{
		{"slow", tableausim.Fault{Kind: tableausim.Slow, Delay: time.Millisecond}, 200, "", "", `{"serverInfo"`},
		{"session gone", tableausim.Fault{Kind: tableausim.Status401002}, 401, "401002", "", `{"error"`},
		{"too many", tableausim.Fault{Kind: tableausim.TooMany, RetryAfter: 1500 * time.Millisecond}, 429, "429000", "2", `{"error"`},
		{"too many, without a word when", tableausim.Fault{Kind: tableausim.TooMany}, 429, "429000", "", `{"error"`},
		{"server error", tableausim.Fault{Kind: tableausim.ServerError}, 500, "500000", "", `{"error"`},
		{"away", tableausim.Fault{Kind: tableausim.Away, RetryAfter: time.Second}, 503, "", "1", "<html>"},
		{"page", tableausim.Fault{Kind: tableausim.HTMLPage}, 200, "", "", "<!DOCTYPE html>"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			c := start(t, tableausim.Config{})
			tt.fault.Match, tt.fault.Times = serverInfo, 2
			c.sim.Fault(tt.fault)
			for range 2 {
				a := c.do(http.MethodGet, "serverinfo", "")
				if a.status != tt.status || a.code() != tt.code || a.header.Get("Retry-After") != tt.header || !strings.HasPrefix(a.body, tt.body) {
					t.Errorf("got %d %v %.100s", a.status, a.header, a.body)
				}
			}
			if a := c.do(http.MethodGet, "serverinfo", ""); a.text("serverInfo", "restApiVersion") != "3.27" {
				t.Errorf("the fault outlives its number of times: %d %s", a.status, a.body)
			}
			if n := c.sim.Count("GET serverinfo"); n != 3 {
				t.Errorf("%d calls counted, want 3", n)
			}
		})
	}
}

func TestFaultsThatBreakTheConnection(t *testing.T) {
	t.Parallel()
	for name, kind := range map[string]tableausim.FaultKind{"cut body": tableausim.CutBody, "drop": tableausim.Drop} {
		c := start(t, tableausim.Config{})
		remove := c.sim.Fault(tableausim.Fault{Kind: kind})
		err := read(t, c.base+"/serverinfo")
		if err == nil {
			t.Errorf("%s: the answer is whole", name)
		}
		remove()
		remove()
		if err := read(t, c.base+"/serverinfo"); err != nil {
			t.Errorf("%s: after its removal: %v", name, err)
		}
	}
}

// read fetches an address to the end of its body.
func read(t *testing.T, url string) error {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer func() { _ = res.Body.Close() }()
	_, err = io.Copy(io.Discard, res.Body)
	return err
}
