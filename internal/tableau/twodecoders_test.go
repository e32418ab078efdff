package tableau

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"

	"vitrine/internal/tableau/rest"
	"vitrine/internal/tableau/rest/scan"
)

// decodeTwice decodes an answer as the door does and without the scanner, and reports a difference.
// The body is overwritten afterwards, as a reused buffer is.
func decodeTwice(t *testing.T, typ reflect.Type, body []byte, media string) {
	t.Helper()
	body = bytes.Clone(body)
	usual, general := reflect.New(typ).Interface().(rest.Answer), reflect.New(typ).Interface().(rest.Answer)
	generalErr := rest.DecodeUnusual(body, media, general)
	was := string(body)
	err := rest.Decode(body, media, usual)
	for i := range body {
		body[i] = '#'
	}
	if fmt.Sprint(err) != fmt.Sprint(generalErr) {
		t.Errorf("%s: error %v, without the scanner %v\n%.2000s", typ.Name(), err, generalErr, was)
	}
	if typ == reflect.TypeFor[rest.ElementAnswer]() { // decodes itself, its values in the order of a map
		return
	}
	if err == nil && !reflect.DeepEqual(usual, general) {
		t.Errorf("%s: decoded as\n%+v, without the scanner as\n%+v\n%.2000s", typ.Name(), dump(reflect.ValueOf(usual)), dump(reflect.ValueOf(general)), was)
	}
}

// oddAnswerBodies are the bodies of odd answers that were reported.
func oddAnswerBodies(tb testing.TB) [][]byte {
	tb.Helper()
	text, err := os.ReadFile("../../test/recorded/testdata/odd/answers.json")
	if err != nil {
		tb.Fatal(err)
	}
	var cases []struct {
		Answers map[string]struct{ Body json.RawMessage }
	}
	if err := json.Unmarshal(text, &cases); err != nil || len(cases) == 0 {
		tb.Fatalf("%d cases, error %v", len(cases), err)
	}
	var bodies [][]byte
	for _, c := range cases {
		for _, answer := range c.Answers {
			body := []byte(answer.Body)
			var text string
			if json.Unmarshal(body, &text) == nil { // it is not JSON
				body = []byte(text)
			}
			bodies = append(bodies, body)
		}
	}
	return bodies
}

// TestBothDecodersReadRecordedAnswersAlike plays every recorded answer to both decoders, in every
// type that reads it, also with an odd value in a random place. It holds that the scanner reads
// most of them.
func TestBothDecodersReadRecordedAnswersAlike(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(3, 4))
	scanned, all := 0, 0
	seeds := recordedAnswers(t)
	for _, text := range slices.Sorted(maps.Keys(seeds)) {
		body := []byte(text)
		for _, typ := range seeds[text] {
			decodeTwice(t, typ, body, "")
			if body[0] != '{' || typ == reflect.TypeFor[rest.ElementAnswer]() || typ == reflect.TypeFor[collectionAnswer]() ||
				strings.HasPrefix(text, `{"error"`) {
				continue
			}
			all++
			if scan.Decode(body, reflect.New(typ).Interface(), nil, nil).OK {
				scanned++
			}
			var document any
			if err := json.Unmarshal(body, &document); err != nil {
				t.Fatal(err)
			}
			places := placesIn(document, nil)
			for range min(40, 4*len(places)) {
				odd := oddValues[random.IntN(len(oddValues))]
				decodeTwice(t, typ, places[random.IntN(len(places))].with(document, json.RawMessage(odd)), "application/json")
			}
		}
	}
	if scanned < all*9/10 {
		t.Errorf("%d of %d were scanned", scanned, all)
	}
}

// TestBothDecodersReadOddAnswersAlike plays the odd answers to both decoders, in every type.
func TestBothDecodersReadOddAnswersAlike(t *testing.T) {
	t.Parallel()
	for _, text := range nestedBodies() {
		decodeTwice(t, reflect.TypeFor[workbooksAnswer](), []byte(text), "application/json")
	}
	bodies := oddAnswerBodies(t)
	for _, text := range []string{
		``, ` `, `{`, `{}`, `[]`, `null`, `7`, `"x"`, `{"workbooks":{}}`, `{"workbooks":null}`, `{"workbooks":[]}`, `{"workbooks":{"workbook":[]}}`,
		`{"workbooks":{"workbook":[{}]}}`, `{"workbooks":{"workbook":[null]}}`, `{"workbook":{}}`, `{"pagination":{"totalAvailable":"0"}}`,
		`{"error":{}}`, `{"error":{"code":"404001"}}`, `{"error":null,"workbooks":{}}`,
		`{"workbooks":{"workbook":[{"id":"a","name":"A"}]}} `, `{"workbooks":{"workbook":[{"id":"a","name":"A"}]}}x`,
		`{"workbooks":{"workbook":[{"id":"a","name":"A","name":"B"}]}}`, `{"workbooks":{"workbook":[{"id":"a","NAME":"A"}]}}`,
		`{"workbooks":{"workbook":[{"id":"a","project":{"id":"p"},"project":{"name":"P"}}]}}`, `{"Workbooks":{"WORKBOOK":[{"Id":"a"}]}}`,
		`{"workbooks":{"workbook":[{"id":"a","tags":{"tag":[{"label":"x"},{},{"label":"x"}]}},{"id":"b","tags":{"tag":[{"label":"x"},null,{"label":"x"}]}}]}}`,
		"{\"workbooks\":{\"workbook\":[{\"id\":\"a\",\"name\":\"\xe9\"}]}}", "{\"workbooks\":{\"workbook\":[{\"id\":\"a\",\"other\":\"\xe9\"}]}}",
		`{"workbooks":{"workbook":[{"id":"a","size":99999999999999999999,"showTabs":1,"createdAt":1714550400000}]}}`,
		`{"workbooks":{"workbook":[{"id":"ABCDEFAB-1111-4111-8111-ABCDEFABCDEF","size":-3,"name":"\ud83d\ude00\ud83d\n\u0000"}]}}`,
	} {
		bodies = append(bodies, []byte(text))
	}
	for _, body := range bodies {
		for _, typ := range answerTypes {
			decodeTwice(t, typ, body, "application/json")
			decodeTwice(t, typ, body, "application/json;charset=iso-8859-1")
		}
	}
}

// TestEqualReferencesAreOneObject holds that a page with many equal projects and owners has each of
// them once.
func TestEqualReferencesAreOneObject(t *testing.T) {
	t.Parallel()
	var a workbooksAnswer
	if err := rest.Decode(pageJSON(200), "application/json", &a); err != nil {
		t.Fatal(err)
	}
	projects, owners := map[*Project]bool{}, map[*User]bool{}
	for _, w := range a.Workbooks.Items {
		projects[w.ProjectRef], owners[w.OwnerRef] = true, true
	}
	if len(projects) > 40 || len(owners) > 100 { // 20 and 50, and some that share a slot of the table
		t.Errorf("%d projects and %d owners", len(projects), len(owners))
	}
	first, other := a.Workbooks.Items[0], a.Workbooks.Items[1]
	if first.ProjectRef == other.ProjectRef || first.ProjectRef.LUID == other.ProjectRef.LUID {
		t.Errorf("different projects are one: %+v", first.ProjectRef)
	}
}

// FuzzBothDecoders holds that both decoders read any body alike, in any type.
func FuzzBothDecoders(f *testing.F) {
	for body, types := range recordedAnswers(f) {
		for _, typ := range types {
			f.Add([]byte(body), uint(slices.Index(answerTypes, typ)))
		}
	}
	for _, body := range append(oddAnswerBodies(f), pageJSON(2)) {
		f.Add(body, uint(slices.Index(answerTypes, reflect.TypeFor[workbooksAnswer]())))
	}
	f.Fuzz(func(t *testing.T, body []byte, typ uint) {
		into := answerTypes[typ%uint(len(answerTypes))]
		if strings.Contains(string(body), "<") { // XML has one decoder
			return
		}
		decodeTwice(t, into, body, "application/json")
	})
}
