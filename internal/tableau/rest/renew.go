package rest

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"time"
)

const (
	// maxRenewals is how often one read has its session renewed.
	maxRenewals = 3
	// refusalsToDeny is how often in a row a method must answer 401002 to a session that is alive
	// before it counts as refused.
	refusalsToDeny = 5
	// maxProbes is how many methods are asked whether a session is alive: one of them may be
	// refused too.
	maxProbes = 2
	// endedRetryAfter is when a client may ask again after Tableau ended every session that a read
	// was given.
	endedRetryAfter = 5 * time.Second
)

// Refusal is what is known of a method that answers 401002 to an owner.
type Refusal uint8

// The states of a method.
const (
	NotRefused Refusal = iota
	// SuspectedRefusal is the state of a method that was refused some time ago: it is tried again,
	// and its 401002 is not taken for the end of a session.
	SuspectedRefusal
	// KnownRefusal is the state of a method that is not sent for now.
	KnownRefusal
)

// RefusalMemory is implemented by a [Source] that remembers which methods answer 401002 to its
// owner although the owner's session is alive: a connected app without the scope, or a proxy with
// rules of its own. Without it each read finds that out again.
type RefusalMemory interface {
	// Refusal returns the state of a method with the values of its path.
	Refusal(method string, values []string) Refusal
	// Refuse notes that Tableau refused a method with these values.
	Refuse(method string, values []string)
	// Answered notes that Tableau answered a method with these values.
	Answered(method string, values []string)
}

var (
	errEnds    = errors.New("each session of the read was ended by Tableau")
	errRefuses = errors.New("the session is alive, but this method answers 401002: no scope covers it, or a proxy refuses it")
)

// renewing sends a read with a live session. Tableau answers 401002 for a session that has ended,
// and also for a method that the session may not use. The first 401002 of a read is taken for the
// end of the session: it is renewed, or the session that another read has just renewed is used.
// From the second one on Tableau is asked whether the session is alive. If it is, the read is sent
// again with it, and finally counts as refused; if not, the session is renewed, up to maxRenewals
// times.
//
// The error is of the kind SignedOut, with RetryAfter, when the last session has ended too, and
// Refused when the method is refused. once sends a request of the read one time.
//
// The source signs in: an Acquire that names the grant as dead has it replaced.
func (s *Reader) renewing(ctx context.Context, r SiteRead, once func(context.Context, *request) error) error {
	if err := s.client.Offers(ctx, r); err != nil {
		return err
	}
	version, err := s.client.Version(ctx)
	if err != nil {
		return err
	}
	memory, _ := s.source.(RefusalMemory)
	state := NotRefused
	if memory != nil {
		if state = memory.Refusal(r.name(), r.Values); state == KnownRefusal {
			return refusedCall(r)
		}
	}
	g, err := s.source.Acquire(ctx, nil)
	for renewals, refusals := 0, 0; err == nil; {
		err = s.send(ctx, version, g, r, once)
		if !ended(err) {
			if err == nil && memory != nil {
				memory.Answered(r.name(), r.Values)
			}
			return err
		}
		if (renewals > 0 || state == SuspectedRefusal) && s.alive(ctx, version, g, r) {
			if refusals++; refusals == refusalsToDeny {
				if memory != nil {
					memory.Refuse(r.name(), r.Values)
				}
				return refusedCall(r)
			}
			g, err = s.source.Acquire(ctx, nil)
			continue
		}
		if renewals == maxRenewals {
			return endedError(err)
		}
		renewals, refusals = renewals+1, 0
		g, err = s.source.Acquire(ctx, g)
	}
	return err
}

// alive asks Tableau whether a session is alive, with a method other than the one that was refused.
// A session of a JWT may read its own user where sessions/current is closed to it. Without an
// answer the session counts as ended. GET sessions/current; GET sites/{site}/users/{id}; GET
// sites/{site}/workbooks.
func (s *Reader) alive(ctx context.Context, version string, g *Grant, r SiteRead) bool {
	asked := 0
	for _, probe := range []SiteRead{
		{Template: "/sessions/current"},
		{Template: "users/{id}", Values: []string{string(g.UserLUID)}},
		{Template: "workbooks", Query: url.Values{"pageSize": {"1"}}},
	} {
		m := byName[probe.name()]
		if probe.Template == r.Template || m.supported(version, "", false) != nil || m.open(g, version) != nil {
			continue
		}
		if asked++; asked > maxProbes {
			return false
		}
		err := s.sendWith(ctx, version, g, probe, func(ctx context.Context, req *request) error {
			return s.client.exchange(ctx, req, &Envelope{})
		})
		if err == nil || IsKind(err, Refused) || IsKind(err, Missing) { // who is refused or finds nothing is known
			return true
		}
		if ctx.Err() != nil {
			return false
		}
	}
	return false
}

// refusedCall is the error of a method that answers 401002 to a session that is alive.
func refusedCall(r SiteRead) error {
	return &Error{Kind: Refused, Call: r.name(), Status: http.StatusUnauthorized, Code: sessionEnded, Err: errRefuses}
}

// sessionEnded is Tableau's code for a session that has ended, and for a method that a session may
// not use.
const sessionEnded = "401002"

// ended reports whether a read failed because of its session. A read has no credentials that could
// be refused: 401001 is about the session too.
func ended(err error) bool { return IsKind(err, SignedOut) || IsKind(err, LoginRefused) }

// endedError is the error of a read whose last session has ended too: nothing is wrong with the
// credentials, and a client may ask again.
func endedError(err error) error {
	var answer *Error
	if !errors.As(err, &answer) {
		return err
	}
	e := *answer
	e.RetryAfter, e.Err = max(e.RetryAfter, endedRetryAfter), errEnds
	return &e
}
