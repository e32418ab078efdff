package tableausim_test

import (
	"slices"
	"strings"
	"testing"

	"vitrine/internal/tableausim"
)

func TestJobsAreForAdministratorsAndCanBeSwitchedOff(t *testing.T) {
	t.Parallel()
	c := start(t, tableausim.Config{})
	if a := c.user("alice", "").get("jobs"); a.code() != "403004" {
		t.Errorf("alice: %d %s", a.status, a.code())
	}
	carol := c.user("carol", "")
	if a := carol.get("jobs/" + nobody); a.code() != "404018" {
		t.Errorf("no such job: %d %s", a.status, a.code())
	}
	off := start(t, tableausim.Config{JobsDisabled: true}).user("carol", "")
	for _, path := range []string{"jobs", "jobs/" + nobody} {
		if a := off.get(path); a.code() != "403079" {
			t.Errorf("%s: %d %s", path, a.status, a.code())
		}
	}
}

// TestJobsHangTogether looks each job of a list up: what it worked on exists, and the code by which
// it ended is its status.
func TestJobsHangTogether(t *testing.T) {
	t.Parallel()
	carol := start(t, tableausim.Config{}).user("carol", "")
	jobs := carol.get("jobs", "pageSize", "1000", "fields", "_default_,title,subtitle").items("backgroundJobs", "backgroundJob")
	seen := map[string]int{}
	for _, j := range jobs {
		seen[j["status"].(string)+" "+j["jobType"].(string)]++
		if j["title"] == nil || j["subtitle"] == nil {
			t.Fatalf("title and subtitle were asked for: %v", j)
		}
	}
	for _, kind := range []string{"Success refresh_extracts", "Success increment_extracts", "Failed refresh_extracts", "InProgress refresh_extracts", "Failed run_flow", "Success single_subscription_notify"} {
		if seen[kind] == 0 {
			t.Errorf("no job is %s: %v", kind, seen)
		}
	}
	codes := map[string]string{"Success": "0", "Failed": "1", "Cancelled": "2"}
	targets := map[string]string{"workbook": "workbooks/", "datasource": "datasources/", "flow": "flows/"}
	for i, j := range jobs {
		if i%7 > 0 {
			continue
		}
		one := carol.get("jobs/" + j["id"].(string))
		if one.text("job", "finishCode") != codes[j["status"].(string)] || one.text("job", "status") != "" {
			t.Errorf("%v: %s", j, one.body)
		}
		found := false
		for _, work := range []string{"extractRefreshJob", "runFlowJobType", "subscriptionJobType"} {
			for kind, path := range targets {
				if id := one.text("job", work, kind, "id"); id != "" {
					found = carol.get(path+id).status == 200
				}
			}
			if id := one.text("job", work, "subscriptionId"); id != "" {
				found = carol.get("subscriptions/"+id).status == 200
			}
		}
		if !found {
			t.Errorf("what the job works on is not there: %s", one.body)
		}
	}
	if plain := carol.get("jobs", "pageSize", "1").items("backgroundJobs", "backgroundJob")[0]; plain["title"] != nil {
		t.Errorf("title came unasked: %v", plain)
	}
}

func TestJobFiltersKnowBothNamesOfTheEnd(t *testing.T) {
	t.Parallel()
	carol := start(t, tableausim.Config{}).user("carol", "")
	total := func(filter string) string {
		return carol.get("jobs", "filter", filter).text("pagination", "totalAvailable")
	}
	if a, b := total("completedAt:gte:2025-08-30T00:00:00Z"), total("endedAt:gte:2025-08-30T00:00:00Z"); a != b || a == "0" || a == "" {
		t.Errorf("completedAt %s, endedAt %s", a, b)
	}
	for _, j := range carol.get("jobs", "filter", "completedAt:lt:2030-01-01T00:00:00Z", "pageSize", "1000").items("backgroundJobs", "backgroundJob") {
		if j["endedAt"] == nil {
			t.Fatalf("a job that has not ended ended before 2030: %v", j)
		}
	}
	for filter, code := range map[string]string{"title:has:Orders": "", "notes:has:credentials": "", "notes:eq:x": "400065", "status:in:[Failed]": "400065"} {
		if a := carol.get("jobs", "filter", filter); a.code() != code {
			t.Errorf("%s: %d %s", filter, a.status, a.code())
		}
	}
}

func TestTasksSubscriptionsAndAlertsAreOnesOwn(t *testing.T) {
	t.Parallel()
	c := start(t, tableausim.Config{})
	carol, maria, bob := c.user("carol", ""), c.user("maria.gonzalez", ""), c.user("bob", "")
	lists := []struct{ path, container, item, code string }{
		{"tasks/extractRefreshes", "tasks", "task", "403051"},
		{"tasks/runFlow", "tasks", "task", "403004"},
		{"tasks/linked", "linkedTasks", "linkedTasks", "403004"},
		{"subscriptions", "subscriptions", "subscription", "403058"},
		{"dataAlerts", "dataAlerts", "dataAlert", "403004"},
	}
	for _, l := range lists {
		all, own := carol.get(l.path, "pageSize", "1000").items(l.container, l.item), maria.get(l.path, "pageSize", "1000").items(l.container, l.item)
		if len(own) == 0 || len(own) >= len(all) && l.path != "tasks/linked" {
			t.Errorf("%s: %d of %d are maria's", l.path, len(own), len(all))
		}
		id := func(x map[string]any) string {
			for _, inner := range []string{"extractRefresh", "flowRun"} {
				if y, ok := x[inner].(map[string]any); ok {
					x = y
				}
			}
			return x["id"].(string)
		}
		if a := maria.get(l.path + "/" + id(own[0])); a.status != 200 {
			t.Errorf("%s: maria's own: %d %s", l.path, a.status, a.body)
		}
		hers := map[string]bool{}
		for _, x := range bob.get(l.path, "pageSize", "1000").items(l.container, l.item) {
			hers[id(x)] = true
		}
		i := slices.IndexFunc(all, func(x map[string]any) bool { return !hers[id(x)] })
		if a := bob.get(l.path + "/" + id(all[i])); a.code() != l.code {
			t.Errorf("%s: another's: %d %s, want %s", l.path, a.status, a.code(), l.code)
		}
	}
}

func TestCodesOfOperationsThatAreMissing(t *testing.T) {
	t.Parallel()
	c := start(t, tableausim.Config{})
	carol := c.user("carol", "")
	for path, want := range map[string]string{
		"tasks/extractRefreshes/": "404026", "tasks/runFlow/": "404026", "tasks/linked/": "404045", "flows/runs/": "404036",
		"subscriptions/": "404025", "dataAlerts/": "409023", "webhooks/": "404034",
	} {
		if a := carol.get(path + nobody); a.code() != want || a.status != 404 {
			t.Errorf("%s: %d %s, want %s", path, a.status, a.code(), want)
		}
	}
	if a := carol.do("GET", "schedules/"+nobody, ""); a.code() != "404023" {
		t.Errorf("schedules: %d %s", a.status, a.code())
	}
	if a := carol.get("webhooks/" + carol.get("webhooks").items("webhooks", "webhook")[0]["id"].(string) + "/test"); a.status != 404 {
		t.Errorf("a webhook can be tested: %d", a.status)
	}
	for _, path := range []string{"webhooks", "settings/embedding", "settings/extensions", "site-auth-configurations", "connected-apps/direct-trust"} {
		if a := c.user("alice", "").get(path); a.code() != "403004" {
			t.Errorf("%s as alice: %d %s", path, a.status, a.code())
		}
	}
}

// TestCloudHasSchedulesInsideOfTasks holds the odd form: no id, no name, and times with an offset
// without a colon.
func TestCloudHasSchedulesInsideOfTasks(t *testing.T) {
	t.Parallel()
	c := start(t, tableausim.Config{Cloud: true})
	carol := c.user("carol@example.com", tableausim.CloudSite)
	if a := carol.do("GET", "schedules", ""); a.code() != "404003" {
		t.Errorf("schedules: %d %s", a.status, a.code())
	}
	for _, path := range []string{"tasks/extractRefreshes", "tasks/runFlow", "tasks/linked", "subscriptions"} {
		body := carol.get(path).body
		if !strings.Contains(body, `-0700"`) || strings.Contains(body, `"state"`) || strings.Contains(body, "Monday mornings") {
			t.Errorf("%s: %.400s", path, body)
		}
	}
	old := start(t, tableausim.Config{Cloud: true, APIVersion: "3.19"})
	if a := old.user("carol@example.com", tableausim.CloudSite).get("subscriptions"); a.code() != "404003" {
		t.Errorf("subscriptions before 3.20: %d %s", a.status, a.code())
	}
}

// TestSecretsOfAdministrationAreNotTold looks for what the stand-in itself signs in with.
func TestSecretsOfAdministrationAreNotTold(t *testing.T) {
	t.Parallel()
	app := tableausim.ConnectedApp{ClientID: nobody, SecretID: nobody, Secret: "MARKED-SECRET-of-a-connected-app", Enabled: true}
	c := start(t, tableausim.Config{ConnectedApps: []tableausim.ConnectedApp{app}})
	a := c.user("carol", "").get("connected-apps/direct-trust")
	if !strings.Contains(a.body, nobody) || strings.Contains(a.body, "MARKED") {
		t.Errorf("got %s", a.body)
	}
	if a := c.user("carol", "").get("connected-apps/direct-trust/" + nobody + "/secrets/" + nobody); a.status != 404 {
		t.Errorf("a secret is given out: %d %s", a.status, a.body)
	}
}
