package tableausim

import (
	"slices"
	"time"

	"vitrine/internal/tableausim/wire"
)

// qualityElement is a warning or a certification as the older methods write it.
func qualityElement(c *call, name string, l *label) *wire.Element {
	e := wire.New(name, wire.Str("id", l.id), wire.Str("userDisplayName", l.by.fullName), wire.Str("contentId", l.content), wire.Str("contentType", l.kind))
	e.Str("message", l.message)
	for _, k := range labelKinds {
		if k.name == l.value && k.quality != "" {
			e.Str("type", k.quality)
		}
	}
	e.Flag("isActive", l.active)
	e.Flag("isSevere", l.elevated)
	e.When("createdAt", l.created)
	e.When("updatedAt", l.updated)
	return e.Add(wire.New("site", wire.Str("id", c.site().id)), wire.New("owner", wire.Str("id", l.by.id)))
}

// pathLabelled checks the content in the path, which has the quality information.
func pathLabelled(c *call) (string, error) {
	kind, id := c.r.PathValue("kind"), c.r.PathValue("id")
	sees, known := c.seesLabelled(kind, id)
	if !known {
		return "", errNotFound("404029", "Content", id)
	}
	if !sees {
		return "", errForbidden()
	}
	return id, nil
}

// qualityList lists the labels on the content in the path that some categories have.
func qualityList(c *call, container, name string, categories ...string) (*answer, error) {
	id, err := pathLabelled(c)
	if err != nil {
		return nil, err
	}
	list := wire.New(container)
	for _, l := range c.site().labelsOn(id) {
		for _, category := range categories {
			if l.category == category {
				list.Add(wire.Item(qualityElement(c, name, l)))
			}
		}
	}
	return found(list)
}

// listWarnings is GET dataQualityWarnings/{contentType}/{luid}.
func listWarnings(c *call) (*answer, error) {
	return qualityList(c, "dataQualityWarningList", "dataQualityWarning", warns, sensitive)
}

// listCertifications is GET dataQualityCertifications/{contentType}/{luid}. The name of the
// container is UNSURE.
func listCertifications(c *call) (*answer, error) {
	return qualityList(c, "dataQualityIndicatorList", "dataQualityIndicator", certifies)
}

// qualityOne is one label of some categories by its own LUID.
func qualityOne(c *call, name string, categories ...string) (*answer, error) {
	id := c.r.PathValue("id")
	l, ok := find[*label](c.site(), id)
	if !ok || !slices.Contains(categories, l.category) {
		return nil, errNotFound("404030", "Label", id)
	}
	if sees, _ := c.seesLabelled(l.kind, l.content); !sees {
		return nil, errForbidden()
	}
	return found(qualityElement(c, name, l))
}

// getWarning is GET dataQualityWarnings/{id}.
func getWarning(c *call) (*answer, error) {
	return qualityOne(c, "dataQualityWarning", warns, sensitive)
}

// getCertification is GET dataQualityCertifications/{id}.
func getCertification(c *call) (*answer, error) {
	return qualityOne(c, "dataQualityIndicator", certifies)
}

// triggered reports whether a data source warns of its own refreshes: what has an extract that
// fails now and then.
func (d *datasource) triggered() bool { return d.hasExtracts && d.certified }

// triggerElement has its times written as a clock of old would, as documented.
func triggerElement(d *datasource) *wire.Element {
	e := wire.New("dataQualityTrigger", wire.Str("id", luid(d.id, "trigger")), wire.Str("userDisplayName", d.owner.fullName), wire.Str("contentId", d.id),
		wire.Str("contentType", "datasource"), wire.Str("message", "The refresh of "+d.name+" failed."), wire.Str("type", "EXTRACT_REFRESH_FAILURE"))
	e.Flag("isActive", true)
	e.Flag("isSevere", false)
	e.Str("createdAt", d.created.UTC().Format(time.UnixDate))
	e.Str("updatedAt", d.updated.UTC().Format(time.UnixDate))
	return e
}

// listTriggers is GET dataQualityTriggers/{contentType}/{luid}.
func listTriggers(c *call) (*answer, error) {
	id, err := pathLabelled(c)
	if err != nil {
		return nil, err
	}
	list := wire.New("dataQualityTriggerList")
	if d, ok := find[*datasource](c.site(), id); ok && d.triggered() {
		list.Add(wire.Item(triggerElement(d)))
	}
	return found(list)
}

// getTrigger is GET dataQualityTriggers/{id}.
func getTrigger(c *call) (*answer, error) {
	for _, d := range c.s.datasourcesOf(c.site(), c.user()) {
		if d.triggered() && luid(d.id, "trigger") == c.r.PathValue("id") {
			return found(triggerElement(d))
		}
	}
	return nil, errNotFound("404037", "Data quality trigger", c.r.PathValue("id"))
}
