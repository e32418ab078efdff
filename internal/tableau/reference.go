package tableau

// What an answer says of an object that it refers to stays, whatever else is asked about the
// object: a client cache that keeps one object per id would otherwise lose it. A user may be
// allowed to read a list and not the objects that the list names.

// reference is an object that an answer refers to by id, often with a name beside it.
type reference[T any] interface {
	*T
	// usable says whether a mere reference holds every attribute that the schema promises never to
	// be null.
	usable() bool
}

func (w *Workbook) usable() bool   { return w.Name != "" && w.ContentURL != "" }
func (v *View) usable() bool       { return v.Name != "" && v.ContentURL != "" }
func (d *DataSource) usable() bool { return d.Name != "" }
func (f *Flow) usable() bool       { return f.Name != "" }
func (p *Project) usable() bool    { return p.Name != "" }
func (*Job) usable() bool          { return true }

// orReference completes a reference: the object as it was read or, where the user may not read it
// or it is gone, the reference as the referring answer has it. The attributes that the answer does
// not have are then null. Nil where too little is known.
func orReference[T any, P reference[T]](ref P) func(*T, error) (*T, error) {
	return func(found *T, err error) (*T, error) {
		found, err = nilIfDenied(found, err)
		if found == nil && err == nil && ref != nil && ref.usable() {
			return ref, nil
		}
		return found, err
	}
}
