package tableausim

import (
	"net/http"
	"strconv"
	"strings"

	"vitrine/internal/tableausim/wire"
)

// serverInfo is GET serverinfo, also written serverInfo: the versions of product and API. It is the
// one read that needs no session.
func serverInfo(c *call) (*answer, error) {
	name, build := c.s.version.product()
	if base, ok := strings.CutSuffix(name, ".0"); ok && !c.s.cfg.Cloud {
		name = base + "." + strconv.Itoa(c.s.cfg.Maintenance)
	}
	product := wire.Text("productVersion", name)
	product.Str("build", build)
	return found(wire.New("serverInfo").Add(product, wire.Text("restApiVersion", c.s.version.String())))
}

// frontPage answers paths outside the REST API, so that a followed webpageUrl does not end in an
// error of the browser.
func frontPage(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Security-Policy", "default-src 'none'")
	_, _ = w.Write([]byte("<!DOCTYPE html><html lang=\"en\"><head><title>Stand-in Tableau</title></head><body>" +
		"<h1>Stand-in Tableau</h1><p>This is a simulator of Tableau's REST API. It has no pages; ask /api/2.4/serverinfo.</p></body></html>"))
}
