// Package recorded plays recorded answers of Tableau servers to the whole program.
package recorded
