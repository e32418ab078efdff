package main

import (
	"bytes"
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"vitrine/internal/config"
	"vitrine/internal/tableausim"
	"vitrine/internal/telemetry"
)

// startLogging runs the program with the log that operators have.
func startLogging(t *testing.T, change func(*config.Config)) *program {
	t.Helper()
	stand, err := startStandIns("127.0.0.1:0", "127.0.0.1:0", tableausim.Config{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(stand.close)
	return serveLogging(t, stand, change, func(w io.Writer) *slog.Logger {
		logger, err := telemetry.NewLogger(w, "json", slog.LevelDebug)
		if err != nil {
			t.Fatal(err)
		}
		return logger
	})
}

// events are those of the log that begin with a message; all lines have to be JSON.
func (p *program) events(t *testing.T, message string) (found []map[string]any) {
	t.Helper()
	for line := range strings.Lines(p.log.String()) {
		var e map[string]any
		if err := json.Unmarshal([]byte(line), &e); err != nil {
			t.Fatalf("the log is not JSON: %s", line)
		}
		if text, _ := e["msg"].(string); strings.HasPrefix(text, message) {
			found = append(found, e)
		}
	}
	return found
}

// event is that of one request.
func (p *program) event(t *testing.T, of *graphqlAnswer) map[string]any {
	t.Helper()
	for _, e := range p.events(t, "request") {
		if e["requestId"] == of.header.Get("X-Request-Id") {
			return e
		}
	}
	t.Fatalf("there is no event of %s", of.header.Get("X-Request-Id"))
	return nil
}

func TestEventsTellWhoAskedAndWhatFailed(t *testing.T) {
	t.Parallel()
	for _, names := range []bool{true, false} {
		p := startLogging(t, func(c *config.Config) { c.Log.UserNames = names })
		r := p.request(t, http.MethodGet, "/graphql?query="+url.QueryEscape(`query Q { site(contentUrl: "") { me { name } } other: site(contentUrl: "marketing") { name } }`), p.token(t, "alice"), "")
		r.Header.Set("User-Agent", "portal/1.2")
		r.Header.Set("X-Request-Id", "0b9e3c1e-4f54-4d0c-8a53-bb0f9f6ad7a1")
		r.Header.Set("Traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01")
		got := send(t, r)
		e := p.event(t, got)
		want := map[string]any{
			"requestId": "0b9e3c1e-4f54-4d0c-8a53-bb0f9f6ad7a1", "userAgent": "portal/1.2", "traceId": "4bf92f3577b34da6a3ce929d0e0e4736",
			"parentSpanId": "00f067aa0ba902b7", "user": "alice", "operation": "Q", "level": "INFO", "status": 200.0, "clientId": "vitrine-dev",
		}
		if !names {
			want["user"] = nil
		}
		for key, value := range want {
			if e[key] != value {
				t.Errorf("%s is %v, want %v: %v", key, e[key], value, e)
			}
		}
		if sites, _ := json.Marshal(e["sites"]); string(sites) != `["","marketing"]` {
			t.Errorf("sites are %s", sites)
		}
		if _, ok := e["tableauWaitedMs"].(float64); !ok {
			t.Errorf("tableauWaitedMs is %v", e["tableauWaitedMs"])
		}
	}
}

// While Tableau is away the log says so: once when it goes, once when it is back, and each failed request is a warning with its codes.
func TestOutagesOfTableauAreLogged(t *testing.T) {
	t.Parallel()
	p := startLogging(t, nil)
	token := p.token(t, "alice")
	if got := p.post(t, token, workbookNames); got.codes() != "" {
		t.Fatal(got.body)
	}
	off := p.tableau.Fault(tableausim.Fault{Kind: tableausim.Away, Match: func(*http.Request) bool { return true }})
	var failed *graphqlAnswer
	for range 3 {
		failed = p.post(t, token, workbookNames)
	}
	off()
	for p.post(t, token, workbookNames).codes() != "" { // Retry-After is heeded
	}
	down, up := p.events(t, "Tableau unavailable since"), p.events(t, "Tableau available again")
	if len(down) != 1 || len(up) != 1 || down[0]["level"] != "WARN" || down[0]["site"] != "" || up[0]["since"] != down[0]["since"] || up[0]["unavailableMs"] == nil {
		t.Errorf("events %v, then %v", down, up)
	}
	e := p.event(t, failed)
	errs, _ := e["errors"].([]any)
	if e["level"] != "WARN" || len(errs) == 0 {
		t.Fatalf("%s: %v", failed.body, e)
	}
	first, _ := errs[0].(map[string]any)
	if first["code"] != "TABLEAU_UNAVAILABLE" || first["path"] != "site.workbooks" || first["reason"] == "" {
		t.Errorf("the error is %v", first)
	}
}

func TestErrorsCarryTableausNumbers(t *testing.T) {
	t.Parallel()
	p := startLogging(t, nil)
	token := p.token(t, "alice")
	p.post(t, token, workbookNames)
	defer p.tableau.Fault(tableausim.Fault{Kind: tableausim.ServerError, Match: reads})()
	e := p.event(t, p.post(t, token, workbookNames))
	if text, _ := json.Marshal(e["errors"]); !regexp.MustCompile(`"tableau":"\d{6}"`).Match(text) {
		t.Errorf("errors are %s", text)
	}
}

// Whatever is refused, wherever: refused is a list of objects with a code.
func TestRefusalsHaveOneForm(t *testing.T) {
	t.Parallel()
	p := startLogging(t, func(c *config.Config) { c.CORS.Origins = []string{"https://portal.example.com"} })
	token := p.token(t, "alice")
	for path, token := range map[string]string{
		"/graphql?query={nothing}": token, "/graphql?query={": token, "/graphql": token, "/graphql?query={viewer{username}}": "broken", "/schema.graphql": "", "/content/x": "",
	} {
		got := send(t, p.request(t, http.MethodGet, path, token, ""))
		list, _ := p.event(t, got)["refused"].([]any)
		if len(list) == 0 {
			t.Errorf("%s: %d, refused is %v", path, got.status, p.event(t, got)["refused"])
			continue
		}
		if first, _ := list[0].(map[string]any); first["code"] == nil || first["code"] == "" {
			t.Errorf("%s: refused is %v", path, list)
		}
	}
	// Answers that a browser keeps from a page of another origin.
	for origin, reason := range map[string]string{"https://evil.example": "cors.origins does not list the origin", "https://portal.example.com": "", p.address: "", "null": "cors.origins does not list the origin"} {
		r := p.request(t, http.MethodGet, "/graphql?query={viewer{username}}", token, "")
		r.Header.Set("Origin", origin)
		e := p.event(t, send(t, r))
		if got, _ := e["corsReason"].(string); got != reason || reason != "" && e["corsRefused"] != origin {
			t.Errorf("%s: %v, %v", origin, e["corsRefused"], got)
		}
	}
	r := p.request(t, http.MethodOptions, "/graphql", "", "")
	r.Header.Set("Origin", "https://portal.example.com")
	r.Header.Set("Access-Control-Request-Method", "POST")
	r.Header.Set("Access-Control-Request-Headers", "x-other")
	if e := p.event(t, send(t, r)); e["corsHeaders"] != "x-other" || !strings.Contains(e["corsReason"].(string), "the preflight") {
		t.Errorf("%v", e)
	}
}

func TestStartIsLogged(t *testing.T) {
	t.Parallel()
	p := startLogging(t, nil)
	send(t, p.request(t, http.MethodGet, "/healthz", "", ""))
	got := p.events(t, "started")
	if len(got) != 1 {
		t.Fatalf("%d events", len(got))
	}
	for _, key := range []string{"version", "commit", "listen", "publicURL", "tls", "connections", "tableau", "sites", "signInMethods", "issuers", "roles", "sharedStore"} {
		if got[0][key] == nil {
			t.Errorf("%s is missing: %v", key, got[0])
		}
	}
	if warned := p.events(t, "the limit of open files"); len(warned) > 0 && p.app.connections() >= fewestConnections {
		t.Errorf("nothing is wrong, but: %v", warned)
	}
}

func TestLoweredConnectionsAreLoggedWhereSomebodyWantedThem(t *testing.T) {
	t.Parallel()
	for total, warns := range map[int]bool{config.Default().Connections.Total: false, 1_000_000: true, 100: false} {
		var log bytes.Buffer
		settings := config.Default()
		settings.Connections.Total = total
		a := &app{settings: settings, logger: slog.New(slog.NewTextHandler(&log, nil))}
		if a.connections() < fewestConnections && total != 100 || a.connections() == 1_000_000 {
			t.Skip("the limit of open files is unusual here")
		}
		a.warnOfFiles(t.Context())
		if strings.Contains(log.String(), "openFiles=") != warns || strings.Contains(log.String(), "connectionsTotal=") != warns {
			t.Errorf("%d: %s", total, &log)
		}
	}
}

// logCall is a key or a message that the program logs.
type logCall struct{ text, kind, place string }

var (
	attrKinds   = []string{"String", "Int", "Int64", "Uint64", "Float64", "Bool", "Time", "Duration", "Any", "Group"}
	loggerCalls = map[string]int{ // where the message is among the arguments
		"Debug": 0, "Info": 0, "Warn": 0, "Error": 0, "DebugContext": 1, "InfoContext": 1, "WarnContext": 1, "ErrorContext": 1, "LogAttrs": 2, "Log": 2,
	}
)

// loggedIn finds all keys and messages in a file.
func loggedIn(t *testing.T, file string) (keys, messages []logCall) {
	t.Helper()
	set := token.NewFileSet()
	tree, err := parser.ParseFile(set, file, nil, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	ast.Inspect(tree, func(n ast.Node) bool {
		call, ok := n.(*ast.CallExpr)
		if !ok {
			return true
		}
		f, ok := call.Fun.(*ast.SelectorExpr)
		if !ok {
			return true
		}
		place := set.Position(call.Pos()).String()
		on, _ := f.X.(*ast.Ident)
		if on != nil && on.Name == "slog" && slices.Contains(attrKinds, f.Sel.Name) && len(call.Args) == 2 {
			if text, ok := literal(call.Args[0]); ok {
				keys = append(keys, logCall{text, f.Sel.Name, place})
			}
			return true
		}
		at, ok := loggerCalls[f.Sel.Name]
		if !ok || len(call.Args) <= at || !isLogger(f.X) {
			return true
		}
		if text, ok := literal(call.Args[at]); ok {
			messages = append(messages, logCall{text, f.Sel.Name, place})
		}
		for i := at + 1; i < len(call.Args); i += 2 {
			text, ok := literal(call.Args[i])
			if !ok {
				break // attributes
			}
			keys = append(keys, logCall{text, "Any", place})
		}
		return true
	})
	return keys, messages
}

// isLogger tells loggers by their names.
func isLogger(x ast.Expr) bool {
	name := ""
	switch x := x.(type) {
	case *ast.Ident:
		name = x.Name
	case *ast.SelectorExpr:
		name = x.Sel.Name
	}
	return slices.Contains([]string{"log", "logger", "Logger", "slog"}, name)
}

// literal is a text, or the literal that a sum of texts begins with.
func literal(x ast.Expr) (string, bool) {
	switch x := x.(type) {
	case *ast.BasicLit:
		text, err := strconv.Unquote(x.Value)
		return text, err == nil && x.Kind == token.STRING
	case *ast.BinaryExpr:
		return literal(x.X)
	}
	return "", false
}

// Every key that the program logs is documented and has the form of all others, every message is documented, and durations are numbers
// of milliseconds under a name that says so.
func TestEveryLogKeyIsDocumented(t *testing.T) {
	t.Parallel()
	docs := readDocument(t, "docs/operators/monitoring.md") + readDocument(t, "docs/several-replicas.md")
	seen := 0
	for _, f := range goFiles(t) {
		if f.isTest() || slices.Contains([]string{"graph", "internal/tableausim", "internal/devidp"}, f.dir) {
			continue
		}
		keys, messages := loggedIn(t, filepath.Join(f.dir, f.name))
		for _, k := range keys {
			seen++
			name := k.text
			if k.kind == "Duration" {
				name += "Ms"
			}
			if !regexp.MustCompile(`^[a-z][a-zA-Z]*$`).MatchString(name) {
				t.Errorf("%s: the key %q is no camelCase", k.place, name)
			}
			if strings.HasSuffix(k.text, "Ms") && k.kind != "Float64" {
				t.Errorf("%s: %q is slog.%s: log a slog.Duration, without Ms", k.place, k.text, k.kind)
			}
			if !strings.Contains(docs, "`"+name+"`") {
				t.Errorf("%s: the key `%s` is not in docs/operators/monitoring.md", k.place, name)
			}
		}
		for _, m := range messages {
			seen++
			text, _, _ := strings.Cut(m.text, ":")
			words := strings.Fields(text)
			if begins := strings.Join(words[:min(len(words), 5)], " "); !strings.Contains(docs, strings.TrimRight(begins, ":,;")) {
				t.Errorf("%s: the message %q is not in docs/operators/monitoring.md", m.place, begins)
			}
		}
	}
	if seen < 80 {
		t.Errorf("only %d keys and messages were found: the test sees too little", seen)
	}
}
