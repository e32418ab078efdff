// Package scan decodes the JSON of ordinary answers in a fraction of the time of encoding/json. It
// has no errors of its own: for anything unusual it reports false, and the caller decodes the
// answer again with encoding/json.
//
// Unusual are broken JSON, a value of another form than its field, a member that appears twice, a
// name with an escape or with letters beyond ASCII, a text that is not UTF-8, null among the items
// of a list of values, more than 64 levels, and anything after the value. What Decode accepts, it
// decodes as encoding/json does; names match without case. Tests compare both.
//
// A struct needs no code of its own. Its plan is made by reflection when the type is first met, and
// is kept. The tag `scan:"shared"` on a field lets equal objects of one answer be one object in
// memory; see [Decode].
//
// Decoded values never refer to the JSON they came from, so its buffer may be reused. The texts of
// one answer are cut from blocks of a few kilobytes: a text that is kept for long should be cloned,
// or it keeps its block.
package scan
