package recorded

import (
	"bytes"
	"maps"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"vitrine/internal/devidp"
	"vitrine/test/harness"
)

// operationLists are the lists of what goes on in the background and of what administrators set,
// and the name of their items.
var operationLists = map[string]string{
	"backgroundJobs": "backgroundJob", "schedules": "schedule", "intervals": "interval", "extracts": "extract", "tasks": "task",
	"subscriptions": "subscription", "dataAlerts": "dataAlert", "recipients": "recipient", "flowRuns": "flowRuns",
	"siteAuthConfigurations": "siteAuthConfiguration", "dataAccelerationReport": "comparisonRecord",
}

// TestRecordedOperations plays what real servers answered of jobs, schedules, tasks and settings,
// as TestRecordedAnswers does, to a person whose role has the areas for it. A case may say "#
// version: 3.27" for the REST API version of the server.
func TestRecordedOperations(t *testing.T) { //nolint:paralleltest // it adds to what the forms know
	dir := os.Getenv("VITRINE_RECORDED")
	if dir == "" {
		t.Skip("SKIPPED: VITRINE_RECORDED names no directory of recorded answers, so nothing shows that real ones can be read")
	}
	files, err := filepath.Glob("testdata/recorded/operations/*.graphql")
	if err != nil || len(files) == 0 {
		t.Fatalf("no cases: %v", err)
	}
	before := maps.Clone(containers)
	maps.Copy(containers, operationLists)
	defer func() { containers = before }()
	provider := startProvider(t)
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".graphql"), func(t *testing.T) { //nolint:paralleltest // as above
			c := readCase(t, file)
			golden := strings.TrimSuffix(file, ".graphql") + ".golden.json"
			got := c.playAs(t, provider, filepath.Join(dir, "tsc"), recordedForm)
			if *harness.Update {
				if err := os.WriteFile(golden, got, 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatalf("%v: run go test . -run '%s' -update", err, t.Name())
			}
			if diff := cmp.Diff(string(want), string(got)); diff != "" {
				t.Errorf("%s (-want +got):\n%s", golden, diff)
			}
			for _, form := range otherForms {
				if diff := cmp.Diff(string(want), string(c.playAs(t, provider, filepath.Join(dir, "tsc"), form))); diff != "" {
					t.Errorf("%s gives another document (-want +got):\n%s", form.name, diff)
				}
			}
		})
	}
}

// everyOperation asks for all of the area, and for what hangs off it.
const everyOperation = `{ site {
  jobs { totalCount nodes { status type progress notes { text } target { __typename } } }
  job(by: {luid: "x-1"}) { status notes { text } target { __typename } }
  schedules { nodes { name recurrence { frequency intervals { hours } } extractRefreshTasks { totalCount } } }
  extractRefreshTasks { nodes { type schedule { name state } recurrence { nextRunAt } target { ... on Content { name owner { name } } } } }
  flowTasks { nodes { flow { name } recurrence { nextRunAt } } } linkedTasks { nodes { steps { flowTasks { flow { name } } } } }
  flowRuns { nodes { status flow { name } job { type } } } flowRun(by: {luid: "x-1"}) { status }
  subscriptions { nodes { subject subscriber { fullName } recurrence { frequency } target { ... on Content { name } } customView { name } } }
  dataAlerts { nodes { subject condition owner { fullName } view { name path } recipients { user { fullName } } } }
  webhooks { name event owner { fullName } }
  administration {
    serverSites { nodes { name } } embedding { allowList } extensions { safeList { url } } notificationPreferences { type }
    mcpSettings { name } authConfigurations { name } oidcConfiguration { name other { name } } scimConfigurations { isEnabled }
    connectedApps { name projects { name } } externalAuthorizationServers { name } bridgeClients { name } bridgePools { name }
    areAnalyticsExtensionsEnabled analyticsExtensions { name } customDomains { domain }
  }
} }`

// TestAnyAnswerIsSurvivedByOperations is TestAnyAnswerIsSurvived for them, on a new server.
func TestAnyAnswerIsSurvivedByOperations(t *testing.T) {
	t.Parallel()
	dir := os.Getenv("VITRINE_RECORDED")
	if dir == "" {
		t.Skip("SKIPPED: VITRINE_RECORDED names no directory of recorded answers")
	}
	files, err := filepath.Glob(filepath.Join(dir, "tsc", "*.xml"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no recordings in %s: %v", dir, err)
	}
	provider := startProvider(t)
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			t.Parallel()
			for _, form := range []form{recordedForm, jsonForm} {
				p := &player{t: t, dir: filepath.Dir(file), form: form, any: filepath.Base(file), tokens: map[string]*signIn{}}
				upstream := httptest.NewServer(p)
				settings := playerSettings(provider, upstream.URL, "")
				settings.Roles[0].Allow, settings.Tableau.APIVersion = allOfIt, "3.29"
				document := (&playedCase{query: everyOperation}).ask(t, provider, settings)
				upstream.Close()
				for _, code := range []string{`"INTERNAL"`, `"GRAPHQL_VALIDATION_FAILED"`, `"DEADLINE_EXCEEDED"`} {
					if bytes.Contains(document, []byte(code)) {
						t.Errorf("%s: %s in %s", form.name, code, document)
					}
				}
			}
		})
	}
}

// allOfIt are the areas of somebody who may see operations and administration.
var allOfIt = []string{"CATALOG", "PEOPLE", "OPERATIONS", "GOVERNANCE"}

// playAs is play for somebody who may see operations and administration.
func (c *playedCase) playAs(t *testing.T, provider *devidp.Provider, answers string, form form) []byte {
	t.Helper()
	p := &player{t: t, dir: answers, form: form, site: c.site, tokens: map[string]*signIn{}}
	for _, text := range c.lines {
		l, err := parseLine(text)
		if err != nil {
			t.Fatal(err)
		}
		p.lines = append(p.lines, l)
	}
	upstream := httptest.NewServer(p)
	defer upstream.Close()
	settings := playerSettings(provider, upstream.URL, c.site)
	settings.Roles[0].Allow = allOfIt
	if _, version, found := strings.Cut(c.query, "# version: "); found {
		settings.Tableau.APIVersion, _, _ = strings.Cut(version, "\n")
	}
	document := c.ask(t, provider, settings)
	if paths := p.unasked(); len(paths) > 0 {
		t.Errorf("nobody asked for %q", paths)
	}
	return document
}
