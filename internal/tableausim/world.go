package tableausim

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"time"

	"vitrine/internal/tableausim/draw"
)

// world is all that the stand-in holds: accounts and sites with their content. It is guarded by
// Server.mu: handlers read under the read lock, edits and only edits take the write lock.
type world struct {
	accounts []*account
	sites    []*site

	schedules []*schedule
}

// account is a person as the server knows them; on each site they are another user with another
// LUID.
type account struct {
	name, fullName, email string
	domain                string // "local" or a Windows domain
	password              string
	serverAdmin           bool
	language, locale      string
}

// user is an account on one site.
type user struct {
	*account
	id        string
	role      string
	lastLogin time.Time
	groups    []*group
}

type group struct {
	id, name, domain string
	minimumRole      string
	users            []*user
}

// rule allows or denies one capability to one user, one group or one set of groups.
type rule struct {
	user       *user
	group      *group
	set        *groupSet
	capability string
	allow      bool
}

type project struct {
	id, name, description string
	permissions           string // contentPermissions
	parent                *project
	owner                 *user
	created, updated      time.Time
	rules                 []rule // of the project itself
	content               []rule // of its content that has no rules of its own
}

type workbook struct {
	id, name, description, contentURL string
	number                            int      // the numeric id of web addresses
	project                           *project // nil in a personal space
	owner                             *user
	created, updated                  time.Time
	size                              int // MB
	fileSize                          int64
	showTabs, hasExtracts, alerts     bool
	tags                              []string
	views                             []*view
	sources                           []*connection
	rules                             []rule
	favorites, subscriptions          int
}

type view struct {
	id, name, urlName string
	workbook          *workbook
	number            int // position in the workbook, from 1
	sheet             *draw.Sheet
	created, updated  time.Time
	hits, favorites   int
	tags              []string
	rules             []rule
}

// contentURL is the path of the view within its site, with the word sheets that web addresses leave
// out.
func (w *view) contentURL() string { return w.workbook.contentURL + "/sheets/" + w.urlName }

type datasource struct {
	id, name, description, contentURL string
	number                            int
	kind                              string // connection type of the first connection
	project                           *project
	owner                             *user
	created, updated                  time.Time
	size                              int // MB
	certified                         bool
	certificationNote                 string
	hasExtracts, encrypted, bridge    bool
	alerts                            bool
	server, database, table           string
	tags                              []string
	connections                       []*connection
	rules                             []rule
	favorites                         int
	workbooks                         int      // how many use it
	parents                           []string // content URLs of those that it is composed of
}

// connection is one data connection of a workbook or a data source.
type connection struct {
	id, kind, server, port, userName string
	embedPassword                    bool
	sourceID, sourceName             string // the data source behind it
}

// favorite is one entry of a person's list. At most one target is set; none when it was deleted.
type favorite struct {
	label      string
	added      time.Time
	workbook   *workbook
	view       *view
	datasource *datasource
	project    *project
	flow       *flow
	collection *collection
}

// site is one tenant: users and content of their own, LUIDs of their own.
type site struct {
	id, name, contentURL string
	users                []*user
	groups               []*group
	groupSets            []*groupSet
	databases            []*database
	tables               []*dbTable
	labels               []*label
	noHistory            bool // revisions are not kept
	projects             []*project
	workbooks            []*workbook
	views                []*view
	datasources          []*datasource
	flows                []*flow
	collections          []*collection
	customViews          []*customView
	virtualConnections   []*virtualConnection
	recycled             []*recycled
	favorites            map[*user][]favorite
	background                // what it does by itself
	limited              bool // people may not know of each other (userVisibilityMode)

	byID    map[string]any // whatever has a LUID
	urls    map[string]bool
	numbers int
	made    int // things made by edits, so that a name made again has a new LUID
}

// luid derives a LUID from names, the same at every start; it looks like a random (version 4) UUID.
func luid(parts ...string) string {
	h := sha256.Sum256([]byte(strings.Join(parts, "\x00")))
	h[6] = h[6]&0x0f | 0x40
	h[8] = h[8]&0x3f | 0x80
	b := make([]byte, 36)
	hex.Encode(b, h[:4])
	hex.Encode(b[9:], h[4:6])
	hex.Encode(b[14:], h[6:8])
	hex.Encode(b[19:], h[8:10])
	hex.Encode(b[24:], h[10:16])
	b[8], b[13], b[18], b[23] = '-', '-', '-', '-'
	return string(b)
}

// find returns the thing with this LUID if it is of the wanted type.
func find[T any](s *site, id string) (T, bool) {
	x, ok := s.byID[strings.ToLower(id)].(T)
	return x, ok
}

func (s *site) group(name string) *group {
	for _, g := range s.groups {
		if g.name == name {
			return g
		}
	}
	return nil
}

// user finds a user by exact name, also written DOMAIN\name. Without a domain a local user goes
// first.
func (s *site) user(name string) *user {
	domain, plain, hasDomain := strings.Cut(name, `\`)
	var found *user
	for _, u := range s.users {
		switch {
		case hasDomain && u.name == plain && strings.EqualFold(u.domain, domain):
			return u
		case !hasDomain && u.name == name && (found == nil || u.domain == localDomain):
			found = u
		}
	}
	return found
}

const localDomain = "local"

func (w *world) site(contentURL string) *site {
	for _, s := range w.sites {
		if strings.EqualFold(s.contentURL, contentURL) {
			return s
		}
	}
	return nil
}

func (w *world) siteByID(id string) *site {
	for _, s := range w.sites {
		if s.id == id {
			return s
		}
	}
	return nil
}

// account finds who signs in: the exact name first, else the one name that differs only in case.
func (w *world) account(name string) *account {
	domain, plain, hasDomain := strings.Cut(name, `\`)
	if !hasDomain {
		domain, plain = "", name
	}
	var folded []*account
	for _, exact := range []bool{true, false} {
		for _, a := range w.accounts {
			if hasDomain && !strings.EqualFold(a.domain, domain) || !hasDomain && a.domain != localDomain {
				continue
			}
			if exact && a.name == plain {
				return a
			}
			if !exact && strings.EqualFold(a.name, plain) {
				folded = append(folded, a)
			}
		}
	}
	if len(folded) == 1 {
		return folded[0]
	}
	return nil
}
