package tableausim_test

import (
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"vitrine/internal/tableausim"
)

// fieldsList is a list that takes fields=.
type fieldsList struct {
	path, container, item string
	config                tableausim.Config
	// What fields=_default_ shows, and what fields=_all_ adds. A child has its attributes behind
	// its name.
	plain, all string
	whole      bool // children are compared by their name alone
}

const (
	wholePerson  = " owner.email owner.fullName owner.lastLogin owner.siteRole"
	wholeContent = wholePerson + " project.description"
)

// fieldsLists holds the attributes of the REST API reference ("Using Fields in the REST API") and
// of recorded answers.
func fieldsLists() []fieldsList {
	return []fieldsList{
		{
			path: "workbooks", container: "workbooks", item: "workbook",
			plain: "contentUrl createdAt dataAccelerationConfig.accelerationEnabled dataAccelerationConfig.accelerationStatus " +
				"dataAccelerationConfig.lastUpdatedAt defaultViewId description encryptExtracts id location.id location.name location.type name owner.id " +
				"owner.name project.id project.name showTabs size tags.tag updatedAt webpageUrl",
			all: "hasExtracts lastPublishedAt shareDescription sheetCount" + wholeContent,
		},
		{
			path: "views", container: "views", item: "view",
			plain: "contentUrl createdAt id location.id location.name location.type name owner.id project.id tags.tag updatedAt viewUrlName workbook.id",
			all: "favoritesTotal owner.name project.name sheetType usage.totalViewCount workbook.contentUrl workbook.createdAt workbook.description workbook.hasExtracts " +
				"workbook.name workbook.sheetCount workbook.showTabs workbook.size workbook.tags workbook.updatedAt" + wholeContent,
		},
		{
			path: "datasources", container: "datasources", item: "datasource",
			plain: "certificationNote contentUrl createdAt description encryptExtracts hasExtracts id isCertified location.id location.name location.type name owner.id owner.name " +
				"parentDataSourceUrls project.id project.name size tags.tag type updatedAt useRemoteQueryAgent webpageUrl",
			all: "connectedWorkbooksCount databaseName favoritesTotal hasAlert isPublished serverName" + wholeContent,
		},
		{
			path: "projects", container: "projects", item: "project",
			plain: "contentPermissions controllingPermissionsProjectId createdAt description id name owner.id parentProjectId updatedAt",
			all: "contentsCounts.datasourceCount contentsCounts.projectCount contentsCounts.viewCount contentsCounts.workbookCount favoritesTotal owner.name " +
				"topLevelProject writeable" + wholePerson,
		},
		{
			path: "users", container: "users", item: "user",
			plain: "authSetting externalAuthUserId id lastLogin name siteRole", all: "domain.name email fullName language locale",
		},
		{path: "groups", container: "groups", item: "group", plain: "domain.name id import.domainName import.grantLicenseMode import.siteRole import.source minimumSiteRole name", all: "userCount"},
		{path: "jobs", container: "backgroundJobs", item: "backgroundJob", plain: "createdAt endedAt id jobType priority startedAt status", all: "subtitle title"},
		{
			path: "customviews", container: "customViews", item: "customView",
			plain: "contentUrl createdAt id lastAccessedAt name owner.id owner.name shared updatedAt view.id view.name workbook.id workbook.name",
		},
		{
			path: "metrics", container: "metrics", item: "metric", config: tableausim.Config{APIVersion: "3.21"},
			plain: "createdAt description id name owner.id project.id project.name suspended tags.tag underlyingView.id updatedAt webpageUrl",
			all:   "owner.name" + wholeContent,
		},
		{
			path: "favorites/", container: "favorites", item: "favorite", whole: true,
			plain: "addedAt collection datasource flow label parentProjectName position project targetOwnerName view workbook",
		},
	}
}

// ownName is the list's resource in fields=: jobs have another name in answers.
func (l fieldsList) ownName() string {
	if l.item == "backgroundJob" {
		return "job"
	}
	return l.item
}

// attributes returns the names that the entries of a list show, those of children behind the
// child's name.
func attributes(items []map[string]any, whole bool) []string {
	var out []string
	for _, x := range items {
		for name, value := range x {
			child, nested := value.(map[string]any)
			if !nested || whole {
				out = append(out, name)
			}
			for inner := range child {
				if !whole {
					out = append(out, name+"."+inner)
				}
			}
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// TestFieldsOfEachList asks each list that takes fields= for its default fields, for all fields,
// for each field alone and for a field that it does not have.
func TestFieldsOfEachList(t *testing.T) {
	t.Parallel()
	for _, list := range fieldsLists() {
		t.Run(list.item, func(t *testing.T) {
			t.Parallel()
			admin := start(t, list.config).user("admin", "")
			if list.item == "favorite" { // of a person who has some; they are that person's alone
				admin = start(t, list.config).user("alice", "")
				list.path += admin.userID
			}
			show := func(fields string) []string {
				a := admin.get(list.path, "pageSize", "1000", "fields", fields)
				if a.status != http.StatusOK {
					t.Errorf("fields=%s: %d %s", fields, a.status, a.body)
				}
				return attributes(a.items(list.container, list.item), list.whole)
			}
			plain, all := strings.Fields(list.plain), strings.Fields(list.plain+" "+list.all)
			slices.Sort(plain)
			slices.Sort(all)
			if diff := cmp.Diff(plain, show("_default_")); diff != "" {
				t.Errorf("_default_: %s", diff)
			}
			if diff := cmp.Diff(all, show("_all_")); diff != "" {
				t.Errorf("_all_: %s", diff)
			}
			var resource []string // only fields of the resource itself
			for _, name := range all {
				top, _, _ := strings.Cut(name, ".")
				resource = append(resource, top)
			}
			slices.Sort(resource)
			for _, name := range slices.Compact(resource) {
				for _, spelling := range []string{name, list.ownName() + "." + name, name + "," + name} {
					for _, got := range show(spelling) {
						if top, _, _ := strings.Cut(got, "."); top != name {
							t.Errorf("fields=%s shows %s", spelling, got)
						}
					}
				}
				for _, bad := range []string{name + ",nothing", strings.ToUpper(name), name + ".nothing", name + ",_all_", " " + name, name + ","} {
					if a := admin.get(list.path, "fields", bad); a.status != http.StatusBadRequest || a.code() != "400000" {
						t.Errorf("fields=%s: %d %s", bad, a.status, a.code())
					}
				}
			}
		})
	}
}

// TestWebAddressesOfCloudEndInTheNumber: a workbook's address on Server ends in /views.
func TestWebAddressesOfCloudEndInTheNumber(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		config     tableausim.Config
		user, site string
		ending     string
	}{
		"Server": {tableausim.Config{}, "admin", "", `#/workbooks/[0-9]+/views$`},
		"site":   {tableausim.Config{}, "alice", "marketing", `#/site/marketing/workbooks/[0-9]+/views$`},
		"Cloud":  {tableausim.Config{Cloud: true}, "carol@example.com", tableausim.CloudSite, `#/site/` + tableausim.CloudSite + `/workbooks/[0-9]+$`},
	} {
		c := start(t, tt.config).user(tt.user, tt.site)
		for _, w := range c.get("workbooks").items("workbooks", "workbook") {
			if address, _ := w["webpageUrl"].(string); !regexp.MustCompile(tt.ending).MatchString(address) {
				t.Errorf("%s: %s", name, address)
			}
		}
	}
}
