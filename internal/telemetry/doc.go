// Package telemetry is what the program reports to its operator: a logger and one
// event per HTTP request. Every request gets an id of ours, which is in the
// answer's X-Request-Id header, in the errors the caller sees and in the event,
// so that a person can read it out and an operator can find it.
//
// The event is filled along the way with [Add] and written once at the end.
// Headers, query strings, bodies and content links never enter it.
package telemetry
