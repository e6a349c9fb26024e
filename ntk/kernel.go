package ntk

import (
	"errors"
	"fmt"
	"math"
	"sync"

	"breakeven/tensor"

	"gonum.org/v1/gonum/mat"
)

// Settings say how kernels are computed. Nil is all zeros.
type Settings struct {
	// Memory bounds what a call allocates, its results included, in bytes;
	// 0 means 2 GiB.
	Memory int64
	// Block bounds how many rows and columns of a kernel are computed at a time;
	// 0 means as many as Memory allows.
	Block int
	// NNGP leaves out tangent kernels, which are then nil.
	NNGP bool
}

// A Kernel computes the kernels of a network. It may be used by several goroutines.
type Kernel struct {
	network  Network
	settings Settings
	parts    []partSize
	program  *program // of pairs
	vars     *program // of examples by themselves, to the last part; nil without parts
}

// Kernel compiles a network. It returns an error for a network that has no kernel
// at infinite width, or none that is known, with the layer that is to blame.
func (n Network) Kernel(s *Settings) (*Kernel, error) {
	in := n.Input
	if in.C < 1 || in.H < 1 || in.W < 1 {
		return nil, fmt.Errorf("ntk: an input of %d×%d×%d", in.C, in.H, in.W)
	}
	if n.Layers == nil {
		return nil, errors.New("ntk: a network without layers")
	}
	k := &Kernel{network: n}
	if s != nil {
		k.settings = *s
	}
	if k.settings.Memory == 0 {
		k.settings.Memory = 2 << 30
	}
	b := builder{parameters: n.Parameters, parts: &k.parts, state: state{channels: in.C, grid: grid{in.H, in.W}, input: true}}
	if err := n.Layers.add(&b); err != nil {
		return nil, err
	}
	if !b.trains {
		return nil, errors.New("ntk: a network without weights: add a Dense or a Conv")
	}
	if b.size() > 1 {
		return nil, fmt.Errorf("ntk: the network ends with %s: add a Flatten or a GlobalAvgPool", b.shape())
	}
	g := grid{in.H, in.W}
	k.program = newProgram(g, b.nodes)
	if b.needed > 0 {
		k.vars = newProgram(g, b.nodes[:b.needed])
	}
	return k, nil
}

// A Block is a part of a kernel: of examples Row, Row+1, … of the first and of Col,
// Col+1, … of the second argument.
type Block struct {
	Row, Col  int
	NNGP, NTK *mat.Dense // valid until the function that gets the block returns
}

// Symmetric returns the kernels of examples, the rows of x, with each other. Each
// pair is computed once.
func (k *Kernel) Symmetric(x *mat.Dense) (nngp, ntk *mat.SymDense, err error) {
	n, _ := x.Dims()
	if err := k.room(n, n); err != nil {
		return nil, nil, err
	}
	nngp = mat.NewSymDense(n, nil)
	if !k.settings.NNGP {
		ntk = mat.NewSymDense(n, nil)
	}
	err = k.each(x, nil, k.results(n, n), func(b Block) error {
		setSymmetric(nngp, b, b.NNGP)
		if ntk != nil {
			setSymmetric(ntk, b, b.NTK)
		}
		return nil
	})
	if err != nil {
		return nil, nil, err
	}
	return nngp, ntk, nil
}

// setSymmetric copies a block that lies on or below the diagonal.
func setSymmetric(dst *mat.SymDense, b Block, m *mat.Dense) {
	rows, _ := m.Dims()
	for i := range rows {
		for j, v := range m.RawRowView(i) {
			if b.Col+j <= b.Row+i {
				dst.SetSym(b.Row+i, b.Col+j, v)
			}
		}
	}
}

// Cross returns the kernels of the rows of x with those of y.
func (k *Kernel) Cross(x, y *mat.Dense) (nngp, ntk *mat.Dense, err error) {
	n, _ := x.Dims()
	m, _ := y.Dims()
	if err := k.room(n, m); err != nil {
		return nil, nil, err
	}
	nngp = mat.NewDense(n, m, nil)
	if !k.settings.NNGP {
		ntk = mat.NewDense(n, m, nil)
	}
	err = k.each(x, y, k.results(n, m), func(b Block) error {
		rows, cols := b.NNGP.Dims()
		for i := range rows {
			copy(nngp.RawRowView(b.Row + i)[b.Col:b.Col+cols], b.NNGP.RawRowView(i))
			if ntk != nil {
				copy(ntk.RawRowView(b.Row + i)[b.Col:b.Col+cols], b.NTK.RawRowView(i))
			}
		}
		return nil
	})
	if err != nil {
		return nil, nil, err
	}
	return nngp, ntk, nil
}

// Each computes the kernels of the rows of x with those of y block by block, and
// calls f for each: row by row of blocks, on the caller's goroutine. So a kernel
// that does not fit in memory can be written to a disk. If y is nil it is x, and
// blocks above the diagonal are left out; those on it are whole. An error of f ends
// it and is returned.
func (k *Kernel) Each(x, y *mat.Dense, f func(Block) error) error {
	return k.each(x, y, 0, f)
}

// results returns the memory of whole kernels.
func (k *Kernel) results(n, m int) int64 {
	return 8 * int64(k.kinds()) * int64(n) * int64(m)
}

// kinds returns how many kernels there are.
func (k *Kernel) kinds() int {
	if k.settings.NNGP {
		return 1
	}
	return 2
}

// room returns an error if whole kernels do not fit.
func (k *Kernel) room(n, m int) error {
	if need := k.results(n, m); need > k.settings.Memory {
		return fmt.Errorf("ntk: kernels of %d×%d examples take %s, and Memory allows %s: use Each, or allow more", n, m, megabytes(need), megabytes(k.settings.Memory))
	}
	return nil
}

func megabytes(n int64) string { return fmt.Sprintf("%.1f MB", float64(n)/1e6) }

// check returns an error for values that are no numbers. It panics for examples of
// another size.
func (k *Kernel) check(x *mat.Dense, name string) error {
	n, size := x.Dims()
	if n == 0 {
		return fmt.Errorf("ntk: no examples in %s", name)
	}
	if want := k.network.Input.Size(); size != want {
		panic(fmt.Sprintf("ntk: examples of %d numbers for a network of inputs %v", size, k.network.Input))
	}
	for i := range n {
		for j, v := range x.RawRowView(i) {
			if math.IsNaN(v) || math.IsInf(v, 0) {
				return fmt.Errorf("ntk: number %d of example %d of %s is %v", j, i, name, v)
			}
		}
	}
	return nil
}

// each is Each, with some memory taken.
func (k *Kernel) each(x, y *mat.Dense, taken int64, f func(Block) error) error {
	if err := k.check(x, "x"); err != nil {
		return err
	}
	j := &job{Kernel: k, one: x, two: x, symmetric: y == nil, f: f}
	if !j.symmetric {
		if err := k.check(y, "y"); err != nil {
			return err
		}
		j.two = y
	}
	return j.run(k.settings.Memory - taken)
}

// A job is a kernel of two matrices.
type job struct {
	*Kernel
	one, two  *mat.Dense
	symmetric bool
	f         func(Block) error

	strip int // columns at a time
	block int // rows and columns of a block
	dots  []float64
	out   [2][]float64

	mu   sync.Mutex
	idle []*worker
}

// run computes all blocks in some memory.
func (j *job) run(memory int64) error {
	if err := j.plan(memory); err != nil {
		return err
	}
	n, _ := j.one.Dims()
	m, _ := j.two.Dims()
	for row := 0; row < n; row += j.block {
		one, err := j.side(j.one, row, min(j.block, n-row))
		if err != nil {
			return err
		}
		end := m
		if j.symmetric {
			end = row + 1
		}
		for col := 0; col < end; col += j.block {
			two := one
			if !j.symmetric || col != row {
				if two, err = j.side(j.two, col, min(j.block, m-col)); err != nil {
					return err
				}
			}
			if err := j.compute(one, two); err != nil {
				return err
			}
		}
	}
	return nil
}

// stripNumbers is about how many numbers an image of a strip has.
const stripNumbers = 1024

// plan chooses the sizes of strips and blocks. What a side keeps is measured on
// the first example, since expansions have as many terms as they need.
func (j *job) plan(memory int64) error {
	g := grid{j.network.Input.H, j.network.Input.W}
	j.strip = max(1, min(stripNumbers/2, stripNumbers/g.size()))
	tables := j.program.plan(origin, 0, false).numbers * j.kinds() * j.strip
	if j.vars != nil {
		tables += j.vars.plan(origin, 0, false).numbers
	}
	const images = 12 // in a worker's hands
	workers := int64(tensor.Workers())
	fixed := workers * 8 * int64(tables+images*j.strip*g.size())

	n, _ := j.one.Dims()
	m, _ := j.two.Dims()
	probe, err := j.side(j.one, 0, 1)
	if err != nil {
		return err
	}
	side := int64(probe.bytes()) * 5 / 4
	pair := 8 * int64(j.kinds())
	if g.size() == 1 { // products, and what making them takes
		pair += 8
		fixed += workers << 18
	}
	need := func(b int64) int64 { return fixed + 2*b*side + b*b*pair }
	if need(1) > memory {
		return fmt.Errorf("ntk: one pair of examples takes %s, and Memory leaves %s: allow more", megabytes(need(1)), megabytes(memory))
	}
	j.block = max(n, m)
	if j.settings.Block > 0 {
		j.block = min(j.block, j.settings.Block)
	}
	for j.block > 1 && need(int64(j.block)) > memory {
		j.block = (j.block + 1) / 2
	}
	rows, cols := min(n, j.block), min(m, j.block)
	if g.size() == 1 {
		j.dots = make([]float64, rows*cols)
	}
	for i := range j.kinds() {
		j.out[i] = make([]float64, rows*cols)
	}
	return nil
}

// take returns a worker that nobody uses; give brings it back.
func (j *job) take() *worker {
	j.mu.Lock()
	defer j.mu.Unlock()
	if last := len(j.idle) - 1; last >= 0 {
		w := j.idle[last]
		j.idle = j.idle[:last]
		return w
	}
	w := &worker{input: j.network.Input, ntk: !j.settings.NNGP, pairs: j.program.plan(origin, j.strip, !j.settings.NNGP)}
	if j.vars != nil {
		w.vars = j.vars.plan(origin, 1, false)
	}
	return w
}

func (j *job) give(w *worker) {
	j.mu.Lock()
	j.idle = append(j.idle, w)
	j.mu.Unlock()
}

// side returns n examples from one on, with what pairs must know of them.
func (j *job) side(x *mat.Dense, first, n int) (*side, error) {
	raw := x.RawMatrix()
	s := newSide(raw.Data, raw.Stride, raw.Cols, first, n, j.parts)
	if j.vars == nil {
		return s, nil
	}
	failed := make([]error, n)
	tensor.Parallel(n, func(i int) {
		w := j.take()
		failed[i] = w.record(s, i)
		j.give(w)
	})
	for _, err := range failed {
		if err != nil {
			return nil, err
		}
	}
	return s, nil
}

// compute computes a block and hands it on.
func (j *job) compute(one, two *side) error {
	b, same := newBlock(one, two, j.dots), one == two
	strips := (two.n + j.strip - 1) / j.strip
	tensor.Parallel(one.n*strips, func(task int) {
		row, col := task/strips, task%strips*j.strip
		end := min(two.n, col+j.strip)
		if same {
			end = min(end, row+1)
		}
		if col >= end {
			return
		}
		w := j.take()
		k, t := w.strip(b, row, col, end-col)
		copy(j.out[0][row*two.n+col:], k[:end-col])
		if t != nil {
			copy(j.out[1][row*two.n+col:], t[:end-col])
		}
		j.give(w)
	})
	block := Block{Row: one.first, Col: two.first}
	for i := range j.kinds() {
		m := j.out[i][:one.n*two.n]
		if same {
			mirror(m, one.n)
		}
		for at, v := range m {
			if math.IsNaN(v) || math.IsInf(v, 0) {
				return fmt.Errorf("ntk: the kernel of examples %d and %d is %v: variances have left the range of float64", one.first+at/two.n, two.first+at%two.n, v)
			}
		}
		d := mat.NewDense(one.n, two.n, m)
		if i == 0 {
			block.NNGP = d
		} else {
			block.NTK = d
		}
	}
	return j.f(block)
}

// mirror copies the lower triangle of an n×n matrix to the upper.
func mirror(m []float64, n int) {
	for i := range n {
		for j := range i {
			m[j*n+i] = m[i*n+j]
		}
	}
}
