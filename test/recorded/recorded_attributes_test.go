package recorded

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
	"metrics_get.xml":                      "retired by Tableau with API 3.22",
	"server_info_404.xml":                  "an error",
	"server_info_auth_info.xml":            "of servers older than the REST API's oldest version that Vitrine speaks",
	"tasks_with_dataacceleration_task.xml": "retired by Tableau: its case shows that such tasks are left out",
}

// shownAs are attributes that the schema has under another name than Tableau: of one element, or,
// with a bare @, of all. Their field may be named with the one around it, where its own name says
// too little.
var shownAs = map[string]string{
	"schedule@type":                     "typeRaw",
	"database@type":                     "typeRaw",
	"job@mode":                          "modeRaw",
	"site@extractEncryptionMode":        "extractEncryptionModeRaw",
	"user@authSetting":                  "authSettingRaw",
	"siteAuthConfiguration@authSetting": "authSettingRaw",
	"schedule@executionOrder":           "executionOrderRaw",
	"interval@weekDay":                  "weekDayRaw",
	"flow@fileType":                     "fileTypeRaw",
	"@backgroundJobId":                  "job.luid",
	"@encryptExtracts":                  "areExtractsEncrypted",
	"@id":                               "luid",
	"@showTabs":                         "showsTabs",
	"@size":                             "sizeMegabytes",
	"@useRemoteQueryAgent":              "usesBridge",
	"@webpageUrl":                       "url",
	"allowTrusted@#text":                "areTrustedAllowed",
	"askData@enablement":                "askDataEnablement",
	"backgroundJob@endedAt":             "completedAt",
	"backgroundJob@jobType":             "type",
	"capability@mode":                   "isAllowed",
	"capability@name":                   "capabilityRaw",
	"collection@permissionedItemCount":  "visibleItemCount",
	"comparisonRecord@acceleratedSessionCount":   "acceleratedSessionCount",
	"comparisonRecord@averageAcceleratedPLT":     "averageAcceleratedSeconds",
	"comparisonRecord@averageNonAcceleratedPLT":  "averagePlainSeconds",
	"comparisonRecord@sheetURI":                  "sheetUri",
	"comparisonRecord@unacceleratedSessionCount": "plainSessionCount",
	"connection@dbClass":                         "driverClass",
	"connection@embedPassword":                   "hasEmbeddedPassword",
	"connection@username":                        "userName",
	"content@#text":                              "definition",
	"content@sendIfViewEmpty":                    "isSentIfEmpty",
	"content@type":                               "target.__typename",
	"customView@shared":                          "isShared",
	"dataAlert@creatorId":                        "creator.luid",
	"dataAlert@public":                           "isPublic",
	"database@contentPermissions":                "permissionModeRaw",
	"domain@name":                                "domain",
	"extensionsEnabled@#text":                    "isEnabled",
	"extensionsGloballyEnabled@#text":            "isEnabled",
	"extractRefresh@consecutiveFailedCount":      "consecutiveFailureCount",
	"flowRun@flowId":                             "flow.luid",
	"flowRuns@flowId":                            "flow.luid",
	"frequencyDetails@end":                       "endTime",
	"frequencyDetails@start":                     "startTime",
	"fullDataAllowed@#text":                      "isFullDataAllowed",
	"includePartnerBuilt@#text":                  "arePartnerBuiltAllowed",
	"includeSandboxed@#text":                     "areSandboxedAllowed",
	"includeTableauBuilt@#text":                  "areTableauBuiltAllowed",
	"notes@#text":                                "notes.text",
	"project@contentPermissions":                 "permissionMode",
	"project@parentProjectId":                    "parent.luid",
	"promptNeeded@#text":                         "isPromptNeeded",
	"restApiVersion@#text":                       "apiVersion",
	"revision@current":                           "isCurrent",
	"revision@deleted":                           "isDeleted",
	"revision@revisionNumber":                    "number",
	"site@allowSubscriptionAttachments":          "areSubscriptionAttachmentsAllowed",
	"site@cacheWarmupEnabled":                    "isCacheWarmupEnabled",
	"site@catalogingEnabled":                     "isCatalogEnabled",
	"site@catalogObfuscationEnabled":             "isCatalogObfuscationEnabled",
	"site@commentingEnabled":                     "isCommentingEnabled",
	"site@commentingMentionsEnabled":             "areCommentMentionsEnabled",
	"site@derivedPermissionsEnabled":             "areDerivedPermissionsEnabled",
	"site@disableSubscriptions":                  "areSubscriptionsDisabled",
	"site@editingFlowsEnabled":                   "isFlowEditingEnabled",
	"site@guestAccessEnabled":                    "isGuestAccessEnabled",
	"site@isDataAlertsEnabled":                   "areDataAlertsEnabled",
	"site@numUsers":                              "usage.userCount",
	"site@requestAccessEnabled":                  "isRequestAccessEnabled",
	"site@revisionHistoryEnabled":                "isRevisionHistoryEnabled",
	"site@runNowEnabled":                         "isRunNowEnabled",
	"site@schedulingFlowsEnabled":                "isFlowSchedulingEnabled",
	"site@storage":                               "usage.storageMegabytes",
	"site@storageQuota":                          "storageQuotaMegabytes",
	"site@subscribeOthersEnabled":                "canSubscribeOthers",
	"site@tierCreatorCapacity":                   "creatorCapacity",
	"site@tierExplorerCapacity":                  "explorerCapacity",
	"site@tierViewerCapacity":                    "viewerCapacity",
	"site@useDefaultTimeZone":                    "usesDefaultTimeZone",
	"siteAuthConfiguration@enabled":              "isEnabled",
	"siteAuthConfiguration@idpConfigurationName": "name",
	"statusNote@text":                            "notes.text",
	"statusNote@type":                            "notes.type",
	"statusNote@value":                           "notes.value",
	"statusNotes@#text":                          "notes.text",
	"subscription@attachImage":                   "attachesImage",
	"subscription@attachPdf":                     "attachesPdf",
	"subscription@pageOrientation":               "orientationRaw",
	"subscription@pageSizeOption":                "paperRaw",
	"subscription@suspended":                     "isSuspended",
	"usage@totalViewCount":                       "viewCount",
	"useDefaultSetting@#text":                    "usesDefault",
	"user@lastLogin":                             "lastLoginAt",
}

// shownLike are values that the schema has in another form than Tableau, and that are no mere
// matter of spelling.
var shownLike = map[string]map[string]string{
	"capability@mode": {"Allow": "true", "Deny": "false"},
}

// notShown are attributes of recordings that the schema does not have, with the reason.
var notShown = map[string]string{
	"connectionLuid@#text": "only of jobs that update a file of a connection: target is the data source, which lists its connections",
}

// TestRecordedAttributesAreShown holds that every recording is played, and that every attribute
// that recordings have is shown: in the golden of a case that plays such a recording, with all its
// values there, or in a list with the reason why not.
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
	shown, missing, used := map[string]bool{}, map[string]string{}, map[string]bool{}
	for _, file := range recordings {
		name := filepath.Base(file)
		if notPlayed[name] != "" {
			continue
		}
		if goldens[name] == nil {
			t.Errorf("%s: no case in testdata/recorded/{tsc,operations} plays it", name)
			continue
		}
		for coordinate, values := range attributesOf(t, file) {
			used[values[0].named()] = true
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
	for coordinate := range shownAs {
		if !used[coordinate] {
			t.Errorf("%s has a name in shownAs, but no recording has it", coordinate)
		}
	}
}

// recordedValue is an attribute of an element, or its text under the name #text.
type recordedValue struct{ element, name, value string }

func (v recordedValue) coordinate() string { return v.element + "@" + v.name }

// named is its coordinate in shownAs; empty where it has none.
func (v recordedValue) named() string {
	for _, coordinate := range []string{v.coordinate(), "@" + v.name} {
		if shownAs[coordinate] != "" {
			return coordinate
		}
	}
	return ""
}

// key is the field of the schema that shows it.
func (v recordedValue) key() string {
	switch named := v.named(); {
	case named != "":
		return shownAs[named]
	case v.name == "#text":
		return v.element
	default:
		return v.name
	}
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

// goldenLeaves are the values of goldens by the names of their fields, both alone and behind the
// name of the field around.
type goldenLeaves map[string][]string

// lack gives the first value that is not there; all reports that all are missing.
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
	if other, ok := shownLike[v.coordinate()][v.value]; ok {
		want = other
	}
	return ok && (want == "" || slices.Contains(values, want) || slices.Contains(values, forBrowsers(want)))
}

// forBrowsers is an address below the browserURL of playerSettings, and any other value as it is.
func forBrowsers(value string) string {
	_, rest, ok := strings.Cut(value, "://")
	if !ok {
		return value
	}
	if i := strings.IndexAny(rest, "/#"); i >= 0 {
		return "https://tableau.example.com" + rest[i:]
	}
	return "https://tableau.example.com"
}

// wholeNumber is one that is written as a fraction.
var wholeNumber = regexp.MustCompile(`^(\d+)\.0+$`)

// plainValue makes a value of XML and one of JSON comparable: moments and whole numbers in one
// form, enums without case and underscores.
func plainValue(s string) string {
	if m := wholeNumber.FindStringSubmatch(s); m != nil {
		return m[1]
	}
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04:05-0700"} {
		if at, err := time.Parse(layout, s); err == nil {
			return at.UTC().Format(time.RFC3339)
		}
	}
	return strings.ToLower(strings.ReplaceAll(s, "_", ""))
}

// add takes the value of a field, which is within another.
func (l goldenLeaves) add(within, field string, value any) {
	text := ""
	switch v := value.(type) {
	case map[string]any:
		for name, inner := range v {
			l.add(field, name, inner)
		}
		return
	case []any:
		for _, inner := range v {
			l.add(within, field, inner)
		}
		return
	case nil:
	case string:
		text = plainValue(v)
	default:
		plain, _ := json.Marshal(v)
		text = plainValue(string(plain))
	}
	for _, key := range []string{field, within + "." + field} {
		l[key] = append(l[key], text)
	}
}

// playedLine is a line of a case that answers, and playedFile a file in it; those that were made by
// hand are no recordings.
var (
	playedLine = regexp.MustCompile(`(?m)^# GET .* = (.*)$`)
	playedFile = regexp.MustCompile(`(?:made/)?\w+\.xml`)
)

// goldensByRecording gathers the goldens of the cases that play a recording.
func goldensByRecording(t *testing.T) map[string]goldenLeaves {
	t.Helper()
	var cases []string
	for _, dir := range []string{"tsc", "operations"} {
		found, err := filepath.Glob(filepath.Join("testdata/recorded", dir, "*.graphql"))
		if err != nil || len(found) == 0 {
			t.Fatalf("no cases in %s: %v", dir, err)
		}
		cases = append(cases, found...)
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
		for _, answers := range playedLine.FindAllStringSubmatch(string(query), -1) {
			for _, name := range playedFile.FindAllString(answers[1], -1) {
				if all[name] == nil {
					all[name] = goldenLeaves{}
				}
				all[name].add("", "", document.Data)
			}
		}
	}
	return all
}
