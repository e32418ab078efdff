package repotest

import "regexp"

// maxWords is how many words a sentence of a document or of a schema description may have.
const maxWords = 35

// skippedDirs are generated, or hold what others wrote; skippedNames are so everywhere.
var (
	skippedDirs  = []string{"graph", "build", "docs/schema", "internal/web/dist"}
	skippedNames = []string{".git", "node_modules", "testdata"}
)

// nameParts are private words for things that have standard names, and what to say. They are
// found as words of a declared name: recall is found in newRecall.
var nameParts = map[string]string{
	"shelf":    "sharedStore, localStore",
	"fellow":   "redisSessions",
	"fellows":  "redisSessions",
	"courtesy": "gracePeriod",
	"glance":   "pollInterval",
	"yields":   "tryPreempt",
	"lane":     "purposeLock",
	"lanes":    "purposeLocks",
	"habit":    "overlapDetector",
	"recall":   "ttlCache",
	"recalled": "cached",
	"bury":     "markDead",
	"doubted":  "stale",
	"sighting": "revision",
	"bag":      "looseelement",
	"bags":     "looseelement",
	"lenient":  "normalize",
	"adopt":    "bind (tableau), fromStore (sessions)",
	"adopted":  "bound",
	"reckon":   "price, compute",
	"reckoned": "priced, computed",
	"reckoner": "pricer",
	"tariff":   "fieldCost",
	"tariffs":  "fieldCosts",
	"dearest":  "max",
	"sift":     "filterByID",
	"sifted":   "filtered",
	"told":     "StatusListed and the like: in the answer, listed, reported",
	"teller":   "restFields",
	"tellers":  "restFields",
	"cupboard": "settledServers",
	"fleet":    "replicas",
	"survey":   "listProbe",
	"suppose":  "dryrun",
	"supposed": "dryrun",
}

// wholeNames are names that are private words in one part of the program and may be standard
// words elsewhere.
var wholeNames = []struct{ name, below, say string }{
	{"noShelf", "", "localStore"},
	{"fate", "internal/sessions", "origin"},
	{"laid", "internal/sessions", "published"},
	{"withdrawn", "internal/sessions", "removed"},
	{"lay", "internal/sessions", "publish"},
	{"offer", "internal/sessions", "republish"},
	{"follows", "internal/sessions", "a verb of the store: renew, replace"},
	{"survives", "internal/sessions", "a verb of the store: keep"},
	{"apart", "internal/sessions", "perReplica"},
	{"judge", "internal/sessions", "observe"},
	{"press", "internal/sessions", "preempt"},
	{"pressed", "internal/sessions", "preempted"},
	{"turns", "internal/sessions", "tokenState"},
	{"lease", "internal/sessions", "the lock's own name"},
	{"head", "internal/sessions", "queueHead"},
	{"lying", "internal/sessions", "entryTTL"},
	{"sight", "internal/sessions", "revision"},
	{"moment", "internal/sessions", "revision"},
	{"flight", "internal/sessions", "signInCall"},
	{"fly", "internal/sessions", "signIn"},
	{"exit", "internal/sessions", "signOutQueue"},
	{"place", "internal/sessions", "signerDeps"},
	{"shape", "internal/sessions", "fingerprint"},
	{"traits", "internal/sessions", "attributes"},
	{"on", "internal/sessions", "forSite"},
	{"lead", "internal/tableau", "contentref"},
	{"leads", "internal/tableau", "contentrefs"},
	{"seek", "internal/tableau", "lookup"},
	{"seekAll", "internal/tableau", "lookupAll"},
	{"Set", "internal/tableau/", "Batch"},
	{"together", "internal/tableau/", "newBatch"},
	{"members", "internal/tableau/", "items"},
	{"forAll", "internal/tableau/", "once"},
	{"introduce", "internal/tableau/", "batchRefs"},
	{"window", "internal/tableau/", "readRange"},
	{"stretch", "", "pageSpan"},
	{"stretchOf", "", "pageSpan"},
	{"onwards", "internal/tableau", "readUnknownTotal"},
	{"everything", "internal/tableau/", "readAll"},
	{"deal", "internal/tableau", "distribute"},
	{"only", "internal/tableau/", "findOne"},
	{"unlessRefused", "", "ignoreDenied"},
	{"hiddenIsNil", "", "nilIfDenied"},
	{"orNone", "", "nonNil"},
	{"nameOrNone", "", "nonNil"},
	{"postsThatOnlyOpenOrClose", "", "sessionPOSTs"},
	{"getThatDoesSomething", "", "sideEffectGET"},
	{"pass", "internal/tableau/", "checkReadOnly, throttle"},
	{"pass", "internal/upstream", "checkReadOnly, throttle"},
	{"question", "resolvers", "request"},
	{"question", "internal/graphqlhttp", "request"},
	{"asks", "resolvers", "extension"},
	{"asks", "internal/graphqlhttp", "extension"},
	{"refusal", "resolvers", "httpError"},
	{"refusal", "internal/graphqlhttp", "httpError"},
	{"wanted", "resolvers", "listRequest"},
	{"where", "resolvers", "filterBuilder"},
	{"lacks", "resolvers", "unsupportedError"},
	{"span", "resolvers", "versionRange"},
	{"afford", "resolvers", "reserveFields"},
	{"affordPage", "resolvers", "reservePage"},
	{"affordTable", "resolvers", "reserveTable"},
	{"affordTexts", "resolvers", "reserveTexts"},
	{"Places", "internal/edge", "ConnLimiter"},
	{"NewPlaces", "internal/edge", "NewConnLimiter"},
	{"Room", "internal/edge", "MaxConns"},
	{"patient", "internal/edge", "slowclient"},
	{"Owner", "internal/content", "Linker"},
	{"oddWorld", "", "edgeCaseWorld"},
}

// phrases are the private phrases. What except matches, from the start of the phrase on, is no
// finding.
var phrases = []struct {
	pattern, except *regexp.Regexp
	say             string
}{
	phrase(`l(ies|ie|ay|ays|aid|ain)`, ``, "is, is stored, is listed, publishes"),
	phrase(`st(and|ands|ood)`, `stand-|stands? for|stands? in for|stand alone`, "is, is listed, is documented"),
	phrase(`(tells|told|telling)`, ``, "returns, reports, documents; names"),
	phrase(`(comes?|came) to`, ``, "costs, is, amounts to"),
	phrase(`so it (is|was) with`, ``, "nothing, or the fact itself"),
	phrase(`who(ever|soever)`, ``, "anyone who"),
	phrase(`all the same`, ``, "nothing, or still"),
	phrase(`as far as`, ``, "if, where, that the caller may see"),
	phrase(`so (many|much)( [a-z]+){0,3} at most|at most so (many|much)`, ``, "up to n"),
	phrase(`(is|are|was|were|be) believed`, ``, "is cached, is accepted, is trusted"),
	phrase(`(there )?(is|are|was|were|be) none`, `there `, "there is no; is not a"),
	phrase(`reckon(s|ed|ing)?`, ``, "compute, estimate, count"),
	phrase(`(thereof|hence|anew|thereby|therein|hereby)`, ``, "again; so; of it"),
	phrase(`mend(s|ed|ing)?`, ``, "fix"),
	phrase(`as a rule`, ``, "usually"),
	phrase(`must look`, ``, "ask your administrator to check the server log"),
	phrase(`in need of|bereft|behold|lest|whence|whither|thither`, ``, "the common word"),
	phrase(`(favourite|colour|honour|behaviour|neighbour|licence|centre|catalogue|organis|recognis|initialis|normalis|serialis|grey)(e|es|ed|s|ing|ation)?`, ``, "the American spelling"), //nolint:misspell // these are the words to find
}

func phrase(pattern, except, say string) (p struct {
	pattern, except *regexp.Regexp
	say             string
},
) {
	p.pattern = regexp.MustCompile(`(?i)\b(?:` + regexp.MustCompile(` `).ReplaceAllString(pattern, `\s+`) + `)\b`)
	if except != "" {
		p.except = regexp.MustCompile(`(?i)^(?:` + except + `)`)
	}
	p.say = say
	return p
}
