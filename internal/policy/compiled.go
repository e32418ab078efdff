package policy

import (
	"container/list"
	"hash/fnv"
	"io"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/vektah/gqlparser/v2/ast"
)

// How much is kept ready. A set of roles is some hundred bytes of its own; a schema has its table
// of types, some ten kilobytes, and those types that no other schema has in this form.
const (
	maxViews    = 4096
	maxSchemas  = 512
	maxVariants = 10_000 // forms of types
)

// What compiling a schema, some milliseconds of processor time, costs who has it compiled: a call
// to Tableau or two. The first ones after the start cost nothing: there are as many as sets of
// roles that people usually have.
const (
	compilePoints = 30
	freeCompiles  = 64
)

// compiled is the schema of a ruleset. Sets of roles that differ in nothing a schema shows share
// one.
type compiled struct {
	schema *ast.Schema
	texts  []string // SDL, by definition
	bytes  int      // of SDL
	meta   func() *metaGraph
	// subgraph is the SDL for gateways, by definition; nil where the whole schema is no subgraph.
	subgraph []string
}

func newCompiled(schema *ast.Schema, texts []string) *compiled {
	c := &compiled{schema: schema, texts: texts, meta: sync.OnceValue(func() *metaGraph { return newMetaGraph(schema) })}
	for _, text := range texts {
		c.bytes += len(text)
	}
	return c
}

// WriteTo writes the SDL.
func (c *compiled) WriteTo(w io.Writer) (n int64, err error) {
	for _, text := range c.texts {
		written, err := io.WriteString(w, text)
		n += int64(written)
		if err != nil {
			return n, err
		}
	}
	return n, nil
}

// cache keeps values by key, those that were used last. A value is made once, outside the lock,
// while all who ask for it wait and the others do not.
type cache[V any] struct {
	most    int
	mu      sync.Mutex
	entries map[string]*list.Element
	recent  list.List // of *cacheEntry[V], the one used last at the front
}

type cacheEntry[V any] struct {
	key  string
	make func() (V, error)
	done atomic.Bool
}

func (c *cache[V]) get(key string, produce func() (V, error)) (V, error) {
	c.mu.Lock()
	at, known := c.entries[key]
	if known {
		c.recent.MoveToFront(at)
	} else {
		if c.entries == nil {
			c.entries = map[string]*list.Element{}
		}
		entry := &cacheEntry[V]{key: key}
		entry.make = sync.OnceValues(func() (V, error) {
			defer entry.done.Store(true)
			return produce()
		})
		at = c.recent.PushFront(entry)
		c.entries[key] = at
		if c.recent.Len() > c.most {
			last := c.recent.Back()
			delete(c.entries, last.Value.(*cacheEntry[V]).key)
			c.recent.Remove(last)
		}
	}
	c.mu.Unlock()
	return at.Value.(*cacheEntry[V]).make()
}

// ready reports whether the value of a key is there, so that to get it takes no time.
func (c *cache[V]) ready(key string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	at, known := c.entries[key]
	return known && at.Value.(*cacheEntry[V]).done.Load()
}

// compiler makes schemas of rulesets, few at a time.
type compiler struct {
	index    *index
	schemas  cache[*compiled]
	places   chan struct{}
	compiles atomic.Int64

	mu       sync.Mutex
	variants map[string]*variant
}

// variant is one form of a type, as some rules leave it: schemas that leave the same of a type
// share it.
type variant struct {
	def      *ast.Definition
	text     string
	subgraph string // the text for gateways, if the whole schema is a subgraph
}

func newCompiler(x *index) *compiler {
	return &compiler{
		index: x, schemas: cache[*compiled]{most: maxSchemas}, variants: map[string]*variant{},
		places: make(chan struct{}, max(1, runtime.GOMAXPROCS(0)/2)), // so that others are answered meanwhile
	}
}

// compile returns the schema that a ruleset leaves. The error is ErrNothingLeft, or says that it
// does not load.
func (c *compiler) compile(r ruleset, introspection bool) (*compiled, error) {
	return c.schemas.get(c.key(r, introspection), func() (*compiled, error) {
		c.places <- struct{}{}
		defer func() { <-c.places }()
		c.compiles.Add(1)
		return c.prune(r, introspection)
	})
}

// key is what a ruleset leaves of the whole schema, member by member: all else follows from that.
func (c *compiler) key(r ruleset, introspection bool) string {
	var b strings.Builder
	bit := func(left bool) {
		if left {
			b.WriteByte('1')
		} else {
			b.WriteByte('0')
		}
	}
	bit(introspection)
	for _, m := range c.index.members {
		switch {
		case m.field == "":
			bit(!r.deniedCoords[m.typ])
		case m.answers:
			bit(r.sees(m.typ, m.field, m.area))
		default:
			bit(!r.deniedCoords[m.coord])
		}
	}
	return b.String()
}

func (c *compiler) prune(r ruleset, introspection bool) (*compiled, error) {
	types, err := c.index.prune(r)
	if err != nil {
		return nil, err
	}
	if !introspection {
		dropService(types, c.index.schema.Query.Name)
	}
	doc := c.index.document(types)
	keys := make(map[string]string, len(doc.Definitions))
	texts := []string{printed(&ast.SchemaDocument{Schema: doc.Schema}) + newerDirectives(doc.Definitions) + ownDirectives(doc)}
	federated := c.index.schema.Types[EntityUnion] != nil
	keyed := types[EntityUnion] != nil
	var subgraph []string
	if federated {
		subgraph = []string{subgraphLink + texts[0]}
	}
	known := make(map[string]*variant, len(doc.Definitions))
	for _, def := range doc.Definitions {
		key := formOf(def)
		if def.Name == c.index.schema.Query.Name && !introspection {
			key += "\x00without introspection"
		}
		if keyed && c.index.isEntity(def) {
			key += "\x00with a key"
		}
		v := c.variant(key)
		if v == nil {
			v = &variant{text: definitionText(def)}
			if federated {
				v.subgraph = c.index.subgraphText(def, keyed)
			}
		}
		keys[def.Name], known[def.Name] = key, v
		if v.text != "" {
			texts = append(texts, v.text)
		}
		if v.subgraph != "" {
			subgraph = append(subgraph, v.subgraph)
		}
	}
	schema, err := c.index.load(doc)
	if err != nil {
		return nil, err
	}
	if !introspection {
		hideIntrospection(schema)
	}
	for name, def := range schema.Types {
		key, v := keys[name], known[name]
		if v == nil { // added by the loader
			key, v = "\x00"+name, &variant{}
		}
		schema.Types[name] = c.share(key, v, def)
	}
	relink(schema)
	compiled := newCompiled(schema, texts)
	compiled.subgraph = subgraph
	return compiled, nil
}

func (c *compiler) variant(key string) *variant {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.variants[key]
}

// share returns the definition that schemas with this form of a type share.
func (c *compiler) share(key string, v *variant, def *ast.Definition) *ast.Definition {
	c.mu.Lock()
	defer c.mu.Unlock()
	if known := c.variants[key]; known != nil {
		return known.def
	}
	if v.def != nil { // forgotten meanwhile
		return v.def
	}
	if len(c.variants) >= maxVariants {
		clear(c.variants) // schemas that are there keep theirs
	}
	v.def = def
	c.variants[key] = v
	return def
}

// formOf says what is left of a definition. Of one name, two that have the same form are the same.
func formOf(def *ast.Definition) string {
	var b strings.Builder
	add := func(mark byte, name string) {
		b.WriteByte(mark)
		b.WriteString(name)
	}
	b.WriteString(def.Name)
	for _, name := range def.Interfaces {
		add('&', name)
	}
	for _, name := range def.Types {
		add('|', name)
	}
	for _, v := range def.EnumValues {
		add('=', v.Name)
	}
	for _, f := range def.Fields {
		add('.', f.Name)
		for _, a := range f.Arguments {
			add(',', a.Name)
		}
	}
	texts := fnv.New128a() // sentences about what a role lacks are gone
	eachDescription(map[string]*ast.Definition{def.Name: def}, func(text *string) {
		_, _ = texts.Write([]byte(*text + "\x00"))
	})
	add('"', string(texts.Sum(nil)))
	return b.String()
}

// relink has a schema refer to its types as they are in Types.
func relink(schema *ast.Schema) {
	schema.Query = schema.Types[schema.Query.Name]
	for _, lists := range []map[string][]*ast.Definition{schema.PossibleTypes, schema.Implements} {
		for _, list := range lists {
			for i, def := range list {
				if def != nil {
					list[i] = schema.Types[def.Name]
				}
			}
		}
	}
}
