package tableau

import "time"

// EmbedGrant is a token for the Embedding API: a right to act in a browser as one person, until it
// is redeemed or expires.
type EmbedGrant struct {
	Token   Secret
	ID      string // of the token, for the log
	Expires time.Time
}

// EmbedLibraryURL is the address of Tableau's script for pages that embed views, as browsers reach
// it.
func (c *Client) EmbedLibraryURL() URL {
	return URL(c.browser + "/javascripts/api/tableau.embedding.3.latest.min.js")
}
