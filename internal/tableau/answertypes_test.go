package tableau

import (
	"go/ast"
	"go/parser"
	"go/token"
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
