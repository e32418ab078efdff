package resolvers

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"math"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"

	"vitrine/graph"
	"vitrine/internal/exec"
	"vitrine/internal/graphqlhttp"
	"vitrine/internal/tableau"
)

// pageSpan is the part of a list that a page asks for.
type pageSpan struct {
	tableau.Position // where it begins
	first            int
	list             [8]byte // which list, filter and order this is: cursors of another one are refused; zero where there are no cursors
}

// pageSpanOf checks first and after. parent is the global id of what the list hangs off.
func (r *Resolver) pageSpanOf(ctx context.Context, parent string, first int32, after *string) (pageSpan, error) {
	return pageSpanWithin(ctx, parent, first, after, r.mostItems(ctx))
}

func pageSpanWithin(ctx context.Context, parent string, first int32, after *string, most int) (pageSpan, error) {
	s := pageSpan{first: int(first)}
	asked := exec.PerColumn(ctx, "cursors", func() bool { return selectionOf(ctx).has("pageInfo", "edges") })
	if asked || after != nil && *after != "" {
		s.list = listOf(ctx, parent)
	}
	if s.first > most && !given(ctx, "first") { // the schema's default is lowered to what the caller may ask for
		s.first = most
	}
	if s.first < 0 || s.first > most {
		return s, graphqlhttp.InputError(fmt.Sprintf("first is %d: it can be 0 to %d; read the rest with after", first, most))
	}
	if after == nil || *after == "" {
		return s, nil
	}
	at, ok := s.parse(*after)
	if !ok {
		return s, graphqlhttp.InputError("after is no cursor of this list: it belongs to one list, filter and order, and comes from pageInfo.endCursor")
	}
	s.Position = at
	return s, nil
}

// given reports whether the document has an argument, or its variable a value: else the default of
// the schema counts.
func given(ctx context.Context, name string) bool {
	arg := graphql.GetFieldContext(ctx).Field.Arguments.ForName(name)
	if arg == nil || arg.Value.Kind != ast.Variable {
		return arg != nil
	}
	_, given := graphql.GetOperationContext(ctx).Variables[arg.Value.Raw]
	return given
}

// mostItems is how many items one page may have: what the caller's roles say, else the server's own
// limit.
func (r *Resolver) mostItems(ctx context.Context) int {
	if most := operationFrom(ctx).View.Limits.First; most > 0 {
		return most
	}
	return r.First
}

// mostRows is the same for the rows of a view's data.
func (r *Resolver) mostRows(ctx context.Context) int {
	if most := operationFrom(ctx).View.Limits.Rows; most > 0 {
		return most
	}
	return r.First
}

// listOf identifies a list by the object it belongs to, its field, filter and order.
func listOf(ctx context.Context, parent string) [8]byte {
	fc := graphql.GetFieldContext(ctx)
	args := map[string]any{}
	for name, value := range fc.Args {
		if name != "first" && name != "after" {
			args[name] = value
		}
	}
	text, _ := json.Marshal([]any{parent, fc.Field.Name, args}) // typed inputs and strings: they always marshal
	sum := sha256.Sum256(text)
	return [8]byte(sum[:8])
}

// maxToken bounds the token in a cursor.
const maxToken = 4096

// cursor returns the cursor of the item before a position. It has the digest of the list, then the
// index of the item in the list, or the offset of the position from a page and the token that leads
// to this page.
func (s pageSpan) cursor(after tableau.Position) string {
	n := after.Offset
	if after.Token == "" {
		n--
	}
	return base64.RawURLEncoding.EncodeToString(append(binary.AppendUvarint(s.list[:], uint64(n)), after.Token...))
}

// parse returns the position after the item of a cursor.
func (s pageSpan) parse(cursor string) (after tableau.Position, ok bool) {
	raw, err := base64.RawURLEncoding.DecodeString(cursor)
	if err != nil || len(raw) < len(s.list)+1 || [8]byte(raw[:8]) != s.list {
		return after, false
	}
	n, size := binary.Uvarint(raw[8:])
	if size <= 0 || n >= math.MaxInt32 || len(raw)-8-size > maxToken {
		return after, false
	}
	after = tableau.Position{Token: string(raw[8+size:]), Offset: int(n)}
	if after.Token == "" {
		after.Offset++
	}
	return after, true
}

// after returns the position after an item of a page.
func after[T any](s pageSpan, p *tableau.Page[T], i int) tableau.Position {
	if p.After != nil {
		return p.After[i]
	}
	return tableau.Position{Offset: s.Offset + i + 1}
}

// following returns the position where more items follow, and whether there are any. The items may
// be fewer than were asked for: what an answer held twice is gone.
func following[T any](s pageSpan, p *tableau.Page[T]) (tableau.Position, bool) {
	if p.After != nil {
		return *cmp.Or(p.Next, &tableau.Position{}), p.Next != nil
	}
	return tableau.Position{Offset: s.Offset + s.first}, p.Open || s.Offset+s.first < p.Total
}

// listRequest is the query of a list, or the error in its filter.
type listRequest[T any] struct {
	query tableau.ListQuery[T]
	err   error
}

// queryOf returns the query of the list that is being resolved, which is the same for all objects of
// a column: make may use arguments, and nothing of the object. It gets what is selected of the items.
func queryOf[T any](ctx context.Context, make func(items selection) listRequest[T]) listRequest[T] {
	q := exec.PerColumn(ctx, "query", func() listRequest[T] { return make(selectionOf(ctx).items()) })
	if q.err != nil { // each object has an error of its own, with its path
		return make(selectionOf(ctx).items())
	}
	return q
}

// reader reads a page of one list.
type reader[T any] func(ctx context.Context, q tableau.ListQuery[T], offset, first int) (*tableau.Page[T], error)

// list answers a Relay list that hangs off the object with the global id parent. Filter and
// arguments are checked before anything is read.
func list[T, C any](
	ctx context.Context, r *Resolver, parent string, first int32, after *string, want listRequest[T], read reader[T],
	connect func(context.Context, pageSpan, *tableau.Page[T], error) (*C, error),
) (*C, error) {
	if want.err != nil {
		return nil, want.err
	}
	at, err := r.pageSpanOf(ctx, parent, first, after)
	if err != nil {
		return nil, err
	}
	want.query.Counted, want.query.Token = exec.PerColumn(ctx, "counted", func() bool { return selectionOf(ctx).has("totalCount") }), at.Token
	page, err := read(ctx, want.query, at.Offset, at.first)
	return connect(ctx, at, page, err)
}

// pageInfoOf is pageInfo where the document selects it.
func pageInfoOf[T any](ctx context.Context, s pageSpan, p *tableau.Page[T]) *graph.PageInfo {
	if !exec.PerColumn(ctx, "pageInfo", func() bool { return selectionOf(ctx).has("pageInfo") }) {
		return nil
	}
	return pageInfo(s, p)
}

// pageInfo is the position of a page.
func pageInfo[T any](s pageSpan, p *tableau.Page[T]) *graph.PageInfo {
	next, more := following(s, p)
	info := &graph.PageInfo{HasNextPage: more, HasPreviousPage: s.Position != tableau.Position{}}
	if n := len(p.Items); n > 0 {
		start, end := s.cursor(after(s, p, 0)), s.cursor(after(s, p, n-1))
		if more {
			end = s.cursor(next)
		}
		info.StartCursor, info.EndCursor = &start, &end
	}
	return info
}

// The connections and edges of the schema have the same fields. These constraints match what gqlgen
// generates, so that one function makes all of them. The compiler infers the edge and the item from
// the connection.
type (
	edgeType[T any] interface {
		~struct {
			Cursor string `json:"cursor"`
			Node   *T     `json:"node"`
		}
	}
	connectionType[E, T any] interface {
		~struct {
			Nodes      []*T            `json:"nodes"`
			Edges      []*E            `json:"edges"`
			PageInfo   *graph.PageInfo `json:"pageInfo"`
			TotalCount int32           `json:"totalCount"`
		}
	}
	openConnectionType[E, T any] interface {
		~struct {
			Nodes      []*T            `json:"nodes"`
			Edges      []*E            `json:"edges"`
			PageInfo   *graph.PageInfo `json:"pageInfo"`
			TotalCount *int32          `json:"totalCount"`
		}
	}
)

// connection makes a Relay connection of a page: connection[graph.WorkbookConnection]. err is why
// there is no page.
func connection[C connectionType[E, T], E edgeType[T], T any](ctx context.Context, s pageSpan, p *tableau.Page[T], err error) (*C, error) {
	if err = reservePage(ctx, p, err); err != nil {
		return nil, err
	}
	c := C{Nodes: nodes(p), Edges: edges[E](ctx, s, p), PageInfo: pageInfoOf(ctx, s, p), TotalCount: total(p.Total)}
	return &c, nil
}

// openConnection is connection for lists whose total may be unknown.
func openConnection[C openConnectionType[E, T], E edgeType[T], T any](ctx context.Context, s pageSpan, p *tableau.Page[T], err error) (*C, error) {
	if err = reservePage(ctx, p, err); err != nil {
		return nil, err
	}
	c := C{Nodes: nodes(p), Edges: edges[E](ctx, s, p), PageInfo: pageInfoOf(ctx, s, p), TotalCount: knownTotal(p)}
	return &c, nil
}

// edges returns the edges of a page where the document selects them, and none where it does not.
func edges[E edgeType[T], T any](ctx context.Context, s pageSpan, p *tableau.Page[T]) []*E {
	if !exec.PerColumn(ctx, "edges", func() bool { return selectionOf(ctx).has("edges") }) {
		return []*E{}
	}
	made := make([]*E, len(p.Items))
	for i, item := range p.Items {
		made[i] = &E{Cursor: s.cursor(after(s, p, i)), Node: item}
	}
	return made
}

func nodes[T any](p *tableau.Page[T]) []*T {
	if p.Items == nil {
		return []*T{}
	}
	return p.Items
}

func total(n int) int32 { return int32(min(n, math.MaxInt32)) }

// knownTotal is the total of a list that may tell none.
func knownTotal[T any](p *tableau.Page[T]) *int32 {
	if p.Open {
		return nil
	}
	n := total(p.Total)
	return &n
}
