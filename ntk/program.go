package ntk

// A program is a network as nodes.
//
// It runs in stages. Within one the images of a set of displacements are made one
// after the other, each by local nodes in place, and a gather node at the end
// makes a table of them; so only tables are held whole, and they are small: the
// input of a convolutional network has a hundred times as many covariances as the
// first table after a pooling. Between stages there may be whole nodes.
type program struct {
	stages  []stage
	in, out grid
}

// A stage is a whole node, or local nodes and a gather node.
type stage struct {
	local []local
	end   gather
	whole whole
}

// newProgram cuts nodes into stages.
func newProgram(in grid, nodes []node) *program {
	p := &program{in: in, out: in}
	var open []local
	closed := true
	for _, n := range nodes {
		_, p.out = n.grids()
		switch n := n.(type) {
		case local:
			open, closed = append(open, n), false
		case gather:
			p.stages = append(p.stages, stage{local: open, end: n})
			open, closed = nil, true
		case whole:
			if before, _ := n.grids(); !closed || len(p.stages) == 0 {
				p.stages = append(p.stages, stage{local: open, end: keep{before}})
			}
			p.stages = append(p.stages, stage{whole: n})
			open, closed = nil, true
		}
	}
	if !closed || len(p.stages) == 0 {
		p.stages = append(p.stages, stage{local: open, end: keep{p.out}})
	}
	return p
}

// needs returns which displacements of its input a set of outputs needs.
func (p *program) needs(out set) set {
	for i := len(p.stages) - 1; i >= 0; i-- {
		out = p.stages[i].needs(out)
	}
	return out
}

func (s stage) needs(out set) set {
	if s.whole != nil {
		return s.whole.needs(out)
	}
	out = s.end.needs(out)
	for i := len(s.local) - 1; i >= 0; i-- {
		in, _ := s.local[i].grids()
		step := s.local[i].stride()
		out = set{strided(out.y, step[0], in.h), strided(out.x, step[1], in.w)}
	}
	return out
}

// strided multiplies displacements by a stride and leaves out those that n
// positions do not have.
func strided(list []int, stride, n int) []int {
	var s []int
	for _, d := range list {
		if d *= stride; d > -n && d < n {
			s = append(s, d)
		}
	}
	return s
}

// A run is a program with memory for its tables. Each is read by the next stage
// alone, so that two share the memory of all.
type run struct {
	program *program
	tables  []*table
	fill    []filler
	numbers int // in tables, for one example
}

// plan lays out tables for a set of outputs of n examples at most, with tangent
// kernels or without. For 0 examples it only counts.
func (p *program) plan(out set, n int, ntk bool) *run {
	r := &run{program: p, tables: make([]*table, len(p.stages)), fill: make([]filler, len(p.stages))}
	var most [2]int
	for i := len(p.stages) - 1; i >= 0; i-- {
		s := p.stages[i]
		var g grid
		if s.whole != nil {
			_, g = s.whole.grids()
			var inner int
			r.fill[i], inner = s.whole.plan(out, n, ntk)
			r.numbers += inner
		} else {
			_, g = s.end.grids()
		}
		r.tables[i] = newTable(g, out)
		most[i%2] = max(most[i%2], r.tables[i].total)
		out = s.needs(out)
	}
	r.numbers += most[0] + most[1]
	var k, t [2][]float64
	for i, m := range most {
		k[i] = make([]float64, n*m)
		if ntk {
			t[i] = make([]float64, n*m)
		}
	}
	for i, to := range r.tables {
		to.k, to.t = k[i%2], t[i%2]
	}
	return r
}

// do runs the program on a table, or for nil on the inputs of the worker, and
// returns its output, which is valid until it runs again.
func (r *run) do(w *worker, from *table) *table {
	for i, s := range r.program.stages {
		to := r.tables[i]
		to.begin(w.n)
		if s.whole != nil {
			r.fill[i](w, from, to)
		} else {
			s.do(w, from, to)
		}
		from = to
	}
	return from
}

// do makes a table of another, or of the inputs of the worker.
func (s stage) do(w *worker, from, to *table) {
	s.end.needs(to.set).each(func(d apart) {
		first, im := s.begin(w, from, d)
		for _, l := range s.local[first:] {
			l.apply(w, &im)
		}
		s.end.add(w, to, &im)
		w.give(im.k)
		w.give(im.t)
	})
	s.end.finish(to)
}

// begin returns the image from which local nodes make that of a displacement, and
// the first of them. Where pixels of the input of one are never so far apart, it
// begins there with an empty image: what is around is padding.
func (s stage) begin(w *worker, from *table, d apart) (first int, im image) {
	for i := len(s.local) - 1; i >= 0; i-- {
		in, _ := s.local[i].grids()
		step := s.local[i].stride()
		d[0], d[1] = d[0]*step[0], d[1]*step[1]
		if in.area(d) == 0 {
			return i, w.empty(d)
		}
	}
	return 0, w.load(from, d)
}
