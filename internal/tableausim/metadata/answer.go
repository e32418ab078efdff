package metadata

import (
	"bytes"
	"encoding/json"
)

// Object is an object of an answer: its members are in the order of the document.
type Object []Entry

// Entry is one entry of an object.
type Entry struct {
	Name  string
	Value any // what encoding/json takes, or an Object
}

// MarshalJSON writes the members in their order.
func (o Object) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	b.WriteByte('{')
	for i, m := range o {
		if i > 0 {
			b.WriteByte(',')
		}
		name, err := json.Marshal(m.Name)
		if err != nil {
			return nil, err
		}
		value, err := json.Marshal(m.Value)
		if err != nil {
			return nil, err
		}
		b.Write(name)
		b.WriteByte(':')
		b.Write(value)
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}

// Answer is what a request gives: data, which is missing where the document is not valid, and
// errors.
type Answer struct {
	Data   any     // Object, or nil where an error of severity ERROR ended it
	Errors []Error // warnings among them
	NoData bool    // leaves data out
}

// MarshalJSON writes data first.
func (a Answer) MarshalJSON() ([]byte, error) {
	var o Object
	if !a.NoData {
		o = append(o, Entry{"data", a.Data})
	}
	if len(a.Errors) > 0 {
		o = append(o, Entry{"errors", a.Errors})
	}
	return json.Marshal(o)
}

// Error is an error or a warning in the form of this API: of a document that is not valid it is
// what graphql-java writes, else it has a code in its extensions.
type Error struct {
	Message    string
	Code       string
	Severity   string         // WARNING or ERROR
	Properties map[string]any // of a warning
	Path       []any
	Bare       bool // without extensions

	invalid *invalid
}

// invalid is what graphql-java adds to an error of a document.
type invalid struct {
	kind         string // FieldUndefined and the like; empty where the text is no document
	line, column int
	path         []string
	description  string
}

// MarshalJSON writes the error in one of its two forms.
func (e Error) MarshalJSON() ([]byte, error) {
	o := Object{{"message", e.Message}}
	switch {
	case e.invalid != nil:
		location := Object{{"line", e.invalid.line}, {"column", e.invalid.column}, {"sourceName", nil}}
		o = append(o, Entry{"locations", []any{location}})
		if e.invalid.kind == "" {
			o = append(o, Entry{"errorType", "InvalidSyntax"})
			break
		}
		o = append(o, Entry{"description", e.invalid.description}, Entry{"validationErrorType", e.invalid.kind},
			Entry{"queryPath", e.invalid.path}, Entry{"errorType", "ValidationError"})
	case e.Bare:
		return json.Marshal(append(o, Entry{"path", nil}, Entry{"extensions", nil}))
	default:
		extensions := Object{{"severity", e.Severity}, {"code", e.Code}}
		if e.Properties != nil {
			extensions = append(extensions, Entry{"properties", e.Properties})
		}
		var path any
		if e.Path != nil {
			path = e.Path
		}
		return json.Marshal(append(o, Entry{"path", path}, Entry{"extensions", extensions}))
	}
	return json.Marshal(append(o, Entry{"path", nil}, Entry{"extensions", nil}))
}

// Codes of errors and warnings.
const (
	NodeLimitExceeded       = "NODE_LIMIT_EXCEEDED"
	TimeLimitExceeded       = "TIME_LIMIT_EXCEEDED"
	BackfillRunning         = "BACKFILL_RUNNING"
	PermissionsModeSwitched = "PERMISSIONS_MODE_SWITCHED"
	MaxPageSizeExceeded     = "MAX_PAGE_SIZE_EXCEEDED"
	VisibilityLimited       = "USER_VISIBILITY_IS_LIMITED"
	InvalidArgument         = "INVALID_ARGUMENT"
	FeatureDisabled         = "FEATURE_DISABLED"
	RateExceeded            = "RATE_EXCEEDED"
)

// Failure is an answer that is one error and no data.
func Failure(code, message string) Answer {
	return Answer{Errors: []Error{{Message: message, Code: code, Severity: "ERROR"}}}
}

func warning(code, message string, properties map[string]any) Error {
	return Error{Message: message, Code: code, Severity: "WARNING", Properties: properties}
}
