package tableausim_test

import (
	"encoding/json"
	"encoding/xml"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"vitrine/internal/tableausim"
)

// booleans are the attributes that the schema types as xs:boolean and that JSON therefore writes
// bare; every other attribute is a JSON string.
var booleans = []string{
	"disableSubscriptions", "revisionHistoryEnabled", "subscribeOthersEnabled", "allowSubscriptionAttachments", "guestAccessEnabled",
	"commentingEnabled", "commentingMentionsEnabled", "editingFlowsEnabled", "schedulingFlowsEnabled", "catalogingEnabled",
	"derivedPermissionsEnabled", "requestAccessEnabled", "runNowEnabled", "isDataAlertsEnabled", "useDefaultTimeZone",
	"cacheWarmupEnabled", "catalogObfuscationEnabled", "autoSuspendRefreshEnabled", "explainDataEnabled", "personalSpaceEnabled",
	"dqwSubscriptionsEnabled", "flowParametersEnabled", "linkedTaskSchedulingEnabled", "linkedTaskRunNowEnabled", "attributeCaptureEnabled",
	"groupSetsEnabled", "recycleBinEnabled", "authoringEnabled", "sheetImageEnabled", "namedSharingEnabled", "mobileBiometricsEnabled",
	"hasExtracts", "isCertified", "useRemoteQueryAgent", "hasAlert", "isPublished", "topLevelProject", "writeable", "embedPassword", "queryTaggingEnabled",
	"accelerationEnabled", "isRequired", "shared",
}

// TestJSONAndXMLSayTheSame reads each answer in both forms and compares them by Tableau's mapping.
func TestJSONAndXMLSayTheSame(t *testing.T) {
	t.Parallel()
	c := start(t, tableausim.Config{PublicURL: func() string { return "http://tableau.example" }})
	carol := c.user("carol", "")
	book := c.sim.WorkbookID("", "RegionalSales")
	flow := carol.get("flows", "filter", "name:eq:Customer Master").items("flows", "flow")[0]["id"].(string)
	paths := []string{
		"projects?fields=_all_", "users?fields=_all_", "groups?fields=_all_", "workbooks?fields=_all_", "workbooks/" + book, "workbooks/" + book + "/views?includeUsageStatistics=true",
		"workbooks/" + book + "/connections", "views?fields=_all_", "datasources?fields=_all_", "favorites/" + carol.userID, "users/" + carol.userID,
		"flows", "flows/" + flow, "customviews?fields=_all_", "virtualconnections", "workbooks/" + c.sim.WorkbookID("", "Superstore"),
		"workbooks?filter=name:eq:none", "workbooks?pageSize=0", "../../serverinfo", "../../sites", "../../sessions/current",
	}
	for _, path := range paths {
		t.Run(path, func(t *testing.T) {
			t.Parallel()
			full := "sites/" + carol.siteID + "/" + path
			full = strings.TrimPrefix(full, "sites/"+carol.siteID+"/../../")
			asJSON := carol.do("GET", full, "")
			x := *carol
			x.accept = "application/xml"
			var root node
			if err := xml.Unmarshal([]byte(x.do("GET", full, "").body), &root); err != nil {
				t.Fatal(err)
			}
			var got any
			if err := json.Unmarshal([]byte(asJSON.body), &got); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(any(root.object()), got); diff != "" {
				t.Errorf("%.2000s", diff)
			}
		})
	}
}

// node is any XML element.
type node struct {
	XMLName  xml.Name
	Attrs    []xml.Attr `xml:",any,attr"`
	Children []node     `xml:",any"`
	Text     string     `xml:",chardata"`
}

// many are the elements that may repeat, and so are arrays in JSON.
var many = []string{
	"project", "user", "group", "workbook", "view", "datasource", "favorite", "tag", "connection", "site",
	"customView", "flow", "flowOutputStep", "interval", "parameter", "virtualConnection",
}

// object turns an element into what Tableau's JSON has for it. Whether an element is an entry of a
// list follows from its parent: "workbooks" holds a list of "workbook".
func (n node) object() map[string]any {
	out := map[string]any{}
	for _, a := range n.Attrs {
		if a.Name.Space != "" || a.Name.Local == "xmlns" || a.Name.Local == "xsi" {
			continue
		}
		out[a.Name.Local] = a.Value
		if slices.Contains(booleans, a.Name.Local) {
			out[a.Name.Local] = a.Value == "true"
		}
	}
	for _, child := range n.Children {
		name := child.XMLName.Local
		switch {
		case slices.Contains(many, name) && n.XMLName.Local == name+"s":
			list, _ := out[name].([]any)
			out[name] = append(list, child.object())
		case name == "parentDataSourceUrls": // texts that repeat without a container
			list, _ := out[name].([]any)
			out[name] = append(list, child.Text)
		case len(child.Attrs) == 0 && len(child.Children) == 0 && child.Text != "":
			out[name] = child.Text
		default:
			out[name] = child.object()
		}
	}
	if n.Text != "" {
		out["value"] = n.Text
	}
	return out
}

func TestTextIsEscaped(t *testing.T) {
	t.Parallel()
	c := start(t, tableausim.Config{})
	name := "a<b>&\"'\\\n\t\u2028ü"
	if _, err := c.sim.AddWorkbook("", tableausim.Workbook{Name: name, Owner: "alice", Description: "x\x01y"}); err != nil {
		t.Fatal(err)
	}
	alice := c.user("alice", "")
	last := func(a answer) map[string]any {
		list := a.items("workbooks", "workbook")
		return list[len(list)-1]
	}
	if got := fmt.Sprint(last(alice.get("workbooks", "pageSize", "1000"))["name"]); got != name {
		t.Errorf("JSON: %q", got)
	}
	alice.accept = "application/xml"
	var doc struct {
		Names []struct {
			Name string `xml:"name,attr"`
		} `xml:"workbooks>workbook"`
	}
	if err := xml.Unmarshal([]byte(alice.get("workbooks", "pageSize", "1000").body), &doc); err != nil {
		t.Fatal(err)
	}
	if got := doc.Names[len(doc.Names)-1].Name; got != name {
		t.Errorf("XML: %q", got)
	}
}
