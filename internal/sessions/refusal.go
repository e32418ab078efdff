package sessions

import (
	"errors"
	"sync"

	"vitrine/internal/tableau"
)

// number is what Tableau puts at the end of a refused JWT's error: the code is 401001 whatever the
// reason. https://help.tableau.com/current/online/en-us/connected_apps_troubleshoot.htm
type number string

const numberNoUser number = "5"

// meanings say what to do, in words for the operator's log.
var meanings = map[number]string{
	"5":     "no user of the site has this name, letter by letter",
	"16":    "no user of the site has this name, or the clocks of Tableau and of this server differ by minutes",
	"67":    "on-demand access is not part of this site's license",
	"126":   "Tableau does not know the connected app, or it is not enabled: compare the client id, and look at the app on this site",
	"127":   "Tableau does not know the secret: compare secret id and secret of the connected app",
	"10083": "the header of the JWT is not what Tableau expects: compare secret id, client id, and the key",
	"10084": "Tableau does not take the JWT: compare client id, secret, issuer and tenant, and the clocks",
	"10081": "Tableau cannot read the issuer's discovery document: can it reach this server's public address?",
	"10082": "Tableau knows no such issuer: register it, letter by letter",
	"10085": "Tableau cannot read the key set, or the key is not in it: can it reach this server's public address?",
	"10090": "the connected app is not enabled",
	"10097": "Tableau does not take the scopes",
}

func numberOf(refusal error) number {
	var e *tableau.Error
	if !errors.As(refusal, &e) {
		return ""
	}
	return number(e.Number())
}

func (n number) meaning() string {
	switch text, known := meanings[n]; {
	case n == "":
		return ""
	case known:
		return " (number " + string(n) + ": " + text + ")"
	default:
		return " (number " + string(n) + ": see Tableau's list of errors of connected apps)"
	}
}

// blamesApp says that the number is about the app, its secret or the form of its JWTs, for every
// user.
func (n number) blamesApp() bool { return n == "126" || n == "127" || len(n) >= 5 }

// rowToDoubt is how many different people must be refused in a row, without a success, before that
// is held against the app.
const streakToBlameApp = 5

// refusalStreak is the people who were refused one after the other.
type refusalStreak struct {
	mu     sync.Mutex
	people map[person]bool
}

// add counts one more, each person once, and says whether the row is long enough to doubt the app.
// It begins again then.
func (r *refusalStreak) add(who person) (doubt bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.people == nil {
		r.people = make(map[person]bool, streakToBlameApp)
	}
	r.people[who] = true
	if len(r.people) < streakToBlameApp {
		return false
	}
	r.people = nil
	return true
}

// end is a success.
func (r *refusalStreak) end() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.people = nil
}
