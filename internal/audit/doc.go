// Package audit writes one line for each request that read something or was refused: who asked,
// from where, with which document and which roles, and which REST methods were called for it.
//
// A line has no variable, no token and no value of an answer: it is made of the fields of [Line] and
// nothing else, whatever [Add] is given. It is written before the first byte of the answer, so that
// an answer without a line can be prevented where the settings ask for that.
package audit
