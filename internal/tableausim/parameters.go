package tableausim

import (
	"strconv"
	"strings"

	"vitrine/internal/tableausim/wire"
)

// flagParameter reads a parameter that is true or false in any case, as clients write it; false
// without it.
func flagParameter(c *call, name string) (bool, error) {
	switch text := c.query.Get(name); strings.ToLower(text) {
	case "true":
		return true, nil
	case "", "false":
		return false, nil
	default:
		return false, wire.Fail("400008", "%s '%s' is not one of true, false.", name, text)
	}
}

// checkMaxAge checks the number of minutes that a cached export may be old.
func checkMaxAge(c *call) error {
	text := c.query.Get("maxAge")
	if n, err := strconv.Atoi(text); text != "" && (err != nil || n < 0) {
		return errImage("maxAge '%s' is not a number of minutes.", text)
	}
	return nil
}
