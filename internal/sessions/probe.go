package sessions

import (
	"context"
	"time"

	"vitrine/internal/tableau"
)

// Probe tries the sign-ins of one site as a broker does them, one after the other, and caches
// nothing: a service sign-in, the look-up of a user, an impersonation with each of the credentials,
// and whether two impersonated sessions live side by side. Every session is signed out at the end.
type Probe struct {
	Client     *tableau.Client
	ContentURL string
	// Credentials are those of the sign-in method. The first looks users up and the others
	// impersonate; a single one does both.
	Credentials []tableau.Credentials
	User        string // to look up and impersonate; empty for the owner of the first credentials
	// ServerAdministrators allows users who can do everything on the server.
	ServerAdministrators bool
	// Report receives each result in order.
	Report func(ProbeResult)
}

// ProbeStep is what a Probe tried.
type ProbeStep int

// The steps of a Probe, in order.
const (
	ProbeSignIn              ProbeStep = iota // as the owner of the first credentials
	ProbeLookUp                               // reported only if it failed
	ProbeImpersonation                        // with one of the credentials
	ProbeSecondImpersonation                  // reported only if it failed
	ProbeSideBySide                           // whether the first impersonated session survived the second
	ProbeSignOut                              // reported only if it failed
)

// ProbeResult is the result of one step.
type ProbeResult struct {
	Step       ProbeStep
	Credential int           // index of the credentials
	TokenEnds  bool          // Tableau reported when the personal access token ends
	TokenLeft  time.Duration // until then
	SideBySide bool          // of ProbeSideBySide: both sessions are alive
	Err        error
}

// Impersonating returns the index of the first credentials that impersonate.
func (p *Probe) Impersonating() int { return min(1, len(p.Credentials)-1) }

// Run tries everything. A step that fails ends the steps that need it.
func (p *Probe) Run(ctx context.Context) {
	service, err := p.signIn(ctx, ProbeSignIn, 0, "")
	if err != nil {
		return
	}
	defer p.signOut(ctx, service)
	target := service.UserLUID
	if p.User != "" {
		if target, err = Find(ctx, p.Client, service, p.User, p.ServerAdministrators); err != nil {
			p.Report(ProbeResult{Step: ProbeLookUp, Err: err})
			return
		}
	}
	first := p.Impersonating()
	var opened *tableau.Grant // with the first of the credentials that impersonate
	for i := first; i < len(p.Credentials); i++ {
		g, err := p.signIn(ctx, ProbeImpersonation, i, target)
		if err != nil {
			continue
		}
		defer p.signOut(ctx, g)
		if i == first {
			opened = g
		}
	}
	if opened != nil {
		p.sideBySide(ctx, first, opened)
	}
}

// signIn signs in and reports that.
func (p *Probe) signIn(ctx context.Context, step ProbeStep, i int, as tableau.LUID) (*tableau.Grant, error) {
	g, err := p.Client.SignIn(ctx, p.Credentials[i], p.ContentURL, as)
	result := ProbeResult{Step: step, Credential: i, Err: err}
	if err == nil {
		result.TokenLeft, result.TokenEnds = g.TokenLeft()
	}
	p.Report(result)
	return g, err
}

// sideBySide impersonates the same user again, and asks Tableau whether the first session is still
// alive.
func (p *Probe) sideBySide(ctx context.Context, i int, first *tableau.Grant) {
	second, err := p.Client.SignIn(ctx, p.Credentials[i], p.ContentURL, first.UserLUID)
	if err != nil {
		p.Report(ProbeResult{Step: ProbeSecondImpersonation, Credential: i, Err: err})
		return
	}
	defer p.signOut(ctx, second)
	_, err = p.Client.Session(ctx, singleSession{&session{owner: owner{site: p.ContentURL}, grant: *first}}).Current(ctx)
	result := ProbeResult{Step: ProbeSideBySide, Credential: i, SideBySide: err == nil}
	if !tableau.IsKind(err, tableau.SignedOut) {
		result.Err = err
	}
	p.Report(result)
}

func (p *Probe) signOut(ctx context.Context, g *tableau.Grant) {
	if err := p.Client.SignOut(ctx, g); err != nil {
		p.Report(ProbeResult{Step: ProbeSignOut, Err: err})
	}
}
