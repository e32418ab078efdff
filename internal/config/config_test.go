package config_test

import (
	"encoding/json"
	"encoding/pem"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"log/slog"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"vitrine/internal/config"
)

var update = flag.Bool("update", false, "rewrite golden files")

// environment is what the settings in testdata may name.
func environment(name string) string {
	return map[string]string{
		"TABLEAU_PASSWORD": "hunter2-of-tableau",
		"FINANCE_PASSWORD": "hunter2-of-finance",
		"REDIS_PASSWORD":   "hunter2-of-redis",
		"EMBED_SECRET":     "hunter2-of-the-app-for-embedding-alone",
		"BLANK":            "  ",
		"TABLEAU_KEY":      key("PRIVATE KEY", "one"),
		"OTHER_KEY":        key("EC PRIVATE KEY", "two"),
		"LOCKED_KEY":       key("ENCRYPTED PRIVATE KEY", "three"),
	}[name]
}

// key is what a file with a key looks like; nobody signs with it here.
func key(kind, inside string) string {
	return string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: []byte("hunter2-" + inside)}))
}

func TestLoadReadsSignInsByJWT(t *testing.T) {
	t.Parallel()
	got, _, err := config.Load("testdata/jwt.yaml", environment, os.ReadFile)
	if err != nil {
		t.Fatal(err)
	}
	want := config.SignIn{
		Method: config.MethodConnectedApp, Trust: config.TrustDirect,
		ClientID: "client-1", SecretID: "secret-1", Secret: "hunter2-of-tableau",
		Attributes: []config.Attribute{{Claim: "department", Name: "Department"}, {Claim: "realm.region", Name: "realm.region"}},
		OnDemand:   config.OnDemand{Groups: []string{"Everyone"}, Claim: "tableau_groups"},
	}
	own := config.SignIn{Method: config.MethodConnectedApp, Trust: config.TrustOAuth, Key: config.Secret(key("PRIVATE KEY", "one"))}
	tenant := config.SignIn{
		Method: config.MethodUnifiedAccessToken, Issuer: "https://uat.example.com", TenantID: "t-1", KeyID: "k-1", UserClaim: "upn",
		Key:        config.Secret(key("EC PRIVATE KEY", "two")),
		Attributes: []config.Attribute{{Claim: "department", Name: "department"}},
	}
	reveal := cmp.Transformer("Reveal", func(s config.Secret) string { return s.Reveal() })
	sites := []config.Site{{ContentURL: "acme"}, {ContentURL: "own", SignIn: &own}, {ContentURL: "tenant", SignIn: &tenant}}
	if diff := cmp.Diff(want, got.Tableau.SignIn, reveal) + cmp.Diff(sites, got.Tableau.Sites, reveal); diff != "" {
		t.Errorf("sign-ins (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"department", "realm.region", "tableau_groups"}, got.Tableau.Claims()); diff != "" {
		t.Errorf("claims (-want +got):\n%s", diff)
	}
	if got.Tableau.SessionLifetime != 2*time.Hour {
		t.Errorf("a session on Tableau Cloud lives %s", got.Tableau.SessionLifetime)
	}
	if in := got.Tableau.OAuthTrust(); in == nil || in.Key != own.Key {
		t.Errorf("the issuer signs with %v", in)
	}
}

// TestBadSettings holds every problem list: a case is a file in testdata/bad,
// and what is said about it is in the file beside it.
func TestBadSettings(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/bad/*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatalf("no cases: %v", err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			t.Parallel()
			c, _, err := config.Load(file, environment, os.ReadFile)
			var problems config.Problems
			if !errors.As(err, &problems) || c != nil {
				t.Fatalf("Load = %v, %v; want no settings and Problems", c, err)
			}
			got := strings.ReplaceAll(err.Error(), "testdata/bad/", "") + "\n"
			if strings.Contains(got, "hunter2") || strings.Contains(got, "12345678") {
				t.Errorf("the problems contain a secret:\n%s", got)
			}
			golden := strings.TrimSuffix(file, ".yaml") + ".golden"
			if *update {
				if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), got); diff != "" {
				t.Errorf("problems (-want +got):\n%s", diff)
			}
		})
	}
}

func TestLoadReadsEverySetting(t *testing.T) {
	t.Parallel()
	cert, key := selfSigned(t, time.Now().Add(time.Hour))
	got, _, err := config.Load("testdata/full.yaml", environment, withPair(cert, key))
	if err != nil {
		t.Fatal(err)
	}
	ca, err := os.ReadFile("testdata/secrets/ca.pem")
	if err != nil {
		t.Fatal(err)
	}
	second := config.DefaultIssuer()
	second.URL = "http://127.0.0.1:8082"
	second.Audiences = []string{"vitrine"}
	second.Username = config.Username{Claim: "preferred_username"}
	want := &config.Config{
		Listen:                   ":8080",
		AdminListen:              "127.0.0.1:9090",
		DangerouslyServeProfiles: true,
		Metrics:                  config.Metrics{Operations: []string{"WorkbookList"}},
		PublicURL:                "https://bi.example.com",
		TLS:                      config.TLS{Cert: cert, Key: config.Secret(strings.TrimSuffix(string(key), "\n")), CertFile: "testdata/secrets/chain.pem", KeyFile: "testdata/secrets/key.pem"},
		Hosts:                    []string{"vitrine.internal", "vitrine"},
		TrustedProxies: []netip.Prefix{
			netip.MustParsePrefix("10.0.0.7/32"), netip.MustParsePrefix("10.1.0.0/16"), netip.MustParsePrefix("fd00::/8"),
		},
		ForwardedHeader: "Forwarded",
		Connections:     config.Connections{Total: 5000, PerAddress: 500},
		Tableau: config.Tableau{
			URL:        "https://tableau.example.com",
			BrowserURL: "https://bi-tableau.example.com",
			CA:         ca,
			APIVersion: "3.24",
			SignIn: config.SignIn{Method: config.MethodPersonalAccessToken, Tokens: []config.Token{
				{Name: "vitrine-1", Secret: "stand-in-pat-secret==:one", File: "testdata/secrets/pat-1"},
				{Name: "vitrine-2", Secret: "stand-in-pat-secret==:two", File: "testdata/secrets/pat-2"},
				{Name: "vitrine-3", Secret: "hunter2-of-tableau"},
			}},
			Sites: []config.Site{{}, {ContentURL: "marketing"}, {ContentURL: "finance", SignIn: &config.SignIn{
				Method: config.MethodPassword, Name: "admin", Password: "hunter2-of-finance",
			}, Embed: &config.Embed{
				ClientID: "embed-2", SecretID: "secret-2", Secret: "hunter2-of-the-app-for-embedding-alone", TokenLifetime: 5 * time.Minute,
			}}},
			SessionIdle: 4 * time.Hour,
			Limits: config.TableauLimits{
				PerUser: 4, PerSite: 32, Total: 100, LongRunning: 10, Queue: 500, Wait: 5 * time.Second, Tries: 2,
			},
			LUIDLifetime: 12 * time.Hour,
			MaxSessions:  100_000,
			Embed: &config.Embed{
				ClientID: "embed-1", SecretID: "secret-1", Secret: "embed-secret-embed-secret-embed-secret", TokenLifetime: 2 * time.Minute,
				Attributes:                       []config.Attribute{{Claim: "department", Name: "Department"}, {Claim: "realm.region", Name: "realm.region"}},
				DangerouslyForSiteAdministrators: true,
			},
			DangerouslyImpersonateServerAdministrators: true,
		},
		OIDC: []config.Issuer{{
			URL:            "https://login.example.com/",
			Audiences:      []string{"vitrine", "api://vitrine"},
			TokenTypes:     []string{"at+jwt", "JWT"},
			AcceptIDTokens: true,
			Algorithms:     []string{"RS256"},
			Leeway:         time.Minute,
			UserInfo:       true,
			Username:       config.Username{Claim: "upn", RequireVerified: true, StripDomain: "example.com", PrefixDomain: "CORP"},
			Groups:         config.Groups{Claim: "realm_access.roles"},
			Scopes:         []string{"openid", "email", "api"}, LogoutClients: []string{"portal"},
			RequiredScopes:  []string{"bi.read"},
			Introspection:   config.Introspection{ClientID: "vitrine-server", ClientSecret: "stand-in-pat-secret==:one", CacheFor: 10 * time.Second},
			AuthorizeParams: map[string]string{"audience": "vitrine"},
			CA:              ca,
		}, second},
		Roles: []config.Role{
			{Name: "everyone", Allow: []string{"CATALOG", "CONTENT"}},
			{Name: "portal", When: config.When{Group: "portal"}, Allow: []string{"EMBED"}, EmbedScopes: []string{"tableau:views:embed", "tableau:insights:embed"}},
			{
				Name: "analysts", When: config.When{Group: "bi-analysts"},
				Allow: []string{"PEOPLE", "GOVERNANCE", "Tag", "User.*"}, Deny: []string{"Workbook.download"},
			},
			{
				Name: "partners", When: config.When{Scope: "vitrine.read", Client: "portal", Claim: "department", Equals: "Sales"},
				Sites: []string{"marketing"}, Limits: config.RoleLimits{First: 200, Rows: 1000}, NoIntrospection: true, Documents: config.DocumentsEnforce,
			},
			{Name: "regions", When: config.When{Claim: "realm.regions", Contains: "emea"}, Deny: []string{"User.email"}},
		},
		CORS: config.CORS{Origins: []string{"https://portal.example.com", "http://localhost:3000"}, Headers: []string{"x-app-version"}},
		Limits: config.Limits{
			First: 1000, DocumentBytes: 50000, Tokens: 1500, Depth: 12, Aliases: 30, RootFields: 10, Fields: 500, Comparisons: 5000,
			Directives: 20, Introspection: 4, Cost: 10000, Measure: []string{"cost", "perPerson"}, Deadline: 30 * time.Second,
			FieldsUnderWay: 500000, AnswerBytes: 8000000, PerPerson: 20000, PerAddress: 100000, DataQueries: 50,
		},
		Cache:      config.Cache{TTL: 30 * time.Second, Bytes: 128_000_000},
		Content:    config.Content{LinkLifetime: 90 * time.Second},
		Documents:  config.Documents{Manifests: []string{"testdata/secrets/manifest.json"}, Mode: config.DocumentsLog, Automatic: true},
		Playground: config.Page{Enabled: true, ClientID: "vitrine-playground"},
		Gallery:    config.Page{Enabled: true, ClientID: "vitrine-gallery"},
		Federation: true,
		Log:        config.Log{Format: "text", Level: slog.LevelDebug},
		Keys:       []config.Secret{"first root key of the settings' own tests, made up", "second root key of the settings' own tests, made up"},
		SharedStore: config.SharedStore{
			Redis: "rediss://redis.example.com:6380/2", Username: "vitrine", Password: "hunter2-of-redis", CA: ca, Timeout: 500 * time.Millisecond,
		},
		Traces:   config.Traces{TrustIncoming: true},
		Audit:    config.Audit{Output: config.AuditFile, File: "testdata/audit.jsonl", MaxMegabytes: 50, KeepFiles: 10, KeepDays: 365, Required: true},
		Shutdown: config.Shutdown{Delay: 10 * time.Second, Grace: time.Minute},

		DangerouslySharedNames: true,
	}
	// Compared as they are, not as they print: secrets print alike.
	reveal := cmp.Transformer("Reveal", func(s config.Secret) string { return s.Reveal() })
	if diff := cmp.Diff(want, got, reveal, cmp.Comparer(func(a, b netip.Prefix) bool { return a == b })); diff != "" {
		t.Errorf("settings (-want +got):\n%s", diff)
	}
	if in := got.Tableau.SignInFor(got.Tableau.Sites[1]); len(in.Tokens) != 3 {
		t.Errorf("marketing signs in with %v, want the shared tokens", in)
	}
	if in := got.Tableau.SignInFor(got.Tableau.Sites[2]); in.Method != config.MethodPassword {
		t.Errorf("finance signs in with %v, want its own password", in)
	}
}

func TestLeastSettingsGetTheStrictDefaults(t *testing.T) {
	t.Parallel()
	got, notes, err := config.Load("testdata/least.yaml", environment, os.ReadFile)
	if err != nil || len(notes) > 0 {
		t.Fatal(err, notes)
	}
	want := config.Default()
	want.Tableau.URL = "https://tableau.example.com"
	want.Tableau.BrowserURL = want.Tableau.URL
	want.Tableau.SignIn = config.SignIn{Method: config.MethodPassword, Name: "admin", Password: "hunter2-of-tableau"}
	want.Tableau.Sites = []config.Site{{}}
	issuer := config.DefaultIssuer()
	issuer.URL, issuer.Audiences = "https://login.example.com", []string{"vitrine"}
	want.OIDC = []config.Issuer{issuer}
	want.Roles = []config.Role{{Name: "everyone", Allow: []string{"CATALOG"}}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("settings (-want +got):\n%s", diff)
	}
	if got.Playground.Enabled || got.Gallery.Enabled || got.DangerouslySharedNames || got.OIDC[0].AcceptIDTokens || !got.OIDC[0].Username.RequireVerified {
		t.Errorf("a default loosens something: %+v", got)
	}
}

// Anyone who narrows one bound need not narrow those inside it.
func TestNarrowLimitsNarrowThoseInside(t *testing.T) {
	t.Parallel()
	least, err := os.ReadFile("testdata/least.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for limits, want := range map[string][2]int{"{total: 40}": {40, 16}, "{perSite: 8}": {8, 8}, "{total: 4, perUser: 2}": {4, 2}} {
		text := strings.Replace(string(least), "tableau:\n", "tableau:\n  limits: "+limits+"\n", 1)
		read := func(string) ([]byte, error) { return []byte(text), nil }
		got, _, err := config.Load("testdata/least.yaml", environment, read)
		if err != nil {
			t.Errorf("%s: %v", limits, err)
		} else if l := got.Tableau.Limits; l.PerSite != want[0] || l.PerUser != want[1] {
			t.Errorf("%s: perSite %d, perUser %d; want %v", limits, l.PerSite, l.PerUser, want)
		}
	}
}

func TestValidateChecksSettingsBuiltInGo(t *testing.T) {
	t.Parallel()
	c := config.Default()
	c.Tableau.URL = "http://127.0.0.1:8081"
	c.Tableau.SignIn = config.SignIn{Method: config.MethodPassword, Name: "admin", Password: "admin"}
	c.Tableau.Sites = []config.Site{{}, {ContentURL: "marketing"}}
	issuer := config.DefaultIssuer()
	issuer.URL, issuer.Audiences = "http://127.0.0.1:8082", []string{"vitrine"}
	c.OIDC = []config.Issuer{issuer}
	c.Roles = []config.Role{{Name: "everyone", Allow: []string{"CATALOG"}}}
	if err := config.Validate(c); err != nil {
		t.Errorf("Validate = %v, want nil", err)
	}

	c.OIDC[0].URL = "http://login.example.com"
	c.Limits.Depth = 0
	want := `oidc[0].issuer "http://login.example.com" is plain http, which is accepted for loopback addresses only; use https; oidc[0].dangerouslyWithoutTLS: true accepts it, for where something else encrypts the way
limits.depth "0" is out of bounds; give 3 to 50`
	if err := config.Validate(c); err == nil || err.Error() != want {
		t.Errorf("Validate = %v\nwant %s", err, want)
	}
}

func TestLoadSaysWhichFileItCannotRead(t *testing.T) {
	t.Parallel()
	_, _, err := config.Load("testdata/none.yaml", environment, os.ReadFile)
	if !errors.Is(err, fs.ErrNotExist) || !strings.Contains(err.Error(), `"testdata/none.yaml"`) {
		t.Errorf("error %v, want one that names the file", err)
	}
	if _, _, err := config.Load("", environment, os.ReadFile); err == nil || !strings.Contains(err.Error(), "VITRINE_CONFIG") {
		t.Errorf("error %v, want one that says how to name a file", err)
	}
}

func TestLoadNotesSecretsThatOthersCanRead(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		mode fs.FileMode
		want int
	}{
		"mine":            {0o600, 0},
		"mine and group":  {0o640, 0},
		"everybody reads": {0o644, 1},
		"group writes":    {0o660, 1},
	}
	settings, err := os.ReadFile("testdata/least.yaml")
	if err != nil {
		t.Fatal(err)
	}
	settings = []byte(strings.Replace(string(settings), "passwordEnv: TABLEAU_PASSWORD", "passwordFile: pw", 1))
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			secret := filepath.Join(dir, "pw")
			if err := os.WriteFile(secret, []byte("hunter2\r\n"), 0o600); err != nil {
				t.Fatal(err)
			}
			if err := os.Chmod(secret, test.mode); err != nil {
				t.Fatal(err)
			}
			c, notes, err := config.Parse(filepath.Join(dir, "vitrine.yaml"), settings, environment, os.ReadFile)
			if err != nil {
				t.Fatal(err)
			}
			if got := c.Tableau.SignIn.Password.Reveal(); got != "hunter2" {
				t.Errorf("password %q, want it without its line end", got)
			}
			if len(notes) != test.want || strings.Contains(fmt.Sprint(notes), "hunter2") {
				t.Errorf("notes %q, want %d without the secret", notes, test.want)
			}
		})
	}
}

func TestParseRefusesAFileTooLarge(t *testing.T) {
	t.Parallel()
	_, _, err := config.Parse("big.yaml", []byte(strings.Repeat("# filling\n", 10000)), environment, os.ReadFile)
	if want := "big.yaml: the file has 100000 bytes, more than 65536; is this the settings file?"; err == nil || err.Error() != want {
		t.Errorf("error %v, want %s", err, want)
	}
}

func TestSecretNeverPrints(t *testing.T) {
	t.Parallel()
	const secret = config.Secret("hunter2")
	var log strings.Builder
	slog.New(slog.NewJSONHandler(&log, nil)).Info("x", "s", secret, "t", config.Token{Name: "n", Secret: secret})
	slog.New(slog.NewTextHandler(&log, nil)).Info("x", "s", secret, "t", config.Token{Name: "n", Secret: secret})
	encoded, err := json.Marshal(map[string]any{"s": secret, "t": config.Token{Secret: secret}, "p": new(config.Secret)})
	if err != nil {
		t.Fatal(err)
	}
	printed := log.String() + string(encoded)
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%10.3s"} {
		for _, v := range []any{secret, config.Token{Secret: secret}, []config.Secret{secret}, map[config.Secret]int{secret: 1}} {
			printed += fmt.Sprintf(verb, v) + "\n"
		}
	}
	printed += fmt.Sprint(secret) + secret.GoString() + secret.String() + fmt.Sprint(errors.New(secret.String()))
	for _, leak := range []string{"hunter2", "68756e", "68756E", "hun"} {
		if strings.Contains(printed, leak) {
			t.Errorf("%q appears in:\n%s", leak, printed)
		}
	}
	if secret.Reveal() != "hunter2" {
		t.Error("Reveal does not reveal")
	}
}

func TestFlagsTakeTheEnvironmentAndTheCommandLineWins(t *testing.T) {
	t.Parallel()
	env := map[string]string{"VITRINE_LISTEN": "127.0.0.1:1", "VITRINE_API_VERSION": "3.24", "VITRINE_WORKBOOKS": ""}
	fs := flag.NewFlagSet("demo", flag.ContinueOnError)
	listen := fs.String("listen", "127.0.0.1:8080", "address")
	version := fs.String("api-version", "", "version")
	workbooks := fs.Int("workbooks", 7, "how many")
	if err := config.FromEnvironment(fs, func(name string) string { return env[name] }); err != nil {
		t.Fatal(err)
	}
	if err := fs.Parse([]string{"--listen", "127.0.0.1:2"}); err != nil {
		t.Fatal(err)
	}
	if *listen != "127.0.0.1:2" || *version != "3.24" || *workbooks != 7 {
		t.Errorf("listen %s, version %s, workbooks %d", *listen, *version, *workbooks)
	}
	if name := config.VariableOf("api-version"); name != "VITRINE_API_VERSION" {
		t.Errorf("the variable of --api-version is %s", name)
	}

	env["VITRINE_WORKBOOKS"] = "many"
	err := config.FromEnvironment(fs, func(name string) string { return env[name] })
	if err == nil || !strings.Contains(err.Error(), `VITRINE_WORKBOOKS "many"`) {
		t.Errorf("error %v, want one that names the variable and its value", err)
	}
}

// FuzzParse: whatever the file holds, Parse returns settings or problems, reads
// nothing but what it may, and says a bounded amount.
func FuzzParse(f *testing.F) {
	files, err := filepath.Glob("testdata/bad/*.yaml")
	if err != nil {
		f.Fatal(err)
	}
	for _, file := range append(files, "testdata/full.yaml", "testdata/least.yaml") {
		data, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		c, _, err := config.Parse("fuzz.yaml", data, environment, func(string) ([]byte, error) { return []byte("x"), nil })
		if (c == nil) == (err == nil) {
			t.Fatalf("Parse = %v, %v; want one of the two", c, err)
		}
		if err != nil {
			if n := len(err.Error()); n > 100_000 {
				t.Errorf("%d bytes of problems for a file of %d", n, len(data))
			}
			return
		}
		if err := config.Validate(c); err != nil {
			t.Errorf("Parse accepted what Validate refuses: %v", err)
		}
	})
}

func TestReadSecretReadsAFileAgain(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "pat")
	for content, want := range map[string]string{
		"new secret\n": "new secret", "": "", "two\nlines-hunter2": "", " ": "", strings.Repeat("hunter2", 3000): "",
	} {
		if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		got, err := config.ReadSecret(file)
		if got.Reveal() != want || (err == nil) != (want != "") {
			t.Errorf("ReadSecret of %.12q = %q, %v", content, got.Reveal(), err)
		}
		if err != nil && strings.Contains(err.Error(), "hunter2") {
			t.Errorf("the error contains the secret: %v", err)
		}
	}
	if _, err := config.ReadSecret(file + "-missing"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("ReadSecret of a missing file = %v", err)
	}
}
