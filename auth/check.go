package auth

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Check asks every issuer's provider now, as the server will, and returns what
// does not work and what to do about it; nothing if all is well. It neither uses
// nor changes what the verifier knows.
func (v *Verifier) Check(ctx context.Context) []error {
	var errs []error
	for _, i := range v.order {
		if err := i.check(ctx); err != nil {
			errs = append(errs, fmt.Errorf("oidc issuer %s: %w", i.URL, err))
		}
	}
	return errs
}

func (i *issuer) check(ctx context.Context) error {
	doc, err := i.provider.discover(ctx)
	if err != nil {
		return err
	}
	if i.UserInfo && doc.UserInfo == "" {
		return errors.New("userInfo: the provider has no UserInfo endpoint; set userInfo to false and have the name put into the access token")
	}
	if i.UserInfo {
		if err := i.probeUserInfo(ctx, doc.UserInfo); err != nil {
			return err
		}
	}
	if i.Introspection.Enabled() {
		if err := i.probeIntrospection(ctx, doc); err != nil {
			return err
		}
	}
	keys, err := i.provider.keys(ctx, doc)
	if err != nil {
		return err
	}
	for _, k := range keys {
		if slices.ContainsFunc(i.Algorithms, k.fits) {
			return nil
		}
	}
	return fmt.Errorf("keys: none of the %d usable keys at %s is for an allowed algorithm (%s); change algorithms, or the provider's signing key",
		len(keys), doc.Keys, strings.Join(i.Algorithms, ", "))
}
