package tableausim

import (
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// formsWorld asks a stand-in for both forms of its answers, as the administrator of the default
// site.
type formsWorld struct {
	t           *testing.T
	sim         *Server
	token, site string
	ids         map[string][]string // the first of each list, by its path
}

func (w *formsWorld) ask(method, path, accept, body string) (int, string) {
	r := httptest.NewRequest(method, "/api/"+path, strings.NewReader(body))
	r.Header.Set("Accept", accept)
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("X-Tableau-Auth", w.token)
	rec := httptest.NewRecorder()
	w.sim.ServeHTTP(rec, r)
	return rec.Code, rec.Body.String()
}

// address fills the values of a route's path in: ids by those of the list that it is about. Empty
// where none is known.
func (w *formsWorld) address(path string) string {
	segments := strings.Split("3.29/"+strings.TrimSuffix(path, "/{$}"), "/")
	for i, s := range segments {
		switch s {
		case "{site}", "{luid}":
			segments[i] = w.site
		case "{kind}":
			segments[i] = map[string]string{"default-permissions": "workbooks"}[segments[i-1]]
			if segments[i] == "" {
				segments[i] = "database"
			}
		case "{number}":
			segments[i] = "1"
		case "{id}", "{column}", "{name}":
			list := strings.Join(segments[:i], "/")
			if kind := segments[i-1]; kind == "database" {
				list = "3.29/sites/" + w.site + "/databases"
			} else if kind == "favorites" || kind == "users" {
				return strings.Replace(strings.Join(segments, "/"), s, w.sim.UserID("", "carol"), 1)
			} else if kind == "workbooks" {
				list = "3.29/sites/" + w.site + "/workbooks"
			}
			if len(w.ids[list]) == 0 {
				return ""
			}
			segments[i] = w.ids[list][0]
		default:
			if strings.HasPrefix(s, "{") {
				return ""
			}
		}
	}
	address := strings.Join(segments, "/")
	if strings.HasSuffix(path, "recommendations") {
		address += "?type=view"
	}
	return address
}

// Every answer says the same in JSON and in XML: the same values under the same names.
func TestAnswersSayTheSameInBothForms(t *testing.T) {
	t.Parallel()
	w := &formsWorld{t: t, sim: New(Config{APIVersion: "3.29"}), ids: map[string][]string{}}
	_, body := w.ask(http.MethodPost, "3.29/auth/signin", "application/json", `{"credentials":{"name":"carol","password":"carol","site":{"contentUrl":""}}}`)
	var signedIn struct {
		Credentials struct {
			Token string
			Site  struct{ ID string }
		}
	}
	if err := json.Unmarshal([]byte(body), &signedIn); err != nil {
		t.Fatal(err)
	}
	w.token, w.site = signedIn.Credentials.Token, signedIn.Credentials.Site.ID
	compared, values := 0, 0
	table := table()
	slices.SortStableFunc(table, func(a, b route) int { return strings.Count(a.path, "/") - strings.Count(b.path, "/") }) // lists before their items
	for _, r := range table {
		address := w.address(r.path)
		if r.method != http.MethodGet || r.binary || address == "" || strings.HasPrefix(r.path, "-/") { // these know no XML
			continue
		}
		status, inJSON := w.ask(r.method, address, "application/json", "")
		again, inXML := w.ask(r.method, address, "application/xml", "")
		if status != again {
			t.Errorf("%s: %d in JSON, %d in XML", r.path, status, again)
			continue
		}
		a, err1 := leavesOfJSON(inJSON)
		b, err2 := leavesOfXML(inXML)
		if err := errors.Join(err1, err2); err != nil {
			t.Errorf("%s: %v\n%.300s\n%.300s", r.path, err, inJSON, inXML)
			continue
		}
		if !slices.Equal(a, b) {
			t.Errorf("%s: only in JSON: %.6q\nonly in XML: %.6q", r.path, without(a, b), without(b, a))
		}
		for _, leaf := range a {
			if id, ok := idOf(leaf); ok && len(w.ids[address]) < 2 {
				w.ids[address] = append(w.ids[address], id)
			}
		}
		compared++
		values += len(a)
	}
	t.Logf("%d methods, %d values", compared, values)
	if compared < 80 || values < 10_000 {
		t.Errorf("only %d methods with %d values were compared", compared, values)
	}
}

// idOf reads the id of an item of a list: things.thing.id=...
func idOf(leaf string) (string, bool) {
	path, value, _ := strings.Cut(leaf, "=")
	return value, strings.Count(path, ".") == 2 && strings.HasSuffix(path, ".id")
}

func without(a, b []string) []string {
	var out []string
	for _, x := range a {
		if !slices.Contains(b, x) {
			out = append(out, x)
		}
	}
	return out
}

// leavesOfJSON are all values with their paths, sorted; lists add nothing to a path.
func leavesOfJSON(text string) ([]string, error) {
	var v any
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	if err := d.Decode(&v); err != nil {
		return nil, err
	}
	var out []string
	var walk func(path string, v any)
	walk = func(path string, v any) {
		switch v := v.(type) {
		case map[string]any:
			for name, inner := range v {
				walk(strings.TrimPrefix(path+"."+name, "."), inner)
			}
		case []any:
			for _, inner := range v {
				walk(path, inner)
			}
		case bool:
			out = append(out, path+"="+strconv.FormatBool(v))
		default:
			out = append(out, path+"="+fmt.Sprint(v))
		}
	}
	walk("", v)
	slices.Sort(out)
	return out, nil
}

// leavesOfXML are the same of a document: attributes, and texts of elements, under value where
// there are attributes beside them.
func leavesOfXML(text string) ([]string, error) {
	type open struct {
		path string
		text string
		bare bool // without attributes and children
	}
	var out []string
	stack := []open{{}}
	d := xml.NewDecoder(strings.NewReader(text))
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			slices.Sort(out)
			return out, nil
		} else if err != nil {
			return nil, err
		}
		switch e := token.(type) {
		case xml.StartElement:
			stack[len(stack)-1].bare = false
			path := strings.TrimPrefix(stack[len(stack)-1].path+"."+e.Name.Local, ".")
			if len(stack) == 1 {
				path = "" // tsResponse
			}
			now := open{path: path, bare: true}
			for _, a := range e.Attr {
				if a.Name.Space == "" && a.Name.Local != "xmlns" && path != "" {
					out = append(out, path+"."+a.Name.Local+"="+a.Value)
					now.bare = false
				}
			}
			stack = append(stack, now)
		case xml.CharData:
			stack[len(stack)-1].text += string(e)
		case xml.EndElement:
			last := stack[len(stack)-1]
			stack = stack[:len(stack)-1]
			if said := strings.TrimSpace(last.text); said != "" && last.bare {
				out = append(out, last.path+"="+said)
			} else if said != "" {
				out = append(out, last.path+".value="+said)
			}
		}
	}
}
