package config

import "github.com/goccy/go-yaml/ast"

// A setting whose feature this version does not have is refused, never ignored:
// a person who sets it relies on it. When a feature comes, its lines move from
// here to read.go.

const (
	notYet  = "is not available in this version"
	takeOut = "take it out"
)

// unbuilt refuses the settings at the top level.
func (r *reader) unbuilt(o *object) {
	if gallery := o.object("gallery"); gallery != nil {
		var enabled bool
		var clientID string
		gallery.flag("enabled", &enabled)
		gallery.text("clientID", &clientID) // of use once it can be enabled
		if enabled {
			r.problem(gallery.at("enabled"), "true", notYet, "set it to false")
		}
		gallery.done()
	}
}

// isObject reports whether a node holds keys and values.
func isObject(n ast.Node) bool {
	switch n.(type) {
	case *ast.MappingNode, *ast.MappingValueNode:
		return true
	default:
		return false
	}
}
