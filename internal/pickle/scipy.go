package pickle

import (
	"errors"
	"fmt"
)

// SciPy are the sparse matrices of SciPy by rows, under the names of its old and
// new modules. They need NumPy and Collections beside them.
var SciPy = Classes{
	"scipy.sparse.csr.csr_matrix":  newCSR,
	"scipy.sparse._csr.csr_matrix": newCSR,
	"scipy.sparse._csr.csr_array":  newCSR,

	// How old protocols make an object: of its class, and of the class object.
	"copy_reg._reconstructor": reconstructor,
	"copyreg._reconstructor":  reconstructor,
	"__builtin__.object":      nil,
	"builtins.object":         nil,
}

func reconstructor(args []any) (any, error) {
	if len(args) == 3 {
		if g, ok := args[0].(*Global); ok && args[2] == nil {
			return g.New(nil)
		}
	}
	return nil, errors.New("an object that is not of a class alone")
}

// A CSR is a sparse matrix by rows: of row i the values indptr[i] to indptr[i+1]-1,
// each with the number of its column.
type CSR struct {
	Shape                 [2]int
	data, indices, indptr *Array
}

func newCSR(args []any) (any, error) {
	if len(args) > 0 {
		return nil, fmt.Errorf("a matrix of %s", Describe(args[0]))
	}
	return &CSR{}, nil
}

// Build takes the attributes of a matrix.
func (c *CSR) Build(state any) error {
	d, ok := state.(*Dict)
	if !ok {
		return fmt.Errorf("a matrix whose state is %s", Describe(state))
	}
	shape, ok := d.Get("_shape")
	if !ok {
		shape, _ = d.Get("shape")
	}
	dims, err := dimensions(shape)
	if err != nil || len(dims) != 2 {
		return fmt.Errorf("a matrix whose shape is %s", Describe(shape))
	}
	c.Shape = [2]int(dims)
	for name, to := range map[string]**Array{"data": &c.data, "indices": &c.indices, "indptr": &c.indptr} {
		v, _ := d.Get(name)
		if *to, ok = v.(*Array); !ok || len((*to).Shape) != 1 {
			return fmt.Errorf("a matrix whose %s is %s", name, Describe(v))
		}
	}
	return nil
}

// Parts returns where the rows begin (one more number than there are rows), the
// columns of the values, and the values. Every column is inside of the matrix.
func (c *CSR) Parts() (indptr, indices []int64, values []float64, err error) {
	if c.data == nil {
		return nil, nil, nil, errors.New("a sparse matrix without values")
	}
	if indptr, err = c.indptr.Int64s(); err != nil {
		return nil, nil, nil, fmt.Errorf("indptr of a sparse matrix: %w", err)
	}
	if indices, err = c.indices.Int64s(); err != nil {
		return nil, nil, nil, fmt.Errorf("indices of a sparse matrix: %w", err)
	}
	if values, err = c.data.Float64s(); err != nil {
		return nil, nil, nil, fmt.Errorf("data of a sparse matrix: %w", err)
	}
	if len(indptr)-1 != c.Shape[0] || indptr[0] != 0 {
		return nil, nil, nil, fmt.Errorf("a sparse matrix of %d rows with an indptr of %d", c.Shape[0], len(indptr))
	}
	for i, at := range indptr[1:] {
		if at < indptr[i] || at > int64(min(len(indices), len(values))) {
			return nil, nil, nil, fmt.Errorf("a sparse matrix whose row %d is values %d to %d, of %d", i, indptr[i], at, len(values))
		}
	}
	used := indptr[c.Shape[0]] // there may be room for more
	for _, j := range indices[:used] {
		if j < 0 || j >= int64(c.Shape[1]) {
			return nil, nil, nil, fmt.Errorf("a sparse matrix of %d columns with a value in column %d", c.Shape[1], j)
		}
	}
	return indptr, indices[:used], values[:used], nil
}
