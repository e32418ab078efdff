package cli

import (
	"flag"
	"fmt"
	"slices"

	"vitrine/internal/tableausim"
)

// interfaceFlags are the flags that say how the interfaces beside the REST API behave.
type interfaceFlags struct {
	metadata, service             *string
	nodes, timeAfter, quota, rows *int
}

// The states of the two interfaces.
var (
	metadataStates = []string{"on", "missing", "disabled", "throttled", "backfill"}
	serviceStates  = []string{"on", "off", "timeout"}
)

func newInterfaceFlags(flags *flag.FlagSet) interfaceFlags {
	return interfaceFlags{
		metadata: flags.String("metadata-api", "on", "`state` of the Metadata API: on; missing (404) or disabled, as on a server that "+
			"never enabled it; throttled; backfill, where one object of three is not there yet"),
		nodes:     flags.Int("metadata-nodes", 0, "`number` of objects that an answer of the Metadata API may have; more are left out with a warning. 0 is 20000"),
		timeAfter: flags.Int("metadata-time-after", 0, "`number` of objects after which the time of a query to the Metadata API is over; 0 is never"),
		service:   flags.String("data-service", "on", "`state` of the VizQL Data Service: on, off or timeout"),
		quota:     flags.Int("data-queries", 0, "`number` of queries to data that a site has in an hour; 0 is 100 for each Creator"),
		rows:      flags.Int("data-break-after", 0, "`number` of rows after which an answer of the VizQL Data Service breaks off; 0 is never"),
	}
}

// apply sets what the flags say.
func (f interfaceFlags) apply(world *tableausim.Config) error {
	switch {
	case !slices.Contains(metadataStates, *f.metadata):
		return fmt.Errorf("--metadata-api %q is one of %q", *f.metadata, metadataStates)
	case !slices.Contains(serviceStates, *f.service):
		return fmt.Errorf("--data-service %q is one of %q", *f.service, serviceStates)
	case min(*f.nodes, *f.timeAfter, *f.quota, *f.rows) < 0:
		return fmt.Errorf("--metadata-nodes %d, --metadata-time-after %d, --data-queries %d and --data-break-after %d are 0 or more",
			*f.nodes, *f.timeAfter, *f.quota, *f.rows)
	}
	world.Metadata = tableausim.MetadataAPI{
		Missing: *f.metadata == "missing", Disabled: *f.metadata == "disabled", Throttled: *f.metadata == "throttled", Backfill: *f.metadata == "backfill",
		Nodes: *f.nodes, TimeAfter: *f.timeAfter,
	}
	world.VizQL = tableausim.VizQLDataService{
		Off: *f.service == "off", Timeout: *f.service == "timeout", Quota: *f.quota, BreakAfter: *f.rows,
	}
	return nil
}
