package tableau

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// recordingGate lets everything through, a read twice when it failed for a moment, and notes what
// it saw.
type recordingGate struct {
	mu   sync.Mutex
	seen []Call
}

func (g *recordingGate) Pass(ctx context.Context, c Call, try func(context.Context) error) error {
	g.mu.Lock()
	g.seen = append(g.seen, c)
	g.mu.Unlock()
	err := try(ctx)
	var e *Error
	if errors.As(err, &e) && e.Passes() && c.Class.Repeatable() {
		err = try(ctx)
	}
	return err
}

// Nothing leaves beside the gate, and the gate learns whose call it is.
func TestEveryRequestPassesTheGate(t *testing.T) {
	t.Parallel()
	broken := true
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		answers := map[string]string{
			"/api/3.6/serverinfo":          `{"serverInfo": {"restApiVersion": "3.27"}}`,
			"/api/3.27/auth/signin":        `{"credentials": {"token": "t", "site": {"id": "S", "contentUrl": "marketing"}, "user": {"id": "U"}}}`,
			"/api/3.27/sites/S/users":      `{"pagination": {"pageNumber": "1", "pageSize": "10", "totalAvailable": "0"}, "users": {}}`,
			"/api/3.27/auth/signout":       `{}`,
			"/api/3.27/sites/S/users/U":    `{"user": {"id": "U", "name": "ann"}}`,
			"/api/3.27/sites/S/views/none": "",
		}
		if r.URL.Path == "/api/3.27/sites/S/users/U" && broken {
			broken = false
			w.Header().Set("Content-Length", "100")
			_, _ = w.Write([]byte(`{"user":`)) // and the connection ends
			return
		}
		_, _ = w.Write([]byte(answers[r.URL.Path]))
	}))
	defer server.Close()
	gate := &recordingGate{}
	c, err := New(Config{URL: server.URL, Gate: gate})
	if err != nil {
		t.Fatal(err)
	}
	ctx := t.Context()
	g, err := c.SignIn(ctx, Credentials{Name: "admin", Password: NewSecret("admin")}, "marketing", "")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.Accounts(ctx, g, "eq", "ann"); err != nil {
		t.Fatal(err)
	}
	op := NewOperation(1)
	s := c.Session(WithOperation(ctx, op), fixedSource{g})
	if _, err := s.User(ctx, "U"); err != nil {
		t.Errorf("an answer that broke off once: %v", err)
	}
	if err := c.SignOut(ctx, g); err != nil {
		t.Fatal(err)
	}
	want := []Call{
		{Name: "GET serverinfo", Class: Open},
		{Name: "POST auth/signin", Class: SigningIn, Site: "marketing"},
		{Name: "GET sites/{site}/users", Class: LookingUp, Site: "marketing"},
		{Name: "GET sites/{site}/users/{id}", Class: Read, Site: "marketing", User: "U"},
		{Name: "POST auth/signout", Class: SigningOut, Site: "marketing"},
	}
	if diff := cmp.Diff(want, gate.seen); diff != "" {
		t.Errorf("calls (-want +got):\n%s", diff)
	}
	calls, _ := op.Calls()
	if calls["GET sites/{site}/users/{id}"] != 2 || op.Retried() != 1 {
		t.Errorf("calls %v, %d of them again; want 2 and 1", calls, op.Retried())
	}
}

// fixedSource has one grant for all.
type fixedSource struct{ g *Grant }

func (s fixedSource) Acquire(context.Context, *Grant) (*Grant, error) { return s.g, nil }
func (s fixedSource) Release(*Grant)                                  {}
func (s fixedSource) ContentURL() string                              { return s.g.ContentURL }
