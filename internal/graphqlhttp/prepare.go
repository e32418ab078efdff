package graphqlhttp

import (
	"errors"
	"net/http"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
	"github.com/vektah/gqlparser/v2/parser"

	"vitrine/internal/policy"
	"vitrine/internal/problem"
)

// httpError is the answer to a request that is not executed.
type httpError struct {
	status int
	errs   gqlerror.List
}

// prepare checks a document before execution: limits first, each counted once, then parsing, then
// validation against the schema that the caller sees. A document that fails is not walked any further.
func (e *engine) prepare(v *viewEngine, q *request) (*prepared, *httpError) {
	doc, refused := e.document(v, q.Query)
	if refused != nil {
		return nil, refused
	}
	operation, err := operationOf(doc.QueryDocument, q.OperationName)
	if err != nil {
		return nil, refuse(http.StatusBadRequest, problem.CodeValidationFailed, gqlerror.Errorf("%s", err.Error()))
	}
	if refused := e.affordable(operation); refused != nil {
		return nil, refused
	}
	variables, errs := v.coercer().Variables(operation, q.Variables)
	if len(errs) > 0 {
		return nil, refuse(http.StatusBadRequest, problem.CodeValidationFailed, v.view.Quiet(errs)...)
	}
	price, over, err := e.price(v, doc, operation, variables)
	if err != nil && !q.extension("dryRun") {
		return nil, refuseLimit(err)
	}
	if refused := e.schemaFits(price); refused != nil && !q.extension("dryRun") {
		return nil, refused
	}
	collected := &answer{most: e.AnswerBytes, room: e.bytes}
	return &prepared{price: price, over: over, answer: collected, document: doc, OperationContext: &graphql.OperationContext{
		RawQuery: q.Query, Variables: variables, OperationName: q.OperationName, Doc: doc.QueryDocument, Operation: operation,
		DisableIntrospection: !v.view.Introspection,
		RecoverFunc:          Recovered,
	}}, nil
}

func (e *engine) document(v *viewEngine, query string) (*document, *httpError) {
	if doc := v.documents.get(query); doc != nil {
		return doc, nil
	}
	over, err := e.Limits.CheckSource(query)
	if err != nil {
		return nil, refuseLimit(err)
	}
	if hasLoneSurrogate(query) {
		return nil, refuse(http.StatusBadRequest, problem.CodeParseFailed, gqlerror.Errorf("%s", errSurrogate))
	}
	doc, err := parser.ParseQuery(&ast.Source{Input: query})
	if err != nil {
		return nil, refuse(http.StatusBadRequest, problem.CodeParseFailed, asGQLError(err))
	}
	counted, err := e.Limits.CheckDocument(doc)
	if err != nil {
		return nil, refuseLimit(err)
	}
	if len(doc.Operations) == 0 {
		return nil, refuse(http.StatusBadRequest, problem.CodeValidationFailed, gqlerror.Errorf("the document has no operation"))
	}
	if refused := namesFit(doc); refused != nil {
		return nil, refused
	}
	if errs := v.view.Validate(doc); len(errs) > 0 {
		return nil, refuse(http.StatusBadRequest, problem.CodeValidationFailed, errs...)
	}
	if errs := v.coercer().Document(doc); len(errs) > 0 {
		return nil, refuse(http.StatusBadRequest, problem.CodeValidationFailed, v.view.Quiet(errs)...)
	}
	priced := pricedDocument(v.view, doc, append(over, counted...))
	e.keep(v, query, priced)
	return priced, nil
}

func operationOf(doc *ast.QueryDocument, name string) (*ast.OperationDefinition, error) {
	if name == "" && len(doc.Operations) > 1 {
		return nil, errors.New("the document has several operations: name one in operationName")
	}
	if operation := doc.Operations.ForName(name); operation != nil {
		return operation, nil
	}
	return nil, errors.New("the document has no operation of the name in operationName")
}

func refuse(status int, code string, errs ...*gqlerror.Error) *httpError {
	for _, err := range policy.CapErrors(errs) {
		err.Path = shortPath(err.Path)
		if err.Extensions == nil {
			err.Extensions = map[string]any{}
		}
		err.Extensions["code"] = code
	}
	return &httpError{status, errs}
}

func refuseLimit(err error) *httpError {
	var limit *policy.LimitError
	if !errors.As(err, &limit) {
		return refuse(http.StatusBadRequest, problem.CodeParseFailed, asGQLError(err))
	}
	status := http.StatusBadRequest
	if limit.Code == policy.CodeTooLarge {
		status = http.StatusRequestEntityTooLarge
	}
	return refuse(status, limit.Code, gqlerror.Errorf("%s", limit.Error()))
}

func asGQLError(err error) *gqlerror.Error {
	var g *gqlerror.Error
	if errors.As(err, &g) {
		return g
	}
	return gqlerror.Errorf("%s", err.Error())
}
