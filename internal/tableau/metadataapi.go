package tableau

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"vitrine/internal/tableau/rest"
)

// metadataTemplate is the one method of the Metadata API. See
// https://help.tableau.com/current/api/metadata_api/en-us/index.html
const metadataTemplate = "metadata/graphql"

// metadataError is an error of the Metadata API. Its answers have status 200 with any error.
type metadataError struct {
	Message    Text `json:"message"`
	Extensions *struct {
		Code Text `json:"code"`
	} `json:"extensions"`
}

func (e metadataError) code() string {
	if e.Extensions == nil {
		return ""
	}
	return string(e.Extensions.Code)
}

// metadataKinds are the kinds of errors that an answer without data has.
var metadataKinds = map[string]Kind{
	"ACCESS_DENIED": Refused, "FEATURE_DISABLED": Unsupported, "SITE_DISABLED": Unsupported, "RATE_EXCEEDED": RateLimited,
	"TIME_LIMIT_EXCEEDED": Timeout, "BACKFILL_RUNNING": Unavailable,
}

// harmless are warnings of answers that lack nothing that the caller may see.
var harmless = []string{"PERMISSIONS_MODE_SWITCHED"}

// Gap says why data that Tableau returned may lack something. It comes beside the data.
type Gap string

// The gaps.
const (
	GapNone   Gap = ""
	GapLimit  Gap = "limit"     // a limit of the server cut the answer
	GapIndex  Gap = "index"     // Tableau is still building its index
	GapAbsent Gap = "absent"    // Tableau's index does not have an object, or hides it
	GapUsers  Gap = "users"     // the site hides other users
	GapBroken Gap = "broke off" // Tableau broke off
)

var gaps = map[string]Gap{
	"NODE_LIMIT_EXCEEDED": GapLimit, "TIME_LIMIT_EXCEEDED": GapLimit, "MAX_PAGE_SIZE_EXCEEDED": GapLimit,
	"LINKED_RESULTS_INCOMPLETE": GapLimit, "INHERITANCE_INCOMPLETE": GapLimit,
	"BACKFILL_RUNNING": GapIndex, "USER_VISIBILITY_IS_LIMITED": GapUsers,
}

// metadataData is the data of an answer.
type metadataData interface {
	// missing reports that the object that was asked for is null or not there.
	missing() bool
}

// metadata sends one of the fixed queries. Its data is decoded into data. The gap is that of a
// warning, if there is one: the data is then usable but not whole.
func (s *Session) metadata(ctx context.Context, query string, variables map[string]any, data metadataData) (Gap, error) {
	body, err := json.Marshal(map[string]any{"query": query, "variables": variables})
	if err != nil {
		return "", err
	}
	a, err := get(ctx, s, rest.SiteRead{Template: metadataTemplate, Body: body}, func(*rest.JSONAnswer) {})
	if err != nil {
		return "", err
	}
	return decodeMetadata(a.Raw, data)
}

// decodeMetadata decodes an answer of the Metadata API.
func decodeMetadata(raw []byte, data metadataData) (Gap, error) {
	var answer struct {
		Data   json.RawMessage             `json:"data"`
		Errors metadataList[metadataError] `json:"errors"`
	}
	if err := json.Unmarshal(raw, &answer); err != nil {
		return "", malformedMetadata(err)
	}
	if len(answer.Data) == 0 || string(answer.Data) == "null" {
		return "", metadataFault(answer.Errors.items)
	}
	if err := json.Unmarshal(answer.Data, data); err != nil {
		return "", malformedMetadata(err)
	}
	if data.missing() { // an error may be that of the one object that was asked for
		return "", metadataFault(answer.Errors.items)
	}
	gap := gapOf(answer.Errors.items)
	if answer.Errors.lost {
		gap = GapBroken
	}
	return gap, nil
}

// gapOf returns the gap of the worst warning. An unknown one counts as a broken answer: silence
// would make a list look whole.
func gapOf(errs []*metadataError) Gap {
	gap := GapNone
	for _, e := range errs {
		if slices.Contains(harmless, e.code()) {
			continue
		}
		known, ok := gaps[e.code()]
		switch {
		case !ok && e.code() == "": // as a time limit was seen
			known = GapLimit
		case !ok:
			known = GapBroken
		}
		gap = worse(gap, known)
	}
	return gap
}

// worse returns the second of two gaps if there is no first one, or if Tableau broke off; else the first.
func worse(a, b Gap) Gap {
	if a == GapNone || b == GapBroken {
		return b
	}
	return a
}

// metadataFault is the error of an answer without data.
func metadataFault(errs []*metadataError) error {
	e := &Error{Kind: Malformed, Call: "POST " + metadataTemplate, Status: 200, Err: errNoMetadata}
	if len(errs) == 0 {
		return e
	}
	e.Code, e.Summary, e.Err = rest.Clip(errs[0].code(), 40), rest.Clip(string(errs[0].Message), 200), nil
	if kind, ok := metadataKinds[e.Code]; ok {
		e.Kind = kind
	} else {
		e.Kind = BadRequest
	}
	return e
}

var errNoMetadata = errors.New("it has neither data nor an error")

func malformedMetadata(err error) error {
	return &Error{Kind: Malformed, Call: "POST " + metadataTemplate, Status: 200, Err: fmt.Errorf("its data has another form: %w", err)}
}
