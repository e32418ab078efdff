package rest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"

	"vitrine/internal/deployment"
	"vitrine/internal/dialerr"
)

// Config says where Tableau is.
type Config struct {
	URL            string        // https://tableau.example.com; a path in front of /api is kept
	BrowserURL     string        // where people's browsers reach it; URL when empty
	StandInAsCloud bool          // whether it is a stand-in for Tableau Cloud, which its address does not show
	APIVersion     string        // "auto" or empty asks the server; else such as "3.24"
	HTTP           *http.Client  // transport with the right CAs and proxy; never follows redirects; the default transport when nil
	Timeout        time.Duration // for one request; 60 s when zero
	MaxBody        int64         // bytes of one answer; 32 MiB when zero
	// Rendering is how long Tableau may take until the first byte of a picture or a file comes; 5
	// minutes when zero, which is when Cloud gives up loading a view.
	Rendering time.Duration
	// Stall is how long a picture or a file may make no progress; a minute when zero.
	Stall time.Duration
	Gate  Gate // bounds and repeats requests; every request leaves at once, and once, when nil
	Now   func() time.Time
}

// versionAge is how long the server's version is cached: servers are upgraded while clients run.
// After that long it is asked again; while it does not answer, once in versionPause.
const (
	versionAge   = time.Hour
	versionPause = time.Minute
)

// negotiationVersions are those in which a server is asked for its own: the first is understood by
// every server that knows personal access tokens (2019.4), the second, the oldest with JSON, by all
// that are older.
var negotiationVersions = []string{"3.6", "2.5"}

// Client signs people in and out. It cannot read anything of anybody: that takes a [Reader].
type Client struct {
	base      string
	cloud     bool           // it is Tableau Cloud
	server    dialerr.Server // for messages
	pinned    string
	http      *http.Client
	timeout   time.Duration
	rendering time.Duration
	stall     time.Duration
	maxBody   int64
	gate      Gate
	now       func() time.Time

	asking Memo // of serverinfo: one request serves all who wait

	mu   sync.Mutex
	info *ServerInfo
	next time.Time // when to ask again
}

// New makes a client; nothing is sent yet.
func New(c Config) (*Client, error) {
	base, err := url.Parse(c.URL)
	switch {
	case err != nil || base.Host == "" || (base.Scheme != "https" && base.Scheme != "http"):
		return nil, errors.New("tableau: url is not an absolute http or https address")
	case base.User != nil || base.RawQuery != "" || base.ForceQuery || base.Fragment != "":
		return nil, fmt.Errorf("tableau: url of host %q has more than a host and a path: no user, query or fragment belongs there", base.Host)
	}
	if c.APIVersion == "auto" {
		c.APIVersion = ""
	}
	if c.APIVersion != "" && !isVersion(c.APIVersion) {
		return nil, fmt.Errorf("tableau: apiVersion %q is neither auto nor a version such as 3.24", c.APIVersion)
	}
	client := http.Client{}
	if c.HTTP != nil {
		client = *c.HTTP
	}
	client.Jar = nil
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	t := &Client{
		server: dialerr.At(c.URL, "tableau.url", "tableau.caFile"),
		base:   strings.TrimRight(c.URL, "/"), cloud: c.StandInAsCloud || deployment.IsCloud(c.URL), pinned: c.APIVersion,
		http: &client, timeout: c.Timeout, rendering: c.Rendering, stall: c.Stall, maxBody: c.MaxBody, gate: c.Gate, now: c.Now,
		asking: Memo{brief: true},
	}
	if t.timeout == 0 {
		t.timeout = time.Minute
	}
	if t.rendering == 0 {
		t.rendering = 5 * time.Minute
	}
	if t.stall == 0 {
		t.stall = time.Minute
	}
	if t.maxBody == 0 {
		t.maxBody = 32 << 20
	}
	if t.gate == nil {
		t.gate = openGate{}
	}
	if t.now == nil {
		t.now = time.Now
	}
	return t, nil
}

// ServerInfo is what a Tableau server says of itself to anyone.
type ServerInfo struct {
	APIVersion     string
	ProductVersion Text
	Build          Text
	Platform       Text
	PrepConductor  Text
	// ImageMaxAgeFloor and ImageMaxAgeCeiling bound the age of cached images, in minutes.
	ImageMaxAgeFloor, ImageMaxAgeCeiling Int
}

type serverInfoAnswer struct {
	Envelope
	ServerInfo struct {
		RestAPIVersion Text `json:"restApiVersion" xml:"restApiVersion"`
		ProductVersion struct {
			Value Text `json:"value" xml:",chardata"`
			Build Text `json:"build" xml:"build,attr"`
		} `json:"productVersion" xml:"productVersion"`
		Platform      Text `json:"platform" xml:"platform"`
		PrepConductor Text `json:"prepConductorVersion" xml:"prepConductorVersion"`
		Settings      struct {
			Floor   Int `json:"sheetImageMaxAgeFloor" xml:"sheetImageMaxAgeFloor,attr"`
			Ceiling Int `json:"sheetImageMaxAgeCeiling" xml:"sheetImageMaxAgeCeiling,attr"`
		} `json:"serverSettings" xml:"serverSettings"`
	} `json:"serverInfo" xml:"serverInfo"`
}

// ServerInfo asks for the server's version, and remembers it for an hour. While the server cannot
// be asked, what it said last still holds. GET /api/{version}/serverinfo.
func (c *Client) ServerInfo(ctx context.Context) (*ServerInfo, error) {
	c.mu.Lock()
	info, fresh := c.info, c.info != nil && c.now().Before(c.next)
	c.mu.Unlock()
	if fresh {
		return info, nil
	}
	v, _, err := c.asking.Do(ctx, "", func() (any, error) { return c.askServer(ctx) })
	if err != nil && info == nil {
		return nil, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if err != nil {
		c.next = c.now().Add(versionPause)
		return c.info, nil
	}
	c.info, c.next = v.(*ServerInfo), c.now().Add(versionAge)
	return c.info, nil
}

// versionUnknown is the code of a version in the path that the server does not know.
const versionUnknown = "404001"

func (c *Client) askServer(ctx context.Context) (*ServerInfo, error) {
	var a serverInfoAnswer
	var err error
	for _, version := range negotiationVersions {
		a = serverInfoAnswer{}
		err = c.send(ctx, &request{
			method: http.MethodGet, template: "serverinfo", path: []string{"serverinfo"}, version: version, class: Open,
		}, &a)
		if !HasCode(err, versionUnknown) {
			break
		}
	}
	if err != nil {
		return nil, err
	}
	version := strings.TrimSpace(string(a.ServerInfo.RestAPIVersion))
	if !isVersion(version) {
		return nil, &Error{Kind: Malformed, Call: "GET serverinfo", Err: errors.New("it names no REST API version")}
	}
	return &ServerInfo{
		APIVersion: version, ProductVersion: Text(strings.TrimSpace(string(a.ServerInfo.ProductVersion.Value))),
		Build: a.ServerInfo.ProductVersion.Build, Platform: a.ServerInfo.Platform, PrepConductor: a.ServerInfo.PrepConductor,
		ImageMaxAgeFloor: a.ServerInfo.Settings.Floor, ImageMaxAgeCeiling: a.ServerInfo.Settings.Ceiling,
	}, nil
}

// Version is the REST API version in use: the pinned one, else the server's own.
func (c *Client) Version(ctx context.Context) (string, error) {
	if c.pinned != "" {
		return c.pinned, nil
	}
	info, err := c.ServerInfo(ctx)
	if err != nil {
		return "", err
	}
	return info.APIVersion, nil
}

// Credentials is what opens a session: name and password, a personal access token, or a JWT, which
// names its user itself.
type Credentials struct {
	Name        string
	Password    Secret
	TokenName   string
	TokenSecret Secret
	JWT         Secret // of a connected app, good for one sign-in; from API 3.16
	IsUAT       bool   // the JWT is a unified access token; Cloud only, from API 3.27
}

// String says which credentials these are, never what is secret in them.
func (c Credentials) String() string {
	switch {
	case c.IsUAT:
		return "unified access token"
	case !c.JWT.IsZero():
		return "JWT"
	case c.TokenName != "":
		return fmt.Sprintf("personal access token %q", c.TokenName)
	}
	return fmt.Sprintf("user %q", c.Name)
}

// GoString is String: %#v must not print a secret either.
func (c Credentials) GoString() string { return c.String() }

// Grant is what a sign-in gives: a token for one user on one site.
type Grant struct {
	Token      Secret
	ContentURL string // of the site
	SiteLUID   LUID
	UserLUID   LUID
	TokenEnds  Text // estimatedTimeToExpiration: DAYS:HH:MM until a personal access token expires
	Scoped     bool // it came from a JWT: Tableau lets it call what the JWT's scopes cover, and nothing else
}

type signInAnswer struct {
	Envelope
	Credentials struct {
		Token Secret `json:"token" xml:"token,attr"`
		Ends  Text   `json:"estimatedTimeToExpiration" xml:"estimatedTimeToExpiration,attr"`
		Site  struct {
			ID         LUID   `json:"id" xml:"id,attr"`
			ContentURL string `json:"contentUrl" xml:"contentUrl,attr"`
		} `json:"site" xml:"site"`
		User struct {
			ID LUID `json:"id" xml:"id,attr"`
		} `json:"user" xml:"user"`
	} `json:"credentials" xml:"credentials"`
}

// SignIn opens a session on one site. With as, the session is that user's: the credentials must be
// a server administrator's. A JWT names its user itself, and as is empty. POST auth/signin.
func (c *Client) SignIn(ctx context.Context, with Credentials, contentURL string, as LUID) (*Grant, error) {
	version, err := c.Version(ctx)
	if err != nil {
		return nil, err
	}
	template := "auth/signin"
	if as != "" {
		template = "auth/signin (impersonate)"
	}
	body, err := json.Marshal(map[string]any{"credentials": with.wire(contentURL, as)})
	if err != nil {
		return nil, errors.New("tableau: the credentials cannot be written as JSON")
	}
	var a signInAnswer
	err = c.send(ctx, &request{
		method: http.MethodPost, template: template, path: []string{"auth", "signin"}, version: version, body: body,
		class: SigningIn, site: contentURL,
		secrets: []Secret{with.Password, with.TokenSecret, with.JWT},
	}, &a)
	if err != nil {
		return nil, c.aboutVersion(err)
	}
	got := a.Credentials
	grant := &Grant{
		Token: got.Token, ContentURL: contentURL, SiteLUID: got.Site.ID, UserLUID: got.User.ID, TokenEnds: got.Ends,
		Scoped: !with.JWT.IsZero(),
	}
	switch {
	case grant.Token.IsZero() || grant.SiteLUID == "" || grant.UserLUID == "":
		return nil, &Error{Kind: Malformed, Call: "POST " + template, Err: errors.New("it lacks token, site or user")}
	case got.Site.ContentURL != "" && !strings.EqualFold(got.Site.ContentURL, contentURL) && (as != "" || contentURL != "" || grant.Scoped):
		return nil, &Error{Kind: Malformed, Call: "POST " + template, Err: errors.New("it is for another site")}
	case as != "" && grant.UserLUID != as:
		return nil, &Error{Kind: Malformed, Call: "POST " + template, Err: errors.New("it is for another user")}
	}
	return grant, nil
}

// aboutVersion says that it is the version of the settings that the server does not have, where a
// sign-in is no method there.
func (c *Client) aboutVersion(err error) error {
	var e *Error
	if c.pinned == "" || !errors.As(err, &e) || e.Kind != Unsupported || e.Err != nil {
		return err
	}
	explained := *e
	explained.Err = fmt.Errorf("the server has no REST API of tableau.apiVersion %q: set it to auto", c.pinned)
	return &explained
}

func (c Credentials) wire(contentURL string, as LUID) map[string]any {
	w := map[string]any{"site": map[string]string{"contentUrl": contentURL}}
	switch {
	case !c.JWT.IsZero():
		w["jwt"] = c.JWT.Reveal()
		if c.IsUAT {
			w["isUat"] = true
		}
	case c.TokenName != "":
		w["personalAccessTokenName"], w["personalAccessTokenSecret"] = c.TokenName, c.TokenSecret.Reveal()
	default:
		w["name"], w["password"] = c.Name, c.Password.Reveal()
	}
	if as != "" {
		w["user"] = map[string]LUID{"id": as}
	}
	return w
}

// SignOut ends a session. A session that is already gone is no error, and neither is one of a JWT
// on a server that does not let it be signed out: it ends at its idle limit. POST auth/signout.
func (c *Client) SignOut(ctx context.Context, g *Grant) error {
	version, err := c.Version(ctx)
	if err != nil || byName["POST /auth/signout"].open(g, version) != nil {
		return err
	}
	err = c.send(ctx, &request{
		method: http.MethodPost, template: "auth/signout", path: []string{"auth", "signout"}, version: version, token: g.Token,
		class: SigningOut, site: g.ContentURL,
	}, nil)
	if IsKind(err, SignedOut) {
		return nil
	}
	return err
}

// LookUpUsers reads users of a site with an administrator's grant, to find whom to impersonate:
// nothing else can be read with such a grant. GET sites/{site}/users.
func (c *Client) LookUpUsers(ctx context.Context, admin *Grant, query url.Values, into Answer) error {
	version, err := c.Version(ctx)
	if err != nil {
		return err
	}
	return c.send(ctx, &request{
		method: http.MethodGet, template: "sites/{site}/users", path: []string{"sites", string(admin.SiteLUID), "users"},
		query: query, token: admin.Token, version: version, class: LookingUp, site: admin.ContentURL,
	}, into)
}

func isVersion(s string) bool {
	major, minor, ok := strings.Cut(s, ".")
	_, err1 := strconv.ParseUint(major, 10, 16)
	_, err2 := strconv.ParseUint(minor, 10, 16)
	return ok && err1 == nil && err2 == nil
}

// AtLeast compares versions as two numbers: 3.9 is less than 3.10.
func AtLeast(version, least string) bool {
	major, minor := splitVersion(version)
	leastMajor, leastMinor := splitVersion(least)
	return major > leastMajor || major == leastMajor && minor >= leastMinor
}

func splitVersion(version string) (major, minor int) {
	a, b, _ := strings.Cut(version, ".")
	major, _ = strconv.Atoi(a)
	minor, _ = strconv.Atoi(b)
	return major, minor
}
