package config

import (
	"fmt"
	"net"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"vitrine/internal/suggest"
)

// Validate checks settings that were built in Go, as the demo's are. The error is
// nil or [Problems]; they hold no place, because there is no file.
func Validate(c *Config) error {
	return validate(c).err()
}

// checker collects the problems of a Config.
type checker struct{ problems Problems }

func (v *checker) problem(path, value, reason, fix string) {
	v.problems = append(v.problems, Problem{Path: path, Value: value, Reason: reason, Fix: fix})
}

// required notes a setting that is empty; it reports whether there is a value.
func (v *checker) required(path, value, fix string) bool {
	if value == "" {
		v.problem(path, "", "is missing", fix)
	}
	return value != ""
}

// within notes a number out of its bounds.
func within[N int | time.Duration](v *checker, path string, value, least, most N) {
	if value < least || value > most {
		v.problem(path, plain(value), "is out of bounds", "give "+plain(least)+" to "+plain(most))
	}
}

// plain prints a number, and a duration without its empty parts: 168h, not 168h0m0s.
func plain(n any) string {
	s := fmt.Sprint(n)
	if strings.HasSuffix(s, "m0s") {
		s = strings.TrimSuffix(s, "0s")
	}
	if strings.HasSuffix(s, "h0m") {
		s = strings.TrimSuffix(s, "0m")
	}
	return s
}

func validate(c *Config) Problems {
	v := &checker{}
	loopback := v.listen(c.Listen)
	switch {
	case c.PublicURL != "":
		v.address("publicURL", c.PublicURL)
	case !loopback:
		v.problem("publicURL", "", "is missing", "give the https address people's browsers use; only where listen is a loopback address can it be left out")
	}
	v.edge(c)
	v.tableau(&c.Tableau)
	v.issuers(c)
	v.issuerLoop(c)
	v.roles(c)
	v.cors(&c.CORS)
	v.limits(&c.Limits)
	v.documents(c)
	v.audit(&c.Audit)
	v.cache(&c.Cache)
	within(v, "content.linkLifetime", c.Content.LinkLifetime, 10*time.Second, time.Hour)
	within(v, "shutdown.delay", c.Shutdown.Delay, 0, 5*time.Minute)
	within(v, "shutdown.grace", c.Shutdown.Grace, 0, 10*time.Minute)
	v.sharedStore(c)
	if c.Log.Format != "json" && c.Log.Format != "text" {
		v.problem("log.format", c.Log.Format, "is not a format", suggest.Or(c.Log.Format, []string{"json", "text"}, "use json or text"))
	}
	return v.problems
}

// listen checks the address to serve on and reports whether it is on loopback.
func (v *checker) listen(listen string) (loopback bool) {
	if !v.required("listen", listen, "give host:port, like 127.0.0.1:8080 or :8080") {
		return true
	}
	return v.listenAt("listen", listen)
}

// listenAt checks the address of a key.
func (v *checker) listenAt(key, listen string) (loopback bool) {
	host, port, err := net.SplitHostPort(listen)
	if err != nil {
		v.problem(key, listen, "is not host:port", "write it like 127.0.0.1:8080, [::1]:8080 or :8080")
		return true
	}
	if n, err := strconv.ParseUint(port, 10, 16); err != nil || strconv.FormatUint(n, 10) != port {
		v.problem(key, listen, "has a port that is not a number from 0 to 65535", "0 picks a free one")
	}
	if host != "" && host != "localhost" && net.ParseIP(host) == nil {
		v.problem(key, listen, "has a host that is not an IP address", "name the address of an interface, or none for all of them")
	}
	return isLoopback(host)
}

var apiVersion = regexp.MustCompile(`^[1-9]\d?\.\d{1,2}$`)

func (v *checker) tableau(t *Tableau) {
	if v.required("tableau.url", t.URL, "give the address of Tableau, like https://tableau.example.com") {
		v.plainAddress("tableau.url", t.URL, plainHTTP("tableau", t.DangerouslyWithoutTLS))
	}
	if t.BrowserURL != "" && t.BrowserURL != t.URL {
		v.address("tableau.browserURL", t.BrowserURL)
	}
	if t.APIVersion != "auto" && !apiVersion.MatchString(t.APIVersion) {
		v.problem("tableau.apiVersion", t.APIVersion, "is not a version of the REST API", suggest.Or(t.APIVersion, []string{"auto"}, "")+`use auto, or a version in quotes like "3.24"`)
	}
	v.sites(t)
	v.cloud(t)
	v.oneIssuer(t)
	v.embeds(t)
	within(v, "tableau.sessionIdle", t.SessionIdle, 5*time.Minute, 7*24*time.Hour)
	within(v, "tableau.luidLifetime", t.LUIDLifetime, time.Minute, 30*24*time.Hour)
	within(v, "tableau.maxSessions", t.MaxSessions, 100, 1_000_000)
	if t.SessionLifetime != 0 {
		within(v, "tableau.sessionLifetime", t.SessionLifetime, 5*time.Minute, 7*24*time.Hour)
	}
	v.tableauLimits(t.Limits)
}

// tableauLimits checks bounds of which each wider one holds the narrower.
func (v *checker) tableauLimits(l TableauLimits) {
	within(v, "tableau.limits.total", l.Total, 1, 10_000)
	within(v, "tableau.limits.perSite", l.PerSite, 1, max(l.Total, 1))
	within(v, "tableau.limits.perUser", l.PerUser, 1, max(l.PerSite, 1))
	within(v, "tableau.limits.longRunning", l.LongRunning, 1, 1000)
	within(v, "tableau.limits.queue", l.Queue, 1, 100_000)
	within(v, "tableau.limits.wait", l.Wait, 100*time.Millisecond, 5*time.Minute)
	within(v, "tableau.limits.tries", l.Tries, 1, 5)
}

// contentURL is what Tableau lets a site's content URL consist of: letters of any
// script, digits, - and _.
var contentURL = regexp.MustCompile(`^[\p{L}\p{N}_-]*$`)

func (v *checker) sites(t *Tableau) {
	if len(t.Sites) == 0 {
		v.problem("tableau.sites", "", "is missing", `list the content URLs of the sites to serve, "" for the default site`)
	}
	shared := len(t.Sites) == 0 // is tableau.signIn used at all?
	seen := map[string]int{}
	for i, s := range t.Sites {
		path := fmt.Sprintf("tableau.sites[%d]", i)
		if !contentURL.MatchString(s.ContentURL) || len(s.ContentURL) > 255 {
			v.problem(path, s.ContentURL, "is not a site's content URL", "take the part after /site/ in the address of the site: letters, digits, - and _")
		}
		// In an address, content URLs that differ in case only lead to one site.
		key := strings.ToLower(s.ContentURL)
		if first, twice := seen[key]; twice {
			v.problem(path, s.ContentURL, fmt.Sprintf("is the site of tableau.sites[%d]", first), "list each site once")
		} else {
			seen[key] = i
		}
		if s.SignIn != nil {
			v.signIn(path+".signIn", s.SignIn)
		} else {
			shared = true
		}
	}
	if shared {
		v.signIn("tableau.signIn", &t.SignIn)
	}
}

// unique notes every value of a list that is in it before.
func (v *checker) unique(path string, values []string) {
	for i, s := range values {
		if first := slices.Index(values, s); s != "" && first < i {
			v.problem(fmt.Sprintf("%s[%d]", path, i), s, fmt.Sprintf("is the same as %s[%d]", path, first), "keep one of the two")
		}
	}
}
