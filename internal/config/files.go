package config

import (
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"regexp"
	"strings"

	"vitrine/internal/suggest"
)

// What a file that the settings point to may hold, in bytes.
const (
	maxSecret       = 16 << 10
	maxCertificates = 1 << 20
)

// secret reads one secret: key plus File names a file that holds it, key plus Env
// an environment variable. It is never in the settings file itself, and
// nothing of it enters a problem. It gives the file, from where the program runs.
func (r *reader) secret(o *object, key string, into *Secret) (file string) {
	return r.secretOf(o, key, into, plainSecret)
}

// key reads a private key in PEM form like a secret; it may have many lines.
func (r *reader) key(o *object, key string, into *Secret) (file string) {
	return r.secretOf(o, key, into, privateKey)
}

// secretForm is what a secret has to look like.
type secretForm struct {
	unfit func(string) string // says why a text can't be one; "" if it can
	fix   string
}

var (
	plainSecret = secretForm{unfit, "alone and in one line"}
	privateKey  = secretForm{unfitKey, "in PEM form and without a passphrase, as openssl genpkey does"}
)

func (r *reader) secretOf(o *object, key string, into *Secret, form secretForm) (file string) {
	if o.has(key) {
		r.problem(o.at(key), "", "must not be in the file", fmt.Sprintf(
			"write it into a file of its own and name that as %[1]sFile, or name an environment variable as %[1]sEnv; change the secret if others could read this file", key,
		))
		r.bad[o.at(key+"File")] = true // it is not missing besides
	}
	o.asked = append(o.asked, key+"File", key+"Env")
	inFile, inEnv := o.has(key+"File"), o.has(key+"Env")
	switch {
	case inFile && inEnv:
		r.problem(o.at(key+"Env"), "", "is set beside "+key+"File", "keep one of the two")
		r.bad[o.at(key+"File")] = true
	case inFile:
		file = r.secretFile(o, key+"File", into, form)
	case inEnv:
		r.secretEnv(o, key+"Env", into, form)
		// A variable that is wrong must not be reported as a missing file too.
		r.bad[o.at(key+"File")] = r.bad[o.at(key+"File")] || r.bad[o.at(key+"Env")]
	}
	return file
}

func (r *reader) secretFile(o *object, key string, into *Secret, form secretForm) (file string) {
	data, name, ok := r.content(o, key, maxSecret)
	if !ok {
		return ""
	}
	s := withoutLineEnd(data)
	if why := form.unfit(s); why != "" {
		r.problem(o.at(key), name, why, "write the secret into it, "+form.fix)
		return ""
	}
	file = r.source.resolve(name)
	r.noteOpen(o.at(key), name)
	*into = Secret(s)
	return file
}

func withoutLineEnd(data []byte) string {
	return strings.TrimSuffix(strings.TrimSuffix(string(data), "\n"), "\r")
}

// ReadSecret reads the one-line secret in a file again, while the program runs:
// tokens and passwords end and are replaced. Nothing of the content is in the
// error.
func ReadSecret(file string) (Secret, error) {
	f, err := os.Open(file)
	if err != nil {
		return "", fmt.Errorf("%q cannot be read: %w", file, reason(err))
	}
	defer func() { _ = f.Close() }()
	data, err := io.ReadAll(io.LimitReader(f, maxSecret+1))
	switch {
	case err != nil:
		return "", fmt.Errorf("%q cannot be read: %w", file, reason(err))
	case len(data) > maxSecret:
		return "", fmt.Errorf("%q has more than %d bytes: is this the right file?", file, maxSecret)
	}
	if data, err = plainText(data); err != nil {
		return "", fmt.Errorf("%q %w", file, err)
	}
	s := withoutLineEnd(data)
	if why := unfit(s); why != "" {
		return "", fmt.Errorf("%q %s: write the secret into it, alone and in one line", file, why)
	}
	return Secret(s), nil
}

// noteOpen notes a secret that others can read.
func (r *reader) noteOpen(path, name string) {
	if mode := tooOpen(r.source.resolve(name)); mode != 0 {
		r.notes = append(r.notes, fmt.Sprintf("%s: %s can be read or changed by others (mode %04o): chmod 600 it, or 640 for a group", path, name, mode))
	}
}

// variable is the form of an environment variable's name. It is held to capital
// letters so that a secret that was put here by mistake is not taken for a name.
var variable = regexp.MustCompile(`^[A-Z_][A-Z0-9_]{0,127}$`)

func (r *reader) secretEnv(o *object, key string, into *Secret, form secretForm) {
	var name string
	before := len(r.problems)
	o.text(key, &name)
	switch {
	case len(r.problems) > before:
	case !variable.MatchString(name):
		r.problem(o.at(key), "", "is not the name of an environment variable", "name one in capital letters; not shown here, in case it is the secret itself")
	case r.source.getenv(name) == "":
		r.problem(o.at(key), name, "is not set, or empty, in the environment", suggest.Or(name, r.source.variables(), "set it to the secret"))
	case form.unfit(r.source.getenv(name)) != "":
		r.problem(o.at(key), name, form.unfit(r.source.getenv(name)), "set it to the secret, "+form.fix)
	default:
		*into = Secret(r.source.getenv(name))
	}
}

// variables are the names of environment variables that are set.
func (s source) variables() []string {
	var names []string
	for _, entry := range os.Environ() {
		if name, _, ok := strings.Cut(entry, "="); ok && s.getenv(name) != "" {
			names = append(names, name)
		}
	}
	return names
}

// unfitKey says why a text can't be a private key; "" if it may be one. What kind of key it has to
// be is for who signs with it.
func unfitKey(s string) string {
	for rest := []byte(s); ; {
		var block *pem.Block
		block, rest = pem.Decode(rest)
		switch {
		case block == nil:
			return "holds no private key"
		case strings.HasSuffix(block.Type, "ENCRYPTED PRIVATE KEY"), block.Headers["DEK-Info"] != "":
			return "holds a private key that is encrypted"
		case strings.HasSuffix(block.Type, "PRIVATE KEY"):
			return ""
		}
	}
}

// certificates reads caFile.
func (r *reader) certificates(o *object, into *[]byte) {
	const key = "caFile"
	o.asked = append(o.asked, key)
	if !o.has(key) {
		return
	}
	data, name, ok := r.content(o, key, maxCertificates)
	if !ok {
		return
	}
	if !x509.NewCertPool().AppendCertsFromPEM(data) {
		r.problem(o.at(key), name, "holds no certificate", "give certificates in PEM form")
		return
	}
	*into = data
}

// content reads the file that a setting names.
func (r *reader) content(o *object, key string, most int) (data []byte, name string, ok bool) {
	before := len(r.problems)
	o.text(key, &name)
	if len(r.problems) > before {
		return nil, "", false
	}
	if name == "" {
		r.problem(o.at(key), "", "names no file", "name one")
		return nil, "", false
	}
	data, err := r.source.readFile(r.source.resolve(name))
	switch {
	case errors.Is(err, fs.ErrNotExist):
		r.problem(o.at(key), shownName(name), "does not exist", "names are relative to the directory of the settings file")
	case err != nil:
		r.problem(o.at(key), shownName(name), "cannot be read: "+reason(err).Error(), "let the user that runs vitrine read it")
	case len(data) > most:
		r.problem(o.at(key), name, fmt.Sprintf("has %d bytes, more than %d", len(data), most), "is this the right file?")
	default:
		text, err := plainText(data)
		if err != nil {
			reason, fix := reasonAndFix(err)
			r.problem(o.at(key), name, reason, fix)
			return nil, "", false
		}
		return text, name, true
	}
	return nil, "", false
}

// shownName is the name of a file that could not be read, if it looks like one.
// People do put the secret itself there.
func shownName(name string) string {
	if strings.ContainsAny(name, "/.") && !strings.ContainsAny(name, ":=+ ") {
		return name
	}
	return ""
}
