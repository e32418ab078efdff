// Package repotest holds tests of the repository itself: its imports, its documents and its
// words. It has no code of its own.
package repotest
