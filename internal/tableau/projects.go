package tableau

import (
	"context"
	"net/url"
	"slices"
	"strings"

	"vitrine/internal/tableau/rest"
)

// Project is a folder for content.
type Project struct {
	node
	LUID             LUID           `json:"id" xml:"id,attr"`
	Name             string         `json:"name" xml:"name,attr"`
	Description      Text           `json:"description" xml:"description,attr"`
	ParentLUID       LUID           `json:"parentProjectId" xml:"parentProjectId,attr"`
	PermissionMode   PermissionMode `json:"contentPermissions" xml:"contentPermissions,attr"`
	ControllingLUID  LUID           `json:"controllingPermissionsProjectId" xml:"controllingPermissionsProjectId,attr"`
	CreatedAt        Time           `json:"createdAt" xml:"createdAt,attr"`
	UpdatedAt        Time           `json:"updatedAt" xml:"updatedAt,attr"`
	TopLevelGiven    Flag           `json:"topLevelProject" xml:"topLevelProject,attr"`
	IsWritableListed Flag           `json:"writeable" xml:"writeable,attr"`
	FavoritesListed  Int            `json:"favoritesTotal" xml:"favoritesTotal,attr"`

	OwnerRef  *User          `json:"owner" xml:"owner" scan:"shared"`
	CountsRef *ContentCounts `json:"contentsCounts" xml:"contentsCounts"`
}

// ContentCounts counts the items directly in a project that the user may see.
type ContentCounts struct {
	ProjectCount    Int `json:"projectCount" xml:"projectCount,attr"`
	WorkbookCount   Int `json:"workbookCount" xml:"workbookCount,attr"`
	ViewCount       Int `json:"viewCount" xml:"viewCount,attr"`
	DataSourceCount Int `json:"datasourceCount" xml:"datasourceCount,attr"`
}

func (p *Project) luid() LUID { return p.LUID }

func (p *Project) bind(s *Session) {
	p.s = s
	bindOne(s, &p.OwnerRef)
}

// IsNode marks a Project as something with a global id.
func (*Project) IsNode() {}

// IsContent marks a Project as something that people put on a site.
func (*Project) IsContent() {}

// ID is the global id.
func (p *Project) ID() string { return GlobalID(KindProject, p.s.ContentURL(), string(p.LUID)) }

// URL is empty: the address of a project has a numeric id that the REST API does not return.
func (*Project) URL() URL { return "" }

// PermissionModeRaw is the mode as Tableau writes it.
func (p *Project) PermissionModeRaw() Text { return Text(p.PermissionMode) }

// IsTopLevel reports whether it has no parent. A project with a parent that the user may not see
// has one.
func (p *Project) IsTopLevel() Flag {
	switch {
	case p.TopLevelGiven != Unsaid:
		return p.TopLevelGiven
	case p.ParentLUID != "":
		return No
	case p.isReference():
		return Unsaid
	default:
		return Yes
	}
}

// isReference says whether this is no more than an id and perhaps a name, as items have it of the
// project they are in.
func (p *Project) isReference() bool { return p.OwnerRef == nil && p.PermissionMode == "" }

type projectsAnswer struct {
	rest.Envelope
	Projects struct {
		Items []*Project `json:"project" xml:"project"`
	} `json:"projects" xml:"projects"`
}

func (s *Session) projectsPage(ctx context.Context, query url.Values) (Pagination, []*Project, error) {
	a, err := get(ctx, s, rest.SiteRead{Template: "projects", Query: query}, func(a *projectsAnswer) { bindAll(s, &a.Projects.Items) })
	if err != nil {
		return Pagination{}, nil, err
	}
	return a.Pagination, a.Projects.Items, nil
}

// Projects reads a stretch of the projects that the user may see, as a flat list. GET projects.
func (s *Session) Projects(ctx context.Context, q ListQuery[Project], offset, first int) (*Page[Project], error) {
	return readRange(ctx, s, s.projectsPage, q, offset, first)
}

// maxTreePages bounds how many pages of projects are read for the tree: 20,000 projects.
const maxTreePages = 20

// ProjectFields is what the tree is read with: all that a project's edges and attributes can ask
// for, so that it is read once.
var ProjectFields = []string{"contentsCounts", "owner.fullName", "owner.name", "topLevelProject", "writeable"}

// tree reads all projects that the user may see, once in an operation: Tableau has no method for
// one project.
func (s *Session) tree(ctx context.Context) (map[LUID]*Project, error) {
	return s.projectsWith(ctx, ProjectFields)
}

func (s *Session) projectsWith(ctx context.Context, fields []string) (map[LUID]*Project, error) {
	v, _, err := s.work.Do(ctx, "projects "+strings.Join(fields, ","), func() (any, error) {
		values := ListQuery[Project]{Fields: fields}.values(nil, nil)
		items, err := readAll(ctx, s.projectsPage, values, maxTreePages)
		if err == errTooManyPages { //nolint:errorlint // the sentinel is never wrapped
			return nil, &InputError{Reason: "this site has more projects than are read for one answer: ask for a list of projects with a filter"}
		}
		if err != nil {
			return nil, err
		}
		return byLUID(items), nil // not together: who asks for one project does not ask about all of them
	})
	if err != nil {
		return nil, err
	}
	return v.(map[LUID]*Project), nil
}

// around gives the projects among which a project's own surroundings are found: those it was read
// with where these are all, so that a list of projects with their parents is one call.
func (p *Project) around(ctx context.Context) (map[LUID]*Project, error) {
	if batch := p.readWith(); batch == nil || !batch.complete {
		return p.s.tree(ctx)
	}
	return once(ctx, p.batch, "around", func() (map[LUID]*Project, error) { return byLUID(batchItems(p.batch, p)), nil })
}

// Project finds one project in the list; nil where the user may not see it.
func (s *Session) Project(ctx context.Context, id LUID) (*Project, error) {
	tree, err := s.tree(ctx)
	return tree[id], err
}

// ProjectByPath finds one project by the names from the top down; nil where there is none. Among
// siblings names are unique.
func (s *Session) ProjectByPath(ctx context.Context, path []string) (*Project, error) {
	tree, err := s.tree(ctx)
	if err != nil {
		return nil, err
	}
	for _, p := range tree {
		if slices.Equal(append(names(ancestors(tree, p)), p.Name), path) && p.rooted(tree) {
			return p, nil
		}
	}
	return nil, nil
}

// rooted says that every project around it is seen, so that its path begins at the top.
func (p *Project) rooted(tree map[LUID]*Project) bool {
	above := ancestors(tree, p)
	top := p
	if len(above) > 0 {
		top = above[0]
	}
	return top.ParentLUID == ""
}

// Parent is the project around it; nil at the top, and where the user may not see it.
func (p *Project) Parent(ctx context.Context) (*Project, error) {
	return p.surrounding(ctx, "parents", func(p *Project) LUID { return p.ParentLUID })
}

// PermissionsControlledBy is the project whose lock rules this one, where it is another that the
// user may see.
func (p *Project) PermissionsControlledBy(ctx context.Context) (*Project, error) {
	if p.ControllingLUID == p.LUID {
		return nil, nil
	}
	return p.surrounding(ctx, "controlling", func(p *Project) LUID { return p.ControllingLUID })
}

// surrounding is a project that this one names, found together with those that the projects read
// with it name, so that what hangs off them is asked for together from there on.
func (p *Project) surrounding(ctx context.Context, key string, of func(*Project) LUID) (*Project, error) {
	if of(p) == "" {
		return nil, nil
	}
	around, err := p.around(ctx)
	if err != nil {
		return nil, err
	}
	return gathered(ctx, p.batch, key, batchItems(p.batch, p), of, around)[of(p)], nil
}

// Ancestors are the projects around it from the top down, without itself. One that the user may not
// see ends them: they begin below it.
func (p *Project) Ancestors(ctx context.Context) ([]*Project, error) {
	around, err := p.around(ctx)
	if err != nil {
		return nil, err
	}
	if around[p.LUID] == nil {
		return nil, nil // a reference: what is above it is not known
	}
	all, err := once(ctx, p.batch, "ancestors", func() (map[LUID]*Project, error) {
		var all []*Project
		for _, sibling := range batchItems(p.batch, p) {
			all = append(all, ancestors(around, sibling)...)
		}
		return byLUID(newBatch(all)), nil
	})
	if err != nil {
		return nil, err
	}
	return ancestors(all, p), nil
}

// gathered returns the projects of items that are in the tree, as one batch.
func gathered[T any](ctx context.Context, batch *Batch, key string, items []*T, of func(*T) LUID, tree map[LUID]*Project) map[LUID]*Project {
	found, _ := once(ctx, batch, "projects: "+key, func() (map[LUID]*Project, error) { // finding them cannot fail
		var named []*Project
		for _, item := range items {
			if p := tree[of(item)]; p != nil {
				named = append(named, p)
			}
		}
		return byLUID(newBatch(named)), nil
	})
	return found
}

// ReadProject returns the project of the workbook, with all its attributes: one read for all
// workbooks that were read together. Nil in a personal space, and if the user may not see it.
func (w *Workbook) ReadProject(ctx context.Context) (*Project, error) {
	return readProject(ctx, w.node, w, func(w *Workbook) *Project { return w.ProjectRef })
}

// ReadProject is the project of the view's workbook; as Workbook.ReadProject.
func (v *View) ReadProject(ctx context.Context) (*Project, error) {
	return readProject(ctx, v.node, v, func(v *View) *Project { return v.ProjectRef })
}

// ReadProject returns the project of the data source; as Workbook.ReadProject.
func (d *DataSource) ReadProject(ctx context.Context) (*Project, error) {
	return readProject(ctx, d.node, d, func(d *DataSource) *Project { return d.ProjectRef })
}

func readProject[T any](ctx context.Context, n node, item *T, ref func(*T) *Project) (*Project, error) {
	of := func(item *T) LUID { return refLUID(ref(item)) }
	if of(item) == "" {
		return nil, nil
	}
	tree, err := n.s.tree(ctx)
	if err != nil {
		return nil, err
	}
	found := gathered(ctx, n.batch, "of items", batchItems(n.batch, item), of, tree)
	return orReference(ref(item))(found[of(item)], nil)
}

// Path is the names of the ancestors and its own, for a breadcrumb.
func (p *Project) Path(ctx context.Context) ([]string, error) {
	around, err := p.around(ctx)
	if err != nil {
		return nil, err
	}
	if around[p.LUID] == nil {
		return nil, nil // a reference: what is above it is not known
	}
	return append(names(ancestors(around, p)), p.Name), nil
}

// maxDepth bounds how deep projects may be nested.
const maxDepth = 100

// ancestors ends where the tree does, and before a project that it met already, should an answer
// ever hold a ring.
func ancestors(tree map[LUID]*Project, p *Project) []*Project {
	above := []*Project{}
	self := p.LUID
	for len(above) < maxDepth {
		parent := tree[p.ParentLUID]
		if p.ParentLUID == "" || parent == nil || parent.LUID == self || slices.Contains(above, parent) {
			break
		}
		above = append(above, parent)
		p = parent
	}
	slices.Reverse(above)
	return above
}

func names(projects []*Project) []string {
	out := make([]string, 0, len(projects)+1)
	for _, p := range projects {
		out = append(out, p.Name)
	}
	return out
}

// Full gives the project with all its attributes: itself, or from the list where it is a mere
// reference. Nil where the user may not see it.
func (p *Project) Full(ctx context.Context) (*Project, error) {
	if !p.isReference() {
		return p, nil
	}
	return p.s.Project(ctx, p.LUID)
}

// IsWritable says whether the user may publish into it; lists tell it when asked.
func (p *Project) IsWritable(ctx context.Context) (Flag, error) {
	if p.IsWritableListed != Unsaid {
		return p.IsWritableListed, nil
	}
	listed, err := p.s.Project(ctx, p.LUID)
	if listed == nil || err != nil {
		return Unsaid, err
	}
	return listed.IsWritableListed, nil
}

// FavoriteCount is how many users have it as a favorite. No name of a field gives it, so a list
// that was read without all fields is read again with them, once in an operation.
func (p *Project) FavoriteCount(ctx context.Context) (Int, error) {
	if p.FavoritesListed.Valid {
		return p.FavoritesListed, nil
	}
	all, err := p.s.projectsWith(ctx, []string{allFields})
	if full := all[p.LUID]; full != nil {
		return full.FavoritesListed, nil
	}
	return Int{}, err
}

// Counts returns how many items are directly in it; lists have it on request.
func (p *Project) Counts(ctx context.Context) (*ContentCounts, error) {
	if p.CountsRef != nil {
		return p.CountsRef, nil
	}
	listed, err := p.s.Project(ctx, p.LUID)
	if listed == nil || err != nil {
		return nil, err
	}
	return listed.CountsRef, nil
}
