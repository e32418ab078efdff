package repotest

import (
	"fmt"
	"os"
	"testing"
)

// TestMain runs the tests of the repository at its root, so that they name files as everyone does.
func TestMain(m *testing.M) {
	if err := os.Chdir("../.."); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(m.Run())
}
