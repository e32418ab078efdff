package tableausim

import "time"

// qualityElement is a warning or a certification as the older methods write it.
func qualityElement(c *call, name string, l *label) *element {
	e := el(name, str("id", l.id), str("userDisplayName", l.by.fullName), str("contentId", l.content), str("contentType", l.kind))
	e.str("message", l.message)
	for _, k := range labelKinds {
		if k.name == l.value && k.quality != "" {
			e.str("type", k.quality)
		}
	}
	e.flag("isActive", l.active)
	e.flag("isSevere", l.elevated)
	e.when("createdAt", l.created)
	e.when("updatedAt", l.updated)
	return e.add(el("site", str("id", c.site().id)), el("owner", str("id", l.by.id)))
}

// pathLabelled checks the content in the path: what quality is told of.
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
	list := el(container)
	for _, l := range c.site().labelsOn(id) {
		for _, category := range categories {
			if l.category == category {
				list.add(item(qualityElement(c, name, l)))
			}
		}
	}
	return found(list)
}

// listWarnings is GET dataQualityWarnings/{contentType}/{luid}.
func listWarnings(c *call) (*answer, error) {
	return qualityList(c, "dataQualityWarningList", "dataQualityWarning", warns, sensitive)
}

// listCertifications is GET dataQualityCertifications/{contentType}/{luid}. The name of the container is UNSURE.
func listCertifications(c *call) (*answer, error) {
	return qualityList(c, "dataQualityIndicatorList", "dataQualityIndicator", certifies)
}

// listTriggers is GET dataQualityTriggers/{contentType}/{luid}: what has an extract that fails now and then warns of it. Times are written
// as a clock of old would, as documented.
func listTriggers(c *call) (*answer, error) {
	id, err := pathLabelled(c)
	if err != nil {
		return nil, err
	}
	list := el("dataQualityTriggerList")
	if d, ok := find[*datasource](c.site(), id); ok && d.hasExtracts && d.certified {
		e := el("dataQualityTrigger", str("id", luid(d.id, "trigger")), str("userDisplayName", d.owner.fullName), str("contentId", d.id),
			str("contentType", "datasource"), str("message", "The refresh of "+d.name+" failed."), str("type", "EXTRACT_REFRESH_FAILURE"))
		e.flag("isActive", true)
		e.flag("isSevere", false)
		e.str("createdAt", d.created.UTC().Format(time.UnixDate))
		e.str("updatedAt", d.updated.UTC().Format(time.UnixDate))
		list.add(item(e))
	}
	return found(list)
}
