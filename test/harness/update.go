package harness

import (
	"flag"
)

var Update = flag.Bool("update", false, "rewrite golden files")
