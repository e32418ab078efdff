package policy

import (
	"slices"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
)

// callerWords says for a value of the enum Caller who may call a REST method; nothing for any
// signed-in user.
var callerWords = map[string]string{
	"ANYONE":       "no session needed",
	"OWNER":        "users for their own, administrators for all",
	"ADMIN":        "administrators",
	"SERVER_ADMIN": "server administrators",
}

// deploymentWords names a value of the enum Deployment.
var deploymentWords = map[string]string{"SERVER": "Tableau Server", "CLOUD": "Tableau Cloud"}

// describe returns a description with the facts of @rest and @since as its last line, such as
// "REST: GET views/{id}/image · API 2.5 · scope tableau:views:download".
func describe(description string, directives ast.DirectiveList) string {
	var paths, scopes, callers, facts []string
	later := false
	for _, d := range directives.ForNames(restDirective) {
		paths = appendNew(paths, restCall(d))
		scopes = appendNew(scopes, directiveText(d, "scope"))
		callers = appendNew(callers, callerWords[directiveText(d, "who")])
		later = later || directiveText(d, "later") == "true"
	}
	if len(paths) > 0 {
		facts = append(facts, "REST: "+strings.Join(paths, " or "))
	}
	if since := sinceWords(directives.ForNames(sinceDirective)); since != "" {
		facts = append(facts, since)
	}
	if len(scopes) > 0 {
		facts = append(facts, "scope "+strings.Join(scopes, " or "))
	}
	facts = append(facts, callers...)
	if later {
		facts = append(facts, "called when the link is fetched")
	}
	if len(facts) == 0 {
		return description
	}
	line := strings.Join(facts, " · ")
	if description == "" {
		return line
	}
	return description + factsBreak + line
}

// factsBreak is between a description and the facts of directives.
const factsBreak = "\n\n"

// restCall writes a @rest as method and path.
func restCall(d *ast.Directive) string {
	if path := directiveText(d, "get"); path != "" {
		return "GET " + path
	}
	if path := directiveText(d, "post"); path != "" {
		return "POST " + path
	}
	return ""
}

// sinceWords writes versions, such as "API 3.0 until 3.13 or 3.18 on Tableau Cloud".
func sinceWords(directives []*ast.Directive) string {
	var words []string
	for _, d := range directives {
		word := directiveText(d, "api")
		if until := directiveText(d, "until"); until != "" {
			word += " until " + until
		}
		if on := directiveText(d, "on"); on != "" {
			word += " on " + deploymentWords[on]
		}
		words = append(words, word)
	}
	if len(words) == 0 {
		return ""
	}
	return "API " + strings.Join(words, " or ")
}

// appendNew appends a text unless it is empty or there already.
func appendNew(list []string, text string) []string {
	if text == "" || slices.Contains(list, text) {
		return list
	}
	return append(list, text)
}
