// Package fault marks the places where what is on disk changes, so that tests
// can make each of them fail, or kill the process there.
//
// In the program Hook is nil, and a place is one comparison.
package fault

// Hook, if not nil, is called at each place, just before what its name says,
// such as "rename runs/x/y". An error that it returns stands in place of doing
// that. Tests set it, before anything runs that may reach a place.
var Hook func(place string) error

// At is called at a place. It returns nil where the work is to be done.
func At(place string) error {
	if Hook == nil {
		return nil
	}
	return Hook(place)
}
