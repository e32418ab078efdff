package tableau

import (
	"context"
	"errors"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// everyRead calls every exported method that reads, whatever it gives.
func everyRead(ctx context.Context, s *Session) {
	_, _ = s.UserLUID(ctx)
	_, _ = s.SiteLUID(ctx)
	_, _ = s.Current(ctx)
	_, _ = s.User(ctx, userID)
	_, _ = s.UserByName(ctx, `example.com\kim`)
	_, _ = s.UsersByLUID(ctx, []LUID{userID, siteID})
	_, _ = s.Users(ctx, ListQuery[User]{}, 0, 3)
	_, _ = s.Views(ctx, ListQuery[View]{}, 0, 3)
	_, _ = s.DataSources(ctx, ListQuery[DataSource]{}, 0, 2500)
	_, _ = s.DataSource(ctx, "d")
	_, _ = s.DataSourceByContentURL(ctx, "d")
	_, _ = s.ViewByContentURL(ctx, "a/sheets/b")
	_, _ = s.WorkbookByContentURL(ctx, "secrets")
	_, _ = s.WorkbooksOf(ctx, userID, true, 0, 3)
	_, _ = s.ProjectByPath(ctx, []string{"Default"})
	never := func(*User) bool { return false }
	if v, err := s.View(ctx, "v", true); err == nil {
		_, _ = v.Workbook(ctx, func(*Workbook) bool { return false })
		_, _ = v.ViewCount(ctx)
		_, _ = v.ReadOwner(ctx, never)
		_, _ = v.ReadProject(ctx)
	}
	if page, err := s.Workbooks(ctx, ListQuery[Workbook]{}, 0, 2500); err == nil {
		for _, w := range page.Items {
			_, _ = w.Views(ctx, ViewNeeds{Listed: true})
			_, _ = w.DefaultView(ctx, ViewNeeds{Usage: true})
			_, _ = w.SheetCount(ctx)
			_, _ = w.HasExtracts(ctx)
			_, _ = w.ReadOwner(ctx, never)
			_, _ = w.ReadProject(ctx)
			_, _ = w.Listed(ctx)
		}
	}
	if page, err := s.Projects(ctx, ListQuery[Project]{}, 0, 2500); err == nil {
		for _, p := range page.Items {
			_, _ = p.Children(ctx, ListQuery[Project]{}, 0, 3)
			_, _ = p.Workbooks(ctx, ListQuery[Workbook]{}, 0, 3)
			_, _ = p.Views(ctx, ListQuery[View]{}, 0, 3)
			_, _ = p.DataSources(ctx, ListQuery[DataSource]{}, 0, 3)
			_, _ = p.Ancestors(ctx)
			_, _ = p.Parent(ctx)
			_, _ = p.PermissionsControlledBy(ctx)
			_, _ = p.Counts(ctx)
			_, _ = p.IsWritable(ctx)
			_, _ = p.ReadOwner(ctx, never)
		}
	}
}

// TestOnlyReadsAndSessionsArrive records what arrives while every method of the client is used,
// against answers of every sort.
func TestOnlyReadsAndSessionsArrive(t *testing.T) {
	t.Parallel()
	full := reply{body: `{"pagination":{"pageNumber":"1","pageSize":"1000","totalAvailable":"1500"},
		"credentials":{"token":"t","site":{"id":"` + siteID + `","contentUrl":"marketing"},"user":{"id":"` + userID + `"}},
		"serverInfo":{"restApiVersion":"3.27"},"session":{"user":{"id":"u"}},"user":{"id":"u","name":"kim"},"users":{"user":[{"id":"u"}]},
		"workbook":{"id":"w","views":{}},"workbooks":{"workbook":[{"id":"w","name":"A,B","contentUrl":"A","defaultViewId":"v","owner":{"id":"u"},"project":{"id":"p"}}]},
		"view":{"id":"v","contentUrl":"A/sheets/B","workbook":{"id":"w"},"owner":{"id":"u"},"project":{"id":"p"}},
		"views":{"view":[{"id":"v","contentUrl":"A/sheets/B","workbook":{"id":"w"}}]},"datasource":{"id":"d"},"datasources":{"datasource":{"id":"d"}},
		"projects":{"project":[{"id":"p","name":"Default","parentProjectId":"q","controllingPermissionsProjectId":"q","owner":{"id":"u"}},{"id":"q","name":"Top"}]}}`}
	for name, answer := range map[string]reply{
		"full": full, "refused": code(403, "403004"), "bad": code(400, "400065"), "gone": code(401, "401002"), "empty": {body: `{"pagination":{"totalAvailable":"0"}}`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			u := serve(t, func(*http.Request) reply { return answer })
			c := client(t, Config{URL: u.URL})
			ctx := t.Context()
			_, _ = c.ServerInfo(ctx)
			c = client(t, Config{URL: u.URL, APIVersion: "3.27"})
			grant, err := c.SignIn(ctx, Credentials{Name: "admin", Password: NewSecret(markedPassword)}, "marketing", "")
			if err != nil {
				grant = &Grant{SiteLUID: siteID}
			}
			_, _ = c.SignIn(ctx, Credentials{TokenName: "t", TokenSecret: NewSecret(markedPassword)}, "marketing", userID)
			_, _ = c.Accounts(ctx, grant, "eq", "kim")
			everyRead(ctx, c.Session(ctx, &keeper{}))
			_ = c.SignOut(ctx, grant)

			posts := 0
			for _, r := range u.requests {
				switch {
				case r.Method == http.MethodGet && r.ContentLength == 0:
				case r.Method == http.MethodPost && slices.Contains([]string{"/api/3.27/auth/signin", "/api/3.27/auth/signout"}, r.URL.Path):
					posts++
				default:
					t.Errorf("%s %s arrived", r.Method, r.URL)
				}
				if strings.Contains(r.URL.String(), "MARKED") || strings.Contains(r.URL.String(), url.QueryEscape(markedToken)) {
					t.Errorf("%s has a secret", r.URL)
				}
			}
			if posts != 3 || len(u.requests) < 15 {
				t.Errorf("%d POSTs, %d requests", posts, len(u.requests))
			}
		})
	}
}

func TestRedirectsAreNotFollowed(t *testing.T) {
	t.Parallel()
	other := serve(t, func(*http.Request) reply { return reply{body: "{}"} })
	for location, want := range map[string]string{
		other.URL + "/login?for=kim": "127.0.0.1", "/login?for=kim": "another path of the same host", "": "not given",
	} {
		u := serve(t, func(*http.Request) reply { return reply{status: 302, header: map[string]string{"Location": location}} })
		c := client(t, Config{URL: u.URL, APIVersion: "3.27", HTTP: &http.Client{}})
		_, err := c.SignIn(t.Context(), Credentials{Name: "admin", Password: NewSecret(markedPassword)}, "", "")
		wantKind(t, err, Unavailable)
		if text := err.Error(); !strings.Contains(text, want) || !strings.Contains(text, "tableau.url") || strings.Contains(text, "kim") {
			t.Errorf("%q: %v", location, err)
		}
		if len(u.requests) != 1 {
			t.Errorf("%d requests", len(u.requests))
		}
	}
	if len(other.requests) != 0 {
		t.Error("a redirect was followed")
	}
}

func TestCookiesAreNeitherKeptNorSent(t *testing.T) {
	t.Parallel()
	u := serve(t, func(*http.Request) reply {
		return reply{header: map[string]string{"Set-Cookie": "workgroup_session_id=x"}, body: "{}"}
	})
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	s := client(t, Config{URL: u.URL, APIVersion: "3.27", HTTP: &http.Client{Jar: jar}}).Session(t.Context(), &keeper{})
	_, _ = s.View(t.Context(), "a", false)
	_, _ = s.View(t.Context(), "b", false)
	for _, r := range u.requests {
		if r.Header.Get("Cookie") != "" || r.Header.Get("X-Tableau-Auth") != markedToken+"|1" || r.Header.Get("Accept") != "application/json" {
			t.Errorf("headers %v", r.Header)
		}
	}
}

func TestAnswersAreReadThroughALimit(t *testing.T) {
	t.Parallel()
	u := serve(t, func(r *http.Request) reply {
		if strings.HasSuffix(r.URL.Path, "fits") {
			return reply{body: `{"view":{"id":"v"}}` + strings.Repeat(" ", 81)}
		}
		return reply{body: `{"view":{"id":"v"}}` + strings.Repeat(" ", 82)}
	})
	c := client(t, Config{URL: u.URL, APIVersion: "3.27", MaxBody: 100})
	s := c.Session(t.Context(), &keeper{})
	if _, err := s.View(t.Context(), "fits", false); err != nil {
		t.Error(err)
	}
	_, err := s.View(t.Context(), "large", false)
	wantKind(t, err, Malformed)
	if err == nil || !strings.Contains(err.Error(), "larger than 100 bytes") {
		t.Error(err)
	}
}

func TestCutAndDroppedAnswers(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]Kind{"cut": Malformed, "dropped": Unavailable} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			if name == "cut" {
				w.Header().Set("Content-Length", "1000")
				_, _ = w.Write([]byte(`{"view":{"id":"v"`))
				_ = http.NewResponseController(w).Flush()
			}
			panic(http.ErrAbortHandler)
		}))
		t.Cleanup(server.Close)
		s := client(t, Config{URL: server.URL, APIVersion: "3.27"}).Session(t.Context(), &keeper{})
		_, err := s.View(t.Context(), "v", false)
		wantKind(t, err, want)
	}
	s := client(t, Config{URL: "http://127.0.0.1:1", APIVersion: "3.27"}).Session(t.Context(), &keeper{})
	_, err := s.Users(t.Context(), ListQuery[User]{Filters: []Filter[User]{{Field: "name", Op: "eq", Values: []string{"kim-the-name"}}}}, 0, 1)
	wantKind(t, err, Unavailable)
	if strings.Contains(err.Error(), "kim-the-name") {
		t.Errorf("the error names the address: %v", err)
	}
}

// stuck is a transport that answers when its request's context ends, so never.
type stuck struct{}

func (stuck) RoundTrip(r *http.Request) (*http.Response, error) {
	<-r.Context().Done()
	return nil, r.Context().Err()
}

// halfway answers at once and gets stuck in the body.
type halfway struct{}

func (halfway) RoundTrip(r *http.Request) (*http.Response, error) {
	return &http.Response{StatusCode: 200, Body: blocked{r.Context()}, Request: r, Header: http.Header{}}, nil
}

type blocked struct{ ctx context.Context }

func (b blocked) Read([]byte) (int, error) { <-b.ctx.Done(); return 0, b.ctx.Err() }
func (blocked) Close() error               { return nil }

func TestSlowAnswersEndInTime(t *testing.T) {
	t.Parallel()
	for name, transport := range map[string]http.RoundTripper{"no answer": stuck{}, "no body": halfway{}} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c := client(t, Config{URL: "https://tableau.example.com", APIVersion: "3.27", HTTP: &http.Client{Transport: transport}, Timeout: 7 * time.Second})
				began := time.Now()
				_, err := c.Session(t.Context(), &keeper{}).View(t.Context(), "v", false)
				wantKind(t, err, Timeout)
				if took := time.Since(began); took != 7*time.Second || !errors.Is(err, context.DeadlineExceeded) {
					t.Errorf("after %s: %v", took, err)
				}

				ctx, cancel := context.WithCancel(t.Context())
				time.AfterFunc(time.Second, cancel)
				_, err = c.Session(ctx, &keeper{}).View(ctx, "v", false)
				wantKind(t, err, Timeout)
				if !errors.Is(err, context.Canceled) {
					t.Error(err)
				}
			})
		})
	}
}

// TestSecretsThatAreEchoedGoNoFurther has a server answer with all that was sent to it.
func TestSecretsThatAreEchoedGoNoFurther(t *testing.T) {
	t.Parallel()
	var u *upstream
	u = serve(t, func(r *http.Request) reply {
		u.mu.Lock()
		defer u.mu.Unlock()
		sent := u.bodies[len(u.bodies)-1] + r.Header.Get("X-Tableau-Auth")
		b := quoted(sent)
		switch {
		case strings.Contains(r.Header.Get("X-Test")+r.URL.Path, "page"):
			return reply{status: 500, media: "text/html", body: "<html>" + sent}
		case strings.Contains(r.URL.Path, "fault"):
			return reply{body: `{"error":{"code":` + b + `,"summary":` + b + `,"detail":` + b + `}}`}
		}
		return reply{status: 400, body: `{"error":{"code":` + b + `,"summary":` + b + `,"detail":` + b + `}}`}
	})
	c := u.client(t)
	_, err := c.SignIn(t.Context(), Credentials{Name: "admin", Password: NewSecret(markedPassword)}, "", "")
	wantKind(t, err, BadRequest)
	_, err = c.SignIn(t.Context(), Credentials{TokenName: "t", TokenSecret: NewSecret(markedPassword)}, "", userID)
	wantKind(t, err, BadRequest)
	s := c.Session(t.Context(), &keeper{})
	for _, id := range []LUID{"plain", "page", "fault"} {
		_, err := s.View(t.Context(), id, false)
		wantNoSecret(t, err)
	}
	var e *Error
	if !errors.As(err, &e) || len(e.Detail) > 510 || len(e.Code) > 50 {
		t.Errorf("%d bytes of detail", len(e.Detail))
	}
}
