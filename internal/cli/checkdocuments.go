package cli

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"vitrine/internal/server"
)

// documents validates a manifest of trusted documents, and nothing else: it sends nothing.
func (r *report) documents(ctx context.Context, app *server.App, file, role string) error {
	var names []string
	for _, one := range app.Settings.Roles {
		names = append(names, one.Name)
	}
	known := strings.Join(names, ", ")
	if role == "" && len(names) > 1 {
		return fmt.Errorf("--role is missing: name the roles of the people who will send these documents; the roles are %s", known)
	}
	if role != "" {
		for one := range strings.SplitSeq(role, ",") {
			if !slices.Contains(names, one) {
				return fmt.Errorf("--role %q does not exist: the roles are %s", one, known)
			}
		}
		names = strings.Split(role, ",")
	}
	checked, err := app.CheckDocuments(ctx, file, names)
	if err != nil {
		return fmt.Errorf("--documents %q does not work: %w", file, err)
	}
	for _, d := range checked {
		if len(d.Errors) > 0 {
			r.say(named(d.ID, d.Name), "", errors.New(strings.Join(d.Errors, "; ")))
		} else {
			r.say(named(d.ID, d.Name), "valid", nil)
		}
	}
	if r.failed > 0 {
		return fmt.Errorf("%d of %d documents do not work for %s", r.failed, len(checked), strings.Join(names, ", "))
	}
	return nil
}

// named returns what a document is called: its id, which may be a hash, and the operation if the
// manifest has it.
func named(id, operation string) string {
	if operation == "" {
		return id
	}
	return operation + " (" + id + ")"
}
