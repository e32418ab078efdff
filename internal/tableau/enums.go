package tableau

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"

	"vitrine/internal/tableau/rest"
)

// Enums keep Tableau's own text. GraphQL sees a value of the schema, OTHER for what this version
// does not know, so that a value that Tableau invents breaks nothing.

// SiteRole is what license and role let a user do on a site.
type SiteRole string

var siteRoles = map[string]string{
	"ServerAdministrator": "SERVER_ADMINISTRATOR", "SiteAdministratorCreator": "SITE_ADMINISTRATOR_CREATOR",
	"SiteAdministratorExplorer": "SITE_ADMINISTRATOR_EXPLORER", "Creator": "CREATOR", "ExplorerCanPublish": "EXPLORER_CAN_PUBLISH",
	"Explorer": "EXPLORER", "Viewer": "VIEWER", "Guest": "GUEST", "SupportUser": "SUPPORT_USER", "Unlicensed": "UNLICENSED",
	"SiteAdministrator": "SITE_ADMINISTRATOR", "Publisher": "PUBLISHER", "Interactor": "INTERACTOR", "ReadOnly": "READ_ONLY",
	"ViewerWithPublish": "VIEWER_WITH_PUBLISH", "UnlicensedWithPublish": "UNLICENSED_WITH_PUBLISH",
}

// MarshalGQL writes the schema's value.
func (r SiteRole) MarshalGQL(w io.Writer) { writeEnum(w, siteRoles, string(r)) }

// UnmarshalGQL takes one of the schema's values.
func (r *SiteRole) UnmarshalGQL(v any) error { return readEnum((*string)(r), siteRoles, v) }

// SheetType is a kind of view.
type SheetType string

// Tableau's text for a plain sheet is not confirmed: both are known.
var sheetTypes = map[string]string{"worksheet": "WORKSHEET", "view": "WORKSHEET", "dashboard": "DASHBOARD", "story": "STORY"}

// MarshalGQL writes the schema's value.
func (t SheetType) MarshalGQL(w io.Writer) { writeEnum(w, sheetTypes, string(t)) }

// UnmarshalGQL takes one of the schema's values.
func (t *SheetType) UnmarshalGQL(v any) error { return readEnum((*string)(t), sheetTypes, v) }

// PermissionMode says who sets the permissions of the content of a project.
type PermissionMode string

var permissionModes = map[string]string{
	"ManagedByOwner": "MANAGED_BY_OWNER", "LockedToProject": "LOCKED_TO_PROJECT",
	"LockedToProjectWithoutNested": "LOCKED_TO_PROJECT_WITHOUT_NESTED",
}

// MarshalGQL writes the schema's value.
func (m PermissionMode) MarshalGQL(w io.Writer) { writeEnum(w, permissionModes, string(m)) }

// UnmarshalGQL takes one of the schema's values.
func (m *PermissionMode) UnmarshalGQL(v any) error { return readEnum((*string)(m), permissionModes, v) }

// LocationType is a kind of place.
type LocationType string

var locationTypes = map[string]string{"Project": "PROJECT", "PersonalSpace": "PERSONAL_SPACE"}

// MarshalGQL writes the schema's value; OTHER where Tableau says none, for a place always has a
// kind.
func (k LocationType) MarshalGQL(w io.Writer) { writeEnum(w, locationTypes, cmp.Or(string(k), "?")) }

// UnmarshalGQL takes one of the schema's values.
func (k *LocationType) UnmarshalGQL(v any) error { return readEnum((*string)(k), locationTypes, v) }

// ContentType is a kind of content, as the search names it.
type ContentType string

// The search has a word of its own for published data sources.
var contentTypes = map[string]string{
	"workbook": "WORKBOOK", "view": "VIEW", "datasource": "DATA_SOURCE", "unifieddatasource": "DATA_SOURCE", "project": "PROJECT",
	"flow": "FLOW", "collection": "COLLECTION", "virtualconnection": "VIRTUAL_CONNECTION", "database": "DATABASE", "table": "TABLE",
	"datarole": "DATA_ROLE", "lens": "LENS",
}

// MarshalGQL writes the schema's value; OTHER where Tableau says none, for what is found always has
// a kind.
func (k ContentType) MarshalGQL(w io.Writer) { writeEnum(w, contentTypes, cmp.Or(string(k), "?")) }

// UnmarshalGQL takes one of the schema's values.
func (k *ContentType) UnmarshalGQL(v any) error {
	if err := readEnum((*string)(k), contentTypes, v); err != nil {
		return err
	}
	if *k == unifiedDataSource {
		*k = "datasource" // the filter's word
	}
	return nil
}

// unifiedDataSource is the search's word for a published data source, under a LUID that no other
// method knows.
const unifiedDataSource ContentType = "unifieddatasource"

func (k ContentType) unified() bool { return strings.EqualFold(string(k), string(unifiedDataSource)) }

// Names says whether Tableau's text means a type of the schema: DataSource.
func (k ContentType) Names(kind string) bool {
	return k.IsKnown() && strings.EqualFold(strings.ReplaceAll(contentTypes[strings.ToLower(string(k))], "_", ""), strings.TrimSuffix(kind, "Info"))
}

// IsKnown says whether the schema has a value for Tableau's text.
func (k ContentType) IsKnown() bool { return contentTypes[strings.ToLower(string(k))] != "" }

// ContentTypes are the words of the search's filter for all kinds that are known.
func ContentTypes() []ContentType {
	var kinds []ContentType
	for word := range contentTypes {
		if k := ContentType(word); !k.unified() {
			kinds = append(kinds, k)
		}
	}
	return kinds
}

// RecycledItemType is a kind of content that has a recycle bin.
type RecycledItemType string

// How Tableau writes the kinds in its answers is not confirmed: case is forgiven.
var recycledItemTypes = map[string]string{"Workbook": "WORKBOOK", "Datasource": "DATA_SOURCE", "Flow": "FLOW", "Project": "PROJECT"}

// MarshalGQL writes the schema's value; OTHER where Tableau says none, for an item always has a
// kind.
func (k RecycledItemType) MarshalGQL(w io.Writer) {
	writeEnum(w, recycledItemTypes, cmp.Or(string(k), "?"))
}

// UnmarshalGQL takes one of the schema's values.
func (k *RecycledItemType) UnmarshalGQL(v any) error {
	return readEnum((*string)(k), recycledItemTypes, v)
}

// bin is the kind's part of a path.
func (k RecycledItemType) bin() string { return strings.ToLower(string(k)) + "s" }

// DataFreshnessPolicyType is a rule for how fresh data has to be.
type DataFreshnessPolicyType string

var freshnessPolicyTypes = map[string]string{
	"AlwaysLive": "ALWAYS_LIVE", "FreshAt": "FRESH_AT", "FreshEvery": "FRESH_EVERY", "SiteDefault": "SITE_DEFAULT",
}

// MarshalGQL writes the schema's value.
func (o DataFreshnessPolicyType) MarshalGQL(w io.Writer) {
	writeEnum(w, freshnessPolicyTypes, string(o))
}

// UnmarshalGQL takes one of the schema's values.
func (o *DataFreshnessPolicyType) UnmarshalGQL(v any) error {
	return readEnum((*string)(o), freshnessPolicyTypes, v)
}

// CollectionVisibility says who may see a collection.
type CollectionVisibility string

var collectionVisibilities = map[string]string{"Private": "PRIVATE", "Public": "PUBLIC"}

// MarshalGQL writes the schema's value.
func (v CollectionVisibility) MarshalGQL(w io.Writer) {
	writeEnum(w, collectionVisibilities, string(v))
}

// UnmarshalGQL takes one of the schema's values.
func (v *CollectionVisibility) UnmarshalGQL(in any) error {
	return readEnum((*string)(v), collectionVisibilities, in)
}

// SiteState says whether a site is open.
type SiteState string

var siteStates = map[string]string{"Active": "ACTIVE", "Suspended": "SUSPENDED"}

// MarshalGQL writes the schema's value.
func (s SiteState) MarshalGQL(w io.Writer) { writeEnum(w, siteStates, string(s)) }

// UnmarshalGQL takes one of the schema's values.
func (s *SiteState) UnmarshalGQL(v any) error { return readEnum((*string)(s), siteStates, v) }

// SiteAdminMode says who may add users to a site.
type SiteAdminMode string

var siteAdminModes = map[string]string{"ContentAndUsers": "CONTENT_AND_USERS", "ContentOnly": "CONTENT_ONLY"}

// MarshalGQL writes the schema's value.
func (m SiteAdminMode) MarshalGQL(w io.Writer) { writeEnum(w, siteAdminModes, string(m)) }

// UnmarshalGQL takes one of the schema's values.
func (m *SiteAdminMode) UnmarshalGQL(v any) error { return readEnum((*string)(m), siteAdminModes, v) }

// UserVisibility says whether users of a site see one another.
type UserVisibility string

var userVisibilities = map[string]string{"FULL": "FULL", "LIMITED": "LIMITED"}

// MarshalGQL writes the schema's value.
func (u UserVisibility) MarshalGQL(w io.Writer) { writeEnum(w, userVisibilities, string(u)) }

// UnmarshalGQL takes one of the schema's values.
func (u *UserVisibility) UnmarshalGQL(v any) error {
	return readEnum((*string)(u), userVisibilities, v)
}

func writeEnum(w io.Writer, names map[string]string, text string) {
	if text == "" {
		rest.WriteNull(w)
		return
	}
	name, known := names[text]
	if !known {
		name = otherCase(names, text)
	}
	_, _ = io.WriteString(w, `"`+name+`"`)
}

// otherCase forgives another case: servers differ in it.
func otherCase(names map[string]string, text string) string {
	for known, name := range names {
		if strings.EqualFold(known, text) {
			return name
		}
	}
	return "OTHER"
}

func readEnum(into *string, names map[string]string, v any) error {
	s, ok := v.(string)
	if !ok {
		return fmt.Errorf("an enum value is wanted, not %T", v)
	}
	best := ""
	for text, name := range names {
		if name == s && (best == "" || text > best) { // of two texts for one value the same one always
			best = text
		}
	}
	if best == "" {
		return fmt.Errorf("%s is not taken as input", s)
	}
	*into = best
	return nil
}

// Known is the text that stands for all texts of the same kind: servers differ in how they write
// it.
func (t SheetType) Known() SheetType {
	texts := t.Texts()
	if len(texts) == 0 {
		return t
	}
	return SheetType(texts[0])
}

// Texts are all of Tableau's texts for this kind, sorted.
func (t SheetType) Texts() []string {
	var texts []string
	for text, name := range sheetTypes {
		if name == sheetTypes[strings.ToLower(string(t))] {
			texts = append(texts, text)
		}
	}
	slices.Sort(texts)
	return texts
}
