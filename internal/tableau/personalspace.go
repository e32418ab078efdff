package tableau

import (
	"context"

	"vitrine/internal/tableau/rest"
)

// PersonalSpace is a person's own space, outside all projects.
type PersonalSpace struct {
	node
	LUID       LUID `json:"luid" xml:"luid,attr"`
	OwnerLUID  LUID `json:"ownerLuid" xml:"ownerLuid,attr"`
	IsReadOnly Flag `json:"readOnly" xml:"readOnly,attr"`
}

func (p *PersonalSpace) luid() LUID      { return p.LUID }
func (p *PersonalSpace) bind(s *Session) { p.s = s }

// OwnerRef names whose it is; nil where Tableau does not say.
func (p *PersonalSpace) OwnerRef() *User {
	if p.OwnerLUID == "" {
		return nil
	}
	return &User{node: node{s: p.s}, LUID: p.OwnerLUID}
}

// ReadOwner is whose it is; as Workbook.ReadOwner.
func (p *PersonalSpace) ReadOwner(ctx context.Context, enough func(*User) bool) (*User, error) {
	owner := p.OwnerRef()
	if owner == nil || enough(owner) {
		return owner, nil
	}
	return p.s.User(ctx, owner.LUID)
}

type personalSpaceAnswer struct {
	rest.Envelope
	PersonalSpace *PersonalSpace `json:"personalSpace" xml:"personalSpace"`
}

// PersonalSpace reads the user's own space; nobody reads another's. Nil where there is none. GET
// personalSpace, from API 3.13.
func (s *Session) PersonalSpace(ctx context.Context) (*PersonalSpace, error) {
	a, err := get(ctx, s, rest.SiteRead{Template: "personalSpace"}, func(a *personalSpaceAnswer) {
		bindOne(s, &a.PersonalSpace)
	})
	if IsKind(err, Missing) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return one(a.PersonalSpace, "GET personalSpace")
}
