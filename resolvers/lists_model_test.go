package resolvers_test

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"
)

// listed is one of the lists: what it can be filtered and ordered by, and where its items tell the
// value. It is written from schema.graphqls, not from the resolvers, so that a mistake there is no
// mistake here.
type listed struct {
	field, filter, order string // workbooks, WorkbookFilter, WorkbookOrder
	arguments            string // beside those of every list, such as "type: WORKBOOK, "
	kind                 string // what the stand-in calls it, where it says what people see of it
	rest                 string // its path in the REST API, below a site or, with a slash, below /api
	selection            string
	conditions           []condition
	orders               []ordering
}

// condition is an input field of a filter. Items tell the value at path; where that is empty they
// do not, and what the list says to the condition alone is trusted.
type condition struct {
	name   string
	kind   kind
	path   string
	people bool // reads what the area PEOPLE opens
}

type kind int

const (
	aTextEq kind = iota
	aText
	aMatch
	aFlag
	aLuid
	aNumber
	aMoment
	aLogin // not before a moment: whether Tableau counts those who have never signed in is not known
	aSiteRole
	aSheetType
	aLuidEq
	anEnum   // equal to a value of an enum
	aTextHas // equal, or has a part
	aPartOf  // has a part
	aName    // of content: equal, one of several, or has a part
)

// ordering is a value of an order enum; as condition.
type ordering struct {
	name   string
	kind   kind
	path   string
	people bool
}

var ownerConditions = []condition{
	{"ownerName", aText, "owner.name", false}, {"ownerEmail", aText, "owner.email", true}, {"ownerDomain", aText, "", true},
}

var madeAndChanged = []condition{{"createdAt", aMoment, "createdAt", false}, {"updatedAt", aMoment, "updatedAt", false}}

var changedOrders = []ordering{
	{"NAME", aText, "name", false}, {"CREATED_AT", aMoment, "createdAt", false}, {"UPDATED_AT", aMoment, "updatedAt", false},
}

var ownerOrder = ordering{"OWNER_NAME", aText, "owner.name", false}

var lists = []listed{
	{
		"projects", "ProjectFilter", "ProjectOrder", "", "projects", "projects",
		`name isTopLevel createdAt updatedAt parent { luid } owner { name }`,
		slices.Concat(ownerConditions, madeAndChanged, []condition{
			{"name", aName, "name", false}, {"parentLuid", aLuid, "parent.luid", false}, {"isTopLevel", aFlag, "isTopLevel", false},
		}),
		slices.Concat(changedOrders, []ordering{ownerOrder}),
	},
	{
		"workbooks", "WorkbookFilter", "WorkbookOrder", "", "workbooks", "workbooks",
		`name contentUrl createdAt updatedAt showsTabs hasExtracts sizeMegabytes sheetCount project { luid name } owner { name } tags { label }`,
		slices.Concat(ownerConditions, madeAndChanged, []condition{
			{"name", aName, "name", false},
			{"contentUrl", aText, "contentUrl", false},
			{"projectName", aText, "project.name", false},
			{"tags", aText, "tags.label", false},
			{"showsTabs", aFlag, "showsTabs", false},
			{"hasAlert", aFlag, "", false},
			{"hasExtracts", aFlag, "hasExtracts", false},
			{"sizeMegabytes", aNumber, "sizeMegabytes", false},
			{"sheetCount", aNumber, "sheetCount", false},
			{"favoriteCount", aNumber, "", false},
			{"subscriptionCount", aNumber, "", false},
		}),
		slices.Concat(changedOrders, []ordering{
			ownerOrder,
			{"CONTENT_URL", aText, "contentUrl", false},
			{"PROJECT_NAME", aText, "project.name", false},
			{"SIZE", aNumber, "sizeMegabytes", false},
			{"SHEET_COUNT", aNumber, "sheetCount", false},
			{"FAVORITE_COUNT", aNumber, "", false},
			{"SUBSCRIPTION_COUNT", aNumber, "", false},
		}),
	},
	{
		"views", "ViewFilter", "ViewOrder", "", "views", "views",
		`name contentUrl urlName createdAt updatedAt sheetType sheetTypeRaw favoriteCount viewCount workbook { name contentUrl description }
		 project { luid name } owner { name } tags { label }`,
		slices.Concat(ownerConditions[1:], madeAndChanged, []condition{
			{"ownerName", aTextEq, "owner.name", false},
			{"name", aName, "name", false},
			{"title", aText, "", false},
			{"caption", aText, "", false},
			{"contentUrl", aText, "contentUrl", false},
			{"urlName", aText, "urlName", false},
			{"workbookName", aText, "workbook.name", false},
			{"workbookDescription", aText, "workbook.description", false},
			{"projectName", aText, "project.name", false},
			{"tags", aText, "tags.label", false},
			{"sheetType", aSheetType, "sheetType", false},
			{"fields", aText, "", false},
			{"sheetNumber", aNumber, "", false},
			{"viewCount", aNumber, "", false},
			{"favoriteCount", aNumber, "favoriteCount", false},
		}),
		slices.Concat(changedOrders, []ordering{
			ownerOrder,
			{"CONTENT_URL", aText, "contentUrl", false},
			{"WORKBOOK_NAME", aText, "workbook.name", false},
			{"PROJECT_NAME", aText, "project.name", false},
			{"SHEET_NUMBER", aNumber, "", false},
			{"SHEET_TYPE", aText, "sheetTypeRaw", false},
			{"VIEW_COUNT", aNumber, "viewCount", false},
			{"FAVORITE_COUNT", aNumber, "favoriteCount", false},
		}),
	},
	{
		"dataSources", "DataSourceFilter", "DataSourceOrder", "", "datasources", "datasources",
		`name contentUrl description type createdAt updatedAt isCertified isPublished hasExtracts hasAlert databaseName serverName sizeMegabytes
		 favoriteCount project { luid name } owner { name } tags { label }`,
		slices.Concat(madeAndChanged, []condition{
			{"ownerName", aText, "owner.name", false},
			{"ownerEmail", aTextEq, "owner.email", true},
			{"ownerDomain", aText, "", true},
			{"name", aName, "name", false},
			{"contentUrl", aText, "contentUrl", false},
			{"description", aText, "description", false},
			{"type", aTextEq, "type", false},
			{"projectName", aText, "project.name", false},
			{"tags", aText, "tags.label", false},
			{"isCertified", aFlag, "isCertified", false},
			{"isPublished", aFlag, "isPublished", false},
			{"hasExtracts", aFlag, "hasExtracts", false},
			{"hasAlert", aFlag, "hasAlert", false},
			{"isConnectable", aFlag, "", false},
			{"isHierarchical", aFlag, "", false},
			{"databaseName", aText, "databaseName", false},
			{"serverName", aText, "serverName", false},
			{"sizeMegabytes", aNumber, "sizeMegabytes", false},
			{"favoriteCount", aNumber, "favoriteCount", false},
		}),
		slices.Concat(changedOrders, []ordering{
			ownerOrder,
			{"TYPE", aText, "type", false},
			{"PROJECT_NAME", aText, "project.name", false},
			{"SIZE", aNumber, "sizeMegabytes", false},
			{"FAVORITE_COUNT", aNumber, "favoriteCount", false},
			{"IS_CERTIFIED", aFlag, "isCertified", false},
		}),
	},
	{
		"users", "UserFilter", "UserOrder", "", "", "users",
		`name fullName domain siteRole siteRoleRaw lastLoginAt`,
		[]condition{
			{"name", aMatch, "name", true},
			{"fullName", aMatch, "fullName", true},
			{"luid", aLuid, "luid", true},
			{"domain", aText, "domain", true},
			{"siteRole", aSiteRole, "siteRole", true},
			{"isLocal", aFlag, "", true},
			{"lastLoginAt", aLogin, "lastLoginAt", true},
		},
		[]ordering{
			{"NAME", aText, "name", true},
			{"FULL_NAME", aText, "fullName", true},
			{"DOMAIN", aText, "domain", true},
			{"SITE_ROLE", aText, "siteRoleRaw", true},
			{"LAST_LOGIN_AT", aMoment, "lastLoginAt", true},
		},
	},
	{
		"groups", "GroupFilter", "GroupOrder", "", "", "groups",
		`name domain userCount minimumSiteRole minimumSiteRoleRaw`,
		[]condition{
			{"name", aMatch, "name", true},
			{"domain", aText, "domain", true},
			{"domainShortName", aText, "", true},
			{"isLocal", aFlag, "", true},
			{"userCount", aNumber, "userCount", true},
			{"luid", aLuid, "luid", true},
		},
		[]ordering{
			{"NAME", aText, "name", true},
			{"DOMAIN", aText, "domain", true},
			{"MINIMUM_SITE_ROLE", aText, "minimumSiteRoleRaw", true},
			{"USER_COUNT", aNumber, "userCount", true},
		},
	},
	{
		"flows", "FlowFilter", "FlowOrder", "", "flows", "flows",
		`name createdAt updatedAt project { luid name }`,
		slices.Concat(madeAndChanged, []condition{
			{"name", aName, "name", false},
			{"projectName", aText, "project.name", false},
			{"projectLuid", aLuidEq, "project.luid", false},
			{"ownerName", aTextEq, "", false},
		}),
		slices.Concat(changedOrders, []ordering{{"PROJECT_NAME", aText, "project.name", false}, {"OWNER_NAME", aText, "", false}}),
	},
	{
		"customViews", "CustomViewFilter", "CustomViewOrder", "", "", "customviews",
		`name isShared createdAt updatedAt view { luid } workbook { luid } owner { luid }`,
		slices.Concat(madeAndChanged, []condition{
			{"luid", aLuid, "luid", false},
			{"name", aText, "name", false},
			{"viewLuid", aLuidEq, "view.luid", false},
			{"workbookLuid", aLuidEq, "workbook.luid", false},
			{"ownerLuid", aLuidEq, "owner.luid", false},
			{"isShared", aFlag, "isShared", false},
		}),
		changedOrders,
	},
	{
		"recycleBin", "RecycledItemFilter", "RecycledItemOrder", "type: WORKBOOK, ", "", "recyclebin/workbooks",
		`name originalPath createdAt updatedAt owner { luid } deleter { luid }`,
		slices.Concat(madeAndChanged, []condition{
			{"luid", aLuid, "luid", false},
			{"name", aText, "name", false},
			{"originalPath", aText, "originalPath", false},
			{"ownerLuid", aLuid, "owner.luid", false},
			{"deleterLuid", aLuid, "deleter.luid", false},
		}),
		changedOrders,
	},
	{
		"jobs", "JobFilter", "JobOrder", "", "", "jobs",
		`type status statusRaw priority createdAt startedAt completedAt title subtitle`,
		[]condition{
			{"type", aText, "type", false},
			{"status", anEnum, "status", false},
			{"title", aTextHas, "title", false},
			{"subtitle", aTextHas, "subtitle", false},
			{"notes", aPartOf, "", false},
			{"arguments", aPartOf, "", false},
			{"priority", aNumber, "priority", false},
			{"progress", aNumber, "", false},
			{"createdAt", aMoment, "createdAt", false},
			{"startedAt", aMoment, "startedAt", false},
			{"completedAt", aMoment, "completedAt", false},
		},
		[]ordering{
			{"TYPE", aText, "type", false},
			{"STATUS", aText, "statusRaw", false},
			{"TITLE", aText, "title", false},
			{"PRIORITY", aNumber, "priority", false},
			{"PROGRESS", aNumber, "", false},
			{"CREATED_AT", aMoment, "createdAt", false},
			{"STARTED_AT", aMoment, "startedAt", false},
			{"COMPLETED_AT", aMoment, "completedAt", false},
		},
	},
	{
		"flowRuns", "FlowRunFilter", "", "", "", "flows/runs",
		`flow { luid } progress startedAt completedAt`,
		[]condition{
			{"flowLuid", aLuid, "flow.luid", false},
			{"userLuid", aLuid, "", false},
			{"progress", aNumber, "progress", false},
			{"startedAt", aMoment, "startedAt", false},
			{"completedAt", aMoment, "completedAt", false},
		},
		nil,
	},
	{"groupSets", "GroupSetFilter", "", "", "", "groupsets", "name", []condition{{"name", aMatch, "name", true}}, nil},
	{
		"collections", "CollectionFilter", "", "", "", "/-/collections",
		`name visibility owner { luid }`,
		[]condition{{"ownerLuid", aLuidEq, "owner.luid", false}, {"visibility", anEnum, "visibility", false}},
		nil,
	},
}

// listOf is the list of this name.
func listOf(field string) listed {
	return lists[slices.IndexFunc(lists, func(l listed) bool { return l.field == field })]
}

// item is one item of a list as its JSON has it.
type item map[string]any

func (i item) luid() string { return i["luid"].(string) }

// at gives the values at a path such as tags.label; none where something on the way is null, "" for
// a text that is null.
func (i item) at(path string) []any {
	values := []any{map[string]any(i)}
	for name := range strings.SplitSeq(path, ".") {
		var next []any
		for _, v := range values {
			switch v := v.(map[string]any)[name].(type) {
			case []any:
				next = append(next, v...)
			case nil:
				if strings.HasSuffix(path, name) {
					next = append(next, nil)
				}
			default:
				next = append(next, v)
			}
		}
		values = next
	}
	return values
}

// holds says whether an item passes one operator, going by its values.
func (c condition) holds(i item, op string, want any) bool {
	for _, got := range i.at(c.path) {
		if op == "in" {
			if slices.ContainsFunc(want.([]any), func(one any) bool { return c.compares(got, "eq", one) }) {
				return true
			}
		} else if c.compares(got, op, want) {
			return true
		}
	}
	return false
}

func (c condition) compares(got any, op string, want any) bool {
	switch c.kind {
	case aFlag:
		return (got == true) == want.(bool)
	case aNumber:
		return got != nil && ordered(op, cmp.Compare(got.(float64), float64(want.(int))))
	case aMoment, aLogin:
		return got != nil && ordered(op, asTime(got).Compare(asTime(want)))
	}
	g, w := asText(got), want.(string)
	switch op {
	case "ieq":
		return strings.EqualFold(g, w)
	case "contains":
		return strings.Contains(g, w)
	case "icontains":
		return strings.Contains(strings.ToLower(g), strings.ToLower(w))
	case "startsWith":
		return strings.HasPrefix(g, w)
	case "like":
		core := strings.Trim(w, "*")
		return g == core || strings.HasPrefix(w, "*") && strings.HasSuffix(g, core) || strings.HasSuffix(w, "*") && strings.HasPrefix(g, core) ||
			strings.HasPrefix(w, "*") && strings.HasSuffix(w, "*") && strings.Contains(g, core)
	default:
		return g == w
	}
}

func ordered(op string, c int) bool {
	return map[string]bool{"eq": c == 0, "gt": c > 0, "gte": c >= 0, "lt": c < 0, "lte": c <= 0}[op]
}

func asText(v any) string {
	if v == nil {
		return ""
	}
	return fmt.Sprint(v)
}

func asTime(v any) time.Time {
	t, err := time.Parse(time.RFC3339Nano, asText(v))
	if err != nil {
		return time.Time{}
	}
	return t
}

// compare orders two items; texts by their bytes, as the stand-in does.
func (o ordering) compare(a, b item) int {
	var x, y any
	if v := a.at(o.path); len(v) > 0 {
		x = v[0]
	}
	if v := b.at(o.path); len(v) > 0 {
		y = v[0]
	}
	switch o.kind {
	case aNumber:
		f, _ := x.(float64)
		g, _ := y.(float64)
		return cmp.Compare(f, g)
	case aMoment:
		return asTime(x).Compare(asTime(y))
	default:
		return strings.Compare(asText(x), asText(y))
	}
}

// spelled writes a filter the way it goes into variables, for messages.
func spelled(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		return err.Error()
	}
	return string(b)
}
