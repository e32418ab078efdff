package tableau

import (
	"encoding/json"
	"encoding/xml"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// written is what a scalar writes into a GraphQL document.
func written(v interface{ MarshalGQL(w io.Writer) }) string {
	var b strings.Builder
	v.MarshalGQL(&b)
	return b.String()
}

func TestScalarsForgiveHowTableauWritesThem(t *testing.T) {
	t.Parallel()
	tests := []struct{ json, text, number, flag, time string }{
		{`null`, "null", "null", "null", "null"},
		{`""`, "null", "null", "null", "null"},
		{`"3"`, `"3"`, "3", "null", "null"},
		{`3`, `"3"`, "3", "null", "null"},
		{`" 12 "`, `" 12 "`, "12", "null", "null"},
		{`-7`, `"-7"`, "-7", "null", "null"},
		{`"3.9"`, `"3.9"`, "3", "null", "null"},
		{`1e3`, `"1e3"`, "1000", "null", "null"},
		{`9007199254740993`, `"9007199254740993"`, "9007199254740993", "null", "null"},
		{`1e300`, `"1e300"`, "null", "null", "null"},
		{`"NaN"`, `"NaN"`, "null", "null", "null"},
		{`"-Inf"`, `"-Inf"`, "null", "null", "null"},
		{`true`, `"true"`, "null", "true", "null"},
		{`"True"`, `"True"`, "null", "true", "null"},
		{`"false"`, `"false"`, "null", "false", "null"},
		{`1`, `"1"`, "1", "true", "null"},
		{`"0"`, `"0"`, "0", "false", "null"},
		{`"yes"`, `"yes"`, "null", "null", "null"},
		{`{"a":1}`, "null", "null", "null", "null"},
		{`[1]`, "null", "null", "null", "null"},
		{`"2026-01-31T08:15:00Z"`, `"2026-01-31T08:15:00Z"`, "null", "null", `"2026-01-31T08:15:00Z"`},
		{`"2023-06-08T17:05:00-0700"`, `"2023-06-08T17:05:00-0700"`, "null", "null", `"2023-06-09T00:05:00Z"`},
		{`"2026-01-31T08:15:00.250+02:00"`, `"2026-01-31T08:15:00.250+02:00"`, "null", "null", `"2026-01-31T06:15:00Z"`},
		{`"2026-01-31"`, `"2026-01-31"`, "null", "null", `"2026-01-31T00:00:00Z"`},
		{`"Tue Sep 22 05:49:52 UTC 2020"`, `"Tue Sep 22 05:49:52 UTC 2020"`, "null", "null", `"2020-09-22T05:49:52Z"`},
		{`"Tue Sep 22 05:49:52 CEST 2020"`, `"Tue Sep 22 05:49:52 CEST 2020"`, "null", "null", "null"},
		{`"2016-13-45T99:00:00Z"`, `"2016-13-45T99:00:00Z"`, "null", "null", "null"},
		{`"a\"b\nc"`, `"a\"b\nc"`, "null", "null", "null"},
	}
	for _, tt := range tests {
		var v struct {
			T Text
			I Int
			F Flag
			D Time
		}
		doc := fmt.Sprintf(`{"T":%s,"I":%s,"F":%s,"D":%s}`, tt.json, tt.json, tt.json, tt.json)
		if err := json.Unmarshal([]byte(doc), &v); err != nil {
			t.Errorf("%s: %v", tt.json, err)
			continue
		}
		got := []string{written(v.T), written(v.I), written(v.F), written(v.D)}
		if diff := cmp.Diff([]string{tt.text, tt.number, tt.flag, tt.time}, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.json, diff)
		}
	}
}

func TestScalarsReadAttributes(t *testing.T) {
	t.Parallel()
	var v struct {
		T Text   `xml:"t,attr"`
		I Int    `xml:"i,attr"`
		F Flag   `xml:"f,attr"`
		D Time   `xml:"d,attr"`
		S Secret `xml:"s,attr"`
	}
	err := xml.Unmarshal([]byte(`<a t="Kim &amp; Lee" i=" 1000 " f=" TRUE" d="2026-01-31T08:15:00Z " s="token"/>`), &v)
	if err != nil || v.T != "Kim & Lee" || v.I != NewInt(1000) || v.F != Yes || !v.D.Equal(time.Date(2026, 1, 31, 8, 15, 0, 0, time.UTC)) || v.S.Reveal() != "token" {
		t.Errorf("%+v, error %v", v, err)
	}
}

func TestScalarsAsInput(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		into interface{ UnmarshalGQL(any) error }
		v    any
		want string // of what was read; "" for an error
	}{
		{"text", new(Text), "a", "a"},
		{"text from number", new(Text), 1, ""},
		{"int", new(Int), int64(3), "{3 true}"},
		{"int from int", new(Int), 4, "{4 true}"},
		{"int from json", new(Int), json.Number("5"), "{5 true}"},
		{"int from fraction", new(Int), json.Number("5.5"), ""},
		{"int from text", new(Int), "6", ""},
		{"flag", new(Flag), true, "2"},
		{"flag no", new(Flag), false, "1"},
		{"flag from text", new(Flag), "true", ""},
		{"time", new(Time), "2026-11-23T17:42:00+01:00", "2026-11-23 16:42:00 +0000 UTC"},
		{"time without offset", new(Time), "2026-11-23T17:42:00", ""},
		{"time from number", new(Time), 1, ""},
		{"url", new(URL), "https://t", ""},
		{"luid", new(LUID), "9f9e-AZ09", "9f9e-AZ09"},
		{"luid empty", new(LUID), "", ""},
		{"luid dots", new(LUID), "..", ""},
		{"luid slash", new(LUID), "a/b", ""},
		{"luid percent", new(LUID), "%2e%2e", ""},
		{"luid letter beyond ASCII", new(LUID), "é", ""},
		{"luid too long", new(LUID), strings.Repeat("a", 65), ""},
		{"luid from number", new(LUID), 1, ""},
		{"site role", new(SiteRole), "EXPLORER", "Explorer"},
		{"site role other", new(SiteRole), "OTHER", ""},
		{"sheet type", new(SheetType), "WORKSHEET", "worksheet"},
		{"permission mode", new(PermissionMode), "LOCKED_TO_PROJECT", "LockedToProject"},
		{"location kind", new(LocationType), 1, ""},
	}
	for _, tt := range tests {
		err := tt.into.UnmarshalGQL(tt.v)
		if tt.want == "" {
			if err == nil {
				t.Errorf("%s: %v is taken", tt.name, tt.v)
			}
			continue
		}
		var got string
		switch v := tt.into.(type) {
		case *Text:
			got = string(*v)
		case *LUID:
			got = string(*v)
		case *SiteRole:
			got = string(*v)
		case *SheetType:
			got = string(*v)
		case *PermissionMode:
			got = string(*v)
		case *Int:
			got = fmt.Sprint(*v)
		case *Flag:
			got = fmt.Sprint(uint8(*v))
		case *Time:
			got = v.String()
		}
		if err != nil || got != tt.want {
			t.Errorf("%s: %q, error %v, want %q", tt.name, got, err, tt.want)
		}
	}
}

func TestEnumsNameWhatTheyKnow(t *testing.T) {
	t.Parallel()
	tests := []struct {
		v    interface{ MarshalGQL(w io.Writer) }
		want string
	}{
		{SiteRole("ServerAdministrator"), `"SERVER_ADMINISTRATOR"`},
		{SiteRole("explorer"), `"EXPLORER"`},
		{SiteRole("Astronaut"), `"OTHER"`},
		{SiteRole(""), "null"},
		{SheetType("view"), `"WORKSHEET"`},
		{SheetType("Dashboard"), `"DASHBOARD"`},
		{SheetType("poster"), `"OTHER"`},
		{PermissionMode("ManagedByOwner"), `"MANAGED_BY_OWNER"`},
		{LocationType("PersonalSpace"), `"PERSONAL_SPACE"`},
		{LocationType(""), `"OTHER"`},
		{URL("https://t/a"), `"https://t/a"`},
		{URL(""), "null"},
		{LUID("a"), `"a"`},
	}
	for _, tt := range tests {
		if got := written(tt.v); got != tt.want {
			t.Errorf("%v is written as %s, want %s", tt.v, got, tt.want)
		}
	}
	if got := SheetType("WORKSHEET").Texts(); !slices.Equal(got, []string{"view", "worksheet"}) || SheetType("worksheet").Known() != "view" {
		t.Errorf("a worksheet is called %q", got)
	}
}
