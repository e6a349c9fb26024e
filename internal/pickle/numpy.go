package pickle

import (
	"errors"
	"fmt"
	"math"

	"breakeven/internal/numpy"
)

// NumPy are arrays and single numbers of NumPy, under the names of its old and new
// modules.
var NumPy = Classes{
	"numpy.ndarray":                      nil,
	"numpy.dtype":                        newDType,
	"numpy.core.multiarray._reconstruct": emptyArray,
	"numpy.core.multiarray.scalar":       scalar,
	"numpy.core.numeric._frombuffer":     fromBuffer,

	"numpy._core.multiarray._reconstruct": emptyArray,
	"numpy._core.multiarray.scalar":       scalar,
	"numpy._core.numeric._frombuffer":     fromBuffer,
}

// An Array is an array of NumPy.
type Array struct{ numpy.Array }

// dtype is a type of NumPy's.
type dtype struct {
	code string // f8
	numpy.DType
}

// newDType makes a type of its code. What follows the code are settings of no
// use here. The order of bytes comes with the state.
func newDType(args []any) (any, error) {
	if len(args) == 0 {
		return nil, errors.New("a type without a code")
	}
	code, ok := Text(args[0])
	if !ok {
		return nil, fmt.Errorf("a type of %s", Describe(args[0]))
	}
	d, err := numpy.ParseDType("|" + code)
	if err != nil {
		return nil, err
	}
	if d.Size > 1 && d.Kind != numpy.Other && d.Kind != numpy.Bytes {
		d = numpy.DType{Size: d.Size, Why: "of values of an unknown order of bytes"}
	}
	return &dtype{code, d}, nil
}

// Build takes the state of a type: a version, the order of bytes, and what
// makes it a type of records or of parts of an array.
func (d *dtype) Build(state any) error {
	t, ok := state.(Tuple)
	if !ok || len(t) < 5 {
		return fmt.Errorf("a type whose state is %s", Describe(state))
	}
	order, ok := Text(t[1])
	if !ok {
		return fmt.Errorf("a type whose order of bytes is %s", Describe(t[1]))
	}
	if t[2] != nil || t[3] != nil || t[4] != nil {
		d.DType = numpy.DType{Size: d.Size, Why: "of records (a structured dtype); save each of its fields as an array"}
		return nil
	}
	built, err := numpy.ParseDType(order + d.code)
	if err != nil {
		return err
	}
	d.DType = built
	return nil
}

// emptyArray makes an array that is handed its values as its state.
func emptyArray(args []any) (any, error) {
	if len(args) > 0 {
		if g, ok := args[0].(*Global); ok && g.Name == "numpy.ndarray" {
			return &Array{numpy.Array{Shape: []int{0}}}, nil
		}
	}
	return nil, errors.New("an array of another kind than numpy.ndarray")
}

// Build takes the state of an array: a version (which is missing in very old
// pickles), the shape, the type, the order of dimensions, and the values.
func (a *Array) Build(state any) error {
	t, ok := state.(Tuple)
	if ok && len(t) == 5 {
		t = t[1:]
	}
	if !ok || len(t) != 4 {
		return fmt.Errorf("an array whose state is %s", Describe(state))
	}
	fortran, ok := truth(t[2])
	if !ok {
		return fmt.Errorf("an array whose order is %s", Describe(t[2]))
	}
	return a.fill(t[0], t[1], fortran, t[3])
}

// fill makes a the array of a shape, a type and values.
func (a *Array) fill(shape, typ any, fortran bool, values any) error {
	d, ok := typ.(*dtype)
	if !ok {
		return fmt.Errorf("an array whose type is %s", Describe(typ))
	}
	dims, err := dimensions(shape)
	if err != nil {
		return err
	}
	if d.Kind == numpy.Other {
		return fmt.Errorf("an array %s", d.Why)
	}
	b, ok := Raw(values)
	if !ok {
		return fmt.Errorf("an array whose values are %s", Describe(values))
	}
	made, err := numpy.New(d.DType, dims, fortran, b)
	if err != nil {
		return err
	}
	a.Array = *made
	return nil
}

// truth returns a bool, which may be an integer.
func truth(v any) (yes, ok bool) {
	switch v := v.(type) {
	case bool:
		return v, true
	case int64:
		return v != 0, true
	}
	return false, false
}

// dimensions reads a shape, or strides.
func dimensions(v any) ([]int, error) {
	list, err := Ints(v)
	if err != nil || len(list) > numpy.MaxRank {
		return nil, fmt.Errorf("an array whose shape is %s", Describe(v))
	}
	dims := make([]int, len(list))
	for i, d := range list {
		if d < 0 || d > math.MaxInt {
			return nil, fmt.Errorf("an array with a dimension of %d", d)
		}
		dims[i] = int(d)
	}
	return dims, nil
}

// fromBuffer makes an array of bytes, a type, a shape and C or F.
func fromBuffer(args []any) (any, error) {
	if len(args) != 4 {
		return nil, fmt.Errorf("an array of %d parts", len(args))
	}
	order, _ := Text(args[3])
	if order != "C" && order != "F" {
		return nil, errors.New("an array whose order is neither C nor F")
	}
	a := &Array{}
	return a, a.fill(args[2], args[1], order == "F", args[0])
}

// scalar makes a number of a type and its bytes.
func scalar(args []any) (any, error) {
	if len(args) != 2 {
		return nil, fmt.Errorf("a number of %d parts", len(args))
	}
	a := &Array{}
	if err := a.fill(Tuple{}, args[0], false, args[1]); err != nil {
		return nil, err
	}
	switch a.Type.Kind {
	case numpy.Float:
		x, err := a.Float64s()
		if err != nil {
			return nil, err
		}
		return x[0], nil
	case numpy.Bool, numpy.Int, numpy.Uint:
		x, err := a.Int64s()
		if err != nil {
			return nil, err
		}
		if a.Type.Kind == numpy.Bool {
			return x[0] == 1, nil
		}
		return x[0], nil
	case numpy.Bytes, numpy.Text:
		b, _ := Raw(args[1])
		return a.Type.String(b)
	}
	return nil, errors.New("a single time of NumPy, which is not read")
}
