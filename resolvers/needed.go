package resolvers

import (
	"context"
	"slices"

	"github.com/vektah/gqlparser/v2/ast"

	"vitrine/internal/exec"
	"vitrine/internal/tableau"
)

// An answer of Tableau's has more than most queries select, and decoding is what a query costs most.
// Where every field of a query is known, the members of workbooks and views that none of them reads
// are passed over. A query with any other field reads everything.

// readBy are the members of Tableau's items that fields of partly read types need.
var readBy = map[string]map[string][]string{
	tableau.KindWorkbook: {
		"id": nil, "luid": nil, "site": nil, "name": nil, "contentUrl": nil, "project": nil, "owner": {"owner"},
		"url": {"webpageUrl"}, "webUrl": {"webpageUrl"}, "description": {"description"},
		"createdAt": {"createdAt"}, "updatedAt": {"updatedAt"}, "lastPublishedAt": {"lastPublishedAt"},
		"sizeMegabytes": {"size"}, "showsTabs": {"showTabs"}, "areExtractsEncrypted": {"encryptExtracts"},
		"shareDescription": {"shareDescription"}, "primaryContentUrl": {"primaryContentUrl"}, "isRecentlyViewed": {"recentlyViewed"},
		"sheetCount": {"sheetCount"}, "hasExtracts": {"hasExtracts"}, "location": {"location"}, "tags": {"tags"}, "views": {"views"},
	},
	tableau.KindView: {
		"id": nil, "luid": nil, "site": nil, "name": nil, "contentUrl": nil, "path": nil, "url": nil, "webUrl": nil, "embedUrl": nil,
		"workbook": nil, "project": {"project"}, "owner": {"owner"}, "urlName": {"viewUrlName"},
		"createdAt": {"createdAt"}, "updatedAt": {"updatedAt"}, "sheetType": {"sheetType"}, "sheetTypeRaw": {"sheetType"},
		"favoriteCount": {"favoritesTotal"}, "isHidden": {"hidden"}, "isRecentlyViewed": {"recentlyViewed"},
		"viewCount": {"usage"}, "location": {"location"}, "tags": {"tags"},
	},
}

// readWhole are the fields of other types, bound to methods, that need no further member of
// workbooks and views.
var readWhole = map[string][]string{
	"Query": {"site"},
	"Site": {
		"id", "luid", "name", "url", "me", "mySiteRole", "mySiteRoleRaw", "projects", "workbooks", "views", "dataSources",
	},
	"Project": {
		"id", "site", "owner", "url", "parent", "children", "path", "ancestors", "isTopLevel", "permissionModeRaw",
		"workbooks", "views", "dataSources",
	},
	"DataSource": {"id", "site", "owner", "url", "project", "tags"},
	"User":       {"id", "site", "siteRoleRaw", "isMe"},
	"Location":   {"typeRaw"},
	"Tag":        {"id"},
}

// needOnly implements Planned of [graphqlhttp.Resolvers].
func needOnly(ctx context.Context, plan *exec.Plan) {
	tableau.OperationFrom(ctx).Need(plan.Note(neededBy).(*tableau.Needed))
}

// neededBy returns what a plan reads, as a *tableau.Needed: nil for everything.
func neededBy(plan *exec.Plan) any {
	names, known := map[string][]string{}, true
	plan.Each(func(o *exec.Object, f *exec.Field, asked *ast.Field) bool {
		var needed []string
		switch {
		case asked.Arguments.ForName("filter") != nil: // it may be applied here, to any member
			known = false
		case tableau.IsPartlyRead(o.Name):
			needed, known = readBy[o.Name][f.Name], has(readBy[o.Name], f.Name)
		case f.Method:
			known = slices.Contains(readWhole[o.Name], f.Name)
		}
		names[o.Name] = append(names[o.Name], needed...)
		if o.Name == tableau.KindProject && f.Name == "views" { // which are grouped by their projects
			names[tableau.KindView] = append(names[tableau.KindView], "project")
		}
		return known
	})
	if !known {
		return (*tableau.Needed)(nil)
	}
	return tableau.NewNeeded(names)
}

func has(fields map[string][]string, name string) bool {
	_, has := fields[name]
	return has
}
