package recorded

import (
	"bytes"
	"cmp"
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// form is one way in which Tableau may write the same answer.
type form struct {
	name        string
	contentType string
	rewrite     func(*element) any           // to JSON
	retouch     func(recorded []byte) []byte // of XML
}

// recordedForm is how the recordings are written. The documents that the others give must not
// differ from those of this one.
var recordedForm = form{name: "xml", contentType: "text/xml"}

// jsonForm is JSON by Tableau's rules.
var jsonForm = form{name: "json", contentType: "application/json;charset=UTF-8", rewrite: jsonRules{}.value}

// otherForms are XML with prefixes, JSON by Tableau's rules, and JSON as some servers and samples
// have it.
var otherForms = []form{
	{name: "xml_prefixed", contentType: "application/xml;charset=utf-8", retouch: prefixed},
	{name: "xml_called_json", contentType: "application/json;charset=UTF-8", retouch: func(b []byte) []byte { return b }},
	jsonForm,
	{name: "json_single", contentType: "application/json", rewrite: jsonRules{single: true, numbers: true}.value},
	{name: "json_bare", contentType: "application/json; charset=utf-8", rewrite: jsonRules{bare: true, texts: true}.value},
}

// write gives an answer that was recorded as XML in this form. What is no XML stays as it is.
func (f form) write(t *testing.T, recorded []byte) (contentType string, body []byte) {
	if f.rewrite == nil && f.retouch == nil {
		return f.contentType, recorded
	}
	root, err := parseElement(recorded)
	switch {
	case err != nil && bytes.HasPrefix(bytes.ToLower(bytes.TrimSpace(recorded)), []byte("<!doctype html")):
		return "text/html;charset=utf-8", recorded
	case err != nil:
		t.Errorf("an answer is no XML: %v", err)
		return f.contentType, recorded
	case f.retouch != nil:
		return f.contentType, f.retouch(recorded)
	}
	body, err = json.Marshal(f.rewrite(root))
	if err != nil {
		t.Error(err)
	}
	return f.contentType, body
}

var tagStart = regexp.MustCompile(`<(/?)([A-Za-z])`)

// prefixed puts the elements into the namespace of old servers, by a prefix.
func prefixed(recorded []byte) []byte {
	b := tagStart.ReplaceAll(recorded, []byte(`<${1}ns0:$2`))
	return bytes.Replace(b, []byte(`xmlns="http://tableau.com/api"`), []byte(`xmlns:ns0="http://tableausoftware.com/api"`), 1)
}

// element is an XML element without namespaces.
type element struct {
	name     string
	attrs    []xml.Attr
	children []*element
	text     string
}

// parseElement reads a whole document and gives its root.
func parseElement(doc []byte) (*element, error) {
	d := xml.NewDecoder(bytes.NewReader(doc))
	root := &element{}
	open := []*element{root}
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) && len(root.children) == 1 {
			return root.children[0], nil
		}
		if err != nil {
			return nil, err
		}
		top := open[len(open)-1]
		switch x := token.(type) {
		case xml.StartElement:
			e := &element{name: x.Name.Local}
			for _, a := range x.Attr {
				if a.Name.Space == "" && a.Name.Local != "xmlns" {
					e.attrs = append(e.attrs, a)
				}
			}
			top.children = append(top.children, e)
			open = append(open, e)
		case xml.EndElement:
			open = open[:len(open)-1]
		case xml.CharData:
			top.text += strings.TrimSpace(string(x))
		}
	}
}

// jsonRules are those of rest-api.md, 4.1. The zero value is Tableau's own way; the fields are what
// was seen besides.
type jsonRules struct {
	single  bool // one item is alone instead of in an array
	bare    bool // a container is the array itself, without the inner key
	numbers bool // whole numbers as numbers, not as strings
	texts   bool // booleans as strings

	more map[string]string // lists beside those in containers
}

// containers are the lists, and the name of their items.
var containers = map[string]string{
	"sites": "site", "projects": "project", "workbooks": "workbook", "views": "view", "datasources": "datasource", "users": "user",
	"tags": "tag", "groups": "group", "connections": "connection", "groupSets": "groupSet", "capabilities": "capability",
	"virtualConnectionConnections": "connection", "revisions": "revision", "databases": "database", "tables": "table",
	"favorites": "favorite", "recents": "recent",
	"contentItems": "contentItem", "customViews": "customView", "flowOutputSteps": "flowOutputStep", "flows": "flow",
	"intervals": "interval", "parameters": "parameter", "virtualConnections": "virtualConnection",
}

// repeated are items that are beside other children, by their parent.
var repeated = map[string]string{
	"permissions": "granteeCapabilities", "groupSet": "group", "extensionsServerSettings": "blockList", "extensionsSiteSettings": "safeList",
}

// booleans are the attributes that the XSD types as boolean. Others that look alike, such as
// showTabs and encryptExtracts, are strings there, and so in JSON.
var booleans = []string{
	"isCertified", "hasExtracts", "useRemoteQueryAgent", "hasAlert", "isPublished", "hasSemanticLayerConnection", "writeable",
	"topLevelProject", "hidden", "recentlyViewed", "contentAdmin", "ownsContent", "accelerationEnabled", "suppressGettingStarted",
	"isReadOnly", "isRequired", "shared",
	"isEmbedded", "embedPassword", "current", "deleted",
}

// integers are the attributes that the XSD types as some kind of integer.
var integers = []string{
	"pageNumber", "pageSize", "totalAvailable", "size", "sheetCount", "totalViewCount", "favoritesTotal", "connectedWorkbooksCount",
	"revisionNumber", "groupCount", "userCount", "projectCount", "workbookCount", "viewCount", "datasourceCount",
}

// value rewrites an element: attributes and children become keys, lists keep their container, text
// beside attributes is "value", text alone is a string.
func (r jsonRules) value(e *element) any {
	if item := cmp.Or(r.more[e.name], containers[e.name]); item != "" && len(e.attrs) == 0 {
		return r.list(e, item)
	}
	if len(e.attrs) == 0 && len(e.children) == 0 && e.text != "" {
		return e.text
	}
	object := map[string]any{}
	for _, a := range e.attrs {
		object[a.Name.Local] = r.scalar(a)
	}
	for _, c := range e.children {
		if repeated[e.name] != c.name {
			object[c.name] = r.value(c)
			continue
		}
		items, _ := object[c.name].([]any)
		object[c.name] = append(items, r.value(c))
	}
	if items, ok := object[repeated[e.name]].([]any); ok && r.single && len(items) == 1 {
		object[repeated[e.name]] = items[0]
	}
	if e.text != "" {
		object["value"] = e.text
	}
	return object
}

func (r jsonRules) list(e *element, item string) any {
	object, items := map[string]any{}, []any{}
	for _, c := range e.children {
		if c.name == item {
			items = append(items, r.value(c))
		} else {
			object[c.name] = r.value(c)
		}
	}
	switch {
	case r.bare:
		return items
	case r.single && len(items) == 0:
		return nil
	case r.single && len(items) == 1:
		object[item] = items[0]
	case len(items) > 0:
		object[item] = items
	}
	return object
}

func (r jsonRules) scalar(a xml.Attr) any {
	yes := strings.EqualFold(a.Value, "true")
	switch {
	case slices.Contains(booleans, a.Name.Local) && !r.texts && (yes || strings.EqualFold(a.Value, "false")):
		return yes
	case slices.Contains(integers, a.Name.Local) && r.numbers && regexp.MustCompile(`^\d+$`).MatchString(a.Value):
		return json.Number(a.Value)
	default:
		return a.Value
	}
}

// TestJSONRules holds the rewriting to the sample of the rules.
func TestJSONRules(t *testing.T) {
	t.Parallel()
	root, err := parseElement([]byte(`<t:tsResponse xmlns:t="http://tableau.com/api"><t:pagination pageNumber="1" totalAvailable="1"/>
<t:workbooks><t:workbook id="3" showTabs="true" hasExtracts="True" size="3"><t:tags/><t:views><t:view id="4"/></t:views>
<t:dataAccelerationConfig/></t:workbook></t:workbooks><t:productVersion build="7">10.1</t:productVersion>
<t:restApiVersion>3.10</t:restApiVersion></t:tsResponse>`))
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		name  string
		rules jsonRules
		want  string
	}{
		{
			"Tableau's own",
			jsonRules{},
			`{"pagination":{"pageNumber":"1","totalAvailable":"1"},"productVersion":{"build":"7","value":"10.1"},"restApiVersion":"3.10",` +
				`"workbooks":{"workbook":[{"dataAccelerationConfig":{},"hasExtracts":true,"id":"3","showTabs":"true","size":"3","tags":{},` +
				`"views":{"view":[{"id":"4"}]}}]}}`,
		},
		{
			"single items and numbers",
			jsonRules{single: true, numbers: true},
			`{"pagination":{"pageNumber":1,"totalAvailable":1},"productVersion":{"build":"7","value":"10.1"},"restApiVersion":"3.10",` +
				`"workbooks":{"workbook":{"dataAccelerationConfig":{},"hasExtracts":true,"id":"3","showTabs":"true","size":3,"tags":null,` +
				`"views":{"view":{"id":"4"}}}}}`,
		},
		{
			"bare arrays and texts",
			jsonRules{bare: true, texts: true},
			`{"pagination":{"pageNumber":"1","totalAvailable":"1"},"productVersion":{"build":"7","value":"10.1"},"restApiVersion":"3.10",` +
				`"workbooks":[{"dataAccelerationConfig":{},"hasExtracts":"True","id":"3","showTabs":"true","size":"3","tags":[],` +
				`"views":[{"id":"4"}]}]}`,
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got, err := json.Marshal(test.rules.value(root))
			if err != nil {
				t.Fatal(err)
			}
			if string(got) != test.want {
				t.Errorf("got  %s\nwant %s", got, test.want)
			}
		})
	}
}
