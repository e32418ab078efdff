package sessions

import (
	"log/slog"
	"sync"
	"time"

	"vitrine/internal/tableau"
)

// lookAgain is how often at most a secret is read again without need: reading a small file is
// nothing beside a sign-in.
const reloadInterval = 5 * time.Second

// Reread reads a secret again, from where the settings have it. It is called at sign-ins, at most
// every five seconds, and when Tableau refuses the secret.
type Reread func() (tableau.Secret, error)

// secret is a password, or the secret of a token, that may be replaced while the program runs.
type secret struct {
	reread Reread // nil for one that never changes
	label  string
	now    func() time.Time
	log    *slog.Logger

	mu     sync.Mutex
	value  tableau.Secret
	looked time.Time
	failed bool // the last look
}

func (p signerDeps) secret(value tableau.Secret, reread Reread, label string) *secret {
	return &secret{reread: reread, label: label, now: p.now, log: p.log, value: value, looked: p.now()}
}

// current returns the secret as it was last read.
func (s *secret) current() tableau.Secret {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.value
}

// reload reads the secret again, unless it did so a moment ago and need is false, and says whether
// it is another one now. One that cannot be read stays as it was.
func (s *secret) reload(need bool) (changed bool) {
	if s == nil || s.reread == nil {
		return false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.now()
	if !need && now.Sub(s.looked) < reloadInterval {
		return false
	}
	s.looked = now
	value, err := s.reread()
	if err != nil || value.IsZero() {
		if !s.failed {
			s.log.Warn("a secret cannot be read again: what was read before stays in use", "credentials", s.label, "error", err)
		}
		s.failed = true
		return false
	}
	s.failed = false
	if value.Reveal() == s.value.Reveal() {
		return false
	}
	s.value = value
	s.log.Info("a secret was replaced: the new one is in use", "credentials", s.label)
	return true
}
