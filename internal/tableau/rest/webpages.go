package rest

import (
	"fmt"
	"net/http"
)

// webPage says what a web page in place of an answer means, by its status. It wraps errHTML.
func webPage(status int) error {
	switch {
	case status == http.StatusForbidden:
		return fmt.Errorf("%w; with status 403 it is often a firewall's: have it let requests of Vitrine to /api through", errHTML)
	case status >= http.StatusInternalServerError:
		return fmt.Errorf("%w; with a status of 500 or more it is often the gateway of a Tableau that is restarting: wait, then look at Tableau's own status", errHTML)
	default:
		return errHTML
	}
}
