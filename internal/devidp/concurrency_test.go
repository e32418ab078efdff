package devidp_test

import (
	"sync"
	"sync/atomic"
	"testing"

	"golang.org/x/oauth2"
)

func TestOneCodeIsGoodForOneOfManyAtOnce(t *testing.T) {
	t.Parallel()
	p := start(t)
	landed, verifier := p.browser().signIn("alice", "openid")
	var won atomic.Int32
	var all sync.WaitGroup
	for range 16 {
		all.Go(func() {
			if _, err := p.client().Exchange(t.Context(), landed.Query().Get("code"), oauth2.VerifierOption(verifier)); err == nil {
				won.Add(1)
			}
		})
	}
	all.Wait()
	if won.Load() > 1 {
		t.Errorf("%d exchanges of one code succeeded", won.Load())
	}
}

func TestTokensAreGoodWhileKeysRotate(t *testing.T) {
	t.Parallel()
	p := start(t)
	tokens := make([]string, 16)
	var all sync.WaitGroup
	all.Go(p.RotateKeys)
	for i := range tokens {
		all.Go(func() {
			var err error
			if tokens[i], err = p.Token("bob"); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	for _, token := range tokens {
		p.verified(token)
	}
}
