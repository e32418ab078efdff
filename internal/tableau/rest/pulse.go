package rest

import "net/http"

// Tableau Pulse has codes of its own, and names some faults in headers beside the code of the body.
// See https://help.tableau.com/current/api/rest_api/en-us/REST/rest_api_ref_pulse.htm

// pulsePrefix begins the templates of its methods.
const pulsePrefix = "-/pulse/"

// Codes of its refusals.
const (
	pulseOff           = "400999" // on this site
	pulseAIOff         = "400955"
	pulseNoMethod      = "404950"
	pulseNoCredentials = "401003" // of the data source: the session lives on
)

// pulseFaults are codes by the header tableau_error_code.
var pulseFaults = map[string]string{
	"0xd3408984": pulseOff, "0x62c06627": pulseAIOff, "0x8c454877": pulseAIOff, "0xd0495c24": pulseAIOff,
}

// pulseFault returns the code and the kind of a refusal.
func pulseFault(e *Error, h http.Header) (code string, kind Kind) {
	code = e.Code
	if h.Get("validation_code") == pulseOff {
		code = pulseOff
	} else if known := pulseFaults[h.Get("tableau_error_code")]; known != "" {
		code = known
	}
	switch {
	case code == pulseOff || code == pulseAIOff || code == pulseNoMethod:
		return code, Unsupported
	case code == pulseNoCredentials:
		return code, Refused
	case e.Status == http.StatusLocked:
		return code, Unavailable
	}
	return code, kindOf(e.Status, code)
}
