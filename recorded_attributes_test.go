package main

import (
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

// notPlayed are recordings that no GraphQL document shows, with the reason.
var notPlayed = map[string]string{
	"auth_sign_in.xml":                     "a sign-in: its token goes no further than the session",
	"auth_sign_in_impersonate.xml":         "a sign-in: its token goes no further than the session",
	"server_info_404.xml":                  "an error",
	"server_info_auth_info.xml":            "of servers older than the REST API's oldest version that Vitrine speaks",
	"metrics_get.xml":                      "retired by Tableau with API 3.22",
	"tasks_with_dataacceleration_task.xml": "retired by Tableau",
}

// shownAs are attributes that the schema has under another name than Tableau: of one element, or, with a bare @, of all.
var shownAs = map[string]string{
	"@id":                  "luid",
	"@size":                "sizeMB",
	"@showTabs":            "showsTabs",
	"@webpageUrl":          "url",
	"@webPageUrl":          "url",
	"@encryptExtracts":     "areExtractsEncrypted",
	"tag@label":            "label",
	"user@lastLogin":       "lastLoginAt",
	"view@viewUrlName":     "urlName",
	"usage@totalViewCount": "viewCount",
	"@useRemoteQueryAgent": "usesBridge",
	"@topLevelProject":     "isTopLevel",
	"@writeable":           "isWritable",
}

// notShown are attributes of recordings that the schema does not have, with the reason.
var notShown = map[string]string{}

// TestRecordedAttributesAreShown holds that every recording is played, and that every attribute that recordings have is shown: in
// the golden of a case that plays such a recording, with all its values there, or in a list with the reason why not.
func TestRecordedAttributesAreShown(t *testing.T) {
	t.Parallel()
	dir := os.Getenv("VITRINE_RECORDED")
	if dir == "" {
		t.Skip("SKIPPED: VITRINE_RECORDED names no directory of recorded answers")
	}
	recordings, err := filepath.Glob(filepath.Join(dir, "tsc", "*.xml"))
	if err != nil || len(recordings) == 0 {
		t.Fatalf("no recordings in %s: %v", dir, err)
	}
	goldens := goldensByRecording(t)
	shown, missing := map[string]bool{}, map[string]string{}
	for _, file := range recordings {
		name := filepath.Base(file)
		if notPlayed[name] != "" {
			continue
		}
		if goldens[name] == nil {
			t.Errorf("%s: no case in testdata/recorded/tsc plays it", name)
			continue
		}
		for coordinate, values := range attributesOf(t, file) {
			if v, all := goldens[name].lack(values); all {
				shown[coordinate] = true
			} else {
				missing[coordinate] = fmt.Sprintf("%s: %s = %q is in no golden of a case that plays it, as %s", name, coordinate, v.value, v.key())
			}
		}
	}
	for coordinate, what := range missing {
		if !shown[coordinate] && notShown[coordinate] == "" {
			t.Error(what)
		}
	}
	for coordinate := range notShown {
		if shown[coordinate] || missing[coordinate] == "" {
			t.Errorf("%s is excused, but it is shown, or no recording has it", coordinate)
		}
	}
}

// recordedValue is an attribute of an element, or its text under the name #text.
type recordedValue struct{ element, name, value string }

func (v recordedValue) coordinate() string { return v.element + "@" + v.name }

// key is the field of the schema that shows it.
func (v recordedValue) key() string {
	for _, coordinate := range []string{v.coordinate(), "@" + v.name} {
		if key := shownAs[coordinate]; key != "" {
			return key
		}
	}
	if v.name == "#text" {
		return v.element
	}
	return v.name
}

// attributesOf are the attributes of a recording with their values, by coordinate.
func attributesOf(t *testing.T, file string) map[string][]recordedValue {
	t.Helper()
	text, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer text.Close()
	found := map[string][]recordedValue{}
	add := func(v recordedValue) { found[v.coordinate()] = append(found[v.coordinate()], v) }
	var within []string
	decoder := xml.NewDecoder(text)
	for {
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			return found
		}
		if err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		switch token := token.(type) {
		case xml.StartElement:
			within = append(within, token.Name.Local)
			for _, a := range token.Attr {
				if a.Name.Space == "" && a.Name.Local != "xmlns" && token.Name.Local != "pagination" {
					add(recordedValue{token.Name.Local, a.Name.Local, a.Value})
				}
			}
		case xml.EndElement:
			within = within[:len(within)-1]
		case xml.CharData:
			if value := strings.TrimSpace(string(token)); value != "" {
				add(recordedValue{within[len(within)-1], "#text", value})
			}
		}
	}
}

// goldenLeaves are the values of goldens by the names of their fields.
type goldenLeaves map[string][]string

// lack gives the first value that is not there; all says that there is none.
func (l goldenLeaves) lack(values []recordedValue) (missing recordedValue, all bool) {
	i := slices.IndexFunc(values, func(v recordedValue) bool { return !l.have(v) })
	if i < 0 {
		return recordedValue{}, true
	}
	return values[i], false
}

func (l goldenLeaves) have(v recordedValue) bool {
	values, ok := l[v.key()]
	want := plainValue(v.value)
	return ok && (want == "" || slices.ContainsFunc(values, func(is string) bool {
		return is == want || strings.Contains(want, "://") && strings.HasSuffix(is, afterHost(want))
	}))
}

// afterHost is an address without what the operator's browserURL replaces.
func afterHost(address string) string {
	_, rest, _ := strings.Cut(address, "://")
	if i := strings.IndexAny(rest, "/#"); i >= 0 {
		return rest[i:]
	}
	return rest
}

// plainValue makes a value of XML and one of JSON comparable: moments in one form, enums without case and underscores.
func plainValue(s string) string {
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04:05-0700"} {
		if at, err := time.Parse(layout, s); err == nil {
			return at.UTC().Format(time.RFC3339)
		}
	}
	return strings.ToLower(strings.ReplaceAll(s, "_", ""))
}

func (l goldenLeaves) add(key string, value any) {
	switch v := value.(type) {
	case map[string]any:
		for name, inner := range v {
			l.add(name, inner)
		}
	case []any:
		for _, inner := range v {
			l.add(key, inner)
		}
	case nil:
		l[key] = append(l[key], "")
	case string:
		l[key] = append(l[key], plainValue(v))
	default:
		text, _ := json.Marshal(v)
		l[key] = append(l[key], strings.Trim(string(text), `"`))
	}
}

var playedFile = regexp.MustCompile(`(?m)^# GET .*?(\w+\.xml)`)

// goldensByRecording gathers the goldens of the cases that play a recording.
func goldensByRecording(t *testing.T) map[string]goldenLeaves {
	t.Helper()
	cases, err := filepath.Glob("testdata/recorded/tsc/*.graphql")
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]goldenLeaves{}
	for _, file := range cases {
		query, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		golden, err := os.ReadFile(strings.TrimSuffix(file, ".graphql") + ".golden.json")
		if err != nil {
			t.Fatal(err)
		}
		var document struct{ Data map[string]any }
		if err := json.Unmarshal(golden, &document); err != nil {
			t.Fatal(err)
		}
		for _, m := range playedFile.FindAllStringSubmatch(string(query), -1) {
			if all[m[1]] == nil {
				all[m[1]] = goldenLeaves{}
			}
			all[m[1]].add("", document.Data)
		}
	}
	return all
}
