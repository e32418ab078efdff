package cli

import (
	"flag"
	"io"
	"runtime/debug"
	"slices"
	"strings"
	"testing"

	"vitrine/internal/config"
	"vitrine/internal/standin"
	"vitrine/internal/tableausim"
	"vitrine/internal/version"
	"vitrine/test/harness"
)

// TestEveryCommandDescribesItself walks all commands: --help, -h and help NAME print what the
// command does and each of its flags with two hyphens, its default and its environment variable, on
// standard output, whatever the environment holds.
func TestEveryCommandDescribesItself(t *testing.T) {
	t.Parallel()
	list, _, err := call(t, nil, "help")
	if err != nil {
		t.Fatal(err)
	}
	readme := harness.ReadFile(t, "../../README.md")
	for _, spec := range commandSpecs() {
		if !strings.Contains(list, "vitrine "+spec.name) || !strings.Contains(list, spec.summary) {
			t.Errorf("help does not list %s", spec.name)
		}
		if !strings.Contains(readme, "`vitrine "+spec.name) {
			t.Errorf("README.md does not list the command %s", spec.name)
		}
		c := &command{spec: &spec, flags: flag.NewFlagSet(spec.name, flag.ContinueOnError), getenv: func(string) string { return "" }, out: io.Discard}
		_ = spec.run(c, t.Context(), []string{"--help"})
		env := map[string]string{"VITRINE_LATENCY": "broken", "VITRINE_CLOUD": "broken"}
		for _, args := range [][]string{{spec.name, "--help"}, {spec.name, "-h"}, {"help", spec.name}} {
			out, log, err := call(t, env, args...)
			if err != nil || log != "" || !strings.Contains(out, spec.about) || len(spec.about) < 60 {
				t.Errorf("%v: %v, log %q, output\n%s", args, err, log, out)
			}
			c.flags.VisitAll(func(f *flag.Flag) {
				_, text, ok := strings.Cut(out, "\n  --"+f.Name)
				text, _, _ = strings.Cut(text, "\n  --")
				if !ok || !strings.Contains(text, "Environment: "+config.VariableOf(f.Name)) || f.DefValue != "" && !strings.Contains(text, "Default: "+f.DefValue) {
					t.Errorf("%v does not describe --%s with default %q and variable:\n%s", args, f.Name, f.DefValue, out)
				}
			})
			if strings.Contains(out, "STRING") || strings.Contains(out, "\n  -config") {
				t.Errorf("%v names no kind of value, or a flag with one hyphen:\n%s", args, out)
			}
		}
	}
}

// TestTyposOfCommandsAndFlagsAreNamed takes each command and each flag with two characters swapped,
// and asks what was meant.
func TestTyposOfCommandsAndFlagsAreNamed(t *testing.T) {
	t.Parallel()
	swapped := func(s string) string { return s[:1] + s[2:3] + s[1:2] + s[3:] }
	for _, spec := range commandSpecs() {
		_, _, err := call(t, nil, swapped(spec.name))
		if err == nil || !strings.Contains(err.Error(), `did you mean "`+spec.name+`"?`) {
			t.Errorf("%s: %v", swapped(spec.name), err)
		}
		for _, variable := range variablesOf(spec) {
			name := strings.ReplaceAll(strings.ToLower(strings.TrimPrefix(variable, "VITRINE_")), "_", "-")
			if wrong := swapped(name); wrong != name {
				_, _, err := call(t, nil, spec.name, "--"+wrong, "x")
				if err == nil || !strings.Contains(err.Error(), spec.name+" has no flag --"+wrong+": did you mean --"+name+"?") {
					t.Errorf("%s --%s: %v", spec.name, wrong, err)
				}
			}
			wrong := "VITRINE_" + swapped(strings.TrimPrefix(variable, "VITRINE_"))
			if notes := misspelled([]string{wrong + "=x", variable + "=x"}); wrong != variable && (len(notes) != 1 || !strings.Contains(notes[0], wrong+" is not read")) {
				t.Errorf("%s: %q", wrong, notes)
			}
		}
	}
	if notes := misspelled([]string{"HOME=/", "VITRINE_CONFIG=x", "VITRINE_RECORDED=x", "VITRINE_BIN=x", "VITRINE_PRINTED=x"}); notes != nil {
		t.Errorf("%q", notes)
	}
	if _, _, err := call(t, nil, "unrelated"); err == nil || strings.Contains(err.Error(), "did you mean") {
		t.Errorf("a name that is like no other: %v", err)
	}
}

func TestVersionKnowsTheCommitFromEitherPlace(t *testing.T) {
	t.Parallel()
	recorded := &debug.BuildInfo{Settings: []debug.BuildSetting{{Key: "vcs.revision", Value: "abc"}, {Key: "vcs.modified", Value: "true"}}}
	for want, got := range map[string]string{
		"stamped":            version.CommitOf("stamped", recorded),
		"abc (with changes)": version.CommitOf("", recorded),
		"unknown":            version.CommitOf("", &debug.BuildInfo{}),
	} {
		if got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
	if got := version.CommitOf("", nil); got != "unknown" {
		t.Errorf("without build information: %q", got)
	}
	for _, arg := range []string{"version", "--version", "-v"} {
		if out, _, err := call(t, nil, arg); err != nil || !strings.HasPrefix(out, "vitrine ") || !strings.Contains(out, "\ncommit  ") {
			t.Errorf("%s: %v, %q", arg, err, out)
		}
	}
	if !slices.Contains(strings.Fields(harness.ReadFile(t, "../../.ci/build")), `vitrine/internal/version.Commit=$commit"`) {
		t.Error(".ci/build does not stamp the commit")
	}
}

// TestTokenKnowsDemoUsersByNameAndMailAddress holds that the people of sandbox, which calls them by
// mail address with --cloud, are known to token under both.
func TestTokenKnowsDemoUsersByNameAndMailAddress(t *testing.T) {
	t.Parallel()
	s, err := standin.Start("127.0.0.1:0", "127.0.0.1:0", tableausim.Config{Cloud: true})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	for _, user := range []string{"alice", "alice@example.com", "dave@example.com"} {
		if out, _, err := call(t, nil, "token", "--user", user, "--idp", s.Issuer); err != nil || strings.Count(out, ".") != 2 {
			t.Errorf("%s: %v, %q", user, err, out)
		}
	}
	if _, _, err := call(t, nil, "token", "--user", "alice@elsewhere.example.com", "--idp", s.Issuer); err == nil {
		t.Error("an address that nobody has gets a token")
	}
}
