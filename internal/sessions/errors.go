package sessions

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"vitrine/internal/tableau"
)

// The reasons why a person has no session. Test for them with errors.Is.
var (
	// ErrClosed says that the broker has been closed.
	ErrClosed = errors.New("no more sessions are given: the server is stopping")
	// ErrSiteUnknown says that no such site is among the settings.
	ErrSiteUnknown = errors.New("the site is not served")
	// ErrUserUnknown says that Tableau has nobody of exactly this name on the site, or nobody who
	// could be signed in.
	ErrUserUnknown = errors.New("no user of the site")
	// ErrServerAdministrator says that this is somebody who can do everything on the server, and is
	// not impersonated.
	ErrServerAdministrator = errors.New("server administrators are not impersonated")
	// ErrSignIn says that the operator's credentials do not open sessions: only the operator can
	// help.
	ErrSignIn = errors.New("the credentials of the sign-in method do not work")
	// ErrBusy says that too many sign-ins are waiting, or that Tableau asks to wait.
	ErrBusy = errors.New("too many sign-ins")
	// ErrUnavailable says that Tableau cannot be reached, or answers what cannot be used.
	ErrUnavailable = errors.New("tableau cannot be asked for a session")
	// ErrEmbedForbidden says that a person gets no embed token: administrators get none.
	ErrEmbedForbidden = errors.New("no embed token for this person")
	// ErrEmbedUnsupported says that there is no app that signs embed tokens for a site.
	ErrEmbedUnsupported = errors.New("no embed tokens for this site")
	// ErrTimeout says that the sign-in took too long.
	ErrTimeout = errors.New("the sign-in took too long")
)

// codes are the public codes of the sentinels.
var codes = map[error]string{
	ErrClosed: "TABLEAU_UNAVAILABLE", ErrSiteUnknown: "SITE_UNKNOWN", ErrUserUnknown: "TABLEAU_USER_UNKNOWN",
	ErrServerAdministrator: "TABLEAU_USER_UNKNOWN", ErrSignIn: "TABLEAU_SIGN_IN_FAILED", ErrBusy: "TABLEAU_RATE_LIMITED",
	ErrEmbedForbidden: "EMBED_FORBIDDEN", ErrEmbedUnsupported: "TABLEAU_UNSUPPORTED",
	ErrUnavailable: "TABLEAU_UNAVAILABLE", ErrTimeout: "TABLEAU_TIMEOUT",
}

// Error is why there is no session. Error() is for the log, Public() for the person who asked.
type Error struct {
	is     error // one of the sentinels
	public string
	wait   time.Duration
	err    error // what it came from; may be nil
}

// Error gives the whole chain, for the log. It never holds a secret.
func (e *Error) Error() string {
	if e.err == nil {
		return e.is.Error()
	}
	return e.is.Error() + ": " + e.err.Error()
}

// Is compares with the sentinels of this package.
func (e *Error) Is(target error) bool { return target == e.is }

// Unwrap gives what it came from.
func (e *Error) Unwrap() error { return e.err }

// Code is the public code: SITE_UNKNOWN, TABLEAU_USER_UNKNOWN, TABLEAU_SIGN_IN_FAILED,
// TABLEAU_RATE_LIMITED, TABLEAU_TIMEOUT or TABLEAU_UNAVAILABLE.
func (e *Error) Code() string { return codes[e.is] }

// Public says what happened and what to do, without anything that Tableau said.
func (e *Error) Public() string { return e.public }

// RetryAfter is how long to wait before asking again; zero where that is not known.
func (e *Error) RetryAfter() time.Duration { return e.wait }

func errClosed() *Error {
	return &Error{is: ErrClosed, public: "The server is stopping. Ask again in a moment."}
}

func errSite(contentURL string) *Error {
	return &Error{
		is: ErrSiteUnknown, public: fmt.Sprintf("No site with the content URL %q is served here. The field sites lists those that are.", contentURL),
		err: fmt.Errorf("content URL %q", contentURL),
	}
}

// errUser refuses one person; why is for the log.
func errUser(name, contentURL, why string) *Error {
	return &Error{
		is: ErrUserUnknown,
		public: fmt.Sprintf("Tableau has no licensed user of exactly the name %q on the site %q. "+
			"Ask a site administrator to add exactly this name.", name, contentURL),
		err: fmt.Errorf("user %q on site %q: %s", name, contentURL, why),
	}
}

// errInvalidName refuses a person who is not looked up; why is for the person and for the log.
func errInvalidName(name, contentURL, why string) *Error {
	if len(name) > maxShownName {
		name = strings.ToValidUTF8(name[:maxShownName], "") + "…"
	}
	return &Error{
		is:     ErrUserUnknown,
		public: fmt.Sprintf("The user name %q cannot be looked up in Tableau: %s. Ask your administrator for another one.", name, why),
		err:    fmt.Errorf("user %q on site %q was not looked up: %s", name, contentURL, why),
	}
}

// maxShownName bounds what is repeated of a name that is not looked up, in bytes.
const maxShownName = 100

func errAdministrator(name, contentURL, role string) *Error {
	return &Error{
		is:     ErrServerAdministrator,
		public: "Administrators of the Tableau server are not served here. Sign in with an account of another site role.",
		err: fmt.Errorf("user %q on site %q has site role %q; dangerouslyImpersonateServerAdministrators would allow it",
			name, contentURL, role),
	}
}

// errCredential reports a failure that only the operator can fix.
func errCredential(label, contentURL string, wait time.Duration, err error) *Error {
	return &Error{
		is: ErrSignIn, wait: wait, err: fmt.Errorf("%s on site %q: %w", label, contentURL, err),
		public: "This server's own sign-in to Tableau does not work. Ask your administrator to check the server log.",
	}
}

func errQueue(contentURL string, limit time.Duration) *Error {
	return &Error{
		is: ErrBusy, wait: time.Second, public: "Too many people are being signed in to Tableau. Ask again in a moment.",
		err: fmt.Errorf("site %q: no free place within %s", contentURL, limit),
	}
}

// errTurn says that all personal access tokens stayed in use.
func errTurn(contentURL string, tokens int) *Error {
	return &Error{
		is: ErrBusy, wait: time.Second, public: "More people use Tableau at the same time than this server can sign in. Ask again in a moment.",
		err: fmt.Errorf("site %q: all %d personal access tokens that impersonate stayed in use", contentURL, tokens),
	}
}

func errPaused(contentURL string, wait time.Duration) *Error {
	return &Error{
		is: ErrBusy, wait: wait, public: "Tableau asks to wait. Ask again later.",
		err: fmt.Errorf("site %q: tableau asked for a pause, of which %s are left", contentURL, wait),
	}
}

// endedWait is when a client may ask again after Tableau ended each session of a sign-in.
const endedWait = 5 * time.Second

// trouble sorts what went wrong on the way to Tableau by what the person can do.
func trouble(label, contentURL string, err error) *Error {
	var known *Error
	if errors.As(err, &known) {
		return known
	}
	err = fmt.Errorf("%s on site %q: %w", label, contentURL, err)
	var t *tableau.Error
	switch {
	case errors.As(err, &t) && t.Kind == tableau.RateLimited:
		return &Error{is: ErrBusy, wait: t.RetryAfter, err: err, public: "Tableau asks to wait. Ask again later."}
	case errors.Is(err, context.DeadlineExceeded), t != nil && t.Kind == tableau.Timeout:
		return &Error{is: ErrTimeout, err: err, public: "Tableau took too long to sign you in. Ask again in a moment."}
	case t != nil && t.Kind == tableau.SignedOut:
		return &Error{
			is: ErrUnavailable, wait: endedWait, err: err,
			public: "Tableau ended its sessions while you were being signed in. Ask again in a moment.",
		}
	case t != nil && (t.Kind == tableau.Refused || t.Kind == tableau.BadRequest || t.Kind == tableau.Missing || t.Kind == tableau.LoginRefused):
		return errCredential(label, contentURL, 0, t)
	default:
		return &Error{is: ErrUnavailable, err: err, public: "Tableau cannot be reached. Ask again in a moment."}
	}
}
