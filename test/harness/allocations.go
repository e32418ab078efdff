package harness

import "testing"

// AllocationBudget fails a test where f allocates more often than the budget allows. Everything
// that the process does counts, so the least of several measurements is compared, and the test must
// not be parallel. It skips with the race detector, which allocates too.
func AllocationBudget(t *testing.T, budget float64, f func()) {
	t.Helper()
	if Race {
		t.Skip("the race detector allocates too")
	}
	const measurements, runs = 5, 20
	least := testing.AllocsPerRun(runs, f)
	for range measurements - 1 {
		least = min(least, testing.AllocsPerRun(runs, f))
	}
	if least > budget {
		t.Errorf("%.0f allocations, the budget is %.0f", least, budget)
	} else {
		t.Logf("%.0f allocations of %.0f", least, budget)
	}
}
