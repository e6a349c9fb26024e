package pickle

// An Object is what a pickle makes of a class or a function that is not known. Nothing is
// called: it holds what it was to be made of.
type Object struct {
	Class string
	Args  []any
	Items Dict // keys that were set in it, as in a kind of dictionary
	State any
}

// Build takes the state of the object.
func (o *Object) Build(state any) error {
	o.State = state
	return nil
}

// newObject returns what makes objects of a class.
func newObject(class string) Constructor {
	return func(args []any) (any, error) { return &Object{Class: class, Args: args}, nil }
}
