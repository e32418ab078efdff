package cli

import (
	"context"
	"flag"
	"fmt"
	"io"
	"slices"
	"strings"

	"vitrine/internal/config"
	"vitrine/internal/suggest"
)

// commandSpec is one command and what its help says.
type commandSpec struct {
	name    string
	args    string // behind the name, in one line
	summary string // one line of the list of commands
	about   string // the help's first paragraph: what it does, and what it leaves alone
	run     func(*command, context.Context, []string) error
}

// commandSpecs are all commands, in the order of the list. It is a function because help needs what
// it holds.
func commandSpecs() []commandSpec {
	return []commandSpec{
		{
			"serve", "--config FILE", "run the server",
			"Runs the server with the settings of a file until SIGTERM or Ctrl-C. It starts although Tableau and the OpenID provider are down.\n" +
				"Events go to standard error, the addresses to standard output.", (*command).serve,
		},
		{
			"init", "", "write a commented settings file after four questions",
			"Writes a settings file with comments, a JSON schema for editors beside it, and a directory for secrets. It asks for the address of\n" +
				"Tableau, the sites, the OpenID provider and the audience, unless flags give them. It sends nothing, writes no secret and overwrites\n" +
				"nothing. `vitrine check` then tries what it wrote.", (*command).init,
		},
		{
			"check", "--config FILE", "try what serve needs: settings, address, provider, Tableau, sign-in, impersonation",
			"Tries everything that serve needs, in order, and reports each with what to do where it does not work: settings, the address\n" +
				"to listen on, the OpenID provider, the shared store, Tableau, and a sign-in and an impersonation on each site. It signs out what\n" +
				"it signed in. With --token it also reports what that access token holds, whether it is accepted, and its roles, sites and Tableau\n" +
				"user. With --documents it only validates a manifest of trusted documents against the schema of a role. The report goes to standard output; the exit status is 0 only if serve would work.", (*command).check,
		},
		{
			"explain", "--config FILE --claims FILE", "which Tableau user, roles, sites and limits a token or its claims give, and why",
			"Reports what an access token, or its claims, give: the Tableau user, each role with why it applies or not, sites, limits and what\n" +
				"is denied. It sends nothing to anybody, so it checks no signature.", (*command).explain,
		},
		{
			"schema", "[--config FILE --role NAME [--subgraph]]", "print the schema, whole or as a role sees it",
			"Prints the GraphQL schema as text: the whole schema with areas and REST methods, or with --config and --role what a role sees.\n" +
				"With --settings it prints the JSON schema of the settings file.",
			(*command).schema,
		},
		{
			"demo", "", "run the server with stand-ins for Tableau and the OpenID provider, on this machine only",
			"Runs the server with a stand-in Tableau and a stand-in OpenID provider, on loopback only. It needs no settings and no Tableau.",
			(*command).demo,
		},
		{
			"sandbox", "", "run the two stand-ins alone, for any Tableau client",
			"Runs the stand-in Tableau and the stand-in OpenID provider without the server, on loopback only, for any client of the REST API.",
			(*command).sandbox,
		},
		{
			"token", "--user NAME", "print an access token of the stand-in provider",
			"Prints an access token for a demo user from the stand-in provider of a running demo or sandbox, for scripts.", (*command).token,
		},
		{
			"version", "", "print version, commit and Go version",
			"Prints the version, the commit it was built from and the Go version. `vitrine --version` and `vitrine -v` do the same.",
			(*command).version,
		},
	}
}

func commandNamed(name string) *commandSpec {
	specs := commandSpecs()
	if i := slices.IndexFunc(specs, func(s commandSpec) bool { return s.name == name }); i >= 0 {
		return &specs[i]
	}
	return nil
}

func commandNames() []string {
	names := []string{"help"}
	for _, s := range commandSpecs() {
		names = append(names, s.name)
	}
	return names
}

// usage is the list of commands.
func usage() string {
	var b strings.Builder
	b.WriteString("vitrine reads Tableau as the person who asks, and answers GraphQL.\n\n")
	for _, s := range commandSpecs() {
		fmt.Fprintf(&b, "  %-43s %s\n", strings.TrimSpace("vitrine "+s.name+" "+s.args), s.summary)
	}
	b.WriteString("\n`vitrine COMMAND --help` or `vitrine help COMMAND` describes a command and its flags.\n" +
		"Every flag can be set by an environment variable: --config is VITRINE_CONFIG.\n")
	return b.String()
}

// help describes the command and its flags: form, meaning, default, environment variable.
func (c *command) help() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n\n%s\n", strings.TrimSpace("vitrine "+c.spec.name+" "+c.spec.args), c.spec.about)
	first := true
	c.flags.VisitAll(func(f *flag.Flag) {
		if first {
			b.WriteString("\nFlags:\n")
			first = false
		}
		kind, text := flag.UnquoteUsage(f)
		fmt.Fprintf(&b, "  %s\n        %s\n        ", strings.TrimSpace("--"+f.Name+" "+strings.ToUpper(kind)), text)
		if f.DefValue != "" {
			fmt.Fprintf(&b, "Default: %s. ", f.DefValue)
		}
		fmt.Fprintf(&b, "Environment: %s\n", config.VariableOf(f.Name))
	})
	if first {
		b.WriteString("\nIt has no flags.\n")
	}
	return b.String()
}

// badFlag words an error of package flag as everything else here is: with two hyphens, and the flag
// that was probably meant.
func (c *command) badFlag(err error) error {
	text := err.Error()
	if name, ok := strings.CutPrefix(text, "flag provided but not defined: -"); ok {
		var known []string
		c.flags.VisitAll(func(f *flag.Flag) { known = append(known, f.Name) })
		hint := ""
		if near := suggest.Nearest(strings.TrimPrefix(name, "-"), known); near != "" {
			hint = ": did you mean --" + near + "?"
		}
		return fmt.Errorf("%s has no flag --%s%s; --help lists its flags", c.spec.name, strings.TrimPrefix(name, "-"), hint)
	}
	text = strings.Replace(text, "for flag -", "for flag --", 1)
	text = strings.Replace(text, "flag needs an argument: -", "a value is missing behind --", 1)
	return fmt.Errorf("%s: %s; --help lists its flags", c.spec.name, text)
}

// meant is the known name that was probably meant, as the end of a message.
func meant(word string, known []string) string {
	if near := suggest.Nearest(word, known); near != "" {
		return fmt.Sprintf(": did you mean %q?", near)
	}
	return ""
}

// misspelled notes environment variables that look like the variable of a flag but are not.
func misspelled(environ []string) []string {
	var known, notes []string
	for _, s := range commandSpecs() {
		known = append(known, variablesOf(s)...)
	}
	for _, entry := range environ {
		name, _, _ := strings.Cut(entry, "=")
		if !strings.HasPrefix(name, "VITRINE") || slices.Contains(known, name) {
			continue
		}
		if near := suggest.Nearest(name, known); near != "" {
			notes = append(notes, fmt.Sprintf("the environment variable %s is not read: did you mean %s?", name, near))
		}
	}
	return notes
}

// variablesOf are the environment variables of a command's flags, which are known once the command
// has defined them.
func variablesOf(s commandSpec) []string {
	var names []string
	c := &command{spec: &s, flags: flag.NewFlagSet(s.name, flag.ContinueOnError), getenv: func(string) string { return "" }, out: io.Discard, log: io.Discard}
	_ = s.run(c, context.Background(), []string{"--help"}) // defines its flags, and ends
	c.flags.VisitAll(func(f *flag.Flag) { names = append(names, config.VariableOf(f.Name)) })
	return names
}
