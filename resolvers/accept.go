package resolvers

import (
	"mime"
	"regexp"
	"strconv"
	"strings"
)

const (
	mediaResponse = "application/graphql-response+json"
	mediaJSON     = "application/json"
)

// accepted chooses the media type of the answer as RFC 9110, 12.5.1, says: for each that we have the range that names it most exactly
// gives the weight, and the heaviest is sent. Without a wish it is application/json: that is what clients from before the draft expect.
func accepted(headers []string) (media string, acceptable bool) {
	wishes := strings.TrimSpace(strings.Join(headers, ","))
	if wishes == "" {
		return mediaJSON, true
	}
	response, plain := wish{exact: -1}, wish{exact: -1}
	for part := range strings.SplitSeq(wishes, ",") {
		name, params, err := mime.ParseMediaType(strings.TrimSpace(part))
		if err != nil {
			continue
		}
		q, ok := weight(params["q"])
		if !ok {
			continue
		}
		response.hear(name, mediaResponse, q)
		plain.hear(name, mediaJSON, q)
	}
	switch {
	case response.q <= 0 && plain.q <= 0:
		return mediaJSON, false
	case response.q > plain.q, response.q == plain.q && response.exact > 0: // */* alone does not say that a client knows the new one
		return mediaResponse, true
	default:
		return mediaJSON, true
	}
}

// wish is what a client thinks of one media type: its weight, and how exactly it was named to get it: 0 for */*, 1 for
// application/*, 2 for its name.
type wish struct {
	q     float64
	exact int
}

func (w *wish) hear(name, media string, q float64) {
	exact := -1
	switch name {
	case media:
		exact = 2
	case "application/*":
		exact = 1
	case "*/*":
		exact = 0
	}
	if exact > w.exact || exact >= 0 && exact == w.exact && q > w.q {
		w.q, w.exact = q, exact
	}
}

// qvalue is RFC 9110, 12.4.2. What Go also takes for a number (NaN, 1e9) is none here.
var qvalue = regexp.MustCompile(`^(0(\.\d{0,3})?|1(\.0{0,3})?)$`)

// weight reads a parameter q; absent it is 1.
func weight(text string) (q float64, ok bool) {
	if text == "" {
		return 1, true
	}
	if !qvalue.MatchString(text) {
		return 0, false
	}
	q, err := strconv.ParseFloat(text, 64)
	return q, err == nil
}
