package harness

// Tried reports whether the i-th case of a long trial is tried. The race detector makes such trials
// several times slower and finds nothing in cases that are alike, so with it only each n-th case is
// tried. The same tests run without the detector, where each case is.
func Tried(i, n int) bool { return !Race || i%n == 0 }
