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
	Message    string `json:"message"`
	Extensions *struct {
		Severity string `json:"severity"`
		Code     string `json:"code"`
	} `json:"extensions"`
}

func (e metadataError) code() string {
	if e.Extensions == nil {
		return ""
	}
	return e.Extensions.Code
}

// metadataKinds are the kinds of errors that an answer without data has.
var metadataKinds = map[string]Kind{
	"ACCESS_DENIED": Refused, "FEATURE_DISABLED": Unsupported, "SITE_DISABLED": Unsupported, "RATE_EXCEEDED": RateLimited,
	"TIME_LIMIT_EXCEEDED": Timeout,
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
	GapUsers  Gap = "users"     // the site hides other users
	GapBroken Gap = "broke off" // Tableau broke off
)

var gaps = map[string]Gap{
	"NODE_LIMIT_EXCEEDED": GapLimit, "TIME_LIMIT_EXCEEDED": GapLimit, "MAX_PAGE_SIZE_EXCEEDED": GapLimit,
	"LINKED_RESULTS_INCOMPLETE": GapLimit, "INHERITANCE_INCOMPLETE": GapLimit,
	"BACKFILL_RUNNING": GapIndex, "USER_VISIBILITY_IS_LIMITED": GapUsers,
}

// metadata sends one of the fixed queries. data is decoded into into. The gap is that of a warning,
// if there is one: the data is then usable but not whole.
func (s *Session) metadata(ctx context.Context, query string, variables map[string]any, into any) (Gap, error) {
	body, err := json.Marshal(map[string]any{"query": query, "variables": variables})
	if err != nil {
		return "", err
	}
	a, err := get(ctx, s, rest.SiteRead{Template: metadataTemplate, Body: body}, func(*rest.JSONAnswer) {})
	if err != nil {
		return "", err
	}
	var answer struct {
		Data   json.RawMessage `json:"data"`
		Errors []metadataError `json:"errors"`
	}
	if err := json.Unmarshal(a.Raw, &answer); err != nil {
		return "", malformedMetadata(err)
	}
	if len(answer.Data) == 0 || string(answer.Data) == "null" {
		return "", metadataFault(answer.Errors)
	}
	if err := json.Unmarshal(answer.Data, into); err != nil {
		return "", malformedMetadata(err)
	}
	return gapOf(answer.Errors), nil
}

// gapOf returns the gap of the worst warning. An unknown one counts as a broken answer: silence
// would make a list look whole.
func gapOf(errs []metadataError) Gap {
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
		if gap == GapNone || known == GapBroken {
			gap = known
		}
	}
	return gap
}

// metadataFault is the error of an answer without data.
func metadataFault(errs []metadataError) error {
	e := &Error{Kind: Malformed, Call: "POST " + metadataTemplate, Status: 200, Err: errNoMetadata}
	if len(errs) == 0 {
		return e
	}
	e.Code, e.Summary, e.Err = rest.Clip(errs[0].code(), 40), rest.Clip(errs[0].Message, 200), nil
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
