package recorded

import (
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/http/httptest"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"vitrine/internal/devidp"
	"vitrine/test/harness"
)

// mutableAnswer is an answer of a case, which mutations change.
type mutableAnswer struct {
	name  string
	body  func(t *testing.T, f form) []byte
	forms []form
	weak  bool // more depends on it than what a query shows, such as a session
	// play asks the case's query while the answer is as given; nil leaves it as it is.
	play func(t *testing.T, provider *devidp.Provider, f form, body []byte, log *harness.SyncBuffer) []byte
}

// mutableForms are the forms that mutations begin with.
func mutableForms(more map[string]string) []form {
	forms := []form{recordedForm, otherForms[0]}
	for _, rules := range []jsonRules{{more: more}, {more: more, single: true, numbers: true}, {more: more, bare: true, texts: true}} {
		forms = append(forms, form{name: fmt.Sprintf("json %t %t", rules.single, rules.bare), contentType: "application/json", rewrite: rules.value})
	}
	return forms
}

// mutableAnswers are the answers of all cases, in a fixed order. Those that many cases have are
// there once for each.
func mutableAnswers(tb testing.TB) []mutableAnswer {
	tb.Helper()
	var all []mutableAnswer
	dirs := []struct {
		cases, answers string
		allow          []string
		more           map[string]string
	}{{cases: "made", answers: "testdata/recorded/made"}}
	if recorded := os.Getenv("VITRINE_RECORDED"); recorded != "" {
		recorded = filepath.Join(recorded, "tsc")
		dirs = append(dirs, dirs[0], dirs[0])
		dirs[1].cases, dirs[1].answers = "tsc", recorded
		dirs[2].cases, dirs[2].answers, dirs[2].allow, dirs[2].more = "operations", recorded, allOfIt, operationLists
	}
	for _, dir := range dirs {
		files, err := filepath.Glob(filepath.Join("testdata/recorded", dir.cases, "*.graphql"))
		if err != nil || len(files) == 0 {
			tb.Fatalf("no cases of %s: %v", dir.cases, err)
		}
		for i, file := range files {
			c := readCase(tb, file)
			for _, answer := range c.answerFiles(tb, i == 0) {
				all = append(all, c.mutable(dir.cases+"/"+filepath.Base(file), dir.answers, answer, dir.allow, mutableForms(dir.more)))
			}
		}
	}
	return append(all, mutableOddAnswers(tb)...)
}

// answerFiles are the files that a case is answered with; sessions adds those that every case
// begins with.
func (c *playedCase) answerFiles(tb testing.TB, sessions bool) []string {
	tb.Helper()
	var files []string
	if sessions {
		files = []string{plainSignIn, impersonateSignIn, accountsFound, serverInfo}
	}
	for _, text := range c.lines {
		l, err := parseLine(text)
		if err != nil {
			tb.Fatal(err)
		}
		for _, r := range l.replies {
			if r.file != "" && r.file != "html" && r.damage == "" && !slices.Contains(files, r.file) {
				files = append(files, r.file)
			}
		}
	}
	return files
}

// mutable returns an answer of a case.
func (c *playedCase) mutable(name, dir, file string, allow []string, forms []form) mutableAnswer {
	begin := func(t *testing.T, f form) *player {
		t.Helper()
		p := &player{t: t, dir: dir, form: f, site: c.site, tokens: map[string]*signIn{}}
		for _, text := range c.lines {
			l, err := parseLine(text)
			if err != nil {
				t.Fatal(err)
			}
			p.lines = append(p.lines, l)
		}
		return p
	}
	return mutableAnswer{
		name: name + " " + file, forms: forms,
		weak: strings.HasPrefix(file, "auth_") || file == accountsFound || strings.HasPrefix(file, "server_info"),
		body: func(t *testing.T, f form) []byte {
			t.Helper()
			_, body := f.write(t, begin(t, f).read(file))
			return body
		},
		play: func(t *testing.T, provider *devidp.Provider, f form, body []byte, log *harness.SyncBuffer) []byte {
			t.Helper()
			p := begin(t, f)
			p.change = func(name string, before []byte) []byte {
				if name == file && body != nil {
					return body
				}
				return before
			}
			upstream := httptest.NewServer(p)
			defer upstream.Close()
			settings := playerSettings(provider, upstream.URL, c.site)
			if allow != nil {
				settings.Roles[0].Allow = allow
			}
			if _, version, found := strings.Cut(c.query, "# version: "); found && allow != nil {
				settings.Tableau.APIVersion, _, _ = strings.Cut(version, "\n")
			}
			return c.askLogging(t, provider, settings, log)
		},
	}
}

// mutableOddAnswers are those of testdata/odd that are JSON.
func mutableOddAnswers(tb testing.TB) []mutableAnswer {
	tb.Helper()
	var all []mutableAnswer
	for _, c := range readOddCases(tb) {
		for _, path := range slices.Sorted(maps.Keys(c.Answers)) {
			answer := c.Answers[path]
			if answer.Body[0] != '{' {
				continue
			}
			all = append(all, mutableAnswer{
				name: "odd/" + c.Name + " " + path, forms: []form{jsonForm}, weak: true,
				body: func(*testing.T, form) []byte { return answer.Body },
				play: func(t *testing.T, provider *devidp.Provider, _ form, body []byte, log *harness.SyncBuffer) []byte {
					t.Helper()
					changed := *c
					changed.mutated = true
					if body != nil {
						changed.Answers = maps.Clone(c.Answers)
						answer := answer
						answer.Body = body
						changed.Answers[path] = answer
					}
					return changed.documentLogging(t, provider, log)
				},
			})
		}
	}
	return all
}

// tryMutation plays one random mutation of one answer: a document may lack what the mutation hits,
// and nothing else.
func tryMutation(t *testing.T, provider *devidp.Provider, answers []mutableAnswer, seed uint64) {
	t.Helper()
	answer := answers[seed%uint64(len(answers))]
	random := rand.New(rand.NewPCG(seed, 10))
	f := answer.forms[random.IntN(len(answer.forms))]
	m := mutate(answer.body(t, f), random)
	if m == nil {
		return
	}
	fault := func(format string, args ...any) {
		t.Helper()
		t.Errorf("seed %d: %s as %s: %s: %s\nthe answer: %.3000s", seed, answer.name, f.name, m.what, fmt.Sprintf(format, args...), m.odd)
	}
	play := func(body []byte) []byte {
		t.Helper()
		log := &harness.SyncBuffer{}
		document := answer.play(t, provider, f, body, log)
		if slices.Contains(codesIn(t, document), "INTERNAL") {
			fault("INTERNAL: %s\n%s", document, log)
		}
		if strings.Contains(log.String(), "panic") {
			fault("a panic: %s", log)
		}
		return document
	}
	odd := play(m.odd)
	if answer.weak || m.weak {
		return
	}
	whole := play(nil)
	if reflect.DeepEqual(dataOf(t, odd), dataOf(t, whole)) {
		return
	}
	without := play(m.without)
	if place := m.lost(dataOf(t, whole), dataOf(t, without), dataOf(t, odd), "data"); place != "" {
		fault("it costs %s as well\nwhole %s\nwithout it %s\nodd %s", place, whole, without, odd)
	}
}

func dataOf(t *testing.T, document []byte) any {
	t.Helper()
	var d struct{ Data any }
	if err := json.Unmarshal(document, &d); err != nil {
		t.Fatalf("%v: %s", err, document)
	}
	return d.Data
}

// lost returns the place of a document in which the odd one differs from the whole one although the
// member that was changed does not show there: the document without that member is the same there.
// It returns "" for none.
func (m *mutation) lost(whole, without, odd any, place string) string {
	if reflect.DeepEqual(odd, whole) || reflect.DeepEqual(odd, without) {
		return ""
	}
	if reflect.DeepEqual(whole, without) {
		return place
	}
	switch whole := whole.(type) {
	case map[string]any:
		w, ok := without.(map[string]any)
		if !ok {
			return ""
		}
		o, ok := odd.(map[string]any)
		if !ok {
			return place
		}
		for _, name := range slices.Sorted(maps.Keys(whole)) {
			if p := m.lost(whole[name], w[name], o[name], place+"."+name); p != "" {
				return p
			}
		}
	case []any:
		w, ok := without.([]any)
		if !ok {
			return ""
		}
		o, ok := odd.([]any)
		if !ok {
			return place
		}
		return m.lostItems(whole, w, o, place)
	}
	return ""
}

// lostItems is lost for lists. Where the document without the member lacks an item, the odd one has
// the others at least. An item that was added may take the position of the last one: a page of a
// list has positions, and repeated items are dropped from it.
func (m *mutation) lostItems(whole, without, odd []any, place string) string {
	if len(without) == len(whole) && len(odd) == len(whole) {
		for i := range whole {
			if p := m.lost(whole[i], without[i], odd[i], fmt.Sprintf("%s.%d", place, i)); p != "" {
				return p
			}
		}
		return ""
	}
	if m.adds && len(whole) > 0 && has(without, whole[len(whole)-1]) {
		without = without[:len(without)-1]
	}
	for _, item := range without {
		if has(whole, item) && !has(odd, item) {
			return fmt.Sprintf("%s: %v", place, item)
		}
	}
	if len(without) == len(whole) && len(odd) < len(whole) {
		return place
	}
	return ""
}

func has(list []any, item any) bool {
	return slices.ContainsFunc(list, func(other any) bool { return reflect.DeepEqual(item, other) })
}

// TestMutatedAnswersLoseOnlyWhatWasMutated tries one mutation of every third answer.
// FuzzMutatedAnswers tries more.
func TestMutatedAnswersLoseOnlyWhatWasMutated(t *testing.T) {
	t.Parallel()
	answers := mutableAnswers(t)
	provider := startProvider(t)
	for seed := uint64(0); seed < uint64(len(answers)); seed += 3 { // for a few seconds
		t.Run(answers[seed].name, func(t *testing.T) {
			t.Parallel()
			tryMutation(t, provider, answers, seed)
		})
	}
}

// FuzzMutatedAnswers tries mutations of all answers: the seed chooses the answer and the mutation.
func FuzzMutatedAnswers(f *testing.F) {
	answers := mutableAnswers(f)
	provider := startProvider(f)
	f.Add(uint64(1))
	f.Fuzz(func(t *testing.T, seed uint64) {
		tryMutation(t, provider, answers, seed)
	})
}
