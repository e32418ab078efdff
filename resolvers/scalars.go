package resolvers

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"

	"vitrine/internal/coerce"
	"vitrine/internal/tableau"
)

// customScalars say which values the custom scalars of the schema take, in variables and in
// literals alike. URL has none: it is no input.
var customScalars = map[string]coerce.Scalar{
	"DateTime":  asWritten[tableau.Time],
	"LocalTime": asWritten[tableau.LocalTime],
	"LUID":      asWritten[tableau.LUID],
	"Long":      long,
}

// asWritten lets a type of tableau judge a value, and leaves it as it is: the generated code reads
// it once more.
func asWritten[T any, P interface {
	*T
	UnmarshalGQL(v any) error
}](v any) (any, error) {
	return v, P(new(T)).UnmarshalGQL(v)
}

// maxLong is the largest number of 53 bits.
const maxLong = 1<<53 - 1

// long takes whole numbers. JSON does not tell 2 from 2.0, a literal does.
func long(v any) (any, error) {
	number, ok := v.(json.Number)
	if !ok {
		return nil, errors.New("a Long is a whole number")
	}
	f, err := number.Float64()
	if err != nil || f != math.Trunc(f) || math.Abs(f) > maxLong {
		return nil, fmt.Errorf("a Long is a whole number from -%d to %d", maxLong, maxLong)
	}
	return int64(f), nil
}
