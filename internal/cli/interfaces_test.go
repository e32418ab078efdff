package cli

import (
	"flag"
	"strings"
	"testing"

	"vitrine/internal/tableausim"
)

func TestFlagsOfInterfacesBesideTheRESTAPI(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		args     string
		metadata tableausim.MetadataAPI
		service  tableausim.VizQLDataService
		want     string // part of the error
	}{
		{"", tableausim.MetadataAPI{}, tableausim.VizQLDataService{}, ""},
		{"--metadata-api=missing --data-service=off", tableausim.MetadataAPI{Missing: true}, tableausim.VizQLDataService{Off: true}, ""},
		{"--metadata-api=disabled --data-service=timeout", tableausim.MetadataAPI{Disabled: true}, tableausim.VizQLDataService{Timeout: true}, ""},
		{"--metadata-api=throttled --data-queries=2", tableausim.MetadataAPI{Throttled: true}, tableausim.VizQLDataService{Quota: 2}, ""},
		{"--metadata-api=backfill --metadata-nodes=5 --metadata-time-after=6 --data-break-after=7", tableausim.MetadataAPI{Backfill: true, Nodes: 5, TimeAfter: 6}, tableausim.VizQLDataService{BreakAfter: 7}, ""},
		{"--metadata-api=of", tableausim.MetadataAPI{}, tableausim.VizQLDataService{}, "--metadata-api"},
		{"--data-service=", tableausim.MetadataAPI{}, tableausim.VizQLDataService{}, "--data-service"},
		{"--data-queries=-1", tableausim.MetadataAPI{}, tableausim.VizQLDataService{}, "0 or more"},
	} {
		flags := flag.NewFlagSet("sandbox", flag.ContinueOnError)
		set := newInterfaceFlags(flags)
		if err := flags.Parse(strings.Fields(tt.args)); err != nil {
			t.Fatal(err)
		}
		var world tableausim.Config
		err := set.apply(&world)
		if tt.want != "" {
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("%s: %v", tt.args, err)
			}
			continue
		}
		if err != nil || world.Metadata != tt.metadata || world.VizQL != tt.service {
			t.Errorf("%s: %v, %+v, %+v", tt.args, err, world.Metadata, world.VizQL)
		}
	}
}
