// Package web serves the pages that Vitrine brings along, built from web/ and embedded in the
// program: the gallery and the playground.
//
// Each page is one HTML document of a few lines under a strict Content-Security-Policy: scripts and
// styles come from /assets/ on this origin, connections go to this origin and to the OpenID
// provider, and nothing is inline. What a page needs to know reaches it as JSON in a meta element.
//
// The pages are public: they hold no data, and no token passes through this package. Signing in
// happens in the browser, which keeps the token in memory and sends it to the API only.
package web
