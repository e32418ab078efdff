package sessions

import (
	"fmt"
	"slices"
	"testing"

	"vitrine/internal/tableau"
	"vitrine/internal/tableausim"
)

// A Probe tries the steps of a sign-in in order, each of the credentials that impersonate, and
// signs everything out.
func TestProbeTriesEachStepOfASignIn(t *testing.T) {
	t.Parallel()
	good := func(n int) tableau.Credentials {
		name := fmt.Sprintf("vitrine-%d", n)
		return tableau.Credentials{TokenName: name, TokenSecret: tableau.NewSecret("secret of " + name)}
	}
	bad := tableau.Credentials{TokenName: "vitrine-1", TokenSecret: tableau.NewSecret("wrong")}
	admin := tableau.Credentials{Name: "admin", Password: tableau.NewSecret("admin")}
	for name, c := range map[string]struct {
		world       tableausim.Config
		credentials []tableau.Credentials
		user        string
		want        []string // step, credential, failed, side by side
	}{
		"a password":            {tableausim.Config{}, []tableau.Credentials{admin}, "alice", []string{"0 0 false false", "2 0 false false", "4 0 false true"}},
		"its owner":             {tableausim.Config{}, []tableau.Credentials{admin}, "", []string{"0 0 false false", "2 0 false false", "4 0 false true"}},
		"nobody":                {tableausim.Config{}, []tableau.Credentials{admin}, "dave", []string{"0 0 false false", "1 0 true false"}},
		"a bad one":             {tableausim.Config{}, []tableau.Credentials{bad, good(2)}, "alice", []string{"0 0 true false"}},
		"three tokens":          {tableausim.Config{}, []tableau.Credentials{good(1), good(2), good(3)}, "alice", []string{"0 0 false false", "2 1 false false", "2 2 false false", "4 1 false true"}},
		"the second is bad":     {tableausim.Config{}, []tableau.Credentials{good(3), bad, good(2)}, "alice", []string{"0 0 false false", "2 1 true false", "2 2 false false"}},
		"tokens that displace":  {tableausim.Config{PATDisplacesImpersonated: true}, []tableau.Credentials{good(1), good(2)}, "alice", []string{"0 0 false false", "2 1 false false", "4 1 false false"}},
		"the last one does not": {tableausim.Config{}, []tableau.Credentials{good(1), good(2), bad}, "alice", []string{"0 0 false false", "2 1 false false", "2 2 true false", "4 1 false true"}},
	} {
		b := start(t, c.world, nil)
		var got []string
		p := &Probe{Client: b.client, Credentials: c.credentials, User: c.user, ServerAdministrators: true, Report: func(r ProbeResult) {
			if r.Step == ProbeSignOut && c.world.PATDisplacesImpersonated {
				return // of a session that was displaced
			}
			got = append(got, fmt.Sprintf("%d %d %t %t", r.Step, r.Credential, r.Err != nil, r.SideBySide))
			if _, isToken := c.credentials[r.Credential], c.credentials[r.Credential].TokenName != ""; r.Err == nil && r.Step <= ProbeImpersonation && r.TokenEnds != isToken {
				t.Errorf("%s: step %d: the token's end is known: %t", name, r.Step, r.TokenEnds)
			}
		}}
		p.Run(t.Context())
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
		if left := b.sim.Sessions(); len(left) > 0 {
			t.Errorf("%s: still signed in: %v", name, left)
		}
	}
}
