package tableau

import (
	"context"
	"slices"
)

// OwnerFields are the attributes of an owner that lists can tell, by Tableau's name.
var OwnerFields = []string{"owner.email", "owner.fullName", "owner.lastLogin", "owner.name", "owner.siteRole"}

// ReadOwner is who owns the workbook: as its list told it, else by one call for all workbooks that were read together. enough
// says whether what was told will do. Refused (see IsKind) where the user may not see more of the owner.
func (w *Workbook) ReadOwner(ctx context.Context, enough func(*User) bool) (*User, error) {
	ref := func(w *Workbook) *User { return w.OwnerRef }
	return readOwner(ctx, w.node, w, ref, enough, func() (*Workbook, error) { return w.Listed(ctx, OwnerFields...) })
}

// ReadOwner is who owns the view; as Workbook.ReadOwner.
func (v *View) ReadOwner(ctx context.Context, enough func(*User) bool) (*User, error) {
	ref := func(v *View) *User { return v.OwnerRef }
	return readOwner(ctx, v.node, v, ref, enough, func() (*View, error) {
		return listed(ctx, v.s.viewsPage, v.s, "contentUrl", v.ContentURL, v.LUID)
	})
}

// ReadOwner is who owns the data source; as Workbook.ReadOwner.
func (d *DataSource) ReadOwner(ctx context.Context, enough func(*User) bool) (*User, error) {
	ref := func(d *DataSource) *User { return d.OwnerRef }
	return readOwner(ctx, d.node, d, ref, enough, func() (*DataSource, error) {
		return listed(ctx, d.s.dataSourcesPage, d.s, "contentUrl", string(d.ContentURL), d.LUID)
	})
}

// ReadOwner is who owns the project; as Workbook.ReadOwner.
func (p *Project) ReadOwner(ctx context.Context, enough func(*User) bool) (*User, error) {
	ref := func(p *Project) *User { return p.OwnerRef }
	return readOwner(ctx, p.node, p, ref, enough, func() (*Project, error) { return p.s.Project(ctx, p.LUID) })
}

func readOwner[T any](
	ctx context.Context, n node, item *T, ref func(*T) *User, enough func(*User) bool, again func() (*T, error),
) (*User, error) {
	owner := ref(item)
	if owner == nil || enough(owner) {
		return owner, nil
	}
	if n.set == nil { // looked up by id: a list tells more of the owner, and tells it to everybody
		if fuller, err := again(); err == nil && fuller != nil && ref(fuller) != nil && enough(ref(fuller)) {
			return ref(fuller), nil
		}
	}
	siblings := members(n.set, item)
	users, err := forAll(ctx, n.set, "owners", func() (map[LUID]*User, error) {
		var ids []LUID
		for _, sibling := range siblings {
			if owner := ref(sibling); owner != nil {
				ids = append(ids, owner.LUID)
			}
		}
		return n.s.usersOrSelf(ctx, ids)
	})
	if err != nil {
		return nil, err
	}
	if u := users[owner.LUID]; u != nil {
		return u, nil
	}
	return nil, &Error{Kind: Refused, Call: "GET sites/{site}/users"}
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

// listed finds an item that was looked up by id in its list, which tells more.
func listed[T any, P resource[T]](
	ctx context.Context, read pageReader[T], s *Session, field, value string, id LUID,
) (*T, error) {
	found, err := inChunks[T, P](ctx, s, read, ListQuery[T]{Fields: OwnerFields}, Filter[T]{
		Field: field, Match: func(item *T) bool { return P(item).luid() == id },
	}, []string{value})
	if err != nil {
		return nil, err
	}
	return byLUID[T, P](found)[id], nil
}
