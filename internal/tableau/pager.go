package tableau

import (
	"cmp"
	"context"
	"errors"
	"math"
	"net/url"
)

// Position is where a range of a list begins: Offset items after the beginning of the list or, if
// there is a Token, after the beginning of the page that the token leads to.
type Position struct {
	Token  string
	Offset int
}

// pager reads one list page by page. Lists differ in how they lead from one page to the next.
type pager[T any] interface {
	// span reads up to first items from a position on. counted says that the total is wanted although
	// it may take more calls.
	span(ctx context.Context, from Position, first int, counted bool) (span[T], error)
	// all reads the whole list: up to most pages of the largest size.
	all(ctx context.Context, most int) ([]*T, error)
}

// span is a range of a list as a pager reads it.
type span[T any] struct {
	items []*T
	total int  // of the whole list
	open  bool // the total is unknown; in a list that pages by number more items follow
	// after are the positions after each item, nil for a list that pages by number. next is where more
	// items follow in a list that pages by token, nil if there are none.
	after []Position
	next  *Position
}

// readRange reads up to first items from offset on, of a list that pages by number.
func readRange[T any, P resource[T]](ctx context.Context, s *Session, read pageReader[T], q ListQuery[T], offset, first int) (*Page[T], error) {
	return readPaged[T, P](ctx, s, func(values url.Values) pager[T] { return numberPager[T, P]{read, values, q.noTotal} }, q, offset, first)
}

// readPaged reads up to first items from offset on, with the fewest calls. open returns the pager of
// the list with the parameters of a request.
func readPaged[T any, P resource[T]](
	ctx context.Context, s *Session, open func(url.Values) pager[T], q ListQuery[T], offset, first int,
) (*Page[T], error) {
	if q.matchesNothing() {
		return &Page[T]{Offset: offset}, nil
	}
	version, err := s.client.Version(ctx)
	if err != nil {
		return nil, err
	}
	sent, local, err := q.plan(version)
	if err != nil {
		return nil, err
	}
	list := open(q.values(sent, local))
	if len(local) > 0 {
		return readFilteredRange[T, P](ctx, list, local, offset, first)
	}
	got, err := list.span(ctx, Position{q.Token, offset}, first, q.Counted)
	if err != nil {
		return nil, err
	}
	if got.open && !q.mayBeOpen {
		return nil, errTooManyPages
	}
	page := &Page[T]{
		Items: newBatch[T, P](got.items), Offset: offset, Total: got.total, Open: got.open, After: got.after, Next: got.next,
	}
	if !got.open && len(q.Filters) == 0 && len(page.Items) == got.total && got.total > 0 {
		P(page.Items[0]).readWith().complete = true
	}
	return page, nil
}

// numberPager reads a list whose pages have numbers.
type numberPager[T any, P resource[T]] struct {
	read    pageReader[T]
	values  url.Values
	noTotal bool // the list is known to have no total
}

func (n numberPager[T, P]) span(ctx context.Context, from Position, first int, counted bool) (span[T], error) {
	if from.Token != "" {
		return span[T]{}, &InputError{Reason: "the position is of a list that pages by token"}
	}
	var s span[T]
	var err error
	if n.noTotal {
		s.items, s.total, s.open, err = readUnknownTotal[T, P](ctx, n.read, n.values, from.Offset, first, counted)
	} else {
		s.items, s.total, s.open, err = pageSpan[T, P](ctx, n.read, n.values, from.Offset, first, pageSizeFor(from.Offset, first), counted, false)
	}
	return s, err
}

func (n numberPager[T, P]) all(ctx context.Context, most int) ([]*T, error) {
	return readAll[T, P](ctx, n.read, n.values, most)
}

// tokenPage is one page of a list that pages by token.
type tokenPage[T any] struct {
	items []*T
	next  string // leads to the next page; empty on the last one
	total Int    // of the whole list, if the server sends it
}

// tokenPager reads a list whose pages lead to the next one by an opaque token. read reads up to size
// items of the page that a token leads to, or of the first one.
type tokenPager[T any, P resource[T]] struct {
	read func(ctx context.Context, token string, size int) (tokenPage[T], error)
}

func (t tokenPager[T, P]) span(ctx context.Context, from Position, first int, counted bool) (span[T], error) {
	s := span[T]{open: true, after: []Position{}}
	at, count, seen := from, 0, map[LUID]bool{}
	err := t.walk(ctx, from.Token, min(max(from.Offset+first, 1), maxPageSize), func(token string, page tokenPage[T]) (more bool) {
		for i, item := range page.items {
			if count++; count <= from.Offset {
				continue
			}
			if len(s.items) == first {
				s.next = cmp.Or(s.next, &at)
				continue
			}
			at = Position{token, i + 1}
			if i == len(page.items)-1 && page.next != "" {
				at = Position{Token: page.next}
			}
			if id := P(item).luid(); !seen[id] {
				seen[id] = true
				s.items, s.after = append(s.items, item), append(s.after, at)
			}
		}
		if total := page.total; total.Valid && total.V >= 0 && total.V <= math.MaxInt32 {
			s.total, s.open = int(total.V), false
		} else if page.next == "" && from.Token == "" {
			s.total, s.open = count, false
		}
		if len(s.items) < first {
			return true
		}
		if page.next != "" {
			s.next = cmp.Or(s.next, &Position{Token: page.next})
		}
		return counted && s.open && from.Token == ""
	})
	if err == errTooManyPages && s.next != nil { //nolint:errorlint // the sentinel is never wrapped
		return s, nil // the range is read, and the total stays unknown
	}
	return s, err
}

func (t tokenPager[T, P]) all(ctx context.Context, most int) (all []*T, err error) {
	long := false
	err = t.walk(ctx, "", maxPageSize, func(_ string, page tokenPage[T]) (more bool) {
		all = append(all, page.items...)
		long = len(all) > most*maxPageSize || page.next != "" && len(all) == most*maxPageSize
		return !long
	})
	if err == nil && long {
		err = errTooManyPages
	}
	return all, err
}

// errCircle is the error of a list that would never end.
var errCircle = errors.New("a page leads back to one that was read")

// walk reads page after page while more are wanted.
func (t tokenPager[T, P]) walk(ctx context.Context, token string, size int, visit func(token string, page tokenPage[T]) (more bool)) error {
	seen := map[string]bool{}
	for range maxPages {
		seen[token] = true
		page, err := t.read(ctx, token, size)
		if err != nil {
			return err
		}
		if !visit(token, page) || page.next == "" {
			return nil
		}
		if token = page.next; seen[token] {
			return &Error{Kind: Malformed, Call: "GET the pages of a list", Err: errCircle}
		}
	}
	return errTooManyPages
}
