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
}

// nodeReader looks a thing up by the key of its global id; nil if there is none. selects reports
// whether a field of it is selected.
type nodeReader func(ctx context.Context, s *Session, key string, selects func(field string) bool) (Node, error)

// nodeKinds is the registry. A site has a global id too; it is no thing on a site, and no row.
var nodeKinds = []*NodeKind{
	kept(batched(KindWorkbook, (*Session).Workbook)),
	kept(batched[View](KindView, nil).readBy(readView)),
	kept(batched(KindDataSource, (*Session).DataSource)),
	kept(batched(KindProject, (*Session).Project)),
	kept(batched(KindFlow, (*Session).Flow)),
	kept(batched(KindCollection, (*Session).Collection)),
	kept(batched(KindVirtualConnection, (*Session).VirtualConnection)),
	found(batched(KindDatabase, (*Session).Database)),
	found(batched(KindTable, (*Session).Table)),
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

func kept(k *NodeKind) *NodeKind {
	k.IsKept, k.IsFound = true, true
	return k
}

func found(k *NodeKind) *NodeKind {
	k.IsFound = true
	return k
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
