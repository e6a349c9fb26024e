package onnx

import "bytes"

// tied returns the parameter of the embedding whose weight a matrix [in, out] is, transposed: exporters write such a
// weight of a last layer a second time. It is "" if there is none.
func (b *builder) tied(src source) string {
	for _, t := range b.tables {
		if src.turned && src.dims[0] == t.dims[1] && src.dims[1] == t.dims[0] && src.kind == t.kind && b.transposed(src.tensor, t) {
			return b.owner[t]
		}
	}
	return ""
}

// transposed reports whether a matrix has the numbers of another one, transposed.
func (b *builder) transposed(x, y *tensor) bool {
	if x.words != nil || y.words != nil {
		return false
	}
	u, err := x.bytes(b.file.folder)
	v, err2 := y.bytes(b.file.folder)
	if err != nil || err2 != nil {
		return false // numbers that are not there
	}
	size, rows, cols := int(sizes[x.kind]), int(x.dims[0]), int(x.dims[1])
	for i := range rows {
		for j := range cols {
			if !bytes.Equal(u[(i*cols+j)*size:][:size], v[(j*rows+i)*size:][:size]) {
				return false
			}
		}
	}
	return true
}
