package cli

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/url"
	"os"
	"slices"
	"strings"
	"time"

	"vitrine/internal/config"
	"vitrine/internal/devidp"
	"vitrine/internal/server"
	"vitrine/internal/standin"
	"vitrine/internal/telemetry"
	"vitrine/resolvers"
)

// command is what a person asked for, with the world it runs in.
type command struct {
	spec   *commandSpec
	flags  *flag.FlagSet
	getenv func(string) string
	in     io.Reader
	out    io.Writer // what the command says
	log    io.Writer // events, and what goes wrong
	notes  []string  // what an operator should look at although it stops nothing
}

// Run is the program: it chooses the command and runs it until it is done or ctx ends.
func Run(ctx context.Context, args []string, getenv func(string) string, out, log io.Writer) error {
	return run(ctx, args, getenv, nil, out, log)
}

// run is [Run] with notes, which serve logs and the other commands print.
func run(ctx context.Context, args []string, getenv func(string) string, notes []string, out, log io.Writer) error {
	return runWith(ctx, args, getenv, os.Stdin, notes, out, log)
}

// runWith is [run] with another standard input.
func runWith(ctx context.Context, args []string, getenv func(string) string, in io.Reader, notes []string, out, log io.Writer) error {
	if len(args) == 0 {
		return errors.New("name a command\n\n" + strings.TrimSpace(usage()))
	}
	name, args := args[0], args[1:]
	switch name {
	case "-v", "-version", "--version":
		name = "version"
	case "help", "-h", "-help", "--help":
		if len(args) == 0 || strings.HasPrefix(args[0], "-") {
			_, err := io.WriteString(out, usage())
			return err
		}
		name, args = args[0], []string{"--help"}
	}
	spec := commandNamed(name)
	if spec == nil {
		return fmt.Errorf("there is no command %q%s\n\n%s", name, meant(name, commandNames()), strings.TrimSpace(usage()))
	}
	c := &command{spec: spec, flags: flag.NewFlagSet("vitrine "+name, flag.ContinueOnError), getenv: getenv, in: in, out: out, log: log, notes: notes}
	if name != "serve" {
		c.printNotes()
	}
	c.flags.SetOutput(io.Discard) // what is wrong is in the error
	err := spec.run(c, ctx, args)
	if errors.Is(err, flag.ErrHelp) {
		return nil
	}
	return err
}

// parse reads the flags of a command: the environment first, then the command line, which wins.
// Where help is asked for, it prints that and returns [flag.ErrHelp].
func (c *command) parse(args []string) error {
	help := c.help()
	c.flags.Usage = func() {}
	if slices.ContainsFunc(args, func(a string) bool { return a == "-h" || a == "-help" || a == "--help" }) {
		if _, err := io.WriteString(c.out, help); err != nil {
			return err
		}
		return flag.ErrHelp
	}
	if err := config.FromEnvironment(c.flags, c.getenv); err != nil {
		return err
	}
	c.flags.VisitAll(func(f *flag.Flag) {
		if list, ok := f.Value.(*originList); ok {
			list.replace = true
		}
	})
	if err := c.flags.Parse(args); err != nil {
		return c.badFlag(err)
	}
	if c.flags.NArg() > 0 {
		return fmt.Errorf("%q is too much: %s takes flags alone; --help lists them", c.flags.Arg(0), c.flags.Name())
	}
	return nil
}

// settings reads a settings file and prints its notes.
func (c *command) settings(file string) (*config.Config, error) {
	settings, err := c.load(file)
	c.printNotes()
	return settings, err
}

// printNotes prints the notes of a command that has no logger, once.
func (c *command) printNotes() {
	for _, note := range c.notes {
		_, _ = fmt.Fprintln(c.log, "note:", note)
	}
	c.notes = nil
}

var errNoFile = errors.New("--config is missing: name the settings file, or set VITRINE_CONFIG")

// load reads a settings file and keeps its notes.
func (c *command) load(file string) (*config.Config, error) {
	if file == "" {
		return nil, errNoFile
	}
	return c.loadWith(file, os.ReadFile)
}

// loadWith is load with another way to read files.
func (c *command) loadWith(file string, readFile func(string) ([]byte, error)) (*config.Config, error) {
	settings, notes, err := config.Load(file, c.getenv, readFile, server.CheckRoles, server.CheckIssuers)
	if err != nil {
		return nil, fmt.Errorf("the settings do not work:\n%w", err)
	}
	c.notes = append(c.notes, notes...)
	return settings, nil
}

// duration defines a flag that replaces a setting, where it is given.
func (c *command) duration(name, usage string) (replace func(setting *time.Duration)) {
	var given *time.Duration
	c.flags.Func(name, usage, func(text string) error {
		d, err := time.ParseDuration(text)
		given = &d
		return err
	})
	return func(setting *time.Duration) {
		if given != nil {
			*setting = *given
		}
	}
}

func (c *command) serve(ctx context.Context, args []string) error {
	file := c.flags.String("config", "", "settings `file`")
	delay, grace := c.duration("shutdown-delay", "`duration` in place of shutdown.delay of the settings"),
		c.duration("shutdown-grace", "`duration` in place of shutdown.grace of the settings")
	watch := c.flags.Bool("watch", true, "read the settings again when a file of theirs changes, and not at SIGHUP alone")
	if err := c.parse(args); err != nil {
		return err
	}
	if *file == "" {
		return errNoFile
	}
	files := &readFiles{}
	load := func() (_ *config.Config, notes []string, _ error) {
		defer func() { notes, c.notes = c.notes, nil }()
		settings, err := c.loadWith(*file, files.read)
		if err != nil {
			return nil, nil, err
		}
		delay(&settings.Shutdown.Delay)
		grace(&settings.Shutdown.Grace)
		return settings, nil, config.Validate(settings)
	}
	settings, notes, err := load()
	if err != nil {
		c.notes = notes
		c.printNotes()
		return err
	}
	logger, err := telemetry.NewLogger(c.log, settings.Log.Format, settings.Log.Level)
	if err != nil {
		return err
	}
	slog.SetDefault(logger) // libraries, and what is logged before and after the server runs
	for _, note := range notes {
		logger.Warn("note: " + note)
	}
	listener, err := net.Listen("tcp", settings.Listen)
	if err != nil {
		return listenAdvice("listen", settings.Listen, err)
	}
	defer func() { _ = listener.Close() }()
	if text := unbuiltPages(settings); text != "" {
		logger.Warn(text)
	}
	address := settings.PublicURL
	if address == "" {
		address = server.Scheme(settings) + listener.Addr().String()
	}
	a, err := server.New(settings, address, logger)
	if err != nil {
		return err
	}
	a.File = *file
	defer reloads(a, files, load, logger, *watch)()
	if settings.Audit.Output == config.AuditStdout {
		c.out = io.Discard // standard output has audit lines alone; the log has the addresses
	}
	announce(c.out, "Vitrine", address+"/graphql")
	announcePages(c.out, address, settings)
	if settings.PublicURL != "" {
		announce(c.out, "listens", listener.Addr().String())
	}
	stopAdmin, err := c.serveAdmin(a)
	if err != nil {
		return err
	}
	defer stopAdmin()
	server.KeepHeap()
	return a.Serve(ctx, listener)
}

// serveAdmin serves metrics and health checks until stop is called, where the settings have an
// address for them.
func (c *command) serveAdmin(a *server.App) (stop func(), err error) {
	address := a.Settings.AdminListen
	if address == "" {
		return func() {}, nil
	}
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return nil, listenAdvice("adminListen", address, err)
	}
	announce(c.out, "admin", "http://"+listener.Addr().String()+"/metrics")
	return a.ServeAdmin(listener), nil
}

// announce prints where a server is, once it can be reached.
func announce(w io.Writer, name, address string) { _, _ = fmt.Fprintf(w, "%-10s %s\n", name, address) }

func (c *command) schema(_ context.Context, args []string) error {
	file := c.flags.String("config", "", "settings `file`, for --role")
	role := c.flags.String("role", "", "show what the role of this `name` sees, or several roles together: a,b")
	subgraph := c.flags.Bool("subgraph", false, "with --role, print it as a subgraph of Apollo Federation 2, for the composition of a supergraph")
	ofSettings := c.flags.Bool("settings", false, "print the JSON schema of the settings file instead, for editors")
	if err := c.parse(args); err != nil {
		return err
	}
	if *ofSettings {
		_, err := c.out.Write(config.JSONSchema())
		return err
	}
	if *subgraph && *role == "" {
		return errors.New("--subgraph prints what a role sees: name it with --role")
	}
	if *file == "" {
		if *role != "" {
			return fmt.Errorf("--role %q is a role of the settings: name the file with --config", *role)
		}
		_, err := io.WriteString(c.out, resolvers.WholeSDL())
		return err
	}
	settings, err := c.settings(*file)
	if err != nil {
		return err
	}
	settings.Federation = settings.Federation || *subgraph
	roles, err := server.NewPolicy(settings)
	if err != nil {
		return err
	}
	if *role == "" {
		_, err := io.WriteString(c.out, resolvers.WholeSDL())
		return err
	}
	view, err := roles.View(strings.Split(*role, ","))
	if err != nil {
		return err
	}
	if *subgraph {
		_, err = io.WriteString(c.out, view.SubgraphSDL())
		return err
	}
	_, err = view.WriteTo(c.out)
	return err
}

func (c *command) token(ctx context.Context, args []string) error {
	user := c.flags.String("user", "", "`name` of a demo user: alice, bob, carol or dave, or the mail address, such as alice@example.com")
	idp := c.flags.String("idp", "http://127.0.0.1:8082", "`address` of the stand-in provider")
	if err := c.parse(args); err != nil {
		return err
	}
	if *user == "" {
		return errors.New("--user is missing: the demo users are alice, bob, carol and dave")
	}
	issuer, err := loopbackURL("idp", *idp)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	token, err := devidp.FetchToken(ctx, issuer, *user)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(c.out, token)
	return err
}

// loopbackURL takes an address of this machine, with or without http:// in front.
func loopbackURL(name, address string) (string, error) {
	host := strings.TrimSuffix(strings.TrimPrefix(address, "http://"), "/")
	if err := standin.Loopback(name, host); err != nil {
		return "", err
	}
	if u, err := url.Parse("http://" + host); err != nil || u.Path != "" {
		return "", fmt.Errorf("--%s %q is no address such as http://127.0.0.1:8082", name, address)
	}
	return "http://" + host, nil
}
