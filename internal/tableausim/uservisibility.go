package tableausim

import (
	"slices"

	"vitrine/internal/tableausim/wire"
)

// SetUserVisibility sets whether people of a site see one another: "FULL" or "LIMITED". With
// LIMITED, a user who does not administer the site sees only the LUIDs of others. Whether lists
// then omit the names of owners is UNSURE; it is the harder case for a client.
func (s *Server) SetUserVisibility(contentURL, mode string) error {
	return s.edit(contentURL, func(st *site) error {
		st.limited = mode == "LIMITED"
		return nil
	})
}

// visibility is the site's setting.
func (s *site) visibility() string {
	if s.limited {
		return "LIMITED"
	}
	return "FULL"
}

// peopleElements are the elements that represent a user; peopleTexts are attributes that name one.
var (
	peopleElements = []string{"owner", "user", "publisher", "contact", "certifier", "recipient", "deleter", "creator"}
	peopleTexts    = []string{"targetOwnerName", "userDisplayName", "ownerName", "ownerEmail"}
)

// hideOthers takes out of an answer what the site's user visibility hides from the caller.
func hideOthers(c *call, elements []*wire.Element) {
	if !c.site().limited || c.user().admin() {
		return
	}
	for _, e := range elements {
		e.Keep(func(name string) bool { return !slices.Contains(peopleTexts, name) })
		if slices.Contains(peopleElements, e.Name) && e.Attr("id") != c.user().id {
			e.Keep(func(name string) bool { return name == "id" })
			e.Children = nil
		}
		hideOthers(c, e.Children)
	}
}
