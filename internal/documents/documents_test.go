package documents

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

const sites, names = "query Sites {\n  sites {\n    contentUrl\n  }\n}", "{ sites { name } }"

func TestManifestsOfFourTools(t *testing.T) {
	t.Parallel()
	for form, text := range map[string]string{
		"Code Generator, SHA-1":   `{"48ecf4e6fef056537d0809d27dfe65578ba17a60": %q, "x": "{a}"}`,
		"Code Generator, SHA-256": `{"633feffb53dcca3db5bc9145666825c14833b89cb990744d1df7c35a5a2ad53c": %q, "x": "{a}"}`,
		"Relay, MD5":              `{"d8f886bae33a5235b916bcba32dd368e": %q, "x": "{a}"}`,
		"Apollo":                  `{"format":"apollo-persisted-query-manifest","version":1,"operations":[{"id":"x","name":"A","type":"query","body":"{a}"},{"id":"7","name":"Sites","type":"query","body":%q,"clientName":null}]}`,
		"Apollo, older":           `{"7": {"name": "Sites", "source": %q}, "x": {"name": "A", "source": "{a}"}}`,
	} {
		all, err := Parse(fmt.Appendf(nil, text, sites))
		if err != nil || len(all) != 2 || all[0].Text != sites || all[1].ID != "x" || all[1].Text != "{a}" {
			t.Errorf("%s: %+v, %v", form, all, err)
			continue
		}
		if all[0].mismatched() {
			t.Errorf("%s: the id is not taken for the hash of its document", form)
		}
	}
	if (Document{ID: strings.Repeat("a", 64), Text: "{a}"}).mismatched() != true || (Document{ID: strings.Repeat("a", 40), Text: "{a}"}).mismatched() != true {
		t.Error("a hash of another document is not noticed")
	}
}

func TestBrokenManifestsAreRefused(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		``, `[]`, `{`, `null`, `{}`, `{"x":1}`, `{"x":""}`, `{"":"{a}"}`, `{"x":{"name":"A"}}`, `{"` + strings.Repeat("x", maxID+1) + `":"{a}"}`,
		`{"format":"apollo-persisted-query-manifest","version":2,"operations":[]}`, `{"format":"other","version":1,"operations":[]}`,
		`{"format":"apollo-persisted-query-manifest","version":1,"operations":[{"id":"x","type":"mutation","body":"mutation{a}"}]}`,
		`{"format":"apollo-persisted-query-manifest","version":1,"operations":[{"id":"x","body":"{a}"},{"id":"x","body":"{b}"}]}`,
	} {
		if all, err := Parse([]byte(text)); err == nil {
			t.Errorf("%.80s: %+v", text, all)
		}
	}
}

func write(t *testing.T, file, text string) {
	t.Helper()
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestManifestsAreReadAgainOrKept(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "manifest.json")
	write(t, file, fmt.Sprintf(`{"a": %q}`, names))
	now := time.Unix(1_700_000_000, 0)
	var log bytes.Buffer
	check := func(text string) error {
		if strings.Contains(text, "mutation") {
			return errors.New("no query")
		}
		return nil
	}
	s, err := Open([]string{file}, check, func() time.Time { return now }, slog.New(slog.NewTextHandler(&log, nil)))
	if err != nil {
		t.Fatal(err)
	}
	expect := func(when string, known ...string) {
		t.Helper()
		for _, id := range []string{"b", "a", "sha256:" + Hash(names), "A"} {
			want := false
			for _, k := range known {
				want = want || k == id
			}
			if _, got := s.Find(id); got != want {
				t.Errorf("%s: %s is known: %t", when, id, got)
			}
		}
	}
	expect("at first", "a", "sha256:"+Hash(names))
	if !s.Trusts(names) || s.Trusts(names+" ") {
		t.Error("the text of a document is trusted byte for byte, and no other")
	}
	for _, broken := range []string{`{"a":`, `{"b": "mutation { x }"}`, `{}`} {
		write(t, file, broken)
		now = now.Add(2 * lookForMissed)
		expect(broken, "a", "sha256:"+Hash(names))
	}
	if n := strings.Count(log.String(), "cannot be read again"); n != 3 {
		t.Errorf("%d warnings: %s", n, log.String())
	}
	write(t, file, fmt.Sprintf(`{"b": %q}`, sites))
	expect("at the same moment", "a", "sha256:"+Hash(names)) // the files were looked at just now
	now = now.Add(lookForMissed)
	expect("later", "b")
	if err := os.Remove(file); err != nil {
		t.Fatal(err)
	}
	now = now.Add(lookForMissed)
	expect("without the file", "b")
}

func TestOneIDHasOneDocument(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	a, b := filepath.Join(dir, "a"), filepath.Join(dir, "b")
	write(t, a, `{"x": "{a}"}`)
	write(t, b, `{"x": "{b}"}`)
	if _, err := Open([]string{a, b}, nil, time.Now, slog.New(slog.DiscardHandler)); err == nil || !strings.Contains(err.Error(), `"x" has two documents`) {
		t.Error(err)
	}
	write(t, b, `{"x": "{a}", "y": "{b}"}`)
	if _, err := Open([]string{a, b}, nil, time.Now, slog.New(slog.DiscardHandler)); err != nil {
		t.Error(err)
	}
}

func TestRegisteredDocumentsAreBounded(t *testing.T) {
	t.Parallel()
	var a Automatic
	a.Add("first", "{a}", "alice")
	for i := range 3 * maxPerOwner {
		a.Add(fmt.Sprint(i), "{b}", "bob")
	}
	if _, ok := a.Find("first"); !ok || len(a.byHash) != maxPerOwner+1 || a.owned["bob"] != maxPerOwner {
		t.Errorf("one person's documents displace another's: %d in all, %v", len(a.byHash), a.owned)
	}
	if _, ok := a.Find("0"); ok {
		t.Error("the oldest document of a person does not make room")
	}
	large := strings.Repeat("x", maxAutomaticBytes/10)
	for i := range 20 {
		a.Add("large"+fmt.Sprint(i), large, fmt.Sprint("person", i))
	}
	if a.bytes > maxAutomaticBytes {
		t.Errorf("%d bytes are kept", a.bytes)
	}
	a.Add("huge", large+"x", "alice")
	if _, ok := a.Find("huge"); ok {
		t.Error("a document of a tenth of all room is kept")
	}
	var none *Automatic
	none.Add("x", "y", "z")
	if _, ok := none.Find("x"); ok {
		t.Error("nothing keeps a document")
	}
}
