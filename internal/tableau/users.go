package tableau

import (
	"cmp"
	"context"
	"errors"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"vitrine/internal/tableau/rest"
)

// User is a user of one site. What Tableau hides of others, or leaves out, is empty.
type User struct {
	node
	LUID               LUID        `json:"id" xml:"id,attr"`
	Name               Text        `json:"name" xml:"name,attr"`
	FullName           Text        `json:"fullName" xml:"fullName,attr"`
	Email              Text        `json:"email" xml:"email,attr"`
	SiteRole           SiteRole    `json:"siteRole" xml:"siteRole,attr"`
	LastLoginAt        Time        `json:"lastLogin" xml:"lastLogin,attr"`
	AuthSetting        AuthSetting `json:"authSetting" xml:"authSetting,attr"`
	ExternalAuthUserID Text        `json:"externalAuthUserId" xml:"externalAuthUserId,attr"`
	Locale             Text        `json:"locale" xml:"locale,attr"`
	Language           Text        `json:"language" xml:"language,attr"`
	IdpConfigurationID Text        `json:"idpConfigurationId" xml:"idpConfigurationId,attr"`

	IdpConfigurationName Text `json:"idpConfigurationName" xml:"idpConfigurationName,attr"`
	IdentityPoolName     Text `json:"identityPoolName" xml:"identityPoolName,attr"`
	IsContentAdmin       Flag `json:"contentAdmin" xml:"contentAdmin,attr"`
	OwnsContent          Flag `json:"ownsContent" xml:"ownsContent,attr"`

	DomainRef *domain `json:"domain" xml:"domain"`
}

type domain struct {
	Name Text `json:"name" xml:"name,attr"`
}

func (u *User) luid() LUID { return u.LUID }

// IsNode marks a User as something with a global id.
func (*User) IsNode() {}

// IsGrantee marks a User as somebody who can be given permissions.
func (*User) IsGrantee() {}

// ID is the global id.
func (u *User) ID() string { return GlobalID(KindUser, u.s.ContentURL(), string(u.LUID)) }

// Domain is the domain of a directory account; "local" for Tableau's own.
func (u *User) Domain() Text {
	if u.DomainRef == nil {
		return ""
	}
	return u.DomainRef.Name
}

// SiteRoleRaw is the site role as Tableau writes it.
func (u *User) SiteRoleRaw() Text { return Text(u.SiteRole) }

type usersAnswer struct {
	rest.Envelope
	Users struct {
		Items []*User `json:"user" xml:"user"`
	} `json:"users" xml:"users"`
}

type userAnswer struct {
	rest.Envelope
	User *User `json:"user" xml:"user"`
}

func (s *Session) usersAt(ctx context.Context, r rest.SiteRead) (Pagination, []*User, error) {
	a, err := get(ctx, s, r, func(a *usersAnswer) { bindAll(s, &a.Users.Items) })
	if err != nil {
		return Pagination{}, nil, err
	}
	return a.Pagination, a.Users.Items, nil
}

func (s *Session) usersPage(ctx context.Context, query url.Values) (Pagination, []*User, error) {
	return s.usersAt(ctx, rest.SiteRead{Template: "users", Query: query})
}

// Users reads a stretch of the site's users; administrators only. GET users.
func (s *Session) Users(ctx context.Context, q ListQuery[User], offset, first int) (*Page[User], error) {
	return readRange(ctx, s, s.usersPage, q, offset, first)
}

// User reads one user: the session's own, or another where the site's user visibility lets it. GET
// users/{id}.
func (s *Session) User(ctx context.Context, id LUID) (*User, error) {
	a, err := get(ctx, s, rest.SiteRead{Template: "users/{id}", Values: []string{string(id)}}, func(a *userAnswer) {
		bindOne(s, &a.User)
	})
	if err != nil {
		return nil, err
	}
	return one(a.User, "GET users/{id}")
}

// UsersByLUID reads several users at once, with all their attributes. GET users?filter=luid:in:[…],
// administrators only; a single user by GET users/{id}, which everybody may ask about oneself.
func (s *Session) UsersByLUID(ctx context.Context, ids []LUID) (map[LUID]*User, error) {
	ids = slices.Compact(slices.Sorted(slices.Values(ids)))
	found := make(map[LUID]*User, len(ids))
	if len(ids) == 1 {
		u, err := s.User(ctx, ids[0])
		if err != nil {
			return nil, err
		}
		found[ids[0]] = u
		return found, nil
	}
	users, err := inChunks(ctx, s, s.usersPage, ListQuery[User]{Fields: []string{allFields}}, "luid", texts(ids))
	for _, u := range users {
		found[u.LUID] = u
	}
	return found, err
}

// UsersInFull returns a page of users with all their attributes, where a list has only ids. Users
// that the session's user may not read stay as they are. As UsersByLUID.
func (s *Session) UsersInFull(ctx context.Context, page *Page[User]) (*Page[User], error) {
	ids := make([]LUID, len(page.Items))
	for i, u := range page.Items {
		ids[i] = u.LUID
	}
	listed, err := s.UsersByLUID(ctx, ids)
	listed, err = ignoreDenied(listed, err)
	if err != nil {
		return nil, err
	}
	full := *page
	full.Items = slices.Clone(page.Items)
	for i, u := range full.Items {
		full.Items[i] = cmp.Or(listed[u.LUID], u)
	}
	return &full, nil
}

// WorkbooksOf reads a stretch of the workbooks that a user may see, or of those the user owns. GET
// users/{id}/workbooks.
func (s *Session) WorkbooksOf(ctx context.Context, user LUID, owned bool, offset, first int) (*Page[Workbook], error) {
	q := ListQuery[Workbook]{Extra: url.Values{"ownedBy": {strconv.FormatBool(owned)}}}
	return readRange(ctx, s, func(ctx context.Context, query url.Values) (Pagination, []*Workbook, error) {
		return s.workbooksAt(ctx, rest.SiteRead{Template: "users/{id}/workbooks", Values: []string{string(user)}, Query: query})
	}, q, offset, first)
}

// Account is what is needed to tell one user from another.
type Account struct {
	LUID     LUID
	Name     string
	Domain   string // empty where the server does not say
	SiteRole SiteRole
}

// maxAccounts is how many users of one name are looked at: domains may share a name, not hundreds
// of them.
const maxAccounts = "100"

var errMoreUsers = errors.New("it lists more users for one name than are looked at: the filter may not have been understood")

// Accounts finds the users of a site by name, for the one purpose of impersonating one of them:
// with an administrator's grant nothing else can be read. op is eq (case counts) or cieq. The name
// must hold neither comma nor ampersand: Tableau would read a second filter, and the last one wins.
// GET users?filter=name:eq:{name}.
func (c *Client) Accounts(ctx context.Context, admin *Grant, op, name string) ([]Account, error) {
	by := Filter[User]{Field: "name", Op: op, Values: []string{name}}
	if !expressible(by) {
		return nil, &InputError{Reason: "this user name has a comma or an ampersand, is empty or too long, and cannot be looked up in Tableau"}
	}
	query := ListQuery[User]{Fields: []string{allFields}}.values([]Filter[User]{by}, nil)
	query.Set("pageSize", maxAccounts)
	var a usersAnswer
	if err := c.door.LookUpUsers(ctx, admin, query, &a); err != nil {
		return nil, err
	}
	if len(a.Users.Items) == 0 && !a.Pagination.Given() {
		return nil, &Error{Kind: Malformed, Call: "GET sites/{site}/users", Err: rest.ErrNoContainer}
	}
	if total := a.Pagination.TotalAvailable; total.Valid && total.V > int64(len(a.Users.Items)) {
		return nil, &Error{Kind: Malformed, Call: "GET sites/{site}/users", Err: errMoreUsers} // one of the others might be meant
	}
	accounts := make([]Account, 0, len(a.Users.Items))
	for _, u := range a.Users.Items {
		if u != nil && u.LUID != "" {
			accounts = append(accounts, Account{LUID: u.LUID, Name: string(u.Name), Domain: string(u.Domain()), SiteRole: u.SiteRole})
		}
	}
	return accounts, nil
}

// ErrSeveral says that a name belongs to users, or groups, of several domains.
var ErrSeveral = errors.New("several have this name")

// UserByName finds one user by name, or by DOMAIN\name; case counts. The session's own user is
// found by everybody, others by administrators alone. GET users?filter=name:eq:{name}.
func (s *Session) UserByName(ctx context.Context, name string) (*User, error) {
	by, is := byDomainAndName(name, func(u *User) (name, domain Text) { return u.Name, u.Domain() })
	page, err := s.Users(ctx, ListQuery[User]{
		Filters: []Filter[User]{by}, Fields: []string{allFields},
	}, 0, maxPageSize)
	if IsKind(err, Refused) {
		return s.selfIf(ctx, is)
	}
	if err != nil {
		return nil, err
	}
	users := slices.DeleteFunc(page.Items, func(u *User) bool { return !is(u) })
	switch len(users) {
	case 0:
		return nil, nil
	case 1:
		return newBatch(users)[0], nil // alone: who has the same name in another domain is not asked about
	default:
		return nil, ErrSeveral
	}
}

// byDomainAndName filters for a name that may have the domain in front, and tests for it. A server
// keeps the domain beside the name or in front of it: a name with a domain is asked for in both
// spellings.
func byDomainAndName[T any](name string, of func(*T) (name, domain Text)) (Filter[T], func(*T) bool) {
	domain, bare, qualified := strings.Cut(name, `\`)
	is := func(item *T) bool {
		itsName, itsDomain := of(item)
		return qualified && string(itsName) == bare && strings.EqualFold(string(itsDomain), domain) || string(itsName) == name
	}
	if qualified {
		return Filter[T]{Field: "name", Op: "in", Values: []string{bare, name}, Match: is}, is
	}
	return Filter[T]{Field: "name", Op: "eq", Values: []string{name}, Match: is}, is
}

func (s *Session) selfIf(ctx context.Context, is func(*User) bool) (*User, error) {
	me, err := s.UserLUID(ctx)
	if err != nil {
		return nil, err
	}
	u, err := s.User(ctx, me)
	if err != nil || !is(u) {
		return nil, err
	}
	return u, nil
}

// AuthSettingRaw is the same as Tableau writes it.
func (u *User) AuthSettingRaw() Text { return Text(u.AuthSetting) }
