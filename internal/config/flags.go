package config

import (
	"flag"
	"fmt"
	"strings"
)

// FromEnvironment gives every flag of fs the value of its environment variable,
// if that is set: --api-version is VITRINE_API_VERSION. Call it before fs.Parse,
// so that the command line wins.
func FromEnvironment(fs *flag.FlagSet, getenv func(string) string) error {
	var problems []string
	fs.VisitAll(func(f *flag.Flag) {
		name := VariableOf(f.Name)
		value := getenv(name)
		if value == "" {
			return
		}
		if err := fs.Set(f.Name, value); err != nil {
			problems = append(problems, fmt.Sprintf("environment variable %s %q is no value for --%s: %v", name, shorten(value), f.Name, err))
		}
	})
	if len(problems) > 0 {
		return fmt.Errorf("%s", strings.Join(problems, "\n"))
	}
	return nil
}

// VariableOf is the environment variable of a flag: --api-version is
// VITRINE_API_VERSION.
func VariableOf(flag string) string {
	return "VITRINE_" + strings.ToUpper(strings.ReplaceAll(flag, "-", "_"))
}
