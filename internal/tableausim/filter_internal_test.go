package tableausim

import (
	"strings"
	"testing"
)

func TestLike(t *testing.T) {
	t.Parallel()
	tests := []struct {
		text, pattern string
		want          bool
	}{
		{"superstore", "super*", true},
		{"superstore", "*store", true},
		{"superstore", "*erst*", true},
		{"superstore", "s*r*e", true},
		{"superstore", "superstore", true},
		{"superstore", "super", false},
		{"superstore", "Super*", false},
		{"superstore", "*x*", false},
		{"aba", "ab*ba", false}, // the ends must not overlap
		{"", "*", true},
		{"abc", "**", true},
	}
	for _, tt := range tests {
		if got := like(tt.text, tt.pattern); got != tt.want {
			t.Errorf("like(%q, %q) = %t", tt.text, tt.pattern, got)
		}
	}
}

// FuzzSplitFilter holds that no filter makes the splitter fail, and that what it cuts is whole.
func FuzzSplitFilter(f *testing.F) {
	for _, s := range []string{"", "name:eq:x", "name:in:[a,b],size:gt:3", "a:b:c&d:e:f", "name:in:[", "name:in:[a]b,c:d:e", ",", ":::"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		out, err := splitFilter(s)
		if err != nil {
			return
		}
		n := max(0, len(out)-1)
		for _, x := range out {
			n += len(x.field) + len(x.op) + len(x.value) + 2
			if strings.ContainsAny(x.field+x.op, ",&") {
				t.Errorf("%q holds a separator in %+v", s, x)
			}
		}
		if n != len(s) {
			t.Errorf("%q became %+v", s, out)
		}
	})
}

func TestVersionsCompareAsNumbers(t *testing.T) {
	t.Parallel()
	if !ver(3, 9).less(ver(3, 10)) || ver(3, 10).less(ver(3, 9)) || !ver(2, 99).less(ver(3, 0)) || ver(3, 9).less(ver(3, 9)) {
		t.Error("versions sort wrongly")
	}
	for s, ok := range map[string]bool{"3.27": true, "2.4": true, "2.3": false, "3": false, "": false, "3.x": false, "-3.1": false, "3.27.1": false} {
		if (CheckAPIVersion(s) == nil) != ok {
			t.Errorf("CheckAPIVersion(%q) = %v", s, CheckAPIVersion(s))
		}
	}
}

func TestLogForgetsTheOldestAndKeepsCounting(t *testing.T) {
	t.Parallel()
	s := New(Config{})
	for i := range logged + 5 {
		s.log.add(Call{Template: "x", Status: i})
	}
	calls := s.Log()
	if len(calls) != logged || calls[0].Status != 5 || calls[logged-1].Status != logged+4 || s.Count("x") != logged+5 {
		t.Errorf("%d calls from %d to %d, count %d", len(calls), calls[0].Status, calls[len(calls)-1].Status, s.Count("x"))
	}
}

func TestExpiredSessionsAreSwept(t *testing.T) {
	t.Parallel()
	s := New(Config{IdleLimit: -1}) // every session has expired at once
	st := s.world.sites[0]
	for range 10 * minSweep {
		s.sessions.open(&session{site: st, user: st.users[0]}, nil)
	}
	if n := len(s.sessions.byToken); n > minSweep+1 {
		t.Errorf("%d sessions are held", n)
	}
}
