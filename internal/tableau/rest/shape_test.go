package rest

import (
	"encoding/json"
	"fmt"
	"reflect"
	"testing"
)

// thing and thingsAnswer are a list of items with every form of member, as answers have them.
type thing struct {
	ID   LUID `json:"id" xml:"id,attr"`
	Name Text `json:"name" xml:"name,attr"`
	Size Int  `json:"size" xml:"size,attr"`
	Tags struct {
		Items []*thing `json:"tag" xml:"tag"`
	} `json:"tags" xml:"tags"`
	Owner *thing           `json:"owner" xml:"owner"`
	Steps OneOrMany[thing] `json:"steps" xml:"steps"`
}

type thingsAnswer struct {
	Envelope
	Workbooks struct {
		Items []*thing `json:"workbook" xml:"workbook"`
	} `json:"workbooks" xml:"workbooks"`
}

// FuzzStraighten holds that what is straightened is JSON, and the same again when it is
// straightened again.
func FuzzStraighten(f *testing.F) {
	for _, seed := range []string{`{"workbooks":[1]}`, `{"tags":{"tag":{"tags":""}}}`, `{"a":1.50,"b":true,"c":null}`, `[]`, `1`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		once, err := straighten(body, reflect.TypeFor[thingsAnswer]())
		if err != nil || once == nil {
			return
		}
		twice, err := straighten(once, reflect.TypeFor[thingsAnswer]())
		if err != nil || string(twice) != string(once) || !json.Valid(once) {
			t.Errorf("%s, then %s, error %v", once, twice, err)
		}
	})
}

// TestOddMembersOfSignInAndServerInfo puts an odd value into each member of the answers that are
// read before there is a session: none costs the answer.
func TestOddMembersOfSignInAndServerInfo(t *testing.T) {
	t.Parallel()
	odd := []string{`null`, `""`, `[]`, `{}`, `[{}]`, `7`, `true`, `"x"`, `{"a":1}`, `[[[1]]]`}
	for _, o := range odd {
		for _, body := range []string{
			`{"serverInfo":{"restApiVersion":"3.27","productVersion":%s,"platform":%[1]s,"prepConductorVersion":%[1]s,"serverSettings":%[1]s}}`,
			`{"serverInfo":{"restApiVersion":"3.27","productVersion":{"value":%s,"build":%[1]s}}}`,
		} {
			var a serverInfoAnswer
			if err := Decode(fmt.Appendf(nil, body, o), "", &a); err != nil || a.ServerInfo.RestAPIVersion != "3.27" {
				t.Errorf("%s in %s: %+v, error %v", o, body, a, err)
			}
		}
		var a signInAnswer
		body := fmt.Appendf(nil, `{"credentials":{"token":"t","estimatedTimeToExpiration":%s,"site":%[1]s,"user":{"id":"u","name":%[1]s}}}`, o)
		if err := Decode(body, "", &a); err != nil || a.Credentials.Token.Reveal() != "t" || a.Credentials.User.ID != "u" {
			t.Errorf("%s: %+v, error %v", o, a.Credentials, err)
		}
	}
}
