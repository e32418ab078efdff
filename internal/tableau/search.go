package tableau

import (
	"bytes"
	"context"
	"encoding/json"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"vitrine/internal/tableau/rest"
)

// SearchWindow is how many hits of a search can be reached.
const SearchWindow = 2000

// SearchHit is one thing that a search found. Search has its own numbers for owners and projects,
// which are not read at all, and other LUIDs for data sources, which go no further than this.
type SearchHit struct {
	contentRef
	Type                     ContentType `json:"type"`
	Title                    string      `json:"title"`
	Caption                  Text        `json:"caption"`
	OwnerName                Text        `json:"ownerName"`
	ContainerGiven           Text        `json:"containerName"`
	ParentWorkbook           Text        `json:"parentWorkbookName"`
	ProjectName              Text        `json:"projectName"`
	UpdatedAt                Time        `json:"modifiedTime"`
	TagList                  words       `json:"tags"`
	ViewCount                Long        `json:"hitsTotal"`
	LastMonthViewCount       Long        `json:"hitsSmallSpanTotal"`
	LastThreeMonthsViewCount Long        `json:"hitsMediumSpanTotal"`
	LastYearViewCount        Long        `json:"hitsLargeSpanTotal"`

	GivenLUID      Text `json:"luid"`
	RepositoryURL  Text `json:"repositoryUrl"`         // content URL of a data source
	DataSourceLUID Text `json:"datasourceLuid"`        // of a data source, in newer servers
	IsPublished    Flag `json:"datasourceIsPublished"` // false: it is part of a workbook and has no page of its own
}

func (h *SearchHit) luid() LUID { return LUID(strconv.Itoa(h.number)) }

func (h *SearchHit) bind(s *Session) {
	h.s, h.kind, h.title, h.contentURL, h.nowhere = s, h.Type, Text(h.Title), h.RepositoryURL, h.IsPublished == No
	h.workbook = firstText(h.ParentWorkbook, h.ContainerGiven)
	h.id = tellableLUID(h.GivenLUID)
	if h.Type.unified() {
		h.id = tellableLUID(h.DataSourceLUID)
	}
}

// TypeRaw is the type as Tableau writes it.
func (h *SearchHit) TypeRaw() Text { return Text(h.Type) }

// ContainerName is the name of the project or workbook around it.
func (h *SearchHit) ContainerName() Text {
	for _, name := range []Text{h.ContainerGiven, h.ParentWorkbook, h.ProjectName} {
		if name != "" {
			return name
		}
	}
	return ""
}

// Tags are the words that people put on it.
func (h *SearchHit) Tags() []string { return slices.Clone([]string(h.TagList)) }

// words is a list of texts, which may come as one text, or as objects with a label or a name.
type words []string

func (w *words) UnmarshalJSON(data []byte) error {
	*w = words{}
	var items []json.RawMessage
	if json.Unmarshal(data, &items) != nil {
		items = []json.RawMessage{data}
	}
	for _, item := range items {
		var object struct {
			Label, Name Text
			Tag         words
		}
		text := Text(rest.ScalarText(item))
		if text == "" && rest.Unmarshal(item, &object) == nil {
			text = firstText(object.Label, object.Name)
			*w = append(*w, object.Tag...)
		}
		if text != "" {
			*w = append(*w, string(text))
		}
	}
	return nil
}

// SearchQuery says what is looked for. The search takes several bounds on one time at once.
type SearchQuery struct {
	Terms    string
	Filters  []SearchCondition
	OrderBy  []Sort
	Nothing  bool // a filter lets nothing pass: nothing is sent
	Multiple bool // a filter has several alternatives, which the search takes from API 3.17
}

// SearchCondition is one condition: type, modifiedTime.
type SearchCondition struct{ Field, Op, Value string }

func (q SearchQuery) values() url.Values {
	v := url.Values{}
	if q.Terms != "" {
		v.Set("terms", q.Terms)
	}
	filters := make([]string, len(q.Filters))
	for i, f := range q.Filters {
		filters[i] = f.Field + ":" + f.Op + ":" + f.Value
	}
	if len(filters) > 0 {
		v.Set("filter", strings.Join(filters, ","))
	}
	if len(q.OrderBy) > 0 {
		v.Set("order_by", sortExpression(q.OrderBy))
	}
	return v
}

type searchAnswer struct {
	rest.Envelope
	searchPage
	Hits *searchPage `json:"hits" xml:"-"` // Cloud wraps the answer once more
}

type searchPage struct {
	Total Int           `json:"total" xml:"-"`
	Limit Int           `json:"limit" xml:"-"`
	Items []*searchItem `json:"items" xml:"-"`
}

type searchItem struct {
	Content *SearchHit `json:"content"`
}

// Search looks for words among all that the user may see, best match first or in the order asked
// for. GET /api/-/search, from API 3.16.
func (s *Session) Search(ctx context.Context, q SearchQuery, offset, first int) (*Page[SearchHit], error) {
	page := &Page[SearchHit]{Offset: offset}
	if q.Nothing {
		return page, nil
	}
	least := "" // what the search itself takes
	if q.Multiple {
		least = "3.17"
	}
	read := func(ctx context.Context, query url.Values) (Pagination, []*SearchHit, error) {
		return s.searchAt(ctx, least, query)
	}
	reachable := max(min(first, SearchWindow-offset), 0)
	if reachable == 0 {
		offset = 0 // the total alone
	}
	items, total, _, err := pageSpan(ctx, read, q.values(), offset, reachable, pageSizeFor(offset, reachable), true, true)
	if err != nil {
		return nil, err
	}
	page.Items, page.Total = newBatch(withoutTwins(items)), total
	return page, nil
}

func (s *Session) searchAt(ctx context.Context, least string, query url.Values) (Pagination, []*SearchHit, error) {
	number, _ := strconv.Atoi(query.Get("pageNumber"))
	size, _ := strconv.Atoi(query.Get("pageSize"))
	sent := url.Values{"page": {strconv.Itoa(number - 1)}, "limit": {strconv.Itoa(size)}}
	for _, name := range []string{"terms", "filter", "order_by"} {
		if query.Has(name) {
			sent[name] = query[name]
		}
	}
	r := rest.SiteRead{Template: "-/search", Query: sent, Since: least}
	a, err := get(ctx, s, r, func(a *searchAnswer) {
		if a.Hits != nil {
			a.searchPage = *a.Hits
		}
		for i, item := range a.Items {
			if item != nil && item.Content != nil {
				item.Content.number = (number-1)*size + i
				item.Content.bind(s)
			}
		}
	})
	if err != nil {
		return Pagination{}, nil, err
	}
	var hits []*SearchHit
	for _, item := range a.Items {
		if item != nil && item.Content != nil {
			hits = append(hits, item.Content)
		}
	}
	return Pagination{PageNumber: NewInt(int64(number)), PageSize: a.Limit, TotalAvailable: a.Total}, hits, nil
}

// withoutTwins drops a data source that was found twice, once under each of its two kinds.
func withoutTwins(hits []*SearchHit) []*SearchHit {
	unified := map[Text]bool{}
	for _, h := range hits {
		if h.Type.unified() && h.DataSourceLUID != "" {
			unified[h.DataSourceLUID] = true
		}
	}
	return slices.DeleteFunc(slices.Clone(hits), func(h *SearchHit) bool { return !h.Type.unified() && unified[h.GivenLUID] })
}

// Suggestion completes what somebody types.
type Suggestion struct {
	Text string
	Type ContentType
}

// TypeRaw is the type as Tableau writes it.
func (s *Suggestion) TypeRaw() Text { return Text(s.Type) }

// UnmarshalJSON takes a text, or an object with the text by one of the names that the search has
// for titles.
func (s *Suggestion) UnmarshalJSON(data []byte) error {
	if text := rest.ScalarText(data); text != "" {
		s.Text = text
		return nil
	}
	var object struct {
		Text, Title, Name, Suggestion, Value Text
		Type, ContentType, Kind              Text
		Content                              *Suggestion
	}
	if err := rest.Unmarshal(data, &object); err != nil {
		return nil //nolint:nilerr // what cannot be read is no suggestion: one must not void the others
	}
	s.Text = string(firstText(object.Text, object.Title, object.Name, object.Suggestion, object.Value))
	s.Type = ContentType(firstText(object.Type, object.ContentType, object.Kind))
	if s.Text == "" && object.Content != nil {
		*s = *object.Content
	}
	return nil
}

func firstText(texts ...Text) Text {
	i := slices.IndexFunc(texts, func(t Text) bool { return t != "" })
	if i < 0 {
		return ""
	}
	return texts[i]
}

type suggestionsAnswer struct {
	rest.Envelope
	suggestionList
	Hits *suggestionList `json:"hits" xml:"-"`
}

// suggestionList has the possible names of the list of suggestions: the documentation does not show
// a whole answer.
type suggestionList struct {
	Suggestions suggestionItems `json:"suggestions" xml:"-"`
	Items       suggestionItems `json:"items" xml:"-"`
}

// suggestionItems is a list, or an object that holds it.
type suggestionItems []*Suggestion

func (l *suggestionItems) UnmarshalJSON(data []byte) error {
	if data = bytes.TrimSpace(data); len(data) > 0 && data[0] == '{' {
		var inner struct{ Suggestion, Items []*Suggestion }
		err := rest.Unmarshal(data, &inner)
		*l = append(inner.Suggestion, inner.Items...)
		return err
	}
	var items []*Suggestion
	err := rest.Unmarshal(data, &items)
	*l = items
	return err
}

// Suggestions completes a text that somebody types, with up to first texts. GET /api/-/suggestions,
// from API 3.19.
func (s *Session) Suggestions(ctx context.Context, typed string, first int) ([]*Suggestion, error) {
	r := rest.SiteRead{Template: "-/suggestions", Query: url.Values{"terms": {typed}, "limit": {strconv.Itoa(first)}}}
	a, err := get(ctx, s, r, func(*suggestionsAnswer) {})
	if err != nil {
		return nil, err
	}
	lists := []suggestionItems{a.Suggestions, a.Items}
	if a.Hits != nil {
		lists = append(lists, a.Hits.Suggestions, a.Hits.Items)
	}
	all := slices.Concat(lists...)
	all = slices.DeleteFunc(all, func(s *Suggestion) bool { return s == nil || s.Text == "" })
	return all[:min(len(all), first)], nil
}

// ID is an id for client caches.
func (h *SearchHit) ID() string {
	return h.cacheID("SearchHit", string(h.Type), string(firstText(h.GivenLUID, h.RepositoryURL, Text(h.Title))))
}
