package ntk

// A window is one dimension of a convolution or pooling: output p reads the
// inputs p·stride + tap − low for tap < size.
type window struct {
	in, out      int // positions
	size, stride int
	low          int // zeros before the first input
	circular     bool
}

// newWindow returns the window of a padding, and whether it fits in inputs.
func newWindow(in, size, stride int, pad Padding) (window, bool) {
	w := window{in: in, size: size, stride: stride}
	if size < 1 || stride < 1 || pad < Circular {
		return w, false
	}
	switch {
	case pad >= 0:
		w.low = int(pad)
		w.out = (in+2*w.low-size)/stride + 1
		return w, in+2*w.low >= size
	default:
		w.out = (in + stride - 1) / stride
		zeros := max(0, (w.out-1)*stride+size-in)
		w.low, w.circular = zeros/2, pad == Circular && zeros > 0
		return w, true
	}
}

// plain reports whether outputs are inputs: one tap, no stride, no padding.
func (w window) plain() bool { return w.size == 1 && w.stride == 1 && w.low == 0 }

// pairs returns the first position and the number of those whose partner, so far
// away, lies among n positions too.
func pairs(n, apart int) (first, count int) {
	if apart < 0 {
		return min(n, -apart), max(0, n+apart)
	}
	return 0, max(0, n-apart)
}

// A strand is the taps of a window from one on, before another, for pairs of
// positions a distance apart: what it reads and writes of a line.
type strand struct {
	window
	first, last int // taps
	from, reads int // inputs that have a partner
	to, writes  int // outputs that have one
}

// strand returns the taps first … last−1 for pairs of outputs a distance apart
// and inputs another.
func (w window) strand(first, last, inputs, outputs int) strand {
	s := strand{window: w, first: first, last: last}
	s.from, s.reads = pairs(w.in, inputs)
	s.to, s.writes = pairs(w.out, outputs)
	return s
}

// span returns the inputs lo … hi−1, counted from the first with a partner, that
// output q reads, counted likewise.
func (s *strand) span(q int) (lo, hi int) {
	at := (s.to+q)*s.stride - s.low - s.from
	return max(0, min(s.reads, at+s.first)), max(0, min(s.reads, at+s.last))
}

// rows sums along lines: dst has writes numbers for each reads of src.
func (s *strand) rows(dst, src []float64, lines int) {
	inner, outer := s.inner()
	for l := range lines {
		x, y := src[l*s.reads:(l+1)*s.reads], dst[l*s.writes:(l+1)*s.writes]
		for q := range inner {
			y[q] = s.sum(x, q)
		}
		if inner < outer {
			lo, _ := s.span(inner)
			addThree(y[inner:outer], x[lo:])
		}
		for q := outer; q < s.writes; q++ {
			y[q] = s.sum(x, q)
		}
	}
}

// sum returns output q of the line x.
func (s *strand) sum(x []float64, q int) float64 {
	lo, hi := s.span(q)
	if lo >= hi {
		return 0
	}
	sum := x[lo]
	for _, v := range x[lo+1 : hi] {
		sum += v
	}
	return sum
}

// inner returns the outputs from … to−1 that read three inputs each, one further
// for each output.
func (s *strand) inner() (from, to int) {
	if s.last-s.first != 3 || s.stride != 1 {
		return 0, 0
	}
	at := s.to - s.low - s.from + s.first
	from, to = max(0, -at), min(s.writes, s.reads-2-at)
	if from >= to {
		return 0, 0
	}
	return from, to
}

// addThree is dst[i] = x[i] + x[i+1] + x[i+2].
func addThree(dst, x []float64) {
	x = x[:len(dst)+2]
	for i := range dst {
		dst[i] = x[i] + x[i+1] + x[i+2]
	}
}

// columns sums along columns of images of some width: dst has writes rows for
// each reads of src.
func (s *strand) columns(dst, src []float64, images, width int) {
	for i := range images {
		x, y := src[i*s.reads*width:(i+1)*s.reads*width], dst[i*s.writes*width:(i+1)*s.writes*width]
		for q := range s.writes {
			lo, hi := s.span(q)
			row := y[q*width : (q+1)*width]
			switch hi - lo {
			case 3:
				a, b, c := x[lo*width:][:len(row)], x[(lo+1)*width:][:len(row)], x[(lo+2)*width:][:len(row)]
				for j := range row {
					row[j] = a[j] + b[j] + c[j]
				}
				continue
			case 0:
				clear(row)
				continue
			}
			copy(row, x[lo*width:])
			for l := lo + 1; l < hi; l++ {
				for j, v := range x[l*width : (l+1)*width] {
					row[j] += v
				}
			}
		}
	}
}
