package repotest

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"io/fs"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"vitrine/internal/config"
	"vitrine/internal/problem"
	"vitrine/internal/server"
	"vitrine/internal/tableausim"
	"vitrine/test/harness"
)

// documents are the pages that people read.
var documents = []string{
	"README.md", "docs/CONTRIBUTING.md", "CHANGELOG.md", "docs/guide-frontend.md", "docs/guide-operators.md",
	"docs/sign-in-connected-app.md", "docs/sign-in-password.md", "docs/sign-in-personal-access-token.md", "docs/several-replicas.md",
	"docs/lineage.md", "docs/data-queries.md", "docs/pulse.md", "docs/security.md", "docs/stand-in.md", "docs/threat-model-tokens.md", "docs/decisions.md", "docs/gallery.md", "docs/playground.md", "docs/mutants.md", "docs/performance.md", "docs/operators/install.md",
	"docs/operators/first-deployment.md", "docs/operators/settings.md", "docs/operators/roles.md", "docs/operators/limits.md",
	"docs/operators/audit.md", "docs/operators/content-links.md", "docs/operators/documents.md", "docs/operators/embed-tokens.md", "docs/operators/federation.md", "docs/operators/logout.md", "docs/operators/metrics.md", "docs/operators/opaque-tokens.md", "docs/operators/provider-auth0.md", "docs/operators/provider-entra-id.md",
	"docs/operators/provider-google.md", "docs/operators/provider-keycloak.md", "docs/operators/provider-okta.md", "docs/operators/provider-plain.md", "docs/operators/sizing.md", "docs/operators/traces.md", "docs/operators/monitoring.md", "docs/operators/troubleshooting.md", "docs/operators/upgrading.md",
}

// TestAllDocumentsAreTested holds that the list of documents has every page that is written by
// hand.
func TestAllDocumentsAreTested(t *testing.T) {
	t.Parallel()
	for _, pattern := range []string{"*.md", "docs/*.md", "docs/operators/*.md"} {
		files, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			if !slices.Contains(documents, file) {
				t.Errorf("%s is not among the documents that are tested", file)
			}
		}
	}
}

// forDevelopers are the documents that name tests: they say which test holds what.
var forDevelopers = []string{"docs/CONTRIBUTING.md", "CHANGELOG.md", "docs/mutants.md", "docs/performance.md", "docs/security.md", "docs/threat-model-tokens.md", "docs/decisions.md"}

// TestPagesForUsersNameNoTests holds that what operators and front-end developers read speaks of
// the program and not of its tests.
func TestPagesForUsersNameNoTests(t *testing.T) {
	t.Parallel()
	for _, file := range documents {
		if m := testName.FindString(harness.ReadFile(t, file)); m != "" && !slices.Contains(forDevelopers, file) {
			t.Errorf("%s names the test %s: docs/security.md lists which test holds which promise", file, m)
		}
	}
}

// contents is an entry of a list of contents.
var contents = regexp.MustCompile(`(?m)^- \[[^\]]+\]\(#([^)]+)\)$`)

// TestContentsAreComplete holds that a document with a list of its parts lists all of them, in
// their order.
func TestContentsAreComplete(t *testing.T) {
	t.Parallel()
	seen := 0
	for _, file := range documents {
		text := harness.ReadFile(t, file)
		var listed, parts []string
		for _, m := range contents.FindAllStringSubmatch(text, -1) {
			listed = append(listed, m[1])
		}
		if len(listed) < 3 {
			continue
		}
		seen++
		for line := range strings.Lines(text) {
			if strings.HasPrefix(line, "## ") {
				parts = append(parts, anchorsOf(line)...)
			}
		}
		if !slices.Equal(listed, parts) {
			t.Errorf("%s lists %v, and has %v", file, listed, parts)
		}
	}
	if seen < 3 {
		t.Errorf("only %d documents have contents: are they still written like this?", seen)
	}
}

// block is a fenced block of a document, and where it begins.
type block struct {
	language, text, place string
}

func blocksOf(t *testing.T, file string) []block {
	t.Helper()
	var blocks []block
	inside := false
	number := 0
	for line := range strings.Lines(harness.ReadFile(t, file)) {
		number++
		language, fence := strings.CutPrefix(strings.TrimSpace(line), "```")
		switch {
		case fence && !inside:
			blocks = append(blocks, block{language: language, place: fmt.Sprintf("%s:%d", file, number)})
			inside = true
		case fence:
			inside = false
		case inside:
			blocks[len(blocks)-1].text += line
		}
	}
	if inside {
		t.Errorf("%s: a fenced block does not end", file)
	}
	return blocks
}

var (
	askedAs        = regexp.MustCompile(`(?m)^# user: (\w+)$`)
	givenVariables = regexp.MustCompile(`(?m)^# variables: (.+)$`)
	costsCalls     = regexp.MustCompile(`(?m)^# calls: (\d+)$`)
	onCloud        = regexp.MustCompile(`(?m)^# cloud: yes$`)
)

// TestDocumentedQueriesRun holds that every query that the documents show runs against the
// stand-ins without an error, and takes as many calls as is said there. A block of JSON right
// behind a query that declares variables is its variables. One with "# cloud: yes" runs against a
// stand-in for Tableau Cloud.
func TestDocumentedQueriesRun(t *testing.T) {
	t.Parallel()
	p := harness.Start(t, tableausim.Config{}, func(c *config.Config) {
		c.Tableau.Embed = &config.Embed{ClientID: "embed-app", SecretID: "embed-secret", Secret: "the secret of the app for embedding alone", TokenLifetime: time.Minute}
		c.Roles[0].Allow = append(slices.Clone(c.Roles[0].Allow), "EMBED")
	})
	cloud := sync.OnceValue(func() *harness.Program {
		return harness.SignInMethods(t)["direct trust on Cloud"].Start(t, func(c *config.Config) { c.Tableau.BrowserURL = "https://10ax.online.tableau.com" })
	})
	seen := 0
	for _, file := range documents {
		blocks := blocksOf(t, file)
		for i, b := range blocks {
			if b.language != "graphql" {
				continue
			}
			seen++
			t.Run(b.place, func(t *testing.T) {
				var variables json.RawMessage
				if strings.Contains(b.text, "($") && i+1 < len(blocks) && blocks[i+1].language == "json" {
					variables = json.RawMessage(blocks[i+1].text)
				}
				user := "alice"
				if m := askedAs.FindStringSubmatch(b.text); m != nil {
					user = m[1]
				}
				if onCloud.MatchString(b.text) {
					runDocumented(t, cloud(), user, b.text, variables)
					return
				}
				runDocumented(t, p, user, b.text, variables)
			})
		}
	}
	for _, e := range playgroundExamples(t) {
		t.Run("playground: "+e.name, func(t *testing.T) { runDocumented(t, p, e.user, e.query, e.variables) })
	}
	if seen < 10 {
		t.Errorf("only %d queries were found: are the blocks still fenced as graphql?", seen)
	}
}

type example struct {
	name, user, query string
	variables         json.RawMessage
}

// playgroundExamples are the examples of the playground. Each names the user of the demo who runs it.
func playgroundExamples(t *testing.T) []example {
	t.Helper()
	var examples []example
	for i, part := range strings.Split(harness.ReadFile(t, "web/src/playground/examples.graphql"), "# name: ") {
		name, query, _ := strings.Cut(part, "\n")
		user := askedAs.FindStringSubmatch(query)
		if i == 0 {
			continue // what the file is about
		}
		if user == nil {
			t.Fatalf("the example %q of the playground names no user", name)
		}
		var variables json.RawMessage
		if m := givenVariables.FindStringSubmatch(query); m != nil {
			variables = json.RawMessage(m[1])
		}
		examples = append(examples, example{name, user[1], query, variables})
	}
	if len(examples) < 10 {
		t.Errorf("the playground has %d examples: are they still in that file?", len(examples))
	}
	return examples
}

func runDocumented(t *testing.T, p *harness.Program, user, query string, variables json.RawMessage) {
	t.Helper()
	body, err := json.Marshal(map[string]any{
		"query": query, "variables": variables, "extensions": map[string]any{"vitrine": map[string]any{"calls": true}},
	})
	if err != nil {
		t.Fatal(err)
	}
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, p.Address+"/graphql", bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Authorization", "Bearer "+p.Token(t, user))
	answer := harness.Send(t, r)
	if len(answer.Errors) > 0 || answer.Data == nil {
		t.Fatalf("asked as %s: %s", user, answer.Body)
	}
	if strings.Contains(answer.Body, `"nodes":[]`) && !strings.Contains(query, "children") {
		t.Errorf("the answer is an empty list, which shows nothing: %s", answer.Body)
	}
	calls := 0
	for _, n := range answer.Extensions.Vitrine.Calls {
		calls += n
	}
	if m := costsCalls.FindStringSubmatch(query); m != nil && m[1] != fmt.Sprint(calls) {
		t.Errorf("it took %v, not %s calls", answer.Extensions.Vitrine.Calls, m[1])
	}
}

// TestDocumentedSettingsWork holds that all settings that the documents show are read without a
// problem, and that the server can be wired from them. Files that they name are taken to hold
// something.
func TestDocumentedSettingsWork(t *testing.T) {
	t.Parallel()
	key := []byte(harness.SigningPEM().Reveal())
	cert, certKey := harness.SelfSigned(t)
	dir := t.TempDir()
	for name, content := range map[string][]byte{"chain.pem": cert, "key.pem": certKey} {
		if err := os.WriteFile(filepath.Join(dir, name), content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	readFile := func(name string) ([]byte, error) {
		if filepath.Base(filepath.Dir(name)) == "tls" {
			return os.ReadFile(filepath.Join(dir, filepath.Base(name)))
		}
		if strings.HasSuffix(name, "-ca.pem") {
			return cert, nil
		}
		if strings.HasSuffix(name, ".pem") {
			return key, nil
		}
		return []byte("a secret that is long enough to sign with, in " + filepath.Base(name) + "\n"), nil
	}
	getenv := func(name string) string {
		if strings.HasPrefix(name, "OTEL_") {
			return ""
		}
		return "a secret that is long enough to sign with, in " + name
	}
	seen := 0
	for _, file := range documents {
		for _, b := range blocksOf(t, file) {
			if b.language != "yaml" {
				continue
			}
			seen++
			text := b.text
			if !strings.Contains("\n"+text, "\ntableau:") {
				beside := harness.BesideRoles
				if strings.Contains("\n"+text, "\noidc:") {
					beside, _, _ = strings.Cut(beside, "oidc:")
				}
				text += beside
			}
			if !strings.Contains("\n"+text, "\nroles:") {
				text += "roles: [{name: everyone, allow: [CATALOG]}]\n"
			}
			settings, _, err := config.Parse(b.place, []byte(text), getenv, readFile)
			if err != nil {
				t.Errorf("%s: %v", b.place, err)
				continue
			}
			for i := range settings.Documents.Manifests { // a page shows its name, and not the file
				settings.Documents.Manifests[i] = "internal/config/testdata/secrets/manifest.json"
			}
			a, err := server.New(settings, cmp.Or(settings.PublicURL, "http://"+settings.Listen), slog.New(slog.DiscardHandler))
			if err != nil {
				t.Errorf("%s: %v", b.place, err)
				continue
			}
			if err := a.Broker.Close(t.Context()); err != nil {
				t.Errorf("%s: closing: %v", b.place, err)
			}
		}
	}
	if seen == 0 {
		t.Error("no settings were found")
	}
}

// publicCode is how codes are written in the sources that make them.
var publicCode = regexp.MustCompile(`(?:code|Code)\w*\s*=\s*"([A-Z_]+)"|Err\w+:\s*"([A-Z_]+)"`)

// TestEveryPublicCodeIsDocumented holds that both guides name each code that a client can get.
func TestEveryPublicCodeIsDocumented(t *testing.T) {
	t.Parallel()
	var codes []string
	for _, file := range []string{"internal/problem/problem.go", "resolvers/errors.go", "auth/errors.go", "internal/sessions/errors.go", "internal/policy/limits.go"} {
		for _, m := range publicCode.FindAllStringSubmatch(harness.ReadFile(t, file), -1) {
			codes = append(codes, m[1]+m[2])
		}
	}
	slices.Sort(codes)
	codes = slices.Compact(codes)
	if len(codes) < 18 {
		t.Errorf("only %v were found: are codes still written like this?", codes)
	}
	if listed := slices.Sorted(slices.Values(problem.Codes())); !slices.Equal(listed, codes) {
		t.Errorf("problem.Codes has %v, and the sources have %v", listed, codes)
	}
	for _, guide := range []string{"docs/guide-frontend.md", "docs/operators/troubleshooting.md"} {
		text := harness.ReadFile(t, guide)
		for _, code := range codes {
			if !strings.Contains(text, "`"+code+"`") {
				t.Errorf("%s does not name the code %s", guide, code)
			}
		}
	}
}

var (
	link     = regexp.MustCompile(`\]\(([^)\s]+)\)`)
	fileName = regexp.MustCompile("`((?:[\\w-]+/)+[\\w-]+\\.go)`")
	testName = regexp.MustCompile("`(Test[A-Z]\\w+)`")
	anchored = regexp.MustCompile(`[^a-z0-9 -]`)
)

// TestDocumentsPointAtWhatExists holds that links between the documents lead somewhere, and that
// files and tests they name are there.
func TestDocumentsPointAtWhatExists(t *testing.T) {
	t.Parallel()
	tests := allTests(t)
	for _, file := range documents {
		text := harness.ReadFile(t, file)
		for _, m := range link.FindAllStringSubmatch(text, -1) {
			if strings.Contains(m[1], "://") {
				continue
			}
			target, anchor, _ := strings.Cut(m[1], "#")
			path := file
			if target != "" {
				path = filepath.Join(filepath.Dir(file), target)
			}
			if _, err := os.Stat(path); err != nil {
				t.Errorf("%s: the link %s leads nowhere", file, m[1])
			} else if anchor != "" && !slices.Contains(anchorsOf(harness.ReadFile(t, path)), anchor) {
				t.Errorf("%s: %s has no heading for the link %s", file, path, m[1])
			}
		}
		for _, m := range fileName.FindAllStringSubmatch(text, -1) {
			if _, err := os.Stat(m[1]); err != nil {
				t.Errorf("%s: there is no file %s", file, m[1])
			}
		}
		for _, m := range testName.FindAllStringSubmatch(text, -1) {
			if !strings.Contains(tests, "func "+m[1]+"(") {
				t.Errorf("%s: there is no test %s", file, m[1])
			}
		}
	}
}

// anchorsOf are the headings as links name them.
func anchorsOf(text string) []string {
	var anchors []string
	for line := range strings.Lines(text) {
		if heading, ok := strings.CutPrefix(strings.TrimLeft(line, "#"), " "); ok && strings.HasPrefix(line, "#") {
			plain := anchored.ReplaceAllString(strings.ToLower(strings.TrimSpace(heading)), "")
			anchors = append(anchors, strings.ReplaceAll(plain, " ", "-"))
		}
	}
	return anchors
}

// allTests is the text of all test files.
func allTests(t *testing.T) string {
	t.Helper()
	var all strings.Builder
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		if d != nil && d.IsDir() && (d.Name() == "node_modules" || d.Name() == "build") {
			return filepath.SkipDir
		}
		if err == nil && strings.HasSuffix(path, "_test.go") {
			all.WriteString(harness.ReadFile(t, path))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all.String()
}
