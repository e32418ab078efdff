package program

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"strings"
	"sync"
	"testing"
	"time"

	"vitrine/internal/config"
	"vitrine/internal/server"
	"vitrine/internal/tableausim"
	"vitrine/test/harness"
)

// floodMemory is the most that a flood may take, above what is in use before.
const floodMemory = 400 << 20

// Twenty documents that ask for as much of the schema as is answered, eight for as large answers as
// there are, with clients that take them slowly, and four hundred sets of roles, all at once: the
// memory stays within bounds, and somebody who asks for little is answered.
func TestFloodsTakeLittleMemory(t *testing.T) {
	if testing.Short() {
		t.Skip("it takes ten seconds")
	}
	roles := denyingRoles()
	p := start(t, tableausim.Config{Workbooks: 2000}, func(c *config.Config) { c.Roles = append(c.Roles, roles...) })
	handler, err := p.App.Routes()
	if err != nil {
		t.Fatal(err)
	}
	token := p.Token(t, "carol")
	p.Post(t, token, harness.WorkbookNames)
	var requests []*http.Request
	for i := range 20 {
		requests = append(requests, asking(fmt.Sprintf("{__schema{types{name %s}}}", numbered(5, fmt.Sprintf("a%%d%d:fields{name args{name type{name}}}", i))))(token))
	}
	for range 8 {
		requests = append(requests, asking(`{site(contentUrl:""){workbooks(first:2000){nodes{`+numbered(60, "a%d:webUrl ")+`}}}}`)(token))
	}
	policy, err := server.NewPolicy(p.App.Settings)
	if err != nil {
		t.Fatal(err)
	}
	var mu sync.Mutex
	answered, sent := map[int]int{}, 0
	views := 0
	used := peakMemory(t, func() {
		var wg sync.WaitGroup
		for _, r := range requests {
			wg.Go(func() {
				w := &slowWriter{header: http.Header{}}
				handler.ServeHTTP(w, r)
				mu.Lock()
				defer mu.Unlock()
				answered[w.status]++
				sent += w.sent
			})
		}
		wg.Go(func() {
			for set := range 400 {
				if _, err := policy.View(roleSet(p.App.Settings.Roles[0].Name, roles, set)); err != nil {
					t.Error(err)
					return
				}
				views++
			}
		})
		wg.Wait()
	})
	if answered[http.StatusOK]+answered[http.StatusServiceUnavailable] != len(requests) || answered[http.StatusOK] < 20 || sent < 40<<20 {
		t.Errorf("answered %v, %d MB", answered, sent>>20)
	}
	if views != 400 {
		t.Errorf("%d sets of roles have a schema", views)
	}
	if got := strike(handler, asking("{viewer{username}}")(token)); got.Code != http.StatusOK || !strings.Contains(got.Body.String(), `"carol"`) {
		t.Errorf("afterwards: %d %.300s", got.Code, got.Body)
	}
	t.Logf("the flood took %d MB at most; answered %v, %d MB", used>>20, answered, sent>>20)
	if used > floodMemory {
		t.Errorf("%d MB were taken, %d MB are agreed", used>>20, floodMemory>>20)
	}
}

// Fifty thousand errors of one answer take no more memory than what was asked for would,
// and are answered as one for each field of the document.
func TestErrorsOfOneAnswerTakeLittleMemory(t *testing.T) {
	if testing.Short() {
		t.Skip("it takes seconds")
	}
	p := start(t, tableausim.Config{Workbooks: 500}, nil)
	handler, err := p.App.Routes()
	if err != nil {
		t.Fatal(err)
	}
	token := p.Token(t, "carol")
	p.Post(t, token, harness.WorkbookNames)
	var got *httptest.ResponseRecorder
	used := peakMemory(t, func() {
		got = strike(handler, asking(`{site(contentUrl:""){workbooks(first:500){nodes{`+numbered(99, "a%d:usage{__typename} ")+`}}}}`)(token))
	})
	t.Logf("it took %d MB at most", used>>20)
	if n := strings.Count(got.Body.String(), `"requestId"`); got.Code != http.StatusOK || n != 99 {
		t.Errorf("%d with %d errors: %.300s", got.Code, n, got.Body)
	}
	if used > 100<<20 {
		t.Errorf("%d MB were taken", used>>20)
	}
}

// denyingRoles are roles that each deny another field, to tokens with another scope.
func denyingRoles() []config.Role {
	roles := make([]config.Role, 0, 10)
	for i, denied := range []string{
		"Workbook.tags", "Workbook.sizeMegabytes", "View.usage", "Workbook.webUrl", "View.webUrl", "Project.description", "Workbook.description", "DataSource.description", "View.createdAt",
	} {
		roles = append(roles, config.Role{Name: fmt.Sprint("r", i), When: config.When{Scope: fmt.Sprint("s", i)}, Deny: []string{denied}})
	}
	return roles
}

// roleSet returns the names of one of the 2^n sets of roles, with another role.
func roleSet(other string, roles []config.Role, set int) []string {
	names := []string{other}
	for i := range roles {
		if set&(1<<i) != 0 {
			names = append(names, roles[i].Name)
		}
	}
	return names
}

// slowWriter is a client that waits before it takes each piece.
type slowWriter struct {
	header       http.Header
	status, sent int
}

func (w *slowWriter) Header() http.Header { return w.header }
func (w *slowWriter) WriteHeader(s int)   { w.status = s }
func (w *slowWriter) Write(p []byte) (int, error) {
	runtime.Gosched()
	w.sent += len(p)
	return len(p), nil
}

// peakMemory is how much memory work takes at most, above what is in use before.
func peakMemory(t *testing.T, work func()) uint64 {
	t.Helper()
	debug.FreeOSMemory()
	inUse := func() uint64 {
		s := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
		metrics.Read(s)
		return s[0].Value.Uint64()
	}
	before, peak := inUse(), uint64(0)
	done := make(chan struct{})
	go func() { defer close(done); work() }()
	for tick := time.NewTicker(5 * time.Millisecond); ; { // real time: fewer looks see less memory, never more
		select {
		case <-done:
			tick.Stop()
			return peak - min(peak, before)
		case <-tick.C:
			peak = max(peak, inUse())
		}
	}
}
