// Package config is the only reader of files and environment. It turns one YAML
// file, and the secrets it points to, into a [Config], or into the list of all
// that is wrong with it: every problem at once, each with line and column, the
// setting, the value, the reason and what to do.
//
// Nothing is ignored. An unknown key is a problem, and so is a setting whose
// feature this version does not have: an operator who writes it down relies on
// it. A secret is never in the file; the file names another file that holds
// it (…File) or an environment variable (…Env).
package config
