package tableausim_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"vitrine/internal/tableausim"
)

// Clients that check answers against types, as those in TypeScript do, take an answer only if each
// of these is there and is what it is said to be. Numbers and most flags of lists are texts in
// Tableau's JSON; what is a flag in JSON is one here.
func TestAnswersHaveTheTypesThatStrictClientsDemand(t *testing.T) {
	t.Parallel()
	c := start(t, tableausim.Config{})
	carol := c.user("carol", "")
	workbook := c.sim.WorkbookID("", "Superstore")
	view := c.sim.ViewID("", "Superstore/sheets/Overview")
	const paged = "pagination.pageNumber:string pagination.pageSize:string pagination.totalAvailable:string "
	for path, demands := range map[string]string{
		"workbooks": paged + "workbooks.workbook[].id:string workbooks.workbook[].name:string workbooks.workbook[].contentUrl:string " +
			"workbooks.workbook[].showTabs:string workbooks.workbook[].createdAt:time workbooks.workbook[].tags:object workbooks.workbook[].owner.id:string",
		"workbooks/" + workbook: "workbook.project.id:string workbook.project.name:string workbook.views.view[].id:string workbook.views.view[].contentUrl:string",
		"workbooks/" + workbook + "/views": "views.view[].id:string views.view[].name:string views.view[].createdAt:time views.view[].updatedAt:time " +
			"views.view[].tags:object",
		"workbooks/" + workbook + "/connections": "connections.connection[].id:string connections.connection[].type:string",
		"workbooks/" + workbook + "/permissions": "permissions.workbook.id:string permissions.granteeCapabilities[].capabilities.capability[].name:string " +
			"permissions.granteeCapabilities[].capabilities.capability[].mode:string",
		"views?includeUsageStatistics=true": paged + "views.view[].id:string views.view[].name:string views.view[].contentUrl:string " +
			"views.view[].createdAt:time views.view[].updatedAt:time views.view[].workbook.id:string views.view[].owner.id:string views.view[].tags:object " +
			"views.view[].usage.totalViewCount:string",
		"views/" + view: "view.id:string view.workbook.id:string view.owner.id:string view.project.id:string view.tags:object",
		"datasources": paged + "datasources.datasource[].id:string datasources.datasource[].name:string datasources.datasource[].contentUrl:string " +
			"datasources.datasource[].project.id:string datasources.datasource[].project.name:string datasources.datasource[].owner.id:string " +
			"datasources.datasource[].tags:object datasources.datasource[].isCertified:bool",
		"flows": paged + "flows.flow[].id:string flows.flow[].name:string flows.flow[].webpageUrl:string flows.flow[].fileType:string " +
			"flows.flow[].createdAt:time flows.flow[].updatedAt:time flows.flow[].project.id:string flows.flow[].project.name:string flows.flow[].owner.id:string",
		"projects":    paged + "projects.project[].id:string projects.project[].name:string projects.project[].contentPermissions:string projects.project[].owner.id:string",
		"users":       paged + "users.user[].id:string users.user[].name:string users.user[].siteRole:string",
		"groups":      paged + "groups.group[].id:string groups.group[].name:string groups.group[].domain.name:string",
		"jobs":        paged + "backgroundJobs.backgroundJob[].id:string backgroundJobs.backgroundJob[].status:string backgroundJobs.backgroundJob[].jobType:string backgroundJobs.backgroundJob[].createdAt:time",
		"customviews": paged + "customViews.customView[].id:string customViews.customView[].name:string customViews.customView[].shared:bool customViews.customView[].view.id:string customViews.customView[].workbook.id:string customViews.customView[].owner.id:string",
		"tasks/extractRefreshes": "tasks.task[].extractRefresh.id:string tasks.task[].extractRefresh.priority:string tasks.task[].extractRefresh.schedule.frequency:string " +
			"tasks.task[].extractRefresh.schedule.frequencyDetails.start:string",
		"subscriptions": paged + "subscriptions.subscription[].id:string subscriptions.subscription[].content.id:string subscriptions.subscription[].content.type:string " +
			"subscriptions.subscription[].schedule.id:string subscriptions.subscription[].user.id:string subscriptions.subscription[].suspended:bool",
		"personalSpace": "personalSpace.luid:string personalSpace.ownerLuid:string personalSpace.readOnly:bool",
	} {
		a := carol.get(path)
		if before, query, ok := strings.Cut(path, "?"); ok {
			name, value, _ := strings.Cut(query, "=")
			a = carol.get(before, name, value)
		}
		checkTypes(t, path, a.body, demands)
	}
	checkTypes(t, "sessions/current", carol.do(http.MethodGet, "sessions/current", "").body, "session.site.id:string session.site.name:string session.user.id:string session.user.name:string")
	checkTypes(t, "serverinfo", carol.do(http.MethodGet, "serverinfo", "").body,
		"serverInfo.productVersion.value:string serverInfo.productVersion.build:string serverInfo.restApiVersion:string")
	checkTypes(t, "an error", carol.get("workbooks/none").body, "error.code:string error.summary:string error.detail:string")
	checkTypes(t, "an empty list", carol.get("workbooks", "filter", "name:eq:no workbook has this name").body, paged+"workbooks:object")
}

// checkTypes holds an answer in JSON against what is demanded: paths with the type at their end, []
// for every item of a list.
func checkTypes(t *testing.T, what, body, demands string) {
	t.Helper()
	var answer any
	if err := json.Unmarshal([]byte(body), &answer); err != nil {
		t.Errorf("%s: %v in %.200s", what, err, body)
		return
	}
	for demand := range strings.FieldsSeq(demands) {
		path, typ, _ := strings.Cut(demand, ":")
		values := []any{answer}
		for name := range strings.SplitSeq(path, ".") {
			list := strings.HasSuffix(name, "[]")
			var next []any
			for _, v := range values {
				object, _ := v.(map[string]any)
				inner := object[strings.TrimSuffix(name, "[]")]
				if items, ok := inner.([]any); list && ok && len(items) > 0 {
					next = append(next, items...)
				} else {
					next = append(next, inner) // an empty list has no objects below it
				}
			}
			values = next
		}
		for _, v := range values {
			if !isOf(typ, v) {
				t.Errorf("%s: %s is %v, no %s", what, path, v, typ)
				break
			}
		}
	}
}

func isOf(typ string, v any) bool {
	switch v := v.(type) {
	case string:
		if typ == "time" { // to the second, in UTC: clients read nothing else
			return len(v) == len("2025-01-31T08:15:00Z") && strings.HasSuffix(v, "Z") && v[10] == 'T'
		}
		return typ == "string"
	case bool:
		return typ == "bool"
	case map[string]any:
		return typ == "object"
	}
	return false
}
