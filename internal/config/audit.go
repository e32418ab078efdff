package config

import (
	"slices"

	"vitrine/internal/suggest"
)

// Audit is the log of who read what.
type Audit struct {
	// Output is where its lines go: none, stdout or file. Key: output. Default: none.
	Output string
	// File is the name of the file, as the program finds it. Key: file.
	File string
	// MaxMegabytes is how large the file may become before it is renamed and another is begun, 1 to
	// 10,000. Key: maxMegabytes. Default: 100.
	MaxMegabytes int
	// KeepFiles and KeepDays are how many renamed files are kept, and for how long; 0 for all.
	// Keys: keepFiles, keepDays. Default: 0.
	KeepFiles, KeepDays int
	// Required answers 503 to requests whose line cannot be written. Key: required. Default: false.
	Required bool
}

// The outputs of the audit log.
const (
	AuditNone   = "none"
	AuditStdout = "stdout"
	AuditFile   = "file"
)

var auditOutputs = []string{AuditNone, AuditStdout, AuditFile}

func (r *reader) audit(o *object, a *Audit) {
	o.text("output", &a.Output)
	if o.text("file", &a.File); a.File != "" {
		a.File = r.source.resolve(a.File)
	}
	o.number("maxMegabytes", &a.MaxMegabytes)
	o.number("keepFiles", &a.KeepFiles)
	o.number("keepDays", &a.KeepDays)
	o.flag("required", &a.Required)
	if a.Output != AuditFile && slices.Contains(auditOutputs, a.Output) && o.has("file") {
		r.problem(o.at("file"), "", "is of no use with output "+a.Output, "set audit.output to file, or take it out")
	}
	o.done()
}

func (v *checker) audit(a *Audit) {
	switch {
	case !slices.Contains(auditOutputs, a.Output):
		v.problem("audit.output", a.Output, "is not an output", suggest.Or(a.Output, auditOutputs, "use none, stdout or file"))
	case a.Output == AuditFile:
		v.required("audit.file", a.File, "name the file of the audit log")
	case a.Output == AuditNone && a.Required:
		v.problem("audit.required", "true", "has no output", "set audit.output to stdout or file")
	}
	within(v, "audit.maxMegabytes", a.MaxMegabytes, 1, 10_000)
	within(v, "audit.keepFiles", a.KeepFiles, 0, 100_000)
	within(v, "audit.keepDays", a.KeepDays, 0, 36_500)
}

var auditSettings = []Setting{
	{Key: "audit.output", Type: TypeText, Default: AuditNone, Text: "Where the [audit log](audit.md) goes: `none`, `stdout` or `file`. With `stdout` the addresses of the server are not printed."},
	{Key: "audit.file", Type: TypeText, Absent: "required with `audit.output: file`", Text: "File of the audit log. Vitrine creates it, and its directory must exist."},
	{Key: "audit.maxMegabytes", Type: TypeNumber, Default: "100", Bounds: "1 to 10000", Text: "Size at which the file is renamed and a new one is begun."},
	{Key: "audit.keepFiles", Type: TypeNumber, Default: "0", Bounds: "0 to 100000", Text: "How many renamed files are kept; 0 for all."},
	{Key: "audit.keepDays", Type: TypeNumber, Default: "0", Bounds: "0 to 36500", Text: "For how many days renamed files are kept; 0 for ever."},
	{Key: "audit.required", Type: TypeFlag, Default: "false", Text: "Answer 503 with the code `AUDIT_UNAVAILABLE` to a request whose line cannot be written. Otherwise the failure is logged and counted, and the request is answered."},
}
