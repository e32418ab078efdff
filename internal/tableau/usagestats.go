package tableau

import (
	"context"
	"encoding/json"
	"slices"

	"vitrine/internal/parallel"
	"vitrine/internal/tableau/rest"
)

// UsageStatistics say how often something was looked at, by stretches of time.
type UsageStatistics struct {
	ViewCount                Long `json:"hitsTotal"`
	LastTwoWeeksViewCount    Long `json:"hitsLastTwoWeeksTotal"`
	LastMonthViewCount       Long `json:"hitsLastOneMonthTotal"`
	LastThreeMonthsViewCount Long `json:"hitsLastThreeMonthsTotal"`
	LastYearViewCount        Long `json:"hitsLastTwelveMonthsTotal"`
}

// usageRequest is the body of the POST that reads the usage of many things.
type usageRequest struct {
	Items []usageItem `json:"content_items"`
}

type usageItem struct {
	LUID LUID   `json:"luid"`
	Type string `json:"type"`
}

type usageAnswer struct {
	rest.Envelope
	Items []*struct {
		Content usageItem        `json:"content"`
		Usage   *UsageStatistics `json:"usage"`
	} `json:"content_items" xml:"-"`
}

// usageMedia is the media type of the body: methods outside the versioned API tell their versions
// by it.
const usageMedia = "application/vnd.tableau.usagestats.v1.BatchGetUsageRequest+json"

// maxUsageItems bounds what is asked about at once; no limit is documented.
const maxUsageItems = 500

// ReadUsage says how often the workbook was looked at: one call for all that were read together.
// Tableau Cloud alone. Nil where Tableau says nothing of it. POST /api/-/content/usage-stats, from
// API 3.17.
func (w *Workbook) ReadUsage(ctx context.Context) (*UsageStatistics, error) {
	return readUsage(ctx, w.node, w, "workbook")
}

// ReadUsage says how often the view was looked at; as Workbook.ReadUsage.
func (v *View) ReadUsage(ctx context.Context) (*UsageStatistics, error) {
	return readUsage(ctx, v.node, v, "view")
}

// ReadUsage says how often the data source was used; as Workbook.ReadUsage.
func (d *DataSource) ReadUsage(ctx context.Context) (*UsageStatistics, error) {
	return readUsage(ctx, d.node, d, "datasource")
}

// ReadUsage says how often the flow was used; as Workbook.ReadUsage.
func (f *Flow) ReadUsage(ctx context.Context) (*UsageStatistics, error) {
	return readUsage(ctx, f.node, f, "flow")
}

func readUsage[T any, P resource[T]](ctx context.Context, n node, item *T, kind string) (*UsageStatistics, error) {
	all, err := once(ctx, n.batch, "usage", func() (map[LUID]*UsageStatistics, error) {
		var ids []LUID
		for _, sibling := range batchItems(n.batch, item) {
			ids = append(ids, P(sibling).luid())
		}
		return n.s.usageOf(ctx, kind, ids)
	})
	return all[P(item).luid()], err
}

func (s *Session) usageOf(ctx context.Context, kind string, ids []LUID) (map[LUID]*UsageStatistics, error) {
	chunks := slices.Collect(slices.Chunk(ids, maxUsageItems))
	answers := make([]*usageAnswer, len(chunks))
	err := parallel.Run(ctx, len(chunks), func(ctx context.Context, i int) (err error) {
		var body usageRequest
		for _, id := range chunks[i] {
			body.Items = append(body.Items, usageItem{LUID: id, Type: kind})
		}
		asked, err := json.Marshal(body)
		if err != nil {
			return err
		}
		r := rest.SiteRead{Template: "-/content/usage-stats", Media: usageMedia, Body: asked}
		answers[i], err = get(ctx, s, r, func(*usageAnswer) {})
		return err
	})
	if err != nil {
		return nil, err
	}
	usage := map[LUID]*UsageStatistics{}
	for _, a := range answers {
		for _, item := range a.Items {
			if item != nil && item.Usage != nil {
				usage[item.Content.LUID] = item.Usage
			}
		}
	}
	return usage, nil
}
