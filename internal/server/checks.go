package server

import (
	"errors"
	"fmt"
	"log/slog"

	"vitrine/auth"
	"vitrine/internal/config"
	"vitrine/internal/policy"
	"vitrine/resolvers"
)

// NewPolicy compiles the roles of the settings against the schema.
func NewPolicy(c *config.Config) (*policy.Policy, error) {
	roles := make([]policy.Role, len(c.Roles))
	for i, r := range c.Roles {
		roles[i] = policy.Role{
			Name: r.Name, When: policy.When(r.When), Allow: r.Allow, Deny: r.Deny,
			Sites: r.Sites, Limits: policy.RoleLimits(r.Limits), NoIntrospection: r.NoIntrospection, Documents: documentModes[r.Documents],
			EmbedScopes: r.EmbedScopes,
		}
	}
	schema := resolvers.Schema()
	if c.Federation {
		schema = resolvers.SubgraphSchema()
	}
	p, err := policy.New(schema, roles)
	if err != nil {
		return nil, fmt.Errorf("the settings of roles do not work:\n%w", err)
	}
	return p, nil
}

// CheckRoles finds what is wrong with the roles of a settings file, so that it is reported with its
// line, beside all other problems.
func CheckRoles(c *config.Config) config.Problems {
	if len(c.Roles) == 0 {
		return nil
	}
	_, err := NewPolicy(c)
	var problems config.Problems
	for _, p := range policy.Problems(errors.Unwrap(err)) {
		problems = append(problems, config.Problem{Path: p.Path, Value: p.Entry, Reason: p.Err.Error()})
	}
	return problems
}

// CheckIssuers finds issuers that can give the same Tableau user name.
func CheckIssuers(c *config.Config) config.Problems {
	if c.DangerouslySharedNames {
		return nil
	}
	var problems config.Problems
	for _, conflict := range auth.SharedNames(AuthConfig(c, c.PublicURL, slog.New(slog.DiscardHandler)).Issuers) {
		problems = append(problems, config.Problem{
			Path: fmt.Sprintf("oidc[%d].issuer", conflict.Second), Value: conflict.URLs[1], Reason: conflict.Reason(), Fix: conflict.Fix(),
		})
	}
	return problems
}
