package nn

import "breakeven/tensor"

// A joined input is the concatenation of activations along their channels, which is never made
// whole: whoever reads it gathers a tile of whole pixels at a time, and whoever writes its
// adjoint gives each part its own. A single part is read and written where it lies.
type joined struct {
	parts  []arg
	first  []int  // by part, its first channel
	acc    []bool // by part: a later node has already written its adjoint
	all    []bool // true for each part
	c      int    // channels of all parts
	pixels int    // of an example
	active bool   // one of the parts is
}

// joined returns all inputs of the node.
func (b *binding) joined() joined {
	var x joined
	for k := range b.node.in {
		a := b.in(k)
		x.parts, x.first = append(x.parts, a), append(x.first, x.c)
		x.acc, x.all = append(x.acc, b.accumulates(k)), append(x.all, true)
		x.c += a.shape.C
		x.pixels = a.size / a.shape.C
		x.active = x.active || a.active
	}
	return x
}

// single reports whether there is one part.
func (x *joined) single() bool { return len(x.parts) == 1 }

// fewParts is how many parts fit into the memory that callers of rows have on their stack.
const fewParts = 128

// rows appends to buf, for each part, its examples lo … hi-1 in a lane: nil if it has none.
func (x *joined) rows(buf [][]float32, l lane, lo, hi int) [][]float32 {
	for _, a := range x.parts {
		if l != values && !a.active {
			buf = append(buf, nil)
			continue
		}
		buf = append(buf, a.rows(l, lo, hi))
	}
	return buf
}

// gather returns pixels i … j-1 of the concatenation of rows: of a single part the part itself,
// of several ones a copy in dst, where a part without the lane is 0.
func (x *joined) gather(dst []float32, rows [][]float32, i, j int) []float32 {
	if x.single() {
		return rows[0][i*x.c : j*x.c]
	}
	dst = dst[:(j-i)*x.c]
	for k, row := range rows {
		n, first := x.parts[k].shape.C, x.first[k]
		if row == nil {
			clearChannels(dst, x.c, first, n)
			continue
		}
		row = row[i*n : j*n]
		for at := first; len(row) > 0; at += x.c {
			copy(dst[at:at+n], row[:n])
			row = row[n:]
		}
	}
	return dst
}

// give writes pixels from number i on to the parts, or adds them where acc says so.
func (x *joined) give(rows [][]float32, i int, src []float32, acc []bool) {
	for k, row := range rows {
		if row == nil {
			continue
		}
		n := x.parts[k].shape.C
		row = row[i*n:]
		for at := x.first[k]; at < len(src); at += x.c {
			if acc[k] {
				tensor.Add(row[:n], src[at:at+n])
			} else {
				copy(row[:n], src[at:at+n])
			}
			row = row[n:]
		}
	}
}
