package rest

import "testing"

func TestErrorsThatPass(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		err  Error
		want bool
	}{
		"no connection":        {Error{Kind: Unavailable}, true},
		"broken off":           {Error{Kind: Malformed, Err: errBroken}, true},
		"429":                  {Error{Kind: RateLimited, Status: 429}, true},
		"502":                  {Error{Kind: Unavailable, Status: 502}, true},
		"503":                  {Error{Kind: Unavailable, Status: 503}, true},
		"504":                  {Error{Kind: Timeout, Status: 504}, true},
		"500":                  {Error{Kind: Unavailable, Status: 500}, false},
		"408":                  {Error{Kind: Timeout, Status: 408}, false},
		"our own time is over": {Error{Kind: Timeout}, false},
		"a web page":           {Error{Kind: Malformed, Status: 200, Err: errHTML}, false},
		"429 in an answer 200": {Error{Kind: RateLimited, Status: 200, Code: "429000"}, false},
		"refused":              {Error{Kind: Refused, Status: 403}, false},
		"signed out":           {Error{Kind: SignedOut, Status: 401}, false},
	} {
		if got := c.err.Passes(); got != c.want {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
}
