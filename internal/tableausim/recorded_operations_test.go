package tableausim_test

import (
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"vitrine/internal/tableausim"
)

// TestOperationsAreWrittenAsRecorded compares what the stand-in answers with what real servers
// answered: each attribute, element and text of a recording is there, with the same kind of value.
func TestOperationsAreWrittenAsRecorded(t *testing.T) {
	t.Parallel()
	dir := os.Getenv("VITRINE_RECORDED")
	if dir == "" {
		t.Skip("SKIPPED: VITRINE_RECORDED names no directory of recorded answers")
	}
	carol := start(t, tableausim.Config{}).user("carol", "")
	cloud := start(t, tableausim.Config{Cloud: true, APIVersion: "3.29"}).user("carol@example.com", tableausim.CloudSite)
	old := start(t, tableausim.Config{APIVersion: "3.15"}).user("carol", "")
	first := func(path, container, item string) string {
		return carol.get(path).items(container, item)[0]["id"].(string)
	}
	failed := carol.get("jobs", "filter", "status:eq:Failed,jobType:eq:refresh_extracts").items("backgroundJobs", "backgroundJob")[0]["id"].(string)
	schedule := carol.do(http.MethodGet, "schedules", "").items("schedules", "schedule")
	byName := map[string]string{}
	for _, x := range schedule {
		byName[x["name"].(string)] = x["id"].(string)
	}
	for _, tt := range []struct {
		file string
		c    *client
		path string
	}{
		{"job_get.xml", carol, "jobs?filter=status:eq:Success"},
		{"job_get_by_id_failed.xml", carol, "jobs/" + failed},
		{"schedule_get.xml", carol, "/schedules"},
		{"schedule_get_by_id.xml", carol, "/schedules/" + byName["Weekday early mornings"]},
		{"schedule_get_daily_id.xml", carol, "/schedules/" + byName["Every four hours"]},
		{"schedule_get_monthly_id.xml", carol, "/schedules/" + byName["First of the month"]},
		{"schedule_get_customized_monthly_id.xml", carol, "/schedules/" + byName["End of the month"]},
		{"schedule_get_extract_refresh_tasks.xml", carol, "schedules/" + byName["Weekday early mornings"] + "/extracts"},
		{"tasks_with_workbook.xml", carol, "tasks/extractRefreshes"},
		{"tasks_with_datasource.xml", carol, "tasks/extractRefreshes"},
		{"tasks_no_workbook_or_datasource.xml", carol, "tasks/extractRefreshes"},
		{"tasks_with_interval.xml", cloud, "tasks/extractRefreshes"},
		{"subscription_get.xml", carol, "subscriptions?pageSize=1000"},
		{"data_alerts_get.xml", carol, "dataAlerts"},
		{"data_alerts_get_by_id.xml", carol, "dataAlerts/" + first("dataAlerts", "dataAlerts", "dataAlert")},
		{"flow_runs_get.xml", carol, "flows/runs"},
		{"flow_runs_get_by_id.xml", carol, "flows/runs/" + first("flows/runs", "flowRuns", "flowRuns")},
		{"extensions_site_settings.xml", carol, "settings/extensions"},
		{"site_auth_configurations.xml", cloud, "site-auth-configurations"},
		{"data_acceleration_report.xml", old, "dataAccelerationReport"},
	} {
		t.Run(tt.file, func(t *testing.T) {
			t.Parallel()
			recorded, err := os.ReadFile(filepath.Join(dir, "tsc", tt.file))
			if err != nil {
				t.Fatal(err)
			}
			x := *tt.c
			x.accept = "application/xml"
			path := "sites/" + x.siteID + "/" + tt.path
			if tt.path[0] == '/' {
				path = tt.path[1:]
			}
			a := x.do(http.MethodGet, path, "")
			if a.status != http.StatusOK {
				t.Fatalf("%s: %d %s", path, a.status, a.body)
			}
			ours := shapeOf(t, []byte(a.body))
			for name, kind := range shapeOf(t, recorded) {
				got, ok := ours[name]
				switch {
				case otherwise.MatchString(tt.file + " " + name):
				case !ok:
					t.Errorf("%s is missing", name)
				case got != kind && got != "empty" && kind != "empty" && kind != "text":
					t.Errorf("%s is %q, recorded as %q", name, got, kind)
				}
			}
		})
	}
}

// otherwise is what recordings have and the stand-in does not, or in another form: no files are
// uploaded to it; its schedules of several runs a day run every day; and the times inside of
// Cloud's tasks are written as the documents have them, which are the harder ones.
var otherwise = regexp.MustCompile(`^job_get_by_id_failed.xml job/updateUploadedFileJob|^schedule_get_daily_id.xml .*@weekDay$|` +
	`^tasks_with_interval.xml .*@nextRunAt$`)
