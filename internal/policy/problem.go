package policy

import (
	"fmt"
	"strings"
)

// Problem is one thing that is wrong with a role.
type Problem struct {
	Path string // the setting, as in roles[0].allow[2]
	Role string // name of the role; empty for one without
	List string // "allow" or "deny" where it is about an entry
	// Entry is the entry.
	Entry string
	Err   error // what is wrong, and what to do
}

// Error says the role, the entry and what is wrong with it.
func (p *Problem) Error() string {
	whose := fmt.Sprintf("role %q", p.Role)
	if p.Role == "" {
		whose = strings.TrimSuffix(p.Path, ".name")
	}
	if p.List == "" {
		return fmt.Sprintf("%s: %v", whose, p.Err)
	}
	return fmt.Sprintf("%s: %s %q: %v", whose, p.List, p.Entry, p.Err)
}

// Unwrap returns what is wrong.
func (p *Problem) Unwrap() error { return p.Err }

// Problems returns the problems in an error of New, in their order.
func Problems(err error) []*Problem {
	switch err := err.(type) { //nolint:errorlint // the tree is walked by hand: it may hold many
	case *Problem:
		return []*Problem{err}
	case interface{ Unwrap() []error }:
		var all []*Problem
		for _, e := range err.Unwrap() {
			all = append(all, Problems(e)...)
		}
		return all
	default:
		return nil
	}
}
