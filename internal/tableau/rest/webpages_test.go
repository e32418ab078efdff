package rest

import (
	"errors"
	"strings"
	"testing"
)

func TestWebPagesAreNamedByTheirStatus(t *testing.T) {
	t.Parallel()
	for status, want := range map[int]string{200: "sign-in page", 403: "firewall", 500: "restarting", 503: "restarting"} {
		if err := webPage(status); !errors.Is(err, errHTML) || !strings.Contains(err.Error(), want) {
			t.Errorf("%d: %v", status, err)
		}
	}
}
