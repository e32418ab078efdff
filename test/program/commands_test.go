package program

import (
	"context"
	"net/http"
	"path/filepath"
	"strings"
	"testing"

	"vitrine/internal/cli"
	"vitrine/internal/standin"
	"vitrine/internal/tableausim"
	"vitrine/test/harness"
)

func TestCommandsSayWhatIsWrong(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		args []string
		env  map[string]string
		want string
	}{
		"none":                   {want: "name a command"},
		"unknown":                {args: []string{"server"}, want: `there is no command "server"`},
		"too much":               {args: []string{"version", "now"}, want: `"now" is too much`},
		"serve without settings": {args: []string{"serve"}, want: "--config is missing"},
		"settings that are not there": {
			args: []string{"serve", "--config", filepath.Join(t.TempDir(), "none.yaml")}, want: "no such file",
		},
		"role without settings":   {args: []string{"schema", "--role", "everyone"}, want: "name the file with --config"},
		"subgraph without a role": {args: []string{"schema", "--subgraph"}, want: "name it with --role"},
		"token without a user":    {args: []string{"token"}, want: "--user is missing"},
		"token from elsewhere":    {args: []string{"token", "--user", "alice", "--idp", "https://login.example.com"}, want: "--idp"},
		"demo beside settings":    {args: []string{"demo"}, env: map[string]string{"VITRINE_CONFIG": "vitrine.yaml"}, want: "VITRINE_CONFIG is set"},
		"demo for everybody":      {args: []string{"demo", "--listen", "0.0.0.0:0"}, want: "not a loopback address"},
		"sandbox for everybody":   {args: []string{"sandbox", "--tableau", ":0"}, want: "not a loopback address"},
		"sandbox of no version":   {args: []string{"sandbox", "--api-version", "newest"}, want: "--api-version"},
		"sandbox too large":       {args: []string{"sandbox", "--workbooks", "50001"}, want: "--workbooks 50001"},
		"a delay of no length":    {args: []string{"serve", "--config", "none.yaml"}, env: map[string]string{"VITRINE_SHUTDOWN_DELAY": "long"}, want: "VITRINE_SHUTDOWN_DELAY"},
		"a bad value of a switch": {args: []string{"sandbox"}, env: map[string]string{"VITRINE_LATENCY": "soon"}, want: "VITRINE_LATENCY"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, _, err := call(t, c.env, c.args...)
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %v, want one that says %q", err, c.want)
			}
		})
	}
}

func TestVersionAndSchemaArePrinted(t *testing.T) {
	t.Parallel()
	if out, _, err := call(t, nil, "version"); err != nil || !strings.Contains(out, "vitrine ") || !strings.Contains(out, "go1.") {
		t.Errorf("version: %q, %v", out, err)
	}
	if out, _, err := call(t, nil, "help"); err != nil || !strings.Contains(out, "vitrine serve --config FILE") {
		t.Errorf("help: %q, %v", out, err)
	}
	out, _, err := call(t, nil, "schema")
	if err != nil || !strings.Contains(out, "type Query") || !strings.Contains(out, "@area(name: PEOPLE)") {
		t.Errorf("schema: %v, %.200q", err, out)
	}
}

func TestCheckSaysWhetherServeWouldWork(t *testing.T) {
	t.Parallel()
	s, err := standin.Start("127.0.0.1:0", "127.0.0.1:0", tableausim.Config{PATDisplacesImpersonated: true})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	out, _, err := call(t, nil, "check", "--config", harness.SettingsFile(t, s, ""), "--user", "alice")
	if err != nil || !strings.Contains(out, "serve would work") || !strings.Contains(out, "people take turns") {
		t.Errorf("good settings: %v\n%s", err, out)
	}
	if n := len(s.Tableau.Sessions()); n != 0 {
		t.Errorf("check left %d sessions behind", n)
	}
	out, log, err := call(t, nil, "check", "--config", harness.SettingsFile(t, s, "wrong-secret"))
	if err == nil || !strings.Contains(out, "FAILED") || strings.Contains(out+log+err.Error(), "wrong-secret") {
		t.Errorf("a wrong secret: %v\n%s", err, out)
	}
	out, _, err = call(t, nil, "check", "--config", harness.SettingsFile(t, s, ""), "--user", "nobody")
	if err == nil || !strings.Contains(out, `no user of the site: user "nobody"`) || !strings.Contains(err.Error(), "not for this user") {
		t.Errorf("a user who does not exist: %v\n%s", err, out)
	}
	out, _, err = call(t, nil, "check", "--config", harness.SettingsFile(t, s, ""), "--user", "admin") // as serve does
	if err == nil || !strings.Contains(out, "server administrators are not impersonated") || !strings.Contains(err.Error(), "not for this user") {
		t.Errorf("a server administrator: %v\n%s", err, out)
	}
}

func TestSchemaOfARole(t *testing.T) {
	t.Parallel()
	s, err := standin.Start("127.0.0.1:0", "127.0.0.1:0", tableausim.Config{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	file := harness.SettingsFile(t, s, "")
	everyone, _, err := call(t, nil, "schema", "--config", file, "--role", "everyone")
	if err != nil || strings.Contains(everyone, "users(") || strings.Contains(everyone, "siteRole:") {
		t.Errorf("everyone sees people: %v", err)
	}
	analysts, _, err := call(t, nil, "schema", "--config", file, "--role", "analysts")
	if err != nil || !strings.Contains(analysts, "users(") || strings.Contains(analysts, "email") {
		t.Errorf("analysts see no people, or their mail addresses: %v", err)
	}
	subgraph, _, err := call(t, nil, "schema", "--config", file, "--role", "everyone", "--subgraph")
	if err != nil || !strings.HasPrefix(subgraph, "extend schema @link(") || !strings.Contains(subgraph, `@key(fields: "id")`) {
		t.Errorf("the subgraph of everyone is %.300s, %v", subgraph, err)
	}
	if _, _, err := call(t, nil, "schema", "--config", file, "--role", "nobody"); err == nil {
		t.Error("a role that does not exist is printed")
	}
}

// serve announces itself once it can be reached, and stops when it is asked to, with everybody
// signed out.
func TestServeAnnouncesServesAndStops(t *testing.T) {
	t.Parallel()
	s, err := standin.Start("127.0.0.1:0", "127.0.0.1:0", tableausim.Config{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	out, log := newLines(), &harness.SyncBuffer{}
	done := make(chan error, 1)
	go func() {
		done <- cli.Run(ctx, []string{"serve", "--config", harness.SettingsFile(t, s, "")}, func(name string) string {
			return map[string]string{"VITRINE_SHUTDOWN_DELAY": "0s"}[name]
		}, out, log)
	}()
	fields := strings.Fields(out.next(t))
	address := strings.TrimSuffix(fields[len(fields)-1], "/graphql")
	p := &program{&harness.Program{Servers: s, Address: address}}
	if got := p.Post(t, p.Token(t, "alice"), `{ site(contentUrl: "") { workbooks(first: 1) { totalCount } } }`); got.Codes() != "" {
		t.Errorf("%s", got.Body)
	}
	for path, want := range map[string]int{"/healthz": 200, "/readyz": 200, "/playground": 404, "/nothing": 404, "/schema.graphql": 401} {
		r, _ := http.NewRequestWithContext(t.Context(), http.MethodGet, address+path, nil)
		if got := harness.Send(t, r); got.Status != want {
			t.Errorf("GET %s: %d, want %d", path, got.Status, want)
		}
	}
	stop()
	if err := <-done; err != nil {
		t.Errorf("serve ended with %v", err)
	}
	if n := len(s.Tableau.Sessions()); n != 0 {
		t.Errorf("%d sessions were not signed out", n)
	}
	if n := strings.Count(log.String(), "path=/graphql") + strings.Count(log.String(), `"path":"/graphql"`); n != 1 {
		t.Errorf("%d events for one request:\n%s", n, log.String())
	}
}

// lines gives what a command prints, a line at a time.
type lines struct{ ch chan string }

func newLines() *lines { return &lines{make(chan string, 100)} }

func (l *lines) Write(p []byte) (int, error) {
	for line := range strings.Lines(string(p)) {
		l.ch <- strings.TrimSpace(line)
	}
	return len(p), nil
}

func (l *lines) next(t *testing.T) string {
	t.Helper()
	select {
	case line := <-l.ch:
		return line
	case <-t.Context().Done():
		t.Fatal("nothing was printed")
		return ""
	}
}
