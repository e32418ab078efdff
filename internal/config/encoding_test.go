package config_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode/utf16"

	"vitrine/internal/config"
)

// utf16Of is a text in UTF-16, with or without a byte order mark.
func utf16Of(s string, little, mark bool) []byte {
	var out []byte
	if mark {
		s = "\ufeff" + s
	}
	for _, unit := range utf16.Encode([]rune(s)) {
		if little {
			out = append(out, byte(unit), byte(unit>>8))
		} else {
			out = append(out, byte(unit>>8), byte(unit))
		}
	}
	return out
}

// encodings are files that editors write, and what is said of them: nothing of a byte order mark in
// UTF-8.
func encodings(text string) map[string]struct {
	data []byte
	want string
} {
	type file = struct {
		data []byte
		want string
	}
	return map[string]file{
		"UTF-8 with a mark":                   {[]byte("\ufeff" + text), ""},
		"UTF-16, little-endian, with a mark":  {utf16Of(text, true, true), "UTF-16"},
		"UTF-16, big-endian, with a mark":     {utf16Of(text, false, true), "UTF-16"},
		"UTF-16, little-endian, without mark": {utf16Of(text, true, false), "UTF-16"},
		"UTF-16, big-endian, without mark":    {utf16Of(text, false, false), "UTF-16"},
		"Latin-1":                             {[]byte(text + "# M\xfcller\n"), "not UTF-8"},
	}
}

func TestSettingsInOtherEncodingsAreNamed(t *testing.T) {
	t.Parallel()
	least, err := os.ReadFile("testdata/least.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range encodings(string(least)) {
		_, _, err := config.Parse("least.yaml", c.data, environment, os.ReadFile)
		if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), "save it as UTF-8")) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, c := range map[string]struct{ text, want string }{
		"a tab before a key":         {"log:\n\tlevel: info\n", "tabs.yaml:2:1: the line is indented with a tab"},
		"a tab behind spaces":        {"log:\n  level: info\n  \tformat: text\n", "tabs.yaml:3:1: the line is indented with a tab"},
		"a place that is not UTF-8":  {"log:\n  level: \"\xff\"\n", "line 2 at byte 11"},
		"a mark and nothing else":    {"\ufeff", "holds no settings"},
		"a mark before an odd value": {"\ufefflog: 7\n", "tabs.yaml:1:"},
	} {
		if _, _, err := config.Parse("tabs.yaml", []byte(c.text), environment, os.ReadFile); !strings.Contains(fmt.Sprint(err), c.want) {
			t.Errorf("%s: %v, want %s", name, err, c.want)
		}
	}
}

// TestSecretFilesInOtherEncodingsAreNamed writes each kind of file that settings point to in each
// encoding: password, token, secret and key of an app, certificate and key of the server,
// authorities, root keys and the password of Redis.
func TestSecretFilesInOtherEncodingsAreNamed(t *testing.T) {
	t.Parallel()
	for _, w := range walkedFiles(t) {
		for _, p := range places(w.tree, nil) {
			s, ok := described()[p.key()]
			if !ok || s.Type != config.TypeFile && s.Type != config.TypeFiles || p.key() == "documents.manifests" { // what those hold is read elsewhere
				continue
			}
			file, at := "", p.String()
			switch v := p.value.(type) {
			case string:
				file = v
			case []any:
				file, at = v[0].(string), at+"[0]"
			}
			good, err := w.read(filepath.Join("testdata", file))
			if err != nil {
				t.Fatal(err)
			}
			kinds := encodings(string(good))
			kinds["two lines"] = struct {
				data []byte
				want string
			}{append([]byte("x\n"), good...), "holds more than one line"}
			kinds["a tab"] = struct {
				data []byte
				want string
			}{append([]byte("x\ty"), good...), "holds a tab"}
			for name, c := range kinds {
				if strings.HasSuffix(file, ".pem") && (name == "two lines" || name == "a tab") {
					continue // PEM has lines, and text around it
				}
				changed := w
				changed.read = func(name string) ([]byte, error) {
					if name == filepath.Join("testdata", file) {
						return c.data, nil
					}
					return w.read(name)
				}
				_, err := changed.parse(t, w.tree)
				got := problemsAt(err, at)
				if c.want == "" {
					if err != nil {
						t.Errorf("%s, %s: %v", at, name, err)
					}
					continue
				}
				if len(got) == 0 || !strings.Contains(got[0].Reason, c.want) || got[0].Value != file {
					t.Errorf("%s, %s: %v", at, name, err)
					continue
				}
				complete(t, at, got[0], file)
				if strings.Contains(err.Error(), strings.TrimSpace(string(good))) {
					t.Errorf("%s: the message shows the content", at)
				}
			}
		}
	}
	file := filepath.Join(t.TempDir(), "secret")
	for name, c := range encodings("a-secret\n") {
		if err := os.WriteFile(file, c.data, 0o600); err != nil {
			t.Fatal(err)
		}
		got, err := config.ReadSecret(file)
		if c.want == "" && (err != nil || got.Reveal() != "a-secret") || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "a-secret")) {
			t.Errorf("%s, read again: %v", name, err)
		}
	}
}

// TestWaysWithoutTLSNeedADangerousSetting takes the dangerous setting of each way out of a file
// that has them all.
func TestWaysWithoutTLSNeedADangerousSetting(t *testing.T) {
	t.Parallel()
	for _, w := range walkedFiles(t) {
		for _, p := range places(w.tree, nil) {
			if p.path[len(p.path)-1] != "dangerouslyWithoutTLS" {
				continue
			}
			_, err := w.parse(t, w.with(t, p.path, false, ""))
			at := p.String()[:strings.LastIndexByte(p.String(), '.')]
			if notes := w.notes(t); !slices.ContainsFunc(notes, func(n string) bool { return strings.HasPrefix(n, at+".") && strings.Contains(n, "not encrypted") }) {
				t.Errorf("%s is not noted: %q", at, notes)
			}
			if !strings.Contains(fmt.Sprint(err), "loopback addresses only") || !strings.Contains(err.Error(), p.String()+": true") {
				t.Errorf("%s: false: %v", p, err)
			}
		}
	}
}

// TestVariablesThatAreNotSetAreCompared holds that a typo in the name of an environment variable is
// seen where the right one is set.
func TestVariablesThatAreNotSetAreCompared(t *testing.T) {
	t.Setenv("VITRINE_TEST_PASSWORD", "a-secret")
	text := strings.Replace(leastText(t), "TABLEAU_PASSWORD", "VITRINE_TEST_PASSWROD", 1)
	_, _, err := config.Parse("least.yaml", []byte(text), os.Getenv, os.ReadFile)
	if !strings.Contains(fmt.Sprint(err), `"VITRINE_TEST_PASSWROD" is not set, or empty, in the environment; did you mean "VITRINE_TEST_PASSWORD"?`) ||
		strings.Contains(err.Error(), "a-secret") {
		t.Error(err)
	}
}

func leastText(t *testing.T) string {
	t.Helper()
	least, err := os.ReadFile("testdata/least.yaml")
	if err != nil {
		t.Fatal(err)
	}
	return string(least)
}
