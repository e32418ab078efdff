package graphqlhttp

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
	"github.com/vektah/gqlparser/v2/parser"

	"vitrine/auth"
	"vitrine/internal/documents"
	"vitrine/internal/policy"
	"vitrine/internal/problem"
)

// Trusted are the documents that clients can name instead of sending them.
type Trusted struct {
	Store     *documents.Store     // of manifests; nil without any
	Automatic *documents.Automatic // of what callers register; nil where they may not
	Mode      policy.DocumentMode  // of callers whose roles name none
	// Pages are the documents of the pages of this server, by the SHA-256 of their texts. Each caller
	// gets the part that the schema of its roles has: see [policy.View.Part].
	Pages map[string]string
}

// The longest id of a document that is looked up.
const maxDocumentID = 200

// documentName is how a request names a document.
type documentName struct {
	id        string // as the store has it; empty where the request names none
	hash      string // of extensions.persistedQuery
	automatic bool   // named by extensions.persistedQuery
}

// named reads the name of a document, by the appendix of GraphQL over HTTP or as automatic persisted
// queries have it. Where nothing is stored, an extension beside a document is ignored.
func (t transport) named(q *request) (documentName, *httpError) {
	switch {
	case t.storesNothing() && q.Query != "" || !q.namesStored():
		return documentName{}, nil
	case t.storesNothing():
		return documentName{}, refuse(http.StatusBadRequest, problem.CodeNotPersisted, gqlerror.Errorf("PersistedQueryNotSupported"))
	}
	bad := func(text string) (documentName, *httpError) {
		return documentName{}, refuse(http.StatusBadRequest, problem.CodeBadInput, gqlerror.Errorf("%s", text))
	}
	if q.DocumentID != nil {
		id, ok := q.DocumentID.(string)
		switch {
		case !ok || id == "" || len(id) > maxDocumentID:
			return bad("documentId is a text of up to 200 characters")
		case q.Query != "":
			return bad("documentId and query exclude each other: send one of them")
		}
		return documentName{id: id}, nil
	}
	object, _ := q.Extensions["persistedQuery"].(map[string]any)
	hash, _ := object["sha256Hash"].(string)
	if object["version"] != json.Number("1") || hash == "" || len(hash) > maxDocumentID {
		return bad("extensions.persistedQuery is an object with version 1 and sha256Hash, a text")
	}
	return documentName{id: hash, hash: hash, automatic: true}, nil
}

func (t transport) storesNothing() bool {
	return t.Trusted.Store == nil && t.Trusted.Automatic == nil && len(t.Trusted.Pages) == 0
}

// located is a document that a request brought or named.
type located struct {
	name     documentName
	register bool // it can be kept under its hash, once it turns out to be valid
}

// locate finds the document of a request, which is then prepared as any other: the id of a document
// opens nothing that its text would not.
func (t transport) locate(ctx context.Context, v *viewEngine, q *request) (at located, refused *httpError) {
	if at.name, refused = t.named(q); refused != nil {
		return at, refused
	}
	at.register, refused = t.find(ctx, v, q, at.name)
	return at, refused
}

// register keeps a valid document under its hash, if that was asked for.
func (t transport) register(at located, q *request, id *auth.Identity) {
	if at.register {
		t.Trusted.Automatic.Add(at.name.hash, q.Query, id.Issuer+"\x00"+id.Subject)
	}
}

// find puts the document that a request names into it, and refuses one that is not trusted where
// only trusted ones run: nothing has parsed it by then. register reports that the document can be
// kept under its hash, once it turns out to be valid.
func (t transport) find(ctx context.Context, v *viewEngine, q *request, name documentName) (register bool, refused *httpError) {
	mode := v.view.Documents
	if mode == policy.DocumentsDefault {
		mode = t.Trusted.Mode
	}
	if name.id == "" {
		if mode > policy.DocumentsOff && !t.Trusted.Store.Trusts(q.Query) {
			return false, t.untrusted(ctx, mode, documents.Hash(q.Query))
		}
		return false, nil
	}
	if text, ok := t.Trusted.Pages[name.id]; ok && name.automatic && q.Query == "" {
		q.Query = v.partOf(name.id, text)
		t.Observe(ctx, slog.String("document", shortened(name.id)))
		return false, nil
	}
	text, listed := t.Trusted.Store.Find(name.id)
	if !listed && name.automatic {
		text, listed = t.Trusted.Store.Find("sha256:" + name.hash)
	}
	if listed {
		if q.Query != "" && q.Query != text {
			return false, wrongHash()
		}
		q.Query = text
		t.Observe(ctx, slog.String("document", shortened(name.id)))
		return false, nil
	}
	if mode > policy.DocumentsOff {
		if refused := t.untrusted(ctx, mode, name.id); refused != nil {
			return false, refused
		}
	}
	return t.findAutomatic(q, name)
}

// findAutomatic finds a document that a caller has registered, or lets this one be registered.
func (t transport) findAutomatic(q *request, name documentName) (register bool, refused *httpError) {
	if name.automatic && q.Query != "" {
		if documents.Hash(q.Query) != name.hash {
			return false, wrongHash()
		}
		return true, nil
	}
	if name.automatic {
		if text, ok := t.Trusted.Automatic.Find(name.hash); ok {
			q.Query = text
			return false, nil
		}
	}
	return false, refuse(http.StatusBadRequest, problem.CodeNotFoundPersisted, gqlerror.Errorf("PersistedQueryNotFound"))
}

// untrusted logs which document is not trusted, and refuses it where only trusted ones run.
func (t transport) untrusted(ctx context.Context, mode policy.DocumentMode, document string) *httpError {
	t.Observe(ctx, slog.String("untrustedDocument", shortened(document)))
	if mode != policy.DocumentsEnforce {
		return nil
	}
	return refuse(http.StatusBadRequest, problem.CodeNotTrusted, gqlerror.Errorf(
		"this document is not among the trusted ones: send the id of one that is, or ask your administrator to add it to a manifest"))
}

func wrongHash() *httpError {
	return refuse(http.StatusBadRequest, problem.CodeBadInput, gqlerror.Errorf("extensions.persistedQuery.sha256Hash is not the hash of the query beside it"))
}

// CheckText says what is wrong with the text of a trusted document, whatever roles its callers have.
func CheckText(limits policy.Limits) func(text string) error {
	return func(text string) error {
		if _, err := limits.CheckSource(text); err != nil {
			return err
		}
		doc, err := parser.ParseQuery(&ast.Source{Input: text})
		if err != nil {
			return err
		}
		if len(doc.Operations) == 0 {
			return gqlerror.Errorf("it has no operation")
		}
		for _, operation := range doc.Operations {
			if operation.Operation != ast.Query {
				return gqlerror.Errorf("it has a %s: this server has queries only", operation.Operation)
			}
		}
		return nil
	}
}

// CheckFor returns everything that would refuse a document for callers with these roles, whatever
// its variables are.
func (h *Handler) CheckFor(ctx context.Context, roles []string, text string) (problems []string) {
	v, err := h.viewFor(ctx, roles)
	if err != nil {
		return []string{err.Error()}
	}
	doc, refused := h.document(v, text)
	if refused != nil {
		return messagesOf(refused.errs)
	}
	for _, operation := range doc.Operations {
		if operation.Operation != ast.Query {
			problems = append(problems, fmt.Sprintf("it has a %s: this server has queries only", operation.Operation))
			continue
		}
		if refused := h.affordable(operation); refused != nil {
			problems = append(problems, messagesOf(refused.errs)...)
		}
		if price, known := doc.prices[operation]; known {
			if _, err := h.Limits.CheckCost(price.Points); err != nil {
				problems = append(problems, err.Error())
			}
		}
	}
	return problems
}

func messagesOf(errs gqlerror.List) (texts []string) {
	for _, err := range errs {
		text := err.Message
		if len(err.Locations) > 0 {
			text = fmt.Sprintf("line %d, column %d: %s", err.Locations[0].Line, err.Locations[0].Column, text)
		}
		texts = append(texts, text)
	}
	return texts
}
