package devidp_test

import (
	"strings"
	"testing"
	"time"

	"vitrine/internal/devidp"
)

func TestNewReportsEveryProblem(t *testing.T) {
	t.Parallel()
	_, err := devidp.New(devidp.Config{
		Issuer:              "http://127.0.0.1:8082/",
		AccessTokenLifetime: -time.Second,
		Users:               []devidp.User{{Name: "a", Password: "a"}, {Name: "a", Password: "secret word"}, {Name: "b"}},
		Clients: []devidp.Client{
			{ID: "vitrine", RedirectURIs: []string{"/callback", "https://u:p@x.example/"}, Origins: []string{"https://x.example/"}},
			{ID: "c", PostLogoutURIs: []string{"https://x.example/#top"}},
			{ID: "c"},
			{},
		},
	})
	if err == nil {
		t.Fatal("accepted")
	}
	for _, want := range []string{
		`the issuer "http://127.0.0.1:8082/" must be`, "lifetime -1s is negative", `user "a" is given twice`,
		`user "b" needs a name and a password`, `client "vitrine" has the ID that is the audience`, `"/callback"`,
		`"https://u:p@x.example/"`, `origin "https://x.example/"`, `"https://x.example/#top"`, `client "c" is given twice`,
		"a client has no ID",
	} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("no word of %s in:\n%v", want, err)
		}
	}
	if strings.Contains(err.Error(), "secret word") {
		t.Error("a password is in the error")
	}
}

func TestNewAcceptsLoopbackIssuersOnly(t *testing.T) {
	t.Parallel()
	for issuer, want := range map[string]bool{
		"http://127.0.0.1:8082":      true,
		"http://[::1]:8082":          true,
		"http://localhost:8082":      true,
		"https://127.0.0.1:8082":     true,
		"":                           false,
		"127.0.0.1:8082":             false,
		"ftp://127.0.0.1":            false,
		"http://127.0.0.1:8082/idp":  false,
		"http://127.0.0.1:8082?x":    false,
		"http://u@127.0.0.1:8082":    false,
		"http://0.0.0.0:8082":        false,
		"https://idp.example.com":    false,
		"http://localhost.example":   false,
		"http://169.254.169.254":     false,
		"http://127.0.0.1:8082#here": false,
	} {
		if _, err := devidp.New(devidp.Config{Issuer: issuer}); (err == nil) != want {
			t.Errorf("%q: %v, want accepted %t", issuer, err, want)
		}
	}
}

func TestDemoUsersAreThoseOfTheDocumentation(t *testing.T) {
	t.Parallel()
	var got []string
	subjects := map[string]bool{}
	for _, u := range devidp.DemoUsers() {
		got = append(got, u.Name+" "+strings.Join(u.Groups, ","))
		subjects[u.Subject()] = true
		if u.Password != u.Name || u.Email != u.Name+"@example.com" || !u.EmailVerified || u.FullName == "" || u.Subject() == u.Name {
			t.Errorf("%s is not as documented", u.Name)
		}
	}
	if want := "alice bi-analysts; bob ; carol bi-admins; dave "; strings.Join(got, "; ") != want || len(subjects) != 4 {
		t.Errorf("got %q with %d subjects", strings.Join(got, "; "), len(subjects))
	}
}
