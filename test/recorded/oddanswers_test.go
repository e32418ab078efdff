package recorded

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"testing"

	"vitrine/test/harness"

	stdcmp "cmp"

	"github.com/google/go-cmp/cmp"

	"vitrine/internal/devidp"
)

// oddCase is a question whose answers are odd in some way. Answers are named by their path below
// the site, or with a slash in front by the one below /api/{version}/; a body is JSON, or a text
// for what is not JSON.
type oddCase struct {
	Name    string               `json:"name"`
	Why     string               `json:"why"`
	Query   string               `json:"query"`
	Version string               `json:"version"`
	Answers map[string]oddAnswer `json:"answers"`

	mutated bool // requests without an answer are then no fault
}

type oddAnswer struct {
	Status int             `json:"status"`
	Media  string          `json:"media"`
	Body   json.RawMessage `json:"body"`
}

func readOddCases(t testing.TB) []*oddCase {
	t.Helper()
	text, err := os.ReadFile("testdata/odd/answers.json")
	if err != nil {
		t.Fatal(err)
	}
	var cases []*oddCase
	if err := json.Unmarshal(text, &cases); err != nil {
		t.Fatal(err)
	}
	return cases
}

// oddTableau answers what its case says, and otherwise as a player does.
type oddTableau struct {
	*player
	odd *oddCase
}

func (o *oddTableau) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	rest, _ := strings.CutPrefix(r.URL.Path, "/api/")
	_, path, _ := strings.Cut(rest, "/")
	session := o.session(r)
	if session != nil && session.service {
		o.player.ServeHTTP(w, r)
		return
	}
	if session != nil {
		path = strings.TrimPrefix("/"+path, "/sites/"+session.Site.ID+"/")
	} else {
		path = "/" + path
	}
	answer, ok := o.odd.Answers[path]
	if !ok {
		o.player.ServeHTTP(w, r)
		return
	}
	body, media := []byte(answer.Body), answer.Media
	if media == "" {
		media = "application/json"
	}
	var text string
	if json.Unmarshal(body, &text) == nil {
		body = []byte(text)
	}
	w.Header().Set("Content-Type", media)
	w.WriteHeader(max(answer.Status, http.StatusOK))
	_, _ = w.Write(body)
}

// document asks the case's question.
func (c *oddCase) document(t *testing.T, provider *devidp.Provider) []byte {
	t.Helper()
	return c.documentLogging(t, provider, t.Output())
}

// documentLogging is document with a log of its own.
func (c *oddCase) documentLogging(t *testing.T, provider *devidp.Provider, log io.Writer) []byte {
	t.Helper()
	p := &player{t: t, dir: "testdata/recorded/made", form: recordedForm, tokens: map[string]*signIn{}}
	if c.mutated {
		p.change = func(_ string, body []byte) []byte { return body }
	}
	upstream := httptest.NewServer(&oddTableau{p, c})
	defer upstream.Close()
	settings := playerSettings(provider, upstream.URL, "")
	settings.Roles[0].Allow, settings.Tableau.APIVersion = allOfIt, stdcmp.Or(c.Version, "auto")
	return (&playedCase{query: c.Query}).askLogging(t, provider, settings, log)
}

// TestOddMembersCostThemselves plays answers that are odd in one place each: what is odd is lost,
// all else is there, and nothing is a fault of the server's. The goldens say what is left.
func TestOddMembersCostThemselves(t *testing.T) {
	t.Parallel()
	cases := readOddCases(t)
	const goldenFile = "testdata/odd/answers.golden.json"
	want, got := map[string]json.RawMessage{}, make([]json.RawMessage, len(cases))
	if golden, err := os.ReadFile(goldenFile); err == nil {
		if err := json.Unmarshal(golden, &want); err != nil {
			t.Fatal(err)
		}
	}
	provider := startProvider(t)
	t.Run("cases", func(t *testing.T) {
		t.Parallel()
		t.Cleanup(func() {
			if *harness.Update {
				writeGoldens(t, goldenFile, cases, got)
			}
		})
		for i, c := range cases {
			t.Run(c.Name, func(t *testing.T) {
				t.Parallel()
				got[i] = c.document(t, provider)
				if slices.Contains(codesIn(t, got[i]), "INTERNAL") {
					t.Errorf("%s: INTERNAL: %s", c.Why, got[i])
				}
				if diff := cmp.Diff(plainJSON(t, want[c.Name]), plainJSON(t, got[i])); diff != "" && !*harness.Update {
					t.Errorf("%s (-want +got):\n%s", c.Why, diff)
				}
			})
		}
	})
}

func writeGoldens(t *testing.T, file string, cases []*oddCase, got []json.RawMessage) {
	t.Helper()
	all := map[string]json.RawMessage{}
	for i, c := range cases {
		all[c.Name] = got[i]
	}
	text, err := json.MarshalIndent(all, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, append(text, '\n'), 0o644); err != nil {
		t.Fatal(err)
	}
}

func plainJSON(t *testing.T, text json.RawMessage) any {
	t.Helper()
	if text == nil {
		return nil
	}
	var v any
	if err := json.Unmarshal(text, &v); err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	return v
}

// codesIn are the codes of a document's errors.
func codesIn(t *testing.T, document []byte) []string {
	t.Helper()
	var d struct {
		Errors []struct {
			Extensions struct{ Code string }
		}
	}
	if err := json.Unmarshal(document, &d); err != nil {
		t.Fatalf("%v: %s", err, document)
	}
	codes := make([]string, len(d.Errors))
	for i, e := range d.Errors {
		codes[i] = e.Extensions.Code
	}
	return codes
}
