package vizql

import (
	"fmt"
	"strconv"
)

// Error is a refusal with its code, which need not begin with the status.
type Error struct {
	Code    string
	Status  int
	Message string
}

func (e *Error) Error() string { return e.Code + " " + e.Message }

func fail(code, format string, args ...any) *Error {
	status, _ := strconv.Atoi(code[:3]) // codes are literals of this package
	return &Error{Code: code, Status: status, Message: fmt.Sprintf(format, args...)}
}

// malformed is a request that is not as the OpenAPI document says.
func malformed(format string, args ...any) *Error { return fail("400802", format, args...) }

// invalid is a request that fails the validation.
func invalid(format string, args ...any) *Error { return fail("400803", format, args...) }
