package tableau

import (
	"context"
	"slices"
)

// NodeKind is a kind of things that have a global id. Its fields are all that the program knows of
// kinds in general, so that a new resource adds one row to the registry.
type NodeKind struct {
	// Name is that of its type in the schema. It is also part of global ids.
	Name string
	// IsKept reports whether such things can be favorites or be in a collection, and IsFound whether a
	// search finds them. Their entries are left out for roles whose schema lacks the type.
	IsKept, IsFound bool

	read  nodeReader
	is    func(Node) bool
	batch func([]Node) // nil if nothing that hangs off them is read for several at once
	// refer makes one that has nothing but its LUID, and follow reads the one that a search hit or an
	// item of a collection refers to; nil unless IsFound.
	refer  func(n node, id LUID) Content
	follow func(ctx context.Context, l *contentRef, need TargetNeeds) (Content, error)
}

// Kinds of things that have a global id.
const (
	KindSite       = "Site"
	KindProject    = "Project"
	KindWorkbook   = "Workbook"
	KindView       = "View"
	KindDataSource = "DataSource"
	KindUser       = "User"
	KindGroup      = "Group"
	KindGroupSet   = "GroupSet"
	KindDatabase   = "Database"
	KindTable      = "Table"
	KindTag        = "Tag"
	KindCustomView = "CustomView"
	KindFlow       = "Flow"
	KindLabel      = "Label"

	KindCollection        = "Collection"
	KindVirtualConnection = "VirtualConnectionInfo"
)

// Kinds of what goes on in the background.
const (
	KindJob                = "Job"
	KindSchedule           = "Schedule"
	KindExtractRefreshTask = "ExtractRefreshTask"

	KindFlowTask            = "FlowTask"
	KindLinkedTask          = "LinkedTask"
	KindFlowRun             = "FlowRun"
	KindContentSubscription = "ContentSubscription"
	KindDataAlert           = "DataAlert"
	KindWebhook             = "Webhook"
)

// Kinds of things in Tableau Pulse.
const (
	KindPulseDefinition   = "PulseDefinition"
	KindPulseMetric       = "PulseMetric"
	KindPulseSubscription = "PulseSubscription"
)

// nodeReader looks a thing up by the key of its global id; nil if there is none. selects reports
// whether a field of it is selected.
type nodeReader func(ctx context.Context, s *Session, key string, selects func(field string) bool) (Node, error)

// nodeKinds is the registry. A site has a global id too; it is no thing on a site, and no row.
var nodeKinds = []*NodeKind{
	kept(batched(KindWorkbook, (*Session).Workbook), (*contentRef).Workbook,
		func(n node, id LUID) *Workbook { return &Workbook{node: n, LUID: id} }),
	kept(batched[View](KindView, nil).readBy(readView), (*contentRef).View,
		func(n node, id LUID) *View { return &View{node: n, LUID: id} }),
	kept(batched(KindDataSource, (*Session).DataSource), (*contentRef).DataSource,
		func(n node, id LUID) *DataSource { return &DataSource{node: n, LUID: id} }),
	kept(batched(KindProject, (*Session).Project), (*contentRef).Project,
		func(n node, id LUID) *Project { return &Project{node: n, LUID: id} }),
	kept(batched(KindFlow, (*Session).Flow), (*contentRef).Flow,
		func(n node, id LUID) *Flow { return &Flow{node: n, LUID: id} }),
	kept(batched(KindCollection, (*Session).Collection), (*contentRef).Collection,
		func(n node, id LUID) *Collection { return &Collection{node: n, LUID: id} }),
	kept(batched(KindVirtualConnection, (*Session).VirtualConnection), (*contentRef).VirtualConnection,
		func(n node, id LUID) *VirtualConnectionInfo { return &VirtualConnectionInfo{node: n, LUID: id} }),
	found(batched(KindDatabase, (*Session).Database), (*contentRef).Database,
		func(n node, id LUID) *Database { return &Database{node: n, LUID: id} }),
	found(batched(KindTable, (*Session).Table), (*contentRef).Table,
		func(n node, id LUID) *Table { return &Table{node: n, LUID: id} }),
	batched(KindCustomView, (*Session).CustomView),

	batched(KindUser, (*Session).User),
	batched(KindGroup, (*Session).Group),
	batched(KindGroupSet, (*Session).GroupSet),
	single[Tag](KindTag, nil).readBy(readTag),
	single(KindLabel, (*Session).Label),

	single(KindJob, (*Session).Job),
	single(KindSchedule, (*Session).Schedule),
	batched(KindExtractRefreshTask, (*Session).ExtractRefreshTask),
	batched(KindFlowTask, (*Session).FlowTask),
	single(KindLinkedTask, (*Session).LinkedTask),
	batched(KindFlowRun, (*Session).FlowRun),
	batched(KindContentSubscription, (*Session).Subscription),
	batched(KindDataAlert, (*Session).DataAlert),
	batched(KindWebhook, (*Session).Webhook),

	batched(KindPulseDefinition, (*Session).PulseDefinition),
	batched(KindPulseMetric, (*Session).PulseMetric),
	batched(KindPulseSubscription, (*Session).PulseSubscription),
}

// NodeKinds returns the registry.
func NodeKinds() []*NodeKind { return nodeKinds }

// NodeKindNamed returns the kind with the name of a type; nil if there is none.
func NodeKindNamed(name string) *NodeKind {
	i := slices.IndexFunc(nodeKinds, func(k *NodeKind) bool { return k.Name == name })
	if i < 0 {
		return nil
	}
	return nodeKinds[i]
}

// NodeKindOf returns the kind of a thing; nil for nothing.
func NodeKindOf(n Node) *NodeKind {
	i := slices.IndexFunc(nodeKinds, func(k *NodeKind) bool { return k.is(n) })
	if i < 0 {
		return nil
	}
	return nodeKinds[i]
}

// Read looks a thing up by the key of its global id; nil if there is none. selects reports whether a
// field of it is selected.
func (k *NodeKind) Read(ctx context.Context, s *Session, key string, selects func(field string) bool) (Node, error) {
	return k.read(ctx, s, key, selects)
}

// single makes a row for things of which nothing is read for several at once.
func single[T any, P interface {
	*T
	Node
}](name string, read func(*Session, context.Context, LUID) (*T, error)) *NodeKind {
	return &NodeKind{
		Name: name,
		is:   func(n Node) bool { _, ok := n.(P); return ok },
		read: func(ctx context.Context, s *Session, key string, _ func(string) bool) (Node, error) {
			id, err := ParseLUID(key)
			if err != nil {
				return nil, nil
			}
			item, err := read(s, ctx, id)
			if err != nil || item == nil {
				return nil, err
			}
			return P(item), nil
		},
	}
}

// batched makes a row for things of which something is read for several at once.
func batched[T any, P met[T]](name string, read func(*Session, context.Context, LUID) (*T, error)) *NodeKind {
	k := single[T, P](name, read)
	k.batch = meet[T, P]
	return k
}

// kept marks things that can be favorites or be in a collection, and that a search finds.
func kept[T any, P content[T]](
	k *NodeKind, follow func(*contentRef, context.Context, TargetNeeds) (P, error), refer func(node, LUID) P,
) *NodeKind {
	k.IsKept = true
	return found(k, follow, refer)
}

// found marks things that a search finds.
func found[T any, P content[T]](
	k *NodeKind, follow func(*contentRef, context.Context, TargetNeeds) (P, error), refer func(node, LUID) P,
) *NodeKind {
	k.IsFound = true
	k.refer = func(n node, id LUID) Content { return refer(n, id) }
	k.follow = func(ctx context.Context, l *contentRef, need TargetNeeds) (Content, error) {
		item, err := follow(l, ctx, need)
		if item == nil || err != nil { // an interface that holds a nil pointer is not nil
			return nil, err
		}
		return item, nil
	}
	return k
}

type content[T any] interface {
	*T
	Content
}

func (k *NodeKind) readBy(read nodeReader) *NodeKind {
	k.read = read
	return k
}

func readView(ctx context.Context, s *Session, key string, selects func(string) bool) (Node, error) {
	id, err := ParseLUID(key)
	if err != nil {
		return nil, nil
	}
	v, err := s.View(ctx, id, selects("viewCount"))
	if err != nil || v == nil {
		return nil, err
	}
	return v, nil
}

func readTag(_ context.Context, s *Session, label string, _ func(string) bool) (Node, error) {
	if label == "" {
		return nil, nil
	}
	return s.Tag(label), nil
}
