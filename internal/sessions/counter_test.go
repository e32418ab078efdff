package sessions

import (
	"context"
	"sync"
	"testing"
	"time"

	"vitrine/internal/redisstore"
	"vitrine/internal/tableau"
)

// Replicas add to the same numbers, and what is counted is forgotten by itself. Names are not in
// the store.
func TestReplicasCountTogether(t *testing.T) {
	t.Parallel()
	server := startRedis(t)
	a, b := countingBroker(t, server), countingBroker(t, server)
	var wg sync.WaitGroup
	for _, broker := range []*Broker{a, b} {
		for range 20 {
			wg.Go(func() {
				if _, err := broker.Count(context.Background(), "anna", 5, time.Minute); err != nil {
					t.Error(err)
				}
			})
		}
	}
	wg.Wait()
	if sum, err := a.Count(t.Context(), "anna", -50, time.Minute); err != nil || sum != 150 {
		t.Errorf("%d, %v; want 150", sum, err)
	}
	if sum, err := b.Count(t.Context(), "bert", 0, time.Minute); err != nil || sum != 0 {
		t.Errorf("somebody else has %d, %v", sum, err)
	}
	server.stop()
	if _, err := a.Count(t.Context(), "anna", 1, time.Minute); err == nil {
		t.Error("it counts though the store is away")
	}
	if !a.HasSharedStore() {
		t.Error("it does not say that there is a store")
	}
}

func TestABrokerThatIsAloneCountsNothing(t *testing.T) {
	t.Parallel()
	alone := countingBroker(t, nil)
	if _, err := alone.Count(t.Context(), "anna", 1, time.Minute); err == nil || alone.HasSharedStore() {
		t.Errorf("%v, %v", err, alone.HasSharedStore())
	}
}

func countingBroker(t *testing.T, server *redisServer) *Broker {
	t.Helper()
	client, err := tableau.New(tableau.Config{URL: "http://127.0.0.1:1"})
	if err != nil {
		t.Fatal(err)
	}
	c := Config{Client: client, Sites: []Site{{Method: Password{Name: "a", Password: tableau.NewSecret("b")}}}}
	if server != nil {
		c.Redis = &RedisConfig{
			Config: redisstore.Config{Address: server.url(), Timeout: 5 * time.Second},
			Keys:   []tableau.Secret{tableau.NewSecret("a key of more than forty characters in length")},
		}
	}
	b, err := New(c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = b.Close(context.Background()) })
	return b
}
