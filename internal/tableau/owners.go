package tableau

import (
	"context"
	"slices"
	"time"
)

// OwnerFields are the attributes of an owner that lists can have, by Tableau's name.
var OwnerFields = []string{"owner.email", "owner.fullName", "owner.lastLogin", "owner.name", "owner.siteRole"}

// fullOwner has every attribute of an owner that a list can have.
var fullOwner = &User{LUID: "set", Name: "set", FullName: "set", Email: "set", SiteRole: "set", LastLoginAt: Time{Time: time.Unix(1, 0)}}

// ReadOwner returns the owner of the workbook: from its list, else by one call for all workbooks
// that were read together. enough reports whether an owner has all that is wanted. If the caller
// may not read users, it is the owner as the lists have it.
func (w *Workbook) ReadOwner(ctx context.Context, enough func(*User) bool) (*User, error) {
	return readOwner(ctx, w.node, w, func(w *Workbook) *User { return w.OwnerRef }, enough,
		func(all []*Workbook) (map[LUID]*Workbook, error) {
			return listed(ctx, w.batch, w.s.workbookList(OwnerFields), all, (*Workbook).address)
		})
}

// ReadOwner is who owns the view; as Workbook.ReadOwner.
func (v *View) ReadOwner(ctx context.Context, enough func(*User) bool) (*User, error) {
	return readOwner(ctx, v.node, v, func(v *View) *User { return v.OwnerRef }, enough, func(all []*View) (map[LUID]*View, error) {
		return listed(ctx, v.batch, v.s.viewList(false, OwnerFields), all, (*View).address)
	})
}

// ReadOwner is who owns the data source; as Workbook.ReadOwner.
func (d *DataSource) ReadOwner(ctx context.Context, enough func(*User) bool) (*User, error) {
	ref := func(d *DataSource) *User { return d.OwnerRef }
	return readOwner(ctx, d.node, d, ref, enough, func(all []*DataSource) (map[LUID]*DataSource, error) {
		return listed(ctx, d.batch, d.s.dataSourceList(slices.Concat(dataSourceFields, OwnerFields)), all, (*DataSource).address)
	})
}

// ReadOwner is who owns the project; as Workbook.ReadOwner.
func (p *Project) ReadOwner(ctx context.Context, enough func(*User) bool) (*User, error) {
	ref := func(p *Project) *User { return p.OwnerRef }
	return readOwner(ctx, p.node, p, ref, enough, func([]*Project) (map[LUID]*Project, error) { return p.s.tree(ctx) })
}

// readOwner reads the list again, with the fields of owners, where the list was not asked for them
// when the items were read: it gives them to everyone who may read the items. listed is nil for a list
// that takes no fields. Only administrators may read users, so that comes last, or first where a
// list cannot have all that is wanted; a caller who may not read users gets what the list has.
func readOwner[T any, P resource[T]](
	ctx context.Context, n node, item *T, ref func(*T) *User, enough func(*User) bool, listed func([]*T) (map[LUID]*T, error),
) (*User, error) {
	owner := ref(item)
	if owner == nil || enough(owner) {
		return owner, nil
	}
	siblings := batchItems(n.batch, item)
	inList := owner
	fromList := func() {
		if listed == nil || ownersListed(siblings, ref) {
			return
		}
		fuller, err := once(ctx, n.batch, "owners listed", func() (map[LUID]*T, error) { return listed(siblings) })
		if found := fuller[P(item).luid()]; err == nil && found != nil && ref(found) != nil {
			inList = ref(found)
		}
	}
	if enough(fullOwner) {
		if fromList(); enough(inList) {
			return inList, nil
		}
	}
	user, err := readUser(ctx, n, "owners", owner.LUID, siblings, ref)
	if user, err = nilIfDenied(user, err); err != nil || user != nil {
		return user, err
	}
	if inList == owner {
		fromList()
	}
	return inList, nil
}

// readPerson returns a user whom an item names: from the answer if that is enough, else by one
// look-up for all items that were read together, which is for administrators. key distinguishes the
// roles of users.
func readPerson[T any](
	ctx context.Context, n node, item *T, key string, ref func(*T) *User, enough func(*User) bool,
) (*User, error) {
	person := ref(item)
	if person == nil || enough(person) {
		return person, nil
	}
	return readUser(ctx, n, key, person.LUID, batchItems(n.batch, item), ref)
}

// readUser is a user whom an item names, read with those whom the items read with it name; refs are
// the ways in which they do.
func readUser[T any](ctx context.Context, n node, key string, id LUID, siblings []*T, refs ...func(*T) *User) (*User, error) {
	users, err := once(ctx, n.batch, key, func() (map[LUID]*User, error) {
		var ids []LUID
		for _, sibling := range siblings {
			for _, ref := range refs {
				if u := ref(sibling); u != nil {
					ids = append(ids, u.LUID)
				}
			}
		}
		return n.s.usersOrSelf(ctx, ids)
	})
	if err != nil {
		return nil, err
	}
	if u := users[id]; u != nil {
		return u, nil
	}
	return nil, &Error{Kind: Refused, Call: "GET sites/{site}/users"}
}

// ownersListed reports whether a list has more of its owners than without a request for them.
func ownersListed[T any](items []*T, ref func(*T) *User) bool {
	return slices.ContainsFunc(items, func(item *T) bool {
		u := ref(item)
		return u != nil && (u.FullName != "" || u.Email != "" || u.SiteRole != "")
	})
}

// usersOrSelf reads several users or, where only administrators may, at least the session's own.
func (s *Session) usersOrSelf(ctx context.Context, ids []LUID) (map[LUID]*User, error) {
	users, err := s.UsersByLUID(ctx, ids)
	if !IsKind(err, Refused) && !IsKind(err, Missing) {
		return users, err
	}
	me, err := s.UserLUID(ctx)
	if err != nil || len(ids) == 1 || !slices.Contains(ids, me) {
		return nil, err
	}
	u, err := s.User(ctx, me)
	if err != nil {
		return nil, err
	}
	return map[LUID]*User{me: u}, nil
}
