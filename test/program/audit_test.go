package program

import (
	"encoding/json"
	"maps"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"vitrine/internal/audit"
	"vitrine/internal/config"
	"vitrine/internal/tableausim"
	"vitrine/test/harness"
)

const auditSchema = "../../docs/operators/audit-line.schema.json"

// auditedProgram runs the program with an audit file.
func auditedProgram(t *testing.T, change func(*config.Config)) (p *program, file string) {
	t.Helper()
	file = filepath.Join(t.TempDir(), "audit.jsonl")
	return start(t, tableausim.Config{}, func(c *config.Config) {
		c.Audit = config.Audit{Output: config.AuditFile, File: file, MaxMegabytes: 100}
		c.Log.UserNames = false
		if change != nil {
			change(c)
		}
	}), file
}

// auditLines reads the lines of the file; each has to follow the schema.
func auditLines(t *testing.T, file string) (lines []map[string]any) {
	t.Helper()
	schema, err := jsonschema.NewCompiler().Compile(auditSchema)
	if err != nil {
		t.Fatal(err)
	}
	for text := range strings.Lines(harness.ReadFile(t, file)) {
		value, err := jsonschema.UnmarshalJSON(strings.NewReader(text))
		if err != nil {
			t.Fatalf("%q: %v", text, err)
		}
		if err := schema.Validate(value); err != nil {
			t.Errorf("%s: %v", text, err)
		}
		var line map[string]any
		if err := json.Unmarshal([]byte(text), &line); err != nil {
			t.Fatal(err)
		}
		lines = append(lines, line)
	}
	return lines
}

// TestAuditLinesTellWhoReadWhat covers each event, and looks for tokens, variables and links.
func TestAuditLinesTellWhoReadWhat(t *testing.T) {
	t.Parallel()
	p, file := auditedProgram(t, func(c *config.Config) { c.OIDC[0].LogoutClients = []string{"portal"} })
	token := p.Token(t, "alice")
	link := p.link(t, "alice", "image(size: {width: 300, height: 200})")
	p.fetch(t, link)
	p.fetch(t, p.Address+"/content/nonsense")
	body := `{"query":"query Find($name: String!) { site(contentUrl: \"marketing\") { workbooks(filter: {name: {eq: $name}}) { totalCount } } }","variables":{"name":"secret-variable"}}`
	if got := harness.Send(t, p.request(t, http.MethodPost, "/graphql", token, body)); got.Codes() != "" {
		t.Fatal(got.Body)
	}
	p.Post(t, "", "{ viewer { username } }")
	p.Post(t, token, "{ nothing }")
	p.fetch(t, p.Address+"/schema.graphql", "Authorization", "Bearer "+token)
	p.fetch(t, p.Address+"/healthz")
	logout := logoutToken(t, p.Program, "bob", nil)
	sendLogout(t, p.Program, url.Values{"logout_token": {logout}})
	elsewhere := p.request(t, http.MethodPost, "/graphql", token, "{}")
	elsewhere.Host = "elsewhere.example.com"
	harness.Send(t, elsewhere)
	p.Halt()

	want := []map[string]any{ // a part of each line; nil for what it must not have
		{"event": "query", "user": "alice", "sites": []any{""}, "status": 200.0},
		{"event": "content", "user": "alice", "field": "View.image", "sites": []any{""}, "status": 200.0},
		{"event": "content", "user": nil, "refused": []any{"NOT_FOUND"}, "status": 404.0},
		{"event": "query", "user": "alice", "operation": "Find", "sites": []any{"marketing"}, "from": "127.0.0.1", "method": "POST", "clientId": "vitrine-dev"},
		{"event": "query", "user": nil, "documentHash": nil, "refused": []any{"UNAUTHENTICATED"}, "status": 401.0},
		{"event": "query", "user": "alice", "refused": []any{"GRAPHQL_VALIDATION_FAILED"}, "calls": nil},
		{"event": "schema", "user": "alice", "status": 200.0},
		{"event": "logout", "status": 200.0},
		{"event": "edge", "user": nil, "status": 421.0, "from": "127.0.0.1", "method": "POST"},
	}
	lines := auditLines(t, file)
	if len(lines) != len(want) {
		t.Fatalf("%d lines: %s", len(lines), harness.ReadFile(t, file))
	}
	for i, members := range want {
		for name, value := range members {
			if !reflect.DeepEqual(lines[i][name], value) {
				t.Errorf("line %d: %s is %v, want %v", i, name, lines[i][name], value)
			}
		}
	}
	if calls, _ := lines[3]["calls"].(map[string]any); len(calls) == 0 || lines[3]["documentHash"] == nil || lines[3]["roles"] == nil || lines[5]["documentHash"] == nil {
		t.Errorf("lines without calls, documents or roles: %v, %v", lines[3], lines[5])
	}
	text := harness.ReadFile(t, file)
	for _, secret := range []string{token, strings.Split(token, ".")[2], strings.TrimPrefix(link, p.Address+"/content/"), "secret-variable", logout, "nothing", "nonsense"} {
		if strings.Contains(text, secret) {
			t.Errorf("the audit log has %q:\n%s", secret, text)
		}
	}
	if strings.Contains(p.Log.String(), "user=alice") {
		t.Error("the log has user names although log.userNames is false")
	}
}

// TestAuditSchemaHasEveryField compares the schema with what lines are made of.
func TestAuditSchemaHasEveryField(t *testing.T) {
	t.Parallel()
	var schema struct {
		Properties map[string]any `json:"properties"`
	}
	if err := json.Unmarshal([]byte(harness.ReadFile(t, auditSchema)), &schema); err != nil {
		t.Fatal(err)
	}
	var fields []string
	for f := range reflect.TypeFor[audit.Line]().Fields() {
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		fields = append(fields, name)
	}
	slices.Sort(fields)
	if described := slices.Sorted(maps.Keys(schema.Properties)); !slices.Equal(described, fields) {
		t.Errorf("the schema has %v, lines have %v", described, fields)
	}
}

// TestRequiredAuditRefusesWhatItCannotRecord has the file system refuse each line.
func TestRequiredAuditRefusesWhatItCannotRecord(t *testing.T) {
	t.Parallel()
	if _, err := os.Stat("/dev/full"); err != nil {
		t.Skip("there is no /dev/full")
	}
	for _, required := range []bool{false, true} {
		p, _ := auditedProgram(t, func(c *config.Config) { c.Audit.File, c.Audit.Required = "/dev/full", required })
		got := p.Post(t, p.Token(t, "alice"), harness.WorkbookNames)
		if refused := got.Status == http.StatusServiceUnavailable && got.Codes() == "AUDIT_UNAVAILABLE" && got.Data == nil; refused != required {
			t.Errorf("required %t: %d %s", required, got.Status, got.Body)
		}
		if !strings.Contains(p.Log.String(), "audit lines cannot be written") {
			t.Error("the log does not say so")
		}
	}
}
