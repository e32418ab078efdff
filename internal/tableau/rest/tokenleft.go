package rest

import (
	"strconv"
	"strings"
	"time"
)

// TokenLeft is how long the personal access token of this sign-in still lives; false where Tableau
// did not say, or came with another kind of credentials. Tableau writes DAYS:HH:MM, which is not a
// session's time and not hours:minutes:seconds.
func (g *Grant) TokenLeft() (time.Duration, bool) {
	parts := strings.Split(string(g.TokenEnds), ":")
	if len(parts) != 3 {
		return 0, false
	}
	var n [3]uint64
	for i, most := range [3]uint64{100_000, 23, 59} {
		var err error
		if n[i], err = strconv.ParseUint(parts[i], 10, 32); err != nil || n[i] > most {
			return 0, false
		}
	}
	return time.Duration(n[0])*24*time.Hour + time.Duration(n[1])*time.Hour + time.Duration(n[2])*time.Minute, true
}
