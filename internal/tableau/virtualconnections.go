package tableau

import (
	"context"
	"errors"
	"net/url"

	"vitrine/internal/tableau/rest"
)

// VirtualConnectionInfo is a virtual connection: a shared way to databases and tables, with
// policies. The list and a look-up by id tell different halves of it.
type VirtualConnectionInfo struct {
	node
	LUID        LUID   `json:"id" xml:"id,attr"`
	Name        string `json:"name" xml:"name,attr"`
	WebpageURL  Text   `json:"webpageUrl" xml:"webpageUrl,attr"`
	HasExtracts Flag   `json:"hasExtracts" xml:"hasExtracts,attr"`
	IsCertified Flag   `json:"isCertified" xml:"isCertified,attr"`
	CreatedAt   Time   `json:"createdAt" xml:"createdAt,attr"`
	UpdatedAt   Time   `json:"updatedAt" xml:"updatedAt,attr"`
	// Content is the definition, a JSON text; only a look-up by id has it.
	Content Text `json:"content" xml:"content"`

	ProjectRef *Project `json:"project" xml:"project" scan:"shared"`
	OwnerRef   *User    `json:"owner" xml:"owner" scan:"shared"`

	looked bool // it was looked up by id
}

func (v *VirtualConnectionInfo) luid() LUID { return v.LUID }

func (v *VirtualConnectionInfo) bind(s *Session) {
	v.s = s
	bindOne(s, &v.ProjectRef)
	bindOne(s, &v.OwnerRef)
}

// IsNode marks a VirtualConnectionInfo as something with a global id.
func (*VirtualConnectionInfo) IsNode() {}

// IsContent marks a VirtualConnectionInfo as something that people put on a site.
func (*VirtualConnectionInfo) IsContent() {}

// ID is the global id.
func (v *VirtualConnectionInfo) ID() string {
	return GlobalID(KindVirtualConnection, v.s.ContentURL(), string(v.LUID))
}

// URL is the page of the virtual connection in Tableau, as browsers reach it.
func (v *VirtualConnectionInfo) URL() URL { return v.s.client.rebase(v.WebpageURL) }

type virtualConnectionsAnswer struct {
	rest.Envelope
	VirtualConnections struct {
		Items []*VirtualConnectionInfo `json:"virtualConnection" xml:"virtualConnection"`
	} `json:"virtualConnections" xml:"virtualConnections"`
}

type virtualConnectionAnswer struct {
	rest.Envelope
	VirtualConnection *VirtualConnectionInfo `json:"virtualConnection" xml:"virtualConnection"`
}

func (s *Session) virtualConnectionsPage(ctx context.Context, query url.Values) (Pagination, []*VirtualConnectionInfo, error) {
	r := rest.SiteRead{Template: "virtualconnections", Query: query}
	a, err := get(ctx, s, r, func(a *virtualConnectionsAnswer) { bindAll(s, &a.VirtualConnections.Items) })
	if err != nil {
		return Pagination{}, nil, err
	}
	return a.Pagination, a.VirtualConnections.Items, nil
}

// VirtualConnections reads a stretch of the virtual connections that the user may use. It is
// neither filtered nor ordered. GET virtualconnections, from API 3.18.
func (s *Session) VirtualConnections(
	ctx context.Context, q ListQuery[VirtualConnectionInfo], offset, first int,
) (*Page[VirtualConnectionInfo], error) {
	return readRange(ctx, s, s.virtualConnectionsPage, q, offset, first)
}

// VirtualConnection reads one virtual connection: name, project, owner and definition. GET
// virtualconnections/{id}, from API 3.23.
func (s *Session) VirtualConnection(ctx context.Context, id LUID) (*VirtualConnectionInfo, error) {
	r := rest.SiteRead{Template: "virtualconnections/{id}", Values: []string{string(id)}}
	a, err := get(ctx, s, r, func(a *virtualConnectionAnswer) {
		if v := a.VirtualConnection; v != nil && v.Name != "" {
			v.LUID, v.looked = id, true // the answer leaves it out
		}
		bindOne(s, &a.VirtualConnection)
	})
	if err != nil {
		return nil, err
	}
	return one(a.VirtualConnection, "GET virtualconnections/{id}")
}

// Completed returns a virtual connection that was looked up by id with what only the list has: one
// read of the list, which has no filter, for all that were looked up together.
func (v *VirtualConnectionInfo) Completed(ctx context.Context) (*VirtualConnectionInfo, error) {
	listed, err := once(ctx, v.batch, "completed", func() (map[LUID]*VirtualConnectionInfo, error) {
		all, err := readAll(ctx, v.s.virtualConnectionsPage, nil, maxLocalPages)
		if errors.Is(err, errTooManyPages) {
			return nil, nil
		}
		return byLUID(all), err
	})
	listed, err = ignoreDenied(listed, err)
	list := listed[v.LUID]
	if list == nil || err != nil {
		return v, err
	}
	full := *v
	full.WebpageURL, full.CreatedAt, full.UpdatedAt = list.WebpageURL, list.CreatedAt, list.UpdatedAt
	full.HasExtracts, full.IsCertified = list.HasExtracts, list.IsCertified
	return &full, nil
}

// InFull returns the virtual connection as a look-up by id has it, with project and owner if the
// list leaves them out; nil if the server has no such look-up, or refuses it.
func (v *VirtualConnectionInfo) InFull(ctx context.Context) (*VirtualConnectionInfo, error) {
	if v.looked {
		return v, nil
	}
	whole, err := v.s.VirtualConnection(ctx, v.LUID)
	if IsKind(err, Unsupported) {
		return nil, nil
	}
	return nilIfDenied(whole, err)
}

// Definition is what it is made of, as the JSON text that Tableau keeps: after a list one call for
// each.
func (v *VirtualConnectionInfo) Definition(ctx context.Context) (Text, error) {
	if v.looked {
		return v.Content, nil
	}
	whole, err := v.s.VirtualConnection(ctx, v.LUID)
	if err != nil {
		return "", err
	}
	return whole.Content, nil
}

// ReadProject returns its project; as Workbook.ReadProject.
func (v *VirtualConnectionInfo) ReadProject(ctx context.Context) (*Project, error) {
	return readProject(ctx, v.node, v, func(v *VirtualConnectionInfo) *Project { return v.ProjectRef })
}

// ReadOwner is who owns it; as Flow.ReadOwner.
func (v *VirtualConnectionInfo) ReadOwner(ctx context.Context, enough func(*User) bool) (*User, error) {
	return readOwner(ctx, v.node, v, func(v *VirtualConnectionInfo) *User { return v.OwnerRef }, enough, nil)
}
