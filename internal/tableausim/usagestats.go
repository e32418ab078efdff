package tableausim

import (
	"encoding/json"
	"io"
	"net/http"
	"strconv"

	"vitrine/internal/tableausim/wire"
)

// Usage statistics are Cloud's alone. Their numbers are strings: 64-bit integers are, in the
// answers of such methods.

// usageBody is the body of the POST that asks about many things.
type usageBody struct {
	Items []struct {
		LUID string `json:"luid"`
		Type string `json:"type"`
	} `json:"content_items"`
}

// maxUsageBody bounds what is read of a body.
const maxUsageBody = 1 << 20

// readUsageBody reads the body before the world is locked.
func readUsageBody(c *call) error {
	body, err := io.ReadAll(io.LimitReader(c.r.Body, maxUsageBody))
	if err == nil {
		err = json.Unmarshal(body, &c.usage)
	}
	if err != nil {
		return wire.Fail("400000", "The body cannot be read: it must have content_items with luid and type.")
	}
	return nil
}

// usageNumbers are how often something was looked at: fewer for shorter periods.
func usageNumbers(luid string, total int) map[string]string {
	share := func(percent int, period string) string {
		return strconv.Itoa(total * int(seed(luid, period)%uint64(percent)) / 100)
	}
	year := total * (60 + int(seed(luid, "year")%40)) / 100
	return map[string]string{
		"hitsTotal": strconv.Itoa(total), "hitsLastTwoWeeksTotal": share(4, "weeks"), "hitsLastOneMonthTotal": strconv.Itoa(total * (4 + int(seed(luid, "month")%6)) / 100),
		"hitsLastThreeMonthsTotal": strconv.Itoa(total * (10 + int(seed(luid, "months")%20)) / 100), "hitsLastTwelveMonthsTotal": strconv.Itoa(year),
	}
}

// usageOf gives the numbers of one thing that the caller sees.
func usageOf(c *call, kind, id string) (map[string]string, error) {
	u, thing := c.user(), c.site().byID[id]
	switch x := thing.(type) {
	case *workbook:
		if kind == "workbook" && u.seesWorkbook(x) {
			return usageNumbers(id, workbookHit(x).hits), nil
		}
	case *view:
		if kind == "view" && u.seesView(x) {
			return usageNumbers(id, x.hits), nil
		}
	case *datasource:
		if kind == "datasource" && u.seesDatasource(x) {
			return usageNumbers(id, int(seed(x.id, "hits")%900)), nil
		}
	case *flow:
		if kind == "flow" && u.seesFlow(x) {
			return usageNumbers(id, int(seed(x.id, "hits")%300)), nil
		}
	}
	return nil, errNotFound("404029", "Content", id)
}

// getUsage is GET /api/-/content/usage-stats/{type}/{luid}; the type is in the plural there.
func getUsage(c *call) (*answer, error) {
	kind, ok := map[string]string{"workbooks": "workbook", "views": "view", "datasources": "datasource", "flows": "flow"}[c.r.PathValue("type")]
	switch {
	case !c.s.cfg.Cloud:
		return nil, errUnknownResource(c.r.URL.Path)
	case !ok:
		return nil, wire.Fail("400000", "Usage statistics are not supported for '%s'.", c.r.PathValue("type"))
	}
	numbers, err := usageOf(c, kind, c.r.PathValue("id"))
	if err != nil {
		return nil, err
	}
	return jsonAnswer(numbers)
}

// postUsage is POST /api/-/content/usage-stats, which reads those of many things and answers 201.
// What cannot be read is listed among the errors.
func postUsage(c *call) (*answer, error) {
	if !c.s.cfg.Cloud {
		return nil, errUnknownResource(c.r.URL.Path)
	}
	items, errs := []any{}, []any{}
	for _, item := range c.usage.Items {
		content := map[string]string{"luid": item.LUID, "type": item.Type}
		numbers, err := usageOf(c, item.Type, item.LUID)
		if err != nil {
			errs = append(errs, map[string]any{"content": content, "message": "not found"})
			continue
		}
		items = append(items, map[string]any{"content": content, "usage": numbers})
	}
	a, err := jsonAnswer(map[string]any{"content_items": items, "errors": errs})
	a.status = http.StatusCreated
	return a, err
}
