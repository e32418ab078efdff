package tableau

import (
	"context"
	"net/url"
	"strconv"

	"vitrine/internal/tableau/rest"
)

// Flow prepares data: steps that read, change and write it. Lists of flows cannot be asked for
// fields.
type Flow struct {
	node
	LUID        LUID         `json:"id" xml:"id,attr"`
	Name        string       `json:"name" xml:"name,attr"`
	Description Text         `json:"description" xml:"description,attr"`
	WebpageURL  Text         `json:"webpageUrl" xml:"webpageUrl,attr"`
	FileType    FlowFileType `json:"fileType" xml:"fileType,attr"`
	CreatedAt   Time         `json:"createdAt" xml:"createdAt,attr"`
	UpdatedAt   Time         `json:"updatedAt" xml:"updatedAt,attr"`

	ProjectRef    *Project `json:"project" xml:"project" scan:"shared"`
	OwnerRef      *User    `json:"owner" xml:"owner" scan:"shared"`
	TagRefs       tags     `json:"tags" xml:"tags"`
	ParameterRefs struct {
		Items []*FlowParameter `json:"parameter" xml:"parameter"`
	} `json:"parameters" xml:"parameters"`

	steps *flowOutputSteps // they come with a look-up by id alone; nil without one
}

// FlowParameter is a parameter of a flow, which a run may set.
type FlowParameter struct {
	LUID        LUID   `json:"id" xml:"id,attr"`
	Name        string `json:"name" xml:"name,attr"`
	Description Text   `json:"description" xml:"description,attr"`
	Type        Text   `json:"type" xml:"type,attr"`
	Value       Text   `json:"value" xml:"value,attr"`
	IsRequired  Flag   `json:"isRequired" xml:"isRequired,attr"`
	DomainRef   *struct {
		Type FlowParameterDomain `json:"domainType" xml:"domainType,attr"`
	} `json:"domain" xml:"domain"`
}

// Domain says which values are allowed, as Tableau writes it.
func (p *FlowParameter) Domain() FlowParameterDomain {
	if p.DomainRef == nil {
		return ""
	}
	return p.DomainRef.Type
}

// FlowOutputStep is a step of a flow that writes something.
type FlowOutputStep struct {
	LUID LUID `json:"id" xml:"id,attr"`
	Name Text `json:"name" xml:"name,attr"`
}

type flowOutputSteps struct {
	Items []*FlowOutputStep `json:"flowOutputStep" xml:"flowOutputStep"`
}

func (f *Flow) luid() LUID { return f.LUID }

func (f *Flow) bind(s *Session) {
	f.s = s
	bindRefs(s, &f.ProjectRef, &f.OwnerRef, &f.TagRefs.Items)
}

// IsNode marks a Flow as something with a global id.
func (*Flow) IsNode() {}

// IsContent marks a Flow as something that people put on a site.
func (*Flow) IsContent() {}

// ID is the global id.
func (f *Flow) ID() string { return GlobalID(KindFlow, f.s.ContentURL(), string(f.LUID)) }

// URL is the page of the flow in Tableau, as browsers reach it.
func (f *Flow) URL() URL { return f.s.client.rebase(f.WebpageURL) }

// Tags are the words that people put on it.
func (f *Flow) Tags() []*Tag { return nonNil(f.TagRefs.Items) }

// Parameters are those that a run may set, from API 3.15.
func (f *Flow) Parameters() []*FlowParameter { return nonNil(f.ParameterRefs.Items) }

type flowsAnswer struct {
	rest.Envelope
	Flows struct {
		Items []*Flow `json:"flow" xml:"flow"`
	} `json:"flows" xml:"flows"`
}

type flowAnswer struct {
	rest.Envelope
	Flow  *Flow           `json:"flow" xml:"flow"`
	Steps flowOutputSteps `json:"flowOutputSteps" xml:"flowOutputSteps"`
}

func (s *Session) flowsAt(ctx context.Context, r rest.SiteRead) (Pagination, []*Flow, error) {
	a, err := get(ctx, s, r, func(a *flowsAnswer) { bindAll(s, &a.Flows.Items) })
	if err != nil {
		return Pagination{}, nil, err
	}
	return a.Pagination, a.Flows.Items, nil
}

func (s *Session) flowsPage(ctx context.Context, query url.Values) (Pagination, []*Flow, error) {
	return s.flowsAt(ctx, rest.SiteRead{Template: "flows", Query: query})
}

// Flows reads a stretch of the flows that the user may see. GET flows, from API 3.3.
func (s *Session) Flows(ctx context.Context, q ListQuery[Flow], offset, first int) (*Page[Flow], error) {
	return readRange(ctx, s, s.flowsPage, q, offset, first)
}

// Flow reads one flow with its output steps. GET flows/{id}, from API 3.3.
func (s *Session) Flow(ctx context.Context, id LUID) (*Flow, error) {
	r := rest.SiteRead{Template: "flows/{id}", Values: []string{string(id)}}
	a, err := get(ctx, s, r, func(a *flowAnswer) {
		bindOne(s, &a.Flow)
		if a.Flow != nil {
			a.Flow.steps = &a.Steps
		}
	})
	if err != nil {
		return nil, err
	}
	return one(a.Flow, "GET flows/{id}")
}

// OutputSteps are the steps that write something: after a list one more call for each flow.
func (f *Flow) OutputSteps(ctx context.Context) ([]*FlowOutputStep, error) {
	if f.steps == nil {
		whole, err := f.s.Flow(ctx, f.LUID)
		if err != nil {
			return nil, err
		}
		f = whole
	}
	steps := []*FlowOutputStep{}
	for _, step := range f.steps.Items {
		if step != nil && step.LUID != "" {
			steps = append(steps, step)
		}
	}
	return steps, nil
}

// FlowsOf reads a stretch of the flows that a user may see, or of those the user owns. GET
// users/{id}/flows, from API 3.3.
func (s *Session) FlowsOf(ctx context.Context, user LUID, owned bool, offset, first int) (*Page[Flow], error) {
	q := ListQuery[Flow]{Extra: url.Values{"ownedBy": {strconv.FormatBool(owned)}}}
	return readRange(ctx, s, func(ctx context.Context, query url.Values) (Pagination, []*Flow, error) {
		return s.flowsAt(ctx, rest.SiteRead{Template: "users/{id}/flows", Values: []string{string(user)}, Query: query})
	}, q, offset, first)
}

// Flows reads a stretch of the flows directly in it. GET flows?filter=projectId:eq:…, or for
// several projects flows?filter=projectName:in:[…].
func (p *Project) Flows(ctx context.Context, q ListQuery[Flow], offset, first int) (*Page[Flow], error) {
	if len(batchItems(p.batch, p)) == 1 {
		q.Filters = append(q.Filters[:len(q.Filters):len(q.Filters)], inProject(p))
		return readRange(ctx, p.s, p.s.flowsPage, q, offset, first)
	}
	return childrenOf(ctx, p, inProjects[Flow]{
		key: "flows", read: p.s.flowsPage, field: "projectName", value: projectName,
		of: func(f *Flow) LUID { return refLUID(f.ProjectRef) }, alone: inProject,
	}, q, offset, first)
}

func inProject(p *Project) Filter[Flow] {
	return Filter[Flow]{
		Field: "projectId", Op: "eq", Values: []string{string(p.LUID)}, Match: func(f *Flow) bool { return refLUID(f.ProjectRef) == p.LUID },
	}
}

// ReadProject returns the project of the flow; as Workbook.ReadProject.
func (f *Flow) ReadProject(ctx context.Context) (*Project, error) {
	return readProject(ctx, f.node, f, func(f *Flow) *Project { return f.ProjectRef })
}

// ReadOwner returns the owner of the flow. Lists of flows usually have only the id, so users are
// looked up.
func (f *Flow) ReadOwner(ctx context.Context, enough func(*User) bool) (*User, error) {
	return readOwner(ctx, f.node, f, func(f *Flow) *User { return f.OwnerRef }, enough, nil)
}

// FileTypeRaw is the same as Tableau writes it.
func (f *Flow) FileTypeRaw() Text { return Text(f.FileType) }

// DomainRaw is the same as Tableau writes it.
func (p *FlowParameter) DomainRaw() Text { return Text(p.Domain()) }
