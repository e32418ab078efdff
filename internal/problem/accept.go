package problem

import (
	"mime"
	"regexp"
	"strconv"
	"strings"
)

// Media types of answers, from GraphQL over HTTP, section 6.1.
const (
	MediaGraphQL = "application/graphql-response+json"
	MediaJSON    = "application/json"
)

// MediaType chooses the media type of an answer from the values of Accept (RFC 9110, section
// 12.5.1). For each of the two types the most exact range gives the weight, and the type with the
// greater weight is chosen. Without Accept it is application/json, which older clients expect.
// acceptable is false where the client accepts neither type; media is then application/json.
func MediaType(accept []string) (media string, acceptable bool) {
	ranges := strings.TrimSpace(strings.Join(accept, ","))
	switch ranges { // as most clients send it
	case "", MediaJSON, "*/*":
		return MediaJSON, true
	case MediaGraphQL:
		return MediaGraphQL, true
	}
	graphql, plain := preference{exact: -1}, preference{exact: -1}
	for part := range strings.SplitSeq(ranges, ",") {
		name, params, err := mime.ParseMediaType(strings.TrimSpace(part))
		if err != nil {
			continue
		}
		q, ok := weight(params["q"])
		if !ok {
			continue
		}
		graphql.consider(name, MediaGraphQL, q)
		plain.consider(name, MediaJSON, q)
	}
	switch {
	case graphql.q <= 0 && plain.q <= 0:
		return MediaJSON, false
	case graphql.q > plain.q, graphql.q == plain.q && graphql.exact > 0: // */* alone does not show that a client knows the newer type
		return MediaGraphQL, true
	default:
		return MediaJSON, true
	}
}

// preference is the weight of one media type, and how exact the range is that gives it: 0 for */*,
// 1 for application/*, 2 for the type itself, -1 for no range.
type preference struct {
	q     float64
	exact int
}

// consider takes the weight of a range that matches media and is at least as exact as the one
// before.
func (p *preference) consider(name, media string, q float64) {
	exact := -1
	switch name {
	case media:
		exact = 2
	case "application/*":
		exact = 1
	case "*/*":
		exact = 0
	}
	if exact > p.exact || exact >= 0 && exact == p.exact && q > p.q {
		p.q, p.exact = q, exact
	}
}

// qvalue is a weight of RFC 9110, section 12.4.2. Go's parser takes more (NaN, 1e9).
var qvalue = regexp.MustCompile(`^(0(\.\d{0,3})?|1(\.0{0,3})?)$`)

// weight reads the parameter q; an absent one is 1.
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
