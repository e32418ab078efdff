// Package content makes content links and serves what is behind them: short-lived addresses on this
// server for one picture, document or file of Tableau's, that work in an <img> or an <a>, where
// nobody can send a header.
//
// A link is itself the right to fetch one thing, so its reach is small. It is sealed: it says who
// asked, in which roles and on which site, for what, and when it ends; nobody can read or change
// it. When it is fetched, the field that gave it must still be open to those roles, the person must
// not have logged out since, and Tableau is asked in the person's own session, so it checks their
// rights again. What fails is answered alike, as what does not exist.
//
// The package begins at [New]; [Links.For] makes links, and [Links.ServeHTTP] serves them.
package content
