package tableau

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"vitrine/internal/tableau/rest"
)

// remembering is a keeper with a memory of refusals.
type remembering struct {
	keeper
	state    Refusal
	refused  []string
	answered []string
}

func (m *remembering) Refusal(string, []string) Refusal   { return m.state }
func (m *remembering) Refuse(method string, _ []string)   { m.refused = append(m.refused, method) }
func (m *remembering) Answered(method string, _ []string) { m.answered = append(m.answered, method) }

// A method that answers 401002 to a session that is alive is refused. That costs one renewal the
// first time, none when the method is suspected, and no request while the refusal is known. It
// holds for each form of a read.
func TestMethodThatAloneAnswers401002IsRefused(t *testing.T) {
	t.Parallel()
	for name, read := range map[string]func(*Session) error{
		"GET views/{id}": func(s *Session) error { _, err := s.View(t.Context(), "v", false); return err },
		"GET views/{id}/image": func(s *Session) error {
			return s.Stream(t.Context(), &Export{Kind: ViewImage, LUID: "v"}, func(*Stream) error { return nil })
		},
		"POST labels": func(s *Session) error {
			_, err := rest.Get(t.Context(), s.reader, rest.SiteRead{Template: "labels", Body: []byte("{}")}, func(*rest.Envelope) {})
			return err
		},
		"GET /sessions/current": func(s *Session) error { _, err := s.Current(t.Context()); return err },
	} {
		for state, want := range map[Refusal]struct{ renewals, requests int }{NotRefused: {1, 6}, SuspectedRefusal: {0, 5}, KnownRefusal: {0, 0}} {
			path := strings.NewReplacer("{id}", "v", "GET ", "", "POST ", "").Replace(name)
			u := serve(t, func(r *http.Request) reply {
				if strings.HasSuffix(r.URL.Path, path) || strings.HasSuffix(r.URL.Path, "/"+path) {
					return code(401, "401002")
				}
				return reply{body: "{}"}
			})
			m := &remembering{state: state}
			err := read(u.client(t).Session(t.Context(), m))
			if !IsKind(err, Refused) || !HasCode(err, "401002") {
				t.Errorf("%s: error %v", name, err)
			}
			sent := 0
			for _, r := range u.requests {
				if strings.HasSuffix(r.URL.Path, path) {
					sent++
				}
			}
			if m.renewals != want.renewals || sent != want.requests {
				t.Errorf("%s, state %d: %d renewals and %d requests, want %v", name, state, m.renewals, sent, want)
			}
			if noted := slices.Equal(m.refused, []string{name}); noted != (state != KnownRefusal) {
				t.Errorf("%s, state %d: noted %q", name, state, m.refused)
			}
			if m.acquired != m.released {
				t.Errorf("%s: %d grants taken, %d given back", name, m.acquired, m.released)
			}
		}
	}
}
