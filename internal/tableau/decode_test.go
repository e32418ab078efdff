package tableau

import (
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"vitrine/internal/tableau/rest"
)

func TestDecodeGoesByContentAndType(t *testing.T) {
	t.Parallel()
	const (
		asJSON = `{"pagination":{"totalAvailable":"1"},"workbooks":{"workbook":[{"id":"a","name":"A"}]}}`
		asXML  = `<tsResponse xmlns="http://tableau.com/api"><pagination totalAvailable="1"/><workbooks><workbook id="a" name="A"/></workbooks></tsResponse>`
		prefix = `<?xml version="1.0" encoding="UTF-8"?><!-- a --><ns0:tsResponse xmlns:ns0="http://tableausoftware.com/api">` +
			`<ns0:pagination totalAvailable="1"/><ns0:workbooks><ns0:new/><ns0:workbook id="a" name="A" novelty="1"><ns0:new/></ns0:workbook>` +
			`</ns0:workbooks></ns0:tsResponse><!-- z -->`
	)
	tests := []struct {
		name, media, body string
		want              string // part of the error; "" for one workbook
	}{
		{"json", "application/json", asJSON, ""},
		{"json with charset", "application/json;charset=UTF-8", asJSON, ""},
		{"json without type", "", asJSON, ""},
		{"json called text", "text/plain", asJSON, ""},
		{"xml", "application/xml", asXML, ""},
		{"xml called json", "application/json", asXML, ""},
		{"xml called text", "text/xml; charset=utf-8", asXML, ""},
		{"prefix, comments, news", "application/xml", prefix, ""},
		{"byte order mark, json", "application/json", "\xef\xbb\xbf\n" + asJSON, ""},
		{"byte order mark, xml", "application/xml", "\xef\xbb\xbf" + asXML + "\n", ""},
		{"broken type", "application/;;=", asJSON, ""},
		{"json called xml", "application/xml", asJSON, "neither JSON nor XML"},
		{"empty", "application/json", "", "empty"},
		{"blank", "application/json", " \n", "empty"},
		{"page", "text/html; charset=utf-8", "<!DOCTYPE html><html></html>", "web page"},
		{"page called json", "application/json", "<!doctype HTML><p>", "web page"},
		{"page as xml", "application/xml", `<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml"/>`, "web page"},
		{"page that says nothing", "text/html", "Sign in", "web page"},
		{"text", "text/plain", "Service Unavailable", "neither JSON nor XML"},
		{"json array", "application/json", "[]", "cannot unmarshal array"},
		{"other root", "application/xml", "<soap/>", `"soap"`},
		{"long root", "application/xml", "<" + strings.Repeat("a", 1e5) + "/>", "…"},
		{"no root", "application/xml", "<!-- a -->", "EOF"},
		{"cut json", "application/json", asJSON[:60], "unexpected end"},
		{"cut xml", "application/xml", asXML[:120], "EOF"},
		{"cut in a tag", "application/xml", asXML[:100], "EOF"},
		{"two objects", "application/json", asJSON + asJSON, "after top-level"},
		{"garbage behind json", "application/json", asJSON + "<!-- proxy -->", "after top-level"},
		{"garbage behind xml", "application/xml", asXML + "oops", "follows"},
		{"two roots", "application/xml", asXML + asXML, "follows"},
		{"entity", "application/xml", `<!DOCTYPE a [<!ENTITY x "y">]><tsResponse><workbooks><workbook id="&x;"/></workbooks></tsResponse>`, "entity"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var a workbooksAnswer
			err := rest.Decode([]byte(tt.body), tt.media, &a)
			if tt.want != "" {
				if err == nil || !strings.Contains(err.Error(), tt.want) || len(err.Error()) > 300 {
					t.Errorf("error %.400v, want %q in it", err, tt.want)
				}
				return
			}
			if err != nil || len(a.Workbooks.Items) != 1 || a.Workbooks.Items[0].Name != "A" || a.Pagination.TotalAvailable != NewInt(1) {
				t.Errorf("%+v, error %v", a, err)
			}
		})
	}
}

func TestListsForgiveTheirShape(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, media, body string
		want              string // names and tags
	}{
		{"usual", "", `{"workbooks":{"workbook":[{"name":"A","tags":{"tag":[{"label":"x"},{"label":"y"}]}},{"name":"B","tags":{}}]}}`, "A[x y] B[]"},
		{"one object", "", `{"workbooks":{"workbook":{"name":"A","tags":{"tag":{"label":"x"}}}}}`, "A[x]"},
		{"bare array", "", `{"workbooks":[{"name":"A","tags":[{"label":"x"}]}]}`, "A[x]"},
		{"empty object", "", `{"workbooks":{}}`, ""},
		{"empty array", "", `{"workbooks":[]}`, ""},
		{"empty text", "", `{"workbooks":""}`, ""},
		{"null", "", `{"workbooks":null}`, ""},
		{"null inside", "", `{"workbooks":{"workbook":null}}`, ""},
		{"empty text inside", "", `{"workbooks":{"workbook":""}}`, ""},
		{"none", "", `{"pagination":{"totalAvailable":"0"}}`, ""}, // without a total of 0 a missing container is an error
		{"no tags", "", `{"workbooks":{"workbook":[{"name":"A","tags":null},{"name":"B"}]}}`, "A[] B[]"},
		{"pagination inside", "", `{"workbooks":{"pagination":{"totalAvailable":"1"},"workbook":[{"name":"A"}]}}`, "A[]"},
		{"number for a name", "", `{"workbooks":{"workbook":[{"name":2024,"tags":{"tag":{"label":true}}}]}}`, "2024[true]"},
		{"large number for a name", "", `{"workbooks":{"workbook":[{"name":9007199254740993}]}}`, "9007199254740993[]"},
		{"null for an item", "", `{"workbooks":{"workbook":[null,{"name":"A"}]}}`, "A[]"},
		{"news", "", `{"workbooks":{"workbook":[{"name":"A","new":{"tags":[1]}}],"new":[1]},"new":{}}`, "A[]"},
		{"xml", "text/xml", `<tsResponse><workbooks><workbook name="A"><tags><tag label="x"/><tag label="y"/></tags></workbook></workbooks></tsResponse>`, "A[x y]"},
		{"xml empty", "text/xml", `<tsResponse><workbooks/></tsResponse>`, ""},
		{"xml news", "text/xml", `<tsResponse><new/><workbooks><pagination/><new/><workbook name="A" new=""><new/></workbook></workbooks></tsResponse>`, "A[]"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var a workbooksAnswer
			if err := rest.Decode([]byte(tt.body), tt.media, &a); err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, w := range a.Workbooks.Items {
				if w == nil {
					continue // dropped with those without an id
				}
				var labels []string
				for _, tag := range w.Tags() {
					labels = append(labels, tag.Label)
				}
				got = append(got, w.Name+"["+strings.Join(labels, " ")+"]")
			}
			if diff := cmp.Diff(tt.want, strings.Join(got, " ")); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestItemsWithoutIDAreDropped(t *testing.T) {
	t.Parallel()
	u := serve(t, func(*http.Request) reply {
		return reply{body: `{"pagination":{"totalAvailable":"3"},"workbooks":{"workbook":[null,{"name":"no id"},
			{"id":"a","name":"A","owner":{},"project":{"name":"no id"},"tags":{"tag":[{"label":""},null,{"label":"x"}]}}]}}`}
	})
	page, err := u.session(t).Workbooks(t.Context(), ListQuery[Workbook]{}, 0, 10)
	if err != nil || len(page.Items) != 1 || page.Items[0].OwnerRef != nil || page.Items[0].ProjectRef != nil || len(page.Items[0].Tags()) != 1 {
		t.Errorf("%+v, error %v", page, err)
	}
}

// nestedBodies are what would make a careless reader run out of stack or time: nesting, in every
// place that nests.
func nestedBodies() map[string]string {
	const deep = 100_000
	repeat := func(begin, end string) string { return strings.Repeat(begin, deep) + strings.Repeat(end, deep) }
	return map[string]string{
		"arrays":            `{"workbooks":` + repeat(`[`, `]`) + `}`,
		"unknown objects":   `{"a":` + repeat(`{"a":`, `}`) + `}`,
		"views in books":    `{"workbooks":{"workbook":[` + repeat(`{"views":{"view":[{"workbook":`, `}]}}`) + `]}}`,
		"forgiven objects":  `{"workbooks":[` + repeat(`{"views":[{"workbook":`, `}]}`) + `]}`,
		"unknown elements":  `<tsResponse>` + repeat(`<a>`, `</a>`) + `</tsResponse>`,
		"elements of items": `<tsResponse><workbooks>` + repeat(`<workbook><views><view>`, `</view></views></workbook>`) + `</workbooks></tsResponse>`,
		"unclosed elements": `<tsResponse>` + strings.Repeat(`<workbooks>`, deep),
	}
}

// TestDecodeIsBounded holds that nesting is refused and not followed;
// TestDecodeCostsLittleProcessorTime that it is so soon.
func TestDecodeIsBounded(t *testing.T) {
	t.Parallel()
	for name, body := range nestedBodies() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var a workbooksAnswer
			err := rest.Decode([]byte(body), "", &a)
			if err == nil && name != "unknown elements" {
				t.Error("no error")
			}
		})
	}
}

// FuzzDecode holds that no body makes the decoder panic, and that what is decoded can be adopted
// and read.
func FuzzDecode(f *testing.F) {
	for _, seed := range []string{
		string(pageJSON(2)), string(pageXML(2)), `{"workbooks":[{"id":1,"tags":[null]}]}`, `{"workbooks":{"workbook":{"views":{"view":{}}}}}`,
		`{"error":{"code":401002,"summary":"s"}}`, `<tsResponse><error code="1"><summary/></error></tsResponse>`, `{`, `<`, "\xef\xbb\xbf", `{"workbooks":7}`,
	} {
		f.Add([]byte(seed), "application/json")
		f.Add([]byte(seed), "text/xml")
	}
	s := (&Client{}).Session(f.Context(), &keeper{})
	f.Fuzz(func(t *testing.T, body []byte, media string) {
		for _, into := range []rest.Answer{&workbooksAnswer{}, &workbookAnswer{}, &viewsAnswer{}, &currentSessionAnswer{}} {
			err := rest.Decode(body, media, into)
			a, ok := into.(*workbooksAnswer)
			if !ok || err != nil {
				continue
			}
			bindAll(s, &a.Workbooks.Items)
			for _, w := range newBatch(a.Workbooks.Items) {
				if w.LUID == "" || w.ID() == "" {
					t.Errorf("a workbook without id: %+v", w)
				}
			}
		}
	})
}

func TestErrorBodies(t *testing.T) {
	t.Parallel()
	const html = "<!DOCTYPE html><html><body>Bad Gateway</body></html>"
	tests := []struct {
		name  string
		reply reply
		kind  Kind
		code  string
	}{
		{"json", code(404, "404002"), Missing, "404002"},
		{"json code as number", reply{status: 404, body: `{"error":{"code":404002}}`}, Missing, "404002"},
		{"xml", reply{status: 403, media: "application/xml", body: `<tsResponse><error code="403004"><summary>Forbidden</summary><detail>d</detail></error></tsResponse>`}, Refused, "403004"},
		{"prefixed xml called json", reply{status: 403, body: `<n:tsResponse xmlns:n="http://tableau.com/api"><n:error code="403004"/></n:tsResponse>`}, Refused, "403004"},
		{"session ended", code(401, "401002"), SignedOut, "401002"},
		{"credentials missing", code(401, "401000"), SignedOut, "401000"},
		{"bare 401", reply{status: 401}, SignedOut, ""},
		{"login", code(401, "401001"), LoginRefused, "401001"},
		{"bare 403", reply{status: 403}, Refused, ""},
		{"403 of a proxy", reply{status: 403, media: "text/html", body: html}, Malformed, ""},
		{"bare 404", reply{status: 404}, Malformed, ""},
		{"404 of another program", reply{status: 404, body: `{"message":"no route"}`}, Malformed, ""},
		{"404 of a proxy", reply{status: 404, media: "text/html", body: html}, Malformed, ""},
		{"version unknown", code(404, "404001"), Unsupported, "404001"},
		{"resource unknown", code(404, "404003"), Unsupported, "404003"},
		{"no such operation", code(404, "404008"), Unsupported, "404008"},
		{"bad filter", code(400, "400065"), BadRequest, "400065"},
		{"wrong verb", code(405, "405000"), BadRequest, "405000"},
		{"too many", code(429, "429000"), RateLimited, "429000"},
		{"too many, as a page", reply{status: 429, media: "text/html", body: html}, RateLimited, ""},
		{"request timeout", reply{status: 408}, Timeout, ""},
		{"gateway timeout", reply{status: 504, media: "text/html", body: html}, Timeout, ""},
		{"server error", code(500, "500000"), Unavailable, "500000"},
		{"gateway", reply{status: 502, media: "text/html", body: html}, Unavailable, ""},
		{"maintenance", reply{status: 503, media: "text/plain", body: "down"}, Unavailable, ""},
		{"hex code", code(400, "0x5CE10192"), BadRequest, "0x5CE10192"},
		{"word as code", code(400, "BAD_REQUEST"), BadRequest, "BAD_REQUEST"},
		{"no error in it", reply{status: 400, body: `{}`}, Malformed, ""},
		{"cut error", reply{status: 400, body: `{"error":{"code":"4000`}, Malformed, ""},
		{"400 of a proxy", reply{status: 400, media: "text/html", body: html}, Malformed, ""},
		{"401 of a proxy", reply{status: 401, media: "text/html", body: html}, Malformed, ""},
		{"405 of a proxy", reply{status: 405, media: "text/plain", body: "no"}, Malformed, ""},
		{"body too long", reply{status: 413, media: "text/html", body: html}, TooLong, ""},
		{"address too long", reply{status: 414, media: "text/html", body: html}, TooLong, ""},
		{"headers too long", reply{status: 431}, TooLong, ""},
		{"teapot", reply{status: 418, media: "text/html", body: html}, Malformed, ""},
		{"511 of a proxy", reply{status: 511, media: "text/html", body: html}, Unavailable, ""},
		{"error as 200", reply{body: `{"error":{"code":"403004","summary":"s"}}`}, Refused, "403004"},
		{"error as 200, xml", reply{media: "text/xml", body: `<tsResponse><error code="404002"/></tsResponse>`}, Missing, "404002"},
		{"odd error as 200", reply{body: `{"error":{"code":"0x1","summary":"s"}}`}, Unavailable, "0x1"},
		{"page as 200", reply{media: "text/html", body: html}, Malformed, ""},
		{"empty 200", reply{}, Malformed, ""},
		{"error that is a text", reply{body: `{"error":"login_required"}`}, Malformed, ""},
		{"another program's 200", reply{body: `{"message":"hello"}`}, Malformed, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			u := serve(t, func(*http.Request) reply { return tt.reply })
			_, err := u.session(t).Workbooks(t.Context(), ListQuery[Workbook]{}, 0, 10)
			wantKind(t, err, tt.kind)
			if tt.code != "" && !HasCode(err, "1", tt.code) || tt.code == "" && HasCode(err, "401002") {
				t.Errorf("error %v, want code %q", err, tt.code)
			}
			var e *Error
			if !errors.As(err, &e) || e.Kind == Malformed && e.Err == nil {
				t.Errorf("error %#v says nothing of what is wrong", err)
			}
		})
	}
}
