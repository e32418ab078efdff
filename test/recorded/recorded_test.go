package recorded

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"vitrine/internal/config"
	"vitrine/internal/devidp"
	"vitrine/internal/server"
	"vitrine/test/harness"
)

// TestRecordedAnswers plays what real Tableau servers answered into the running server, and
// compares the GraphQL documents with goldens. The recordings are not part of this repository:
// VITRINE_RECORDED names their directory.
func TestRecordedAnswers(t *testing.T) {
	t.Parallel()
	dir := os.Getenv("VITRINE_RECORDED")
	if dir == "" {
		t.Skip("SKIPPED: VITRINE_RECORDED names no directory of recorded answers, so nothing shows that real ones can be read")
	}
	playAll(t, "testdata/recorded/tsc", filepath.Join(dir, "tsc"))
}

// TestMadeAnswers plays answers that were made by hand: what the recordings lack, and what newer
// and odder servers may send.
func TestMadeAnswers(t *testing.T) {
	t.Parallel()
	playAll(t, "testdata/recorded/made", "testdata/recorded/made")
}

// playAll runs each NAME.graphql of a directory against its answers, in every form, and compares
// with NAME.golden.json.
func playAll(t *testing.T, cases, answers string) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(cases, "*.graphql"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no cases in %s: %v", cases, err)
	}
	provider := startProvider(t)
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".graphql"), func(t *testing.T) {
			t.Parallel()
			c := readCase(t, file)
			golden := strings.TrimSuffix(file, ".graphql") + ".golden.json"
			got := c.play(t, provider, answers, recordedForm)
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
				t.Run(form.name, func(t *testing.T) {
					t.Parallel()
					if diff := cmp.Diff(string(want), string(c.play(t, provider, answers, form))); diff != "" {
						t.Errorf("%s gives another document (-want +got):\n%s", form.name, diff)
					}
				})
			}
		})
	}
}

// everything asks for every list and every object, with what hangs off them.
const everything = `{ site {
  name mySiteRole me { fullName }
  projects { nodes { name owner { name } counts { viewCount } children { totalCount } path workbooks { nodes { name } } } }
  workbooks { nodes { id name sizeMegabytes createdAt owner { email } project { path } views { name viewCount } tags { label } sheetCount } }
  views { nodes { name embedUrl viewCount workbook { name views { name } } project { name } owner { fullName } location { type } } }
  dataSources { nodes { name hasExtracts project { name } owner { name } tags { label } } }
  users { nodes { name siteRole lastLoginAt ownedWorkbooks { totalCount } groups { nodes { name userCount } } } }
  groups { nodes { name domain minimumSiteRole users { nodes { name email } } } }
  groupSets { nodes { name groups { name } } }
  databases { nodes { name port contact { name } permissions { grantees { capabilities { capabilityRaw } } } } }
  tables { nodes { name certifier { name } columns { nodes { name isNullable } } } }
  labelValues { name } labelCategories { name isBuiltIn }
  governed: workbooks { nodes {
    connections { luid type userName serverPort dataSource { name } } revisions { nodes { number publisher { email } } }
    permissions { inheritedFrom { name } grantees { grantee { ... on User { name } ... on Group { name } ... on GroupSet { name } } } }
  } }
  workbook(by: {luid: "x-1"}) { name hasExtracts defaultView { name } views { name sheetType owner { name } } }
  view(by: {luid: "x-1"}) { name viewCount workbook { name } project { name } }
  dataSource(by: {luid: "x-1"}) { name askDataEnablement }
  user(by: {name: "alice"}) { email }
  project(by: {path: ["Tableau"]}) { name ancestors { name } }
  customViews { nodes { name url view { name viewCount } workbook { name } owner { fullName } } }
  flows { nodes { name outputSteps { name } parameters { name } project { path } owner { name } } }
  virtualConnections { nodes { name definition project { name } owner { name } } }
  recycleBin(type: FLOW) { nodes { name type owner { name } deleter { name } } }
  details: workbooks { nodes { dataFreshness { type atDays } acceleration { status } customViews { nodes { name } } downgradeInfo(productVersion: "2021.1") { name } } }
} }`

// TestAnyAnswerIsSurvived answers all reads with one and the same recording, of whatever kind: the
// server makes of it what it can, and has a code for the rest.
func TestAnyAnswerIsSurvived(t *testing.T) {
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
				document := (&playedCase{query: everything}).ask(t, provider, playerSettings(provider, upstream.URL, ""))
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

// playedCase is a query whose comments say what Tableau answers:
//
//	# site: Samples
//	# GET workbooks?pageNumber=2 = workbook_get_page_2.xml
//	# GET /sessions/current = 404003
//
// Paths are below the site, with a slash in front below /api/{version}/. An answer is a file, a
// file with a status before it, a code of Tableau's, or "html", each perhaps "cut" or "broken"; "A
// then B" answers A first and then B. Sign-ins, the look-up of the user and serverinfo need no
// line; where a case has one, its path is /sign-in, /look-up, /sign-in-as or /serverinfo. The
// person who asks is alice.
type playedCase struct {
	query string
	site  string
	lines []string
}

func readCase(t testing.TB, file string) *playedCase {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	c := &playedCase{query: string(text)}
	for l := range strings.Lines(c.query) {
		l = strings.TrimSpace(l)
		if site, ok := strings.CutPrefix(l, "# site: "); ok {
			c.site = site
		}
		if l, ok := strings.CutPrefix(l, "# GET "); ok {
			c.lines = append(c.lines, l)
		}
	}
	return c
}

// play asks a server whose Tableau is a player, and gives the document, indented.
func (c *playedCase) play(t *testing.T, provider *devidp.Provider, answers string, form form) []byte {
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
	document := c.ask(t, provider, playerSettings(provider, upstream.URL, c.site))
	if paths := p.unasked(); len(paths) > 0 {
		t.Errorf("nobody asked for %q", paths)
	}
	return document
}

// ask runs a server for one question of alice's.
func (c *playedCase) ask(t *testing.T, provider *devidp.Provider, settings *config.Config) []byte {
	t.Helper()
	return c.askLogging(t, provider, settings, t.Output())
}

// askLogging is ask with a log of its own.
func (c *playedCase) askLogging(t *testing.T, provider *devidp.Provider, settings *config.Config, log io.Writer) []byte {
	t.Helper()
	if err := config.Validate(settings); err != nil {
		t.Fatal(err)
	}
	listener, err := net.Listen("tcp", settings.Listen)
	if err != nil {
		t.Fatal(err)
	}
	address := "http://" + listener.Addr().String()
	a, err := server.New(settings, address, slog.New(slog.NewTextHandler(log, nil)))
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	stopped := make(chan error, 1)
	go func() { stopped <- a.Serve(ctx, listener) }()
	defer func() {
		stop()
		if err := <-stopped; err != nil {
			t.Errorf("stopping: %v", err)
		}
	}()
	return post(t, address, harness.LastingToken(t, provider, "alice"), c.query)
}

// changing is what differs from run to run: ids of requests, and how long is left to wait.
var changing = regexp.MustCompile(`("requestId":"|"retryAfter":)[^",}]+`)

func post(t *testing.T, address, token, query string) []byte {
	t.Helper()
	body, err := json.Marshal(map[string]string{"query": query})
	if err != nil {
		t.Fatal(err)
	}
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, address+"/graphql", bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+token)
	r.Header.Set("Content-Type", "application/json")
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	document, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	if res.StatusCode != http.StatusOK {
		t.Fatalf("status %d: %s", res.StatusCode, document)
	}
	var pretty bytes.Buffer
	if err := json.Indent(&pretty, changing.ReplaceAll(document, []byte(`${1}0`)), "", "  "); err != nil {
		t.Fatalf("%v: %s", err, document)
	}
	pretty.WriteByte('\n')
	return pretty.Bytes()
}

// startProvider runs the stand-in provider until the test ends.
func startProvider(t testing.TB) *devidp.Provider {
	t.Helper()
	server := httptest.NewUnstartedServer(nil)
	provider, err := devidp.New(devidp.Config{Issuer: "http://" + server.Listener.Addr().String(), Users: devidp.DemoUsers()})
	if err != nil {
		t.Fatal(err)
	}
	server.Config.Handler = provider
	server.Start()
	t.Cleanup(server.Close)
	return provider
}

// playerSettings are those of a server for one site of a player. Browsers reach Tableau at an
// address that stays the same.
func playerSettings(provider *devidp.Provider, tableau, site string) *config.Config {
	c := config.Default()
	c.Cache.TTL = 0 // the calls of each query are compared
	c.Listen = "127.0.0.1:0"
	c.Shutdown.Delay = 0 // nobody balances load
	c.Tableau.URL, c.Tableau.BrowserURL = tableau, "https://tableau.example.com"
	c.Tableau.SignIn = config.SignIn{
		Method: config.MethodPersonalAccessToken, Tokens: []config.Token{{Name: "vitrine-1", Secret: "any"}},
	}
	c.Tableau.Sites = []config.Site{{ContentURL: site}}
	issuer := config.DefaultIssuer()
	issuer.URL, issuer.Audiences = provider.Issuer(), []string{"vitrine"}
	issuer.Username = config.Username{Claim: "preferred_username"}
	c.OIDC = []config.Issuer{issuer}
	c.Roles = []config.Role{{Name: "everyone", Allow: []string{"CATALOG", "CONTENT", "PEOPLE", "OPERATIONS", "GOVERNANCE", "DOWNLOAD"}}}
	return c
}
