package tableau

import (
	"strings"
	"testing"

	"golang.org/x/net/html"
	"pgregory.net/rapid"
)

// hasMarkup reports whether a browser would read anything but text, at once or after decoding it
// some more times.
func hasMarkup(text string) bool {
	for range 3 {
		z := html.NewTokenizer(strings.NewReader(text))
		for {
			kind := z.Next()
			if kind == html.ErrorToken {
				if len(z.Raw()) > 0 {
					return true // a tag that another text could end
				}
				break
			}
			if kind != html.TextToken {
				return true
			}
		}
		text = html.UnescapeString(text)
	}
	return false
}

func TestTextsOfInsightsHaveNoMarkup(t *testing.T) {
	t.Parallel()
	for markup, want := range map[string]string{
		"":                          "",
		"Sales was 120, up 20%":     "Sales was 120, up 20%",
		"a < b, 1 <2, 3 >= 2 && x":  "a < b, 1 <2, 3 >= 2 && x",
		"R&D, AT&T":                 "R&D, AT&T",
		"R&amp;D &#x2264; &lt;5":    "R&D ≤ <5",
		"two\n lines\t\u00a0here":   "two lines here",
		"<p>one</p><p>two<br>three": "one two three",
		`<span data-type="metric">Sales</span> was <b title="a>b">120</b>`: "Sales was 120",

		`<script>alert(1)</script>Sales`:                 "Sales",
		`Sales<style>*{color:red}</style> up`:            "Sales up",
		`<img src=x onerror=alert(1)>Sales`:              "Sales",
		`<a href="javascript:alert(1)">Sales</a>`:        "Sales",
		`<svg><script>alert(1)</script></svg>Sales`:      "Sales",
		`<!-- <script>alert(1)</script> -->Sales`:        "Sales",
		`<![CDATA[<script>]]>Sales`:                      "]]>Sales",
		`<iframe srcdoc="&lt;script&gt;"></iframe>Sales`: "Sales",
		`&lt;script&gt;alert(1)&lt;/script&gt;`:          "‹script>alert(1)‹/script>",
		`&amp;lt;script&amp;gt;`:                         "‹script>",
		`&amp;amp;amp;lt;script&amp;gt;`:                 "‹script>",
		`&#60;img src=x&#62;`:                            "‹img src=x>",
		`&#x3C;img`:                                      "‹img",
		`&lt`:                                            "‹",
		`&ltscript&gtx`:                                  "‹script>x",
		`<b>&</b>lt;script>`:                             "‹script>",
		"&l\u0000t;script&gt;":                           "‹script>",
		"<scr\u0000ipt>x":                                "x",
		`<scr<script>ipt>alert(1)</scr</script>ipt>`:     "ipt>alert(1)ipt>",
		`<<script>alert(1)`:                              "‹",
		`x <script`:                                      "x ‹script",
		`x <script src="y`:                               `x ‹script src="y`,
		`<plaintext>all <b>the</b> rest`:                 "",
		`<textarea></textarea><script>x</script>Sales`:   "Sales",
		"\u202eevil\u202c \u200b\ufeff":                  "evil",
		strings.Repeat("&amp;", 3) + "lt;b&gt;":          "&&‹b>",
	} {
		got := string(plainText(Text(markup)))
		if got != want {
			t.Errorf("%q\n got %q\nwant %q", markup, got, want)
		}
		if hasMarkup(got) {
			t.Errorf("%q has markup: %q", markup, got)
		}
	}
	if deep := plainText(Text("&" + strings.Repeat("amp;", 100) + "lt;b>")); hasMarkup(string(deep)) {
		t.Errorf("entities in entities: %q", deep)
	}
}

func TestNoMarkupIsLeftOfAnyText(t *testing.T) {
	t.Parallel()
	parts := []string{
		"<", ">", "/", "&", ";", "#", "x", "3C", "60", "lt", "gt", "amp", "quot", "script", "style", "b", " ", "!", "--", "?", "\"", "'", "=", "[CDATA[", "]]",
		"\u0000", "\u200b", "plaintext", "title", "&lt;", "&amp;", "<b>", "</b>", "<script>", "</script>", "‹", "é", "\xff", "1",
	}
	rapid.Check(t, func(t *rapid.T) {
		markup := strings.Join(rapid.SliceOfN(rapid.SampledFrom(parts), 0, 20).Draw(t, "markup"), "")
		if text := string(plainText(Text(markup))); hasMarkup(text) {
			t.Fatalf("%q became %q", markup, text)
		}
	})
}
