package tableau

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"strings"
)

// maxListedAccounts bounds how many users of a site are looked through for one name that no filter
// can hold.
const maxListedAccounts = 100_000

// ErrTooManyUsers says that a site has too many users to look through them all.
var ErrTooManyUsers = fmt.Errorf("the site has more than %d users", maxListedAccounts)

var errUsersMissing = errors.New("it lists fewer users than it says there are")

// AccountsLike looks through all users of a site and returns those that like keeps, for the one
// purpose of impersonating one of them: for names with characters of the filter grammar, which
// never enter a filter. Without a filter nothing in a name can be misread. It returns
// ErrTooManyUsers where there are more than maxListedAccounts. GET users?pageNumber={n}.
func (c *Client) AccountsLike(ctx context.Context, admin *Grant, like func(Account) bool) (found []Account, err error) {
	for page, seen := 1, int64(0); ; page++ {
		var a usersAnswer
		query := url.Values{"fields": {allFields}, "pageSize": {strconv.Itoa(maxPageSize)}, "pageNumber": {strconv.Itoa(page)}}
		err := c.door.LookUpUsers(ctx, admin, query, &a)
		if err != nil {
			return nil, err
		}
		for _, u := range a.Users.Items {
			if u == nil || u.LUID == "" {
				continue
			}
			if account := (Account{LUID: u.LUID, Name: string(u.Name), Domain: string(u.Domain()), SiteRole: u.SiteRole}); like(account) {
				account.LUID = LUID(strings.Clone(string(account.LUID))) // it is kept, and its page is not
				found = append(found, account)
			}
		}
		total := a.Pagination.TotalAvailable
		seen += int64(len(a.Users.Items))
		switch {
		case !total.Valid || len(a.Users.Items) == 0 && seen < total.V:
			return nil, &Error{Kind: Malformed, Call: "GET sites/{site}/users", Err: errUsersMissing}
		case total.V > maxListedAccounts || seen > maxListedAccounts:
			return nil, ErrTooManyUsers
		case seen >= total.V:
			return found, nil
		}
	}
}
