// Package bench measures the program in processes of its own, as ratios to a plain reverse proxy in
// the same run.
package bench
