// Package sessions keeps people signed in to Tableau: one session per person and site, made when it is first needed, shared by
// all of the person's requests, renewed before or after Tableau ends it, and signed out when nobody needs it any more.
//
// A [Broker] gives a tableau.Session for an identity and a site; that costs nothing until something is read. What is read first
// finds the session of its owner in the cache, or waits for the one sign-in that is under way for it. Owner is the one key: it
// says all that shaped a session, it is kept beside the session, and it is compared at each look.
//
// How a session comes about is a [Method]. [Password] and [PAT] are an administrator's credentials: a service session, used for
// nothing else, finds the LUID of a user name, and a sign-in with that LUID gives the person's own session. [ConnectedApp],
// [ExternalIssuer] and [UnifiedAccessToken] sign a JWT for each person: no administrator, no look-up, and sessions that can do no more
// than the JWT's scopes.
//
// Several replicas share their sessions through a [RedisConfig] store, behind the interface sharedStore: entries are sealed for their owner, a
// lock lets one replica sign in while the others wait, and a session is doubted, which is to say looked up again before its next
// use, when the store tells of a change. A store that does not answer costs sign-ins, never a request.
package sessions
