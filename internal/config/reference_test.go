package config_test

import (
	"errors"
	"fmt"
	"os"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"

	"vitrine/internal/config"
)

// TestReferenceHasEverySetting asks each object of the files which keys it knows, by a key that it
// does not, and compares them all with the reference.
func TestReferenceHasEverySetting(t *testing.T) {
	t.Parallel()
	read := map[string]bool{}
	for _, w := range walkedFiles(t) {
		objects := []place{{nil, w.tree}}
		for _, p := range places(w.tree, nil) {
			switch v := p.value.(type) {
			case map[string]any:
				objects = append(objects, p)
			case []any:
				for i, item := range v {
					if _, ok := item.(map[string]any); ok {
						objects = append(objects, place{append(slices.Clone(p.path), i), item})
					}
				}
			}
		}
		for _, o := range objects {
			if key := o.key(); strings.HasPrefix(key, "oidc[].authorizeParams") { // any key is right there
				continue
			}
			_, err := w.parse(t, w.with(t, append(slices.Clone(o.path), "zzzz"), 1, ""))
			m := knownHere.FindStringSubmatch(fmt.Sprint(err))
			if m == nil {
				t.Errorf("%s: an unknown key gives %v", o, err)
				continue
			}
			for key := range strings.SplitSeq(m[1], ", ") {
				read[place{path: append(slices.Clone(o.path), key)}.key()] = true
			}
		}
	}
	reference := described()
	for key := range read {
		object := slices.ContainsFunc(config.Settings(), func(s config.Setting) bool {
			return strings.HasPrefix(s.Key, key+".") || strings.HasPrefix(s.Key, key+"[].")
		})
		if _, ok := reference[key]; !ok && !object {
			t.Errorf("the reference lacks %s: add it to Settings", key)
		}
	}
	for key, s := range reference {
		if !read[key] {
			t.Errorf("the reference has %s, which is not read, or is in none of the files that are walked", key)
		}
		if s.Text == "" || s.Type == "" || (s.Default == "") == (s.Absent == "") {
			t.Errorf("%s: it needs a text, a type, and either a default or what holds without it", key)
		}
		if !strings.HasSuffix(s.Text, ".") {
			t.Errorf("%s: its text is no sentence", key)
		}
	}
}

// problemsAt are the problems of an error that are about a path or what is inside it.
func problemsAt(err error, path string) config.Problems {
	var all, found config.Problems
	errors.As(err, &all)
	for _, p := range all {
		if p.Path == path || strings.HasPrefix(p.Path, path+"[") || strings.HasPrefix(p.Path, path+".") {
			found = append(found, p)
		}
	}
	return found
}

// complete holds that a message names file, line, key and remedy, and the value where there is one
// to show.
func complete(t *testing.T, what string, p config.Problem, value string) {
	t.Helper()
	if p.File == "" || p.Line == 0 || p.Column == 0 || p.Path == "" || p.Reason == "" || p.Fix == "" || p.Value != value {
		t.Errorf("%s: the message lacks something (value %q, want %q): %s", what, p.Value, value, p)
	}
}

// TestWrongTypesAreNamed gives each setting a value of another type.
func TestWrongTypesAreNamed(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for _, w := range walkedFiles(t) {
		for _, p := range places(w.tree, nil) {
			seen[p.key()] = true
			wrong := []any{map[string]any{"x": 1}, 7.5, true, nil, []any{[]any{1}}}
			for _, value := range wrong {
				if reflect.TypeOf(value) == reflect.TypeOf(p.value) {
					continue
				}
				if _, text := p.value.(string); !text && value == nil {
					continue
				}
				_, err := w.parse(t, w.with(t, p.path, value, ""))
				got := problemsAt(err, p.String())
				if len(got) == 0 {
					t.Errorf("%s: %v is accepted, or complained of elsewhere: %v", p, value, err)
					continue
				}
				complete(t, fmt.Sprintf("%s: %v", p, value), got[0], got[0].Value)
			}
		}
	}
	for key := range described() {
		if !seen[key] && key != "tableau.sites[].contentUrl" {
			t.Errorf("%s is in none of the files that are walked", key)
		}
	}
}

// TestTyposOfKeysAreNamed swaps two characters of each key.
func TestTyposOfKeysAreNamed(t *testing.T) {
	t.Parallel()
	for _, w := range walkedFiles(t) {
		for _, p := range places(w.tree, nil) {
			key, ok := p.path[len(p.path)-1].(string)
			if !ok || len(key) < 3 || strings.HasPrefix(p.key(), "oidc[].authorizeParams.") {
				continue
			}
			wrong := key[:1] + key[2:3] + key[1:2] + key[3:]
			if wrong == key {
				wrong = key[:2] + key[3:] // two of the same: one is missing
			}
			_, err := w.parse(t, w.with(t, p.path, nil, wrong))
			at := place{path: append(slices.Clone(p.path[:len(p.path)-1]), wrong)}.String()
			got := problemsAt(err, at)
			if len(got) == 0 || !strings.Contains(got[0].Fix, `did you mean "`+key+`"?`) {
				t.Errorf("%s: %v", at, err)
				continue
			}
			complete(t, at, got[0], "")
		}
	}
}

// anyText are settings that may be any text: what is right is known to others alone.
var anyText = []string{
	"tableau.signIn.name", "tableau.signIn.tokens[].name", "tableau.signIn.clientID", "tableau.signIn.secretID", "tableau.signIn.issuer",
	"tableau.signIn.tenantID", "tableau.signIn.keyID", "tableau.signIn.userClaim", "tableau.signIn.attributes[].claim",
	"tableau.signIn.attributes[].name", "tableau.signIn.onDemandAccess.groups", "tableau.signIn.onDemandAccess.claim", "oidc[].audiences", "oidc[].backchannelLogout.clients",
	"oidc[].username.claim", "oidc[].introspection.clientID", "oidc[].groups.claim", "oidc[].authorizeParams", "roles[].when.group", "roles[].when.client",
	"tableau.embed.clientID", "tableau.embed.secretID", "tableau.embed.attributes[].claim", "tableau.embed.attributes[].name",
	"roles[].when.claim", "audit.file", "roles[].when.equals", "roles[].when.contains", "playground.clientID", "gallery.clientID", "sharedStore.username",
}

// TestUnknownValuesAreNamed gives each setting that cannot be any text a value that it does not
// know.
func TestUnknownValuesAreNamed(t *testing.T) {
	t.Parallel()
	reference := described()
	for _, w := range walkedFiles(t) {
		for _, p := range places(w.tree, nil) {
			s, ok := reference[p.key()]
			if !ok || slices.Contains(anyText, p.key()) {
				continue
			}
			const odd = "no such: value?"
			value, shown := any(odd), odd
			switch s.Type {
			case config.TypeTexts, config.TypeFiles, config.TypeSites:
				value = []any{odd}
			case config.TypeNumber:
				value, shown = -5, "-5"
			case config.TypeFlag, config.TypeObject:
				continue // there is no other value of the type
			}
			_, err := w.parse(t, w.with(t, p.path, value, ""))
			at := strings.TrimSuffix(p.String(), ".contentUrl") // a site is its content URL
			got := problemsAt(err, at)
			if len(got) == 0 {
				t.Errorf("%s %v: accepted, or complained of elsewhere: %v", p, value, err)
				continue
			}
			switch s.Type {
			case config.TypeFile, config.TypeFiles, config.TypeVariable:
				shown = "" // it may be the secret itself
			}
			if strings.HasPrefix(got[0].Value, "no such") && shown != "" {
				shown = got[0].Value // addresses are shown without their query
			}
			complete(t, p.String(), got[0], shown)
		}
	}
	for _, key := range anyText {
		if _, ok := reference[key]; !ok {
			t.Errorf("%s is no setting", key)
		}
	}
}

// TestTyposOfValuesAreNamed takes each setting that has a list of values, each value with two
// characters swapped.
func TestTyposOfValuesAreNamed(t *testing.T) {
	t.Parallel()
	values := map[string][]string{
		"tableau.apiVersion":    {"auto"},
		"tableau.signIn.method": {"personalAccessToken", "password", "connectedApp", "unifiedAccessToken"},
		"tableau.signIn.trust":  {"direct", "oauth"},
		"forwardedHeader":       {"X-Forwarded-For", "Forwarded"},
		"log.format":            {"json", "text"},
		"log.level":             {"debug", "info", "warn", "error"},
		"oidc[].tokenTypes":     {"JWT", "at+jwt"},
		"oidc[].algorithms":     {"RS256", "EdDSA"},
		"limits.measure":        {"aliases", "comparisons", "cost", "depth", "directives", "fields", "introspection", "rootFields"},
		"roles[].sites":         {"marketing"},
		"roles[].embedScopes":   {"tableau:views:embed", "tableau:insights:embed"},
	}
	for key, known := range values {
		tried := false
		for _, w := range walkedFiles(t) {
			for _, p := range places(w.tree, nil) {
				if p.key() != key {
					continue
				}
				for _, value := range known {
					tried = true
					wrong := value[:1] + value[2:3] + value[1:2] + value[3:]
					if wrong == value {
						wrong += "s"
					}
					var given any = wrong
					if _, list := p.value.([]any); list {
						given = []any{wrong}
					}
					_, err := w.parse(t, w.with(t, p.path, given, ""))
					got := problemsAt(err, p.String())
					if len(got) == 0 || !strings.Contains(got[0].Fix, `did you mean "`+value+`"?`) {
						t.Errorf("%s %s: %v", p, wrong, err)
						continue
					}
					complete(t, p.String(), got[0], wrong)
				}
			}
		}
		if !tried {
			t.Errorf("%s is in none of the files", key)
		}
	}
}

// TestBoundsOfTheReferenceAreThoseOfTheMessages sets each number and duration too high and looks
// what the message says.
func TestBoundsOfTheReferenceAreThoseOfTheMessages(t *testing.T) {
	t.Parallel()
	for _, s := range config.Settings() {
		var value any
		switch s.Type {
		case config.TypeNumber:
			value = int64(1) << 40
		case config.TypeDuration:
			value = "99999h"
		default:
			if s.Bounds != "" {
				t.Errorf("%s is no number and has bounds", s.Key)
			}
			continue
		}
		least := readLeast(t)
		if strings.HasPrefix(s.Key, "sharedStore.") {
			least.tree["sharedStore"] = map[string]any{"redis": "rediss://redis.example.com"}
		}
		path := pathOf(t, least.tree, s.Key)
		if strings.HasPrefix(s.Key, "oidc[].introspection.") {
			least.tree["oidc"].([]any)[0].(map[string]any)["introspection"] = map[string]any{"clientID": "vitrine", "clientSecretFile": "secrets/pat-1"}
		}
		_, err := least.parse(t, least.with(t, path, value, ""))
		if s.Bounds == "" || !strings.Contains(fmt.Sprint(err), "give "+s.Bounds) {
			t.Errorf("%s: bounds %q, message: %v", s.Key, s.Bounds, err)
		}
	}
}

// TestDefaultsOfTheReferenceAreThoseOfTheProgram sets each setting to its default, which must
// change nothing.
func TestDefaultsOfTheReferenceAreThoseOfTheProgram(t *testing.T) {
	t.Parallel()
	least := readLeast(t)
	without, err := least.parse(t, least.tree)
	if err != nil {
		t.Fatal(err)
	}
	seen := 0
	for _, s := range config.Settings() {
		// These only go with others: a header without proxies, a part of the shared store without
		// its address, and a part of the app for embed tokens.
		if s.Default == "" || s.Key == "forwardedHeader" || strings.HasPrefix(s.Key, "sharedStore.") || strings.HasPrefix(s.Key, "tableau.embed.") {
			continue
		}
		seen++
		var value any
		if err := yaml.Unmarshal([]byte(s.Default), &value); err != nil {
			t.Fatal(err)
		}
		with, err := least.parse(t, least.with(t, pathOf(t, least.tree, s.Key), value, ""))
		if err != nil || !reflect.DeepEqual(with, without) {
			t.Errorf("%s: %s is not the default: %v", s.Key, s.Default, err)
		}
	}
	if seen < 30 {
		t.Errorf("only %d defaults were tried", seen)
	}
}

func readLeast(t *testing.T) walked {
	t.Helper()
	data, err := os.ReadFile("testdata/least.yaml")
	if err != nil {
		t.Fatal(err)
	}
	w := walked{name: "testdata/least.yaml", read: os.ReadFile, env: environment}
	if err := yaml.Unmarshal(data, &w.tree); err != nil {
		t.Fatal(err)
	}
	return w
}

// pathOf is a key's path in the tree, with the first item for []; objects on the way are made.
func pathOf(t *testing.T, tree map[string]any, key string) []any {
	t.Helper()
	var path []any
	at := any(tree)
	steps := strings.Split(key, ".")
	for i, step := range steps {
		name, list := strings.CutSuffix(step, "[]")
		path = append(path, name)
		if i == len(steps)-1 {
			break
		}
		object := at.(map[string]any)
		if list {
			path = append(path, 0)
			at = object[name].([]any)[0]
			continue
		}
		if object[name] == nil {
			object[name] = map[string]any{}
		}
		at = object[name]
	}
	return path
}

var yamlBlock = regexp.MustCompile("(?s)\n```yaml\n(.*?)\n```\n")

// TestSettingsPageShowsEverySetting holds what the page says of its example files: that they
// together have every key that is not dangerous, and of each secret the file or the variable.
func TestSettingsPageShowsEverySetting(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("../../docs/operators/settings.md")
	if err != nil {
		t.Fatal(err)
	}
	shown := map[string]bool{}
	for _, block := range yamlBlock.FindAllSubmatch(page, -1) {
		var tree map[string]any
		if err := yaml.Unmarshal(block[1], &tree); err != nil {
			t.Fatal(err)
		}
		for _, p := range places(tree, nil) {
			shown[p.key()] = true
		}
	}
	for _, s := range config.Settings() {
		dangerous := strings.Contains(s.Key, "dangerously")
		twin := shown[strings.TrimSuffix(s.Key, "Env")+"File"] || shown[strings.TrimSuffix(s.Key, "File")+"Env"]
		if shown[s.Key] == dangerous && !(twin && !dangerous) {
			t.Errorf("%s: shown %t, dangerous %t", s.Key, shown[s.Key], dangerous)
		}
	}
}
