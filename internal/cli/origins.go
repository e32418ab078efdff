package cli

import (
	"slices"
	"strings"

	"vitrine/internal/config"
)

// originList is the value of the flag --origin, which may be given several times. One value may
// hold several origins, separated by commas, since an environment variable has one value.
type originList struct {
	list    []string
	replace bool // the next value replaces the list: the command line wins over the environment
}

// origins defines the flag --origin.
func (c *command) origins() *originList {
	o := &originList{}
	c.flags.Var(o, "origin", "`origin` of a page of your own, such as http://localhost:5173: CORS lets it in, and it can sign in as the OpenID client portal; "+
		"give the flag several times for several origins, or separate them by commas")
	return o
}

// String returns the origins, separated by commas.
func (o *originList) String() string { return strings.Join(o.list, ",") }

// Set adds the origins of one value.
func (o *originList) Set(value string) error {
	if o.replace {
		o.list, o.replace = nil, false
	}
	for origin := range strings.SplitSeq(value, ",") {
		origin = strings.TrimSpace(origin)
		if err := config.CheckOrigin(origin); err != nil {
			return err
		}
		if !slices.Contains(o.list, origin) {
			o.list = append(o.list, origin)
		}
	}
	return nil
}
