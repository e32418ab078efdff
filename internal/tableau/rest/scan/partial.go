package scan

import (
	"fmt"
	"reflect"
	"slices"
)

// Members are the members of objects that are needed: others are passed over, as if no field had
// their names. A type that is not in it is decoded whole. The nil Members want everything.
type Members struct{ types []typeMembers }

type typeMembers struct {
	plan   *plan
	needed fieldSet
}

// fieldSet is a set of fields of a plan.
type fieldSet [maxFields / 64]uint64

func (b *fieldSet) has(i int) bool { return b[i/64]&(1<<(i%64)) != 0 }

func (b *fieldSet) add(i int) { b[i/64] |= 1 << (i % 64) }

// NewMembers returns the Members with these names, by type. It panics where a type has no member of
// a name, or is not decoded by this package.
func NewMembers(names map[reflect.Type][]string) *Members {
	m := &Members{}
	for t, names := range names {
		p := planOf(t)
		needed := fieldSet{}
		for _, name := range names {
			i := slices.IndexFunc(p.fields, func(f field) bool { return f.name == name })
			if i < 0 {
				panic(fmt.Sprintf("scan: %s has no member %s", t, name))
			}
			needed.add(i)
		}
		m.types = append(m.types, typeMembers{p, needed})
	}
	return m
}

// of returns the needed fields of a plan; nil for all.
func (m *Members) of(p *plan) *fieldSet {
	if m == nil {
		return nil
	}
	for i := range m.types {
		if m.types[i].plan == p {
			return &m.types[i].needed
		}
	}
	return nil
}

// passOver passes over a member that is not needed, and reports whether it says anything: an object
// with nothing else is not taken for an empty one.
func (d *decoder) passOver() (says, ok bool) {
	begin := d.at
	if !d.skip() {
		return false, false
	}
	switch d.data[begin] {
	case 'n': // null
		return false, true
	case '"', '{', '[':
		return d.at-begin > len(`""`), true
	default:
		return true, true
	}
}
