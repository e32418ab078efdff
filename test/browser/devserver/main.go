//go:build ignore

// temporary: pages + devidp + proxied API
package main

import (
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"os"

	"vitrine/internal/devidp"
	"vitrine/internal/web"
)

func main() {
	idpL, _ := net.Listen("tcp", "127.0.0.1:0")
	webL, _ := net.Listen("tcp", "127.0.0.1:0")
	issuer := "http://" + idpL.Addr().String()
	public := "http://" + webL.Addr().String()
	idp, err := devidp.New(devidp.Config{Issuer: issuer, Users: devidp.DemoUsers(), Clients: []devidp.Client{{
		ID: "vitrine-playground", RedirectURIs: []string{"http://127.0.0.1/playground/callback"},
		PostLogoutURIs: []string{"http://127.0.0.1/playground"}, Origins: []string{"http://127.0.0.1"},
	}}})
	if err != nil {
		log.Fatal(err)
	}
	pages, err := web.New(web.Config{PublicURL: public, Playground: &web.Playground{
		Issuer: issuer, ClientID: "vitrine-playground", Scopes: []string{"openid", "profile", "email", "groups", "offline_access"}, Endpoint: "/graphql",
	}})
	if err != nil {
		log.Fatal(err)
	}
	api, _ := url.Parse(os.Getenv("API"))
	mux := http.NewServeMux()
	mux.Handle("/playground", pages.Playground())
	mux.Handle("/playground/callback", pages.Playground())
	mux.Handle("/assets/", pages.Assets())
	mux.Handle("/graphql", httputil.NewSingleHostReverseProxy(api))
	_ = json.Marshal
	_ = io.EOF
	go http.Serve(idpL, idp)
	fmt.Printf("Playground  %s/playground\nProvider    %s\n", public, issuer)
	log.Fatal(http.Serve(webL, mux))
}
