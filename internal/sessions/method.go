package sessions

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"vitrine/auth"
	"vitrine/internal/tableau"
)

// Method is how sessions are obtained on a site. The methods are those of this package: [Password]
// and [PAT], which impersonate; [ConnectedApp], [ExternalIssuer] and [UnifiedAccessToken], which
// sign a JWT for each person.
type Method interface {
	// String says which method and credentials these are, never what is secret in them.
	String() string
	// fingerprint is all of it that makes sessions different, as a text without secrets.
	fingerprint() string
	// check says what is wrong with the method as it was set.
	check() error
	// forSite makes the method ready for one site; it sends nothing.
	forSite(signerDeps) signer
}

// signer signs people in on one site.
type signer interface {
	// signIn opens a session of the user with the person's name, and with what else the identity
	// brings along. It is called by several at once.
	signIn(ctx context.Context, who person, extra attributes) (opened, error)
	// attributes is what an identity brings into its sessions beside the name; empty where the
	// method knows nothing of the kind.
	attributes(id *auth.Identity) attributes
	// perReplica says that each replica is to have a session of its own; died that one that this
	// replica knew of has just ended.
	perReplica(died bool) bool
	// writeBack shares what is known of a person again, which the shared store may have lost.
	writeBack(ctx context.Context, who person)
	// close gives away what the signer keeps for itself.
	close()
}

// opened is a session that a signer has opened.
type opened struct {
	grant        *tableau.Grant
	tokenSession *tokenSession // set where sessions may end one another; the owner of the session binds it
	life         time.Duration // after which it is to be renewed; zero for no limit but Tableau's
}

// signerDeps is what a signer works with, on one site.
type signerDeps struct {
	client     *tableau.Client
	contentURL string
	stateOf    func(label string, token bool) *credentialState // what all sites know of a credential
	queueHead  func([]*credential) chan struct{}               // the queue of all sites with the same tokens
	discard    func(*tableau.Grant)                            // signs out, some time later
	shared     sharedStore                                     // what other replicas know
	signOuts   *signOutQueue
	base       context.Context // ends with the broker
	carry      func(from, to context.Context) context.Context
	timeout    time.Duration // of work that several wait for
	renewAfter time.Duration // how long a session may be unused
	admins     bool          // server administrators are impersonated too
	luids      int           // how many LUIDs are kept
	luidLife   time.Duration // and how long
	now        func() time.Time
	log        *slog.Logger
}

func (p signerDeps) credential(take func() tableau.Credentials, token bool) *credential {
	label := take().String()
	return &credential{
		take: take, site: p.contentURL, thisSite: health{tolerance: 1}, allSites: p.stateOf(label, token), now: p.now, log: p.log, label: label,
		advice: adminAdvice,
	}
}

// app is a connected app as a credential: what it signs with is not asked for, each sign-in makes a
// JWT of its own.
func (p signerDeps) app(label string) *credential {
	c := p.credential(func() tableau.Credentials { return tableau.Credentials{} }, false)
	c.label, c.allSites, c.advice = label, p.stateOf(label, false), appAdvice
	return c
}

// What the operator is to look at when a credential is refused.
const (
	adminAdvice = "check that they are valid, that their owner is a server administrator and that the site exists"
	appAdvice   = "check that the app is enabled for the site, that its ids, secret and key are those of Tableau, that the clocks agree " +
		"and that the site exists"
)

// Password signs in with a server administrator's name and password, and impersonates. Any number
// of sessions may live side by side. Tableau Server only.
type Password struct {
	Name     string // of the administrator, perhaps DOMAIN\name
	Password tableau.Secret
	Reread   Reread // nil where the password never changes while the program runs
}

// String names the administrator.
func (m Password) String() string { return fmt.Sprintf("password of user %q", m.Name) }

func (m Password) fingerprint() string { return m.String() }

func (m Password) check() error {
	if m.Name == "" || m.Password.IsZero() {
		return errors.New("the method password needs the administrator's name and password")
	}
	return nil
}

func (m Password) forSite(p signerDeps) signer {
	password := p.secret(m.Password, m.Reread, m.String())
	c := p.credential(func() tableau.Credentials {
		return tableau.Credentials{Name: m.Name, Password: password.current()}
	}, false)
	c.secret = password
	return newImpersonator(p, c, c)
}

// PAT signs in with personal access tokens of server administrators, and impersonates. The first
// token finds users and the others impersonate. With one it does both, and a look-up signs in again
// after an impersonation has ended its session. Whether the sessions of one token live side by side
// is found out; where they do not, each impersonating token carries one person at a time. Tableau
// Server only, from 2021.1.
type PAT struct {
	Tokens []Token // one at least
}

// Token is one personal access token.
type Token struct {
	Name   string
	Secret tableau.Secret
	Reread Reread // nil where the secret never changes while the program runs
}

// String names the tokens.
func (m PAT) String() string {
	s := "personal access token"
	for _, t := range m.Tokens {
		s += fmt.Sprintf(" %q", t.Name)
	}
	return s
}

// fingerprint leaves the tokens' names out: each replica has tokens of its own, and a session is
// the same whichever opened it.
func (m PAT) fingerprint() string { return "personal access token" }

func (m PAT) check() error {
	if len(m.Tokens) == 0 {
		return errors.New("the method personalAccessToken needs one token at least")
	}
	seen := map[string]bool{}
	for i, t := range m.Tokens {
		if t.Name != "" && seen[t.Name] {
			return fmt.Errorf("two of the personal access tokens are the same, %q: name each once", t.Name)
		}
		seen[t.Name] = true
		if t.Name == "" || t.Secret.IsZero() {
			return fmt.Errorf("token %d of the method personalAccessToken needs a name and a secret", i+1)
		}
	}
	return nil
}

func (m PAT) forSite(p signerDeps) signer {
	all := make([]*credential, len(m.Tokens))
	for i, t := range m.Tokens {
		secret := p.secret(t.Secret, t.Reread, tableau.Credentials{TokenName: t.Name}.String())
		all[i] = p.credential(func() tableau.Credentials {
			return tableau.Credentials{TokenName: t.Name, TokenSecret: secret.current()}
		}, true)
		all[i].secret = secret
	}
	return newImpersonator(p, all[0], all[min(1, len(all)-1):]...)
}
