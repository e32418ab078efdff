package tableau

import (
	"encoding/json"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"math/rand/v2"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"vitrine/internal/tableau/rest"
)

// answerTypes are all types that answers are decoded into by their tags.
var answerTypes = []reflect.Type{
	reflect.TypeFor[rest.ElementAnswer](),
	reflect.TypeFor[certificationsAnswer](),
	reflect.TypeFor[collectionAnswer](),
	reflect.TypeFor[collectionItemsAnswer](),
	reflect.TypeFor[collectionsAnswer](),
	reflect.TypeFor[columnAnswer](),
	reflect.TypeFor[columnsAnswer](),
	reflect.TypeFor[connectionsAnswer](),
	reflect.TypeFor[currentSessionAnswer](),
	reflect.TypeFor[customViewAnswer](),
	reflect.TypeFor[customViewsAnswer](),
	reflect.TypeFor[dataAlertsAnswer](),
	reflect.TypeFor[dataSourceAnswer](),
	reflect.TypeFor[dataSourcesAnswer](),
	reflect.TypeFor[databaseAnswer](),
	reflect.TypeFor[databasesAnswer](),
	reflect.TypeFor[domainsAnswer](),
	reflect.TypeFor[downgradeAnswer](),
	reflect.TypeFor[extractRefreshTasksAnswer](),
	reflect.TypeFor[extractsAnswer](),
	reflect.TypeFor[favoritesAnswer](),
	reflect.TypeFor[flowAnswer](),
	reflect.TypeFor[flowRunAnswer](),
	reflect.TypeFor[flowRunsAnswer](),
	reflect.TypeFor[flowTasksAnswer](),
	reflect.TypeFor[flowsAnswer](),
	reflect.TypeFor[groupSetAnswer](),
	reflect.TypeFor[groupSetsAnswer](),
	reflect.TypeFor[groupsAnswer](),
	reflect.TypeFor[jobAnswer](),
	reflect.TypeFor[jobsAnswer](),
	reflect.TypeFor[labelAnswer](),
	reflect.TypeFor[labelCategoriesAnswer](),
	reflect.TypeFor[labelValueAnswer](),
	reflect.TypeFor[labelValuesAnswer](),
	reflect.TypeFor[labelsAnswer](),
	reflect.TypeFor[linkedTasksAnswer](),
	reflect.TypeFor[permissionsAnswer](),
	reflect.TypeFor[personalSpaceAnswer](),
	reflect.TypeFor[projectsAnswer](),
	reflect.TypeFor[recentsAnswer](),
	reflect.TypeFor[recommendationsAnswer](),
	reflect.TypeFor[recycledAnswer](),
	reflect.TypeFor[revisionsAnswer](),
	reflect.TypeFor[scheduleAnswer](),
	reflect.TypeFor[schedulesAnswer](),
	reflect.TypeFor[searchAnswer](),
	reflect.TypeFor[serverExtensionsAnswer](),
	reflect.TypeFor[siteAnswer](),
	reflect.TypeFor[siteSettingsAnswer](),
	reflect.TypeFor[sitesAnswer](),
	reflect.TypeFor[subscriptionAnswer](),
	reflect.TypeFor[subscriptionsAnswer](),
	reflect.TypeFor[suggestionsAnswer](),
	reflect.TypeFor[tableAnswer](),
	reflect.TypeFor[tablesAnswer](),
	reflect.TypeFor[tokensAnswer](),
	reflect.TypeFor[triggersAnswer](),
	reflect.TypeFor[usageAnswer](),
	reflect.TypeFor[userAnswer](),
	reflect.TypeFor[usersAnswer](),
	reflect.TypeFor[viewAnswer](),
	reflect.TypeFor[viewsAnswer](),
	reflect.TypeFor[virtualConnectionAnswer](),
	reflect.TypeFor[virtualConnectionsAnswer](),
	reflect.TypeFor[warningsAnswer](),
	reflect.TypeFor[webhooksAnswer](),
	reflect.TypeFor[workbookAnswer](),
	reflect.TypeFor[workbooksAnswer](),
}

// pulseAnswerTypes are those of Tableau Pulse, which has no XML.
var pulseAnswerTypes = []reflect.Type{
	reflect.TypeFor[followersAnswer](),
	reflect.TypeFor[insightsAnswer](),
	reflect.TypeFor[pulseDefinitionAnswer](),
	reflect.TypeFor[pulseDefinitionsAnswer](),
	reflect.TypeFor[pulseMetricAnswer](),
	reflect.TypeFor[pulseMetricsAnswer](),
	reflect.TypeFor[pulseSubscriptionAnswer](),
	reflect.TypeFor[pulseSubscriptionsAnswer](),
}

// TestAnswerTypesAreAllTried holds that the lists above are whole.
func TestAnswerTypesAreAllTried(t *testing.T) {
	t.Parallel()
	found, answerTypes := 0, slices.Concat(answerTypes, pulseAnswerTypes)
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(parsed, func(n ast.Node) bool {
			spec, ok := n.(*ast.TypeSpec)
			if !ok {
				return true
			}
			object, ok := spec.Type.(*ast.StructType)
			if !ok || len(object.Fields.List) == 0 {
				return true
			}
			first, ok := object.Fields.List[0].Type.(*ast.SelectorExpr)
			if ok {
				found++
			}
			if ok && first.Sel.Name == "Envelope" && len(object.Fields.List[0].Names) == 0 &&
				!slices.ContainsFunc(answerTypes, func(t reflect.Type) bool { return t.Name() == spec.Name.Name }) {
				t.Errorf("%s: %s is not among answerTypes", file, spec.Name.Name)
			}
			return true
		})
	}
	if found < len(answerTypes)-1 { // one is in package rest
		t.Errorf("%d types with an envelope were found, and %d are listed", found, len(answerTypes))
	}
}

// read decodes as the door does.
func readAnswer(t reflect.Type, body []byte) (any, error) {
	into := reflect.New(t).Interface().(rest.Answer)
	if err := rest.Decode(body, "", into); err != nil {
		return nil, err
	}
	return dump(reflect.ValueOf(into)), nil
}

// dump gives what was decoded as maps, lists and scalars, to compare.
func dump(v reflect.Value) any {
	switch v.Kind() {
	case reflect.Pointer:
		if v.IsNil() {
			return nil
		}
		return dump(v.Elem())
	case reflect.Struct:
		if !v.CanInterface() {
			return nil
		}
		switch v.Interface().(type) {
		case rest.Element: // it takes everything
			return nil
		case Int, Long, Time, Secret:
			return fmt.Sprintf("%+v", v.Interface())
		}
		m := map[string]any{}
		for i := range v.NumField() {
			if field := v.Type().Field(i); field.IsExported() || field.Anonymous {
				m[field.Name] = dump(v.Field(i))
			}
		}
		return m
	case reflect.Slice:
		if v.Type().Elem().Kind() == reflect.Uint8 {
			return string(v.Bytes())
		}
		list := make([]any, v.Len())
		for i := range list {
			list[i] = dump(v.Index(i))
		}
		return list
	default:
		return fmt.Sprintf("%v", v)
	}
}

// spared says whether what one answer says is left in another, except where a third, which lacks
// one member, differs from the first.
func spared(whole, without, odd any) bool {
	if reflect.DeepEqual(whole, without) {
		return reflect.DeepEqual(whole, odd)
	}
	if reflect.DeepEqual(odd, without) || reflect.DeepEqual(odd, whole) {
		return true
	}
	switch whole := whole.(type) {
	case map[string]any:
		w, ok1 := without.(map[string]any)
		o, ok2 := odd.(map[string]any)
		if !ok1 || !ok2 {
			return !ok1
		}
		for name := range whole {
			if !spared(whole[name], w[name], o[name]) {
				return false
			}
		}
	case []any:
		w, _ := without.([]any)
		o, _ := odd.([]any)
		return sparedItems(whole, w, o)
	}
	return true
}

// sparedItems is spared for lists: the one that lacks a member may lack an item.
func sparedItems(whole, without, odd []any) bool {
	if len(without) == 0 || len(whole) == 0 {
		return true // the list itself, or its only item
	}
	if len(without) == len(whole) {
		if len(odd) != len(whole) {
			return false
		}
		for i := range whole {
			if !spared(whole[i], without[i], odd[i]) {
				return false
			}
		}
		return true
	}
	left := 0 // items that are in all three
	for _, item := range without {
		if slices.ContainsFunc(odd, func(o any) bool { return reflect.DeepEqual(o, item) }) {
			left++
		}
	}
	return left == len(without) && len(odd) <= len(whole)
}

// oddValues are values that may replace any member.
var oddValues = []string{
	`null`, `""`, `[]`, `{}`, `[{}]`, `[null]`, `[[]]`, `[""]`, `7`, `-1.5e300`, `true`, `"x"`, `"../x"`, `{"a":1}`, `[{"a":1},{"a":2}]`, `{"id":{}}`,
	`"2024-02-30T99:99:99Z"`, `"99999999999999999999"`, `"\u0000\u001f"`, `[[[[1]]]]`, `{"id":"a","name":[]}`,
}

// place is a member of a JSON document.
type place struct {
	object map[string]any
	name   string
	list   *[]any
	index  int
}

// empty says whether nothing is there.
func (p place) empty() bool {
	v := p.object[p.name]
	if p.list != nil {
		v = (*p.list)[p.index]
	}
	text, err := json.Marshal(v)
	return err == nil && slices.Contains([]string{`null`, `""`, `{}`, `[]`}, string(text))
}

func placesIn(v any, found []place) []place {
	switch v := v.(type) {
	case map[string]any:
		for _, name := range slices.Sorted(maps.Keys(v)) {
			found = append(found, place{object: v, name: name})
			if list, ok := v[name].([]any); ok {
				for i := range list {
					found = append(found, place{object: v, name: name, list: &list, index: i})
					found = placesIn(list[i], found)
				}
				continue
			}
			found = placesIn(v[name], found)
		}
	}
	return found
}

// with gives the document with another value in a place; nothing takes the member out.
func (p place) with(document any, other json.RawMessage) []byte {
	before := p.object[p.name]
	switch {
	case p.list == nil && other == nil:
		delete(p.object, p.name)
	case p.list == nil:
		p.object[p.name] = other
	default:
		list := slices.Clone(*p.list)
		if list[p.index] = other; other == nil {
			list = slices.Delete(list, p.index, p.index+1)
		}
		p.object[p.name] = list
	}
	text, err := json.Marshal(document)
	p.object[p.name] = before
	if err != nil {
		panic(err)
	}
	return text
}

// tryOdd puts an odd value into one place of a JSON answer: it may cost no more than leaving the
// member out would.
func tryOdd(t *testing.T, typ reflect.Type, body []byte, pick, value uint) {
	t.Helper()
	var document any
	if json.Unmarshal(body, &document) != nil {
		return
	}
	places := placesIn(document, nil)
	whole, err := readAnswer(typ, body)
	if err != nil || len(places) == 0 {
		return
	}
	p := places[pick%uint(len(places))]
	if p.name == "error" || p.empty() { // that is another answer, or one that says more
		return
	}
	other := oddValues[value%uint(len(oddValues))]
	if p.name == "id" && strings.Contains(other, "id") {
		return
	}
	mutated := p.with(document, json.RawMessage(other))
	without, withoutErr := readAnswer(typ, p.with(document, nil))
	odd, oddErr := readAnswer(typ, mutated)
	if oddErr != nil {
		// an answer may be lost with its container only
		if withoutErr == nil && len(places) > 0 {
			t.Errorf("%s: %s in the place of %s costs the answer: %v\n%.2000s", typ.Name(), other, p.name, oddErr, mutated)
		}
		return
	}
	if withoutErr == nil && !spared(whole, without, odd) {
		t.Errorf("%s: %s in the place of %s (%d) costs more than it\n%.2000s", typ.Name(), other, p.name, p.index, mutated)
	}
}

// TestOddMembersCostNoMoreThanThemselves tries random odd members in every recorded answer, in
// every type that reads it.
func TestOddMembersCostNoMoreThanThemselves(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(1, 2))
	tried := 0
	seeds := recordedAnswers(t)
	for _, body := range slices.Sorted(maps.Keys(seeds)) {
		if body[0] != '{' {
			continue
		}
		for _, typ := range seeds[body] {
			for range 40 {
				tryOdd(t, typ, []byte(body), uint(random.Uint32()), uint(random.Uint32()))
				tried++
			}
		}
	}
	if tried < 1000 {
		t.Errorf("%d were tried", tried)
	}
}

// TestOddMembersOfPulseCostNoMoreThanThemselves does the same with answers of Pulse.
func TestOddMembersOfPulseCostNoMoreThanThemselves(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(3, 4))
	seeds, tried := pulseAnswers(t), 0
	for _, body := range slices.Sorted(maps.Keys(seeds)) {
		for _, typ := range seeds[body] {
			for range 100 {
				tryOdd(t, typ, []byte(body), uint(random.Uint32()), uint(random.Uint32()))
				tried++
			}
		}
	}
	if tried < 800 {
		t.Errorf("%d were tried", tried)
	}
}

// FuzzOddMembers is the same without end.
func FuzzOddMembers(f *testing.F) {
	answerTypes := slices.Concat(answerTypes, pulseAnswerTypes)
	seeds := recordedAnswers(f)
	maps.Copy(seeds, pulseAnswers(f))
	for body, types := range seeds {
		for _, typ := range types {
			f.Add([]byte(body), uint(slices.Index(answerTypes, typ)), uint(len(body)), uint(3))
		}
	}
	f.Fuzz(func(t *testing.T, body []byte, typ, pick, value uint) {
		into := answerTypes[typ%uint(len(answerTypes))]
		if _, err := readAnswer(into, body); err != nil {
			return
		}
		tryOdd(t, into, body, pick, value)
	})
}
