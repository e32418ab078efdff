// Package sessions keeps people signed in to Tableau. There is one session per person and site: it
// is opened when it is first needed, shared by all of the person's requests, renewed before or
// after Tableau ends it, and signed out when nobody needs it any more.
//
// Read broker.go first, then source.go, signin.go and session.go. A [Broker] returns a
// tableau.Session for an identity and a site; that costs nothing until something is read. The first
// read takes the session of its owner from the cache, or waits for the one sign-in that is under
// way for that owner. The owner is the only key: it consists of everything that shapes a session,
// it is stored with the session, and it is compared at each look-up.
//
//	resolver    tableau.Session   source (Acquire)   Broker          sharedStore       signer        Tableau
//	   |--read------->|                 |               |                 |               |             |
//	   |              |--Acquire------->|--take-------->| cache           |               |             |
//	   |              |                 |<--session-----| hit             |               |             |
//	   |              |                 |--join-------->| miss: one signInCall per owner  |             |
//	   |              |                 |               |--obtain-------->| stored entry? |             |
//	   |              |                 |               |                 | lock, once    |             |
//	   |              |                 |               |<--opener.open---| for all       |             |
//	   |              |                 |               |--signIn-------------------------->|--sign-in-->|
//	   |              |                 |               |                 |<--session-----|<--token-----|
//	   |              |                 |               |                 | publish       |             |
//	   |              |<--grant---------|<--session-----|                 |               |             |
//	   |              |--GET with the token--------------------------------------------------------->|
//	   |              |<--401002: the session has ended------------------------------------------------|
//	   |              |--Acquire(dead)->|--markDead, join as above; replaces() asks once whether the next one is alive
//	   |              |--Release------->|--release----->| the last user of a retired session: signOutQueue --sign-out-->|
//
// How a session is opened is a [Method]. [Password] and [PAT] are credentials of a server
// administrator: a service session, used for nothing else, finds the LUID of a user name, and a
// sign-in with that LUID opens the person's own session. [ConnectedApp], [ExternalIssuer] and
// [UnifiedAccessToken] sign a JWT for each person: no administrator, no look-up, and sessions that
// can do no more than the scopes of the JWT.
//
// Several replicas share their sessions through a [RedisConfig], behind the interface sharedStore:
// entries are sealed for their owner (internal/seal), and a lock lets one replica sign in while the
// others wait. A notification of a change makes a session stale: it is looked up again before its
// next use. A store that does not answer costs sign-ins, and fails no request.
//
// An [Observer] sees hits, waits, sign-ins, renewals and sign-outs. A [Probe] tries the sign-ins of
// a site for the command check.
package sessions
