package curvature

import (
	"slices"

	"breakeven/nn"
	"breakeven/tensor"
)

// Sharing says how the rows of an example, which share the weights of a block, enter its
// factors (Eschenhagen et al. 2023).
type Sharing int

const (
	// Expand takes each row for an example: it is exact for deep linear networks whose rows
	// have losses of their own.
	Expand Sharing = iota
	// Reduce takes the mean of an example's inputs and the sum of its adjoints: it is exact
	// for deep linear networks whose rows are averaged.
	Reduce
)

// FactorSums add up the second moments of the rows of blocks over batches. They own their
// memory.
type FactorSums struct {
	Sharing Sharing
	// Reached leaves out the inputs of rows whose adjoints are 0, as those of most nodes of a
	// graph are.
	Reached bool
	A, S    [][]float64 // Σ a aᵀ and Σ δ δᵀ by block, on and below the diagonal
	Rows    []float64   // how many rows are in A, by block

	blocks  []nn.Block
	first   []int       // by example of a group: its first row
	rows    []float32   // of a group
	part    []float32   // the products of some of them
	scratch [][]float32 // by worker: the rows of an example
}

// Rows are held in groups of this many, but for those of one example. Their products are
// summed in float32 over moment of them, and these sums in float64.
const (
	rowsAtATime = 512
	moment      = 256
)

// NewFactorSums allocates sums for the blocks of a network.
func NewFactorSums(blocks []nn.Block) *FactorSums {
	f := &FactorSums{blocks: blocks, Rows: make([]float64, len(blocks))}
	for _, b := range blocks {
		f.A = append(f.A, make([]float64, b.Inputs*b.Inputs))
		f.S = append(f.S, make([]float64, b.Out*b.Out))
	}
	rows, part, _ := groupSizes(blocks)
	f.rows, f.part = make([]float32, rows), make([]float32, part)
	return f
}

// groupSizes returns the most numbers of a group, of the products of its rows, and of the
// inputs or adjoints of one example.
func groupSizes(blocks []nn.Block) (group, part, example int) {
	for _, b := range blocks {
		n := max(b.Inputs, b.Out)
		group, part, example = max(group, n*max(rowsAtATime, b.Rows)), max(part, n*n), max(example, n*b.Rows)
	}
	return group, part, example
}

// FactorSumsBytes returns the memory of sums.
func FactorSumsBytes(blocks []nn.Block) int64 {
	group, part, example := groupSizes(blocks)
	bytes := 4 * (int64(group) + int64(part) + int64(example*tensor.Workers()))
	for _, b := range blocks {
		bytes += 8 * (int64(b.Inputs)*int64(b.Inputs) + int64(b.Out)*int64(b.Out))
	}
	return bytes
}

// Reset sets the sums to 0.
func (f *FactorSums) Reset() {
	for k := range f.A {
		clear(f.A[k])
		clear(f.S[k])
	}
	clear(f.Rows)
}

// AddInputs adds the inputs of a block for the n examples on the plan's current tape, which
// has their adjoints if only rows that are reached count. The error is the one that stopped
// the plan.
func (f *FactorSums) AddInputs(p *nn.Plan, block, n int) error {
	b := f.blocks[block]
	return f.add(f.A[block], b.Inputs, group{p, block, n, f.Reached, &f.Rows[block]}, func(dst []float32, i, rows, worker int) {
		if f.Sharing == Expand {
			p.BlockInputs(dst, block, i)
			return
		}
		all := f.scratch[worker][:rows*b.Inputs]
		p.BlockInputs(all, block, i)
		sumRows(dst, all)
		tensor.Scale(dst, 1/float32(rows))
	})
}

// AddAdjoints adds the adjoints of a block that are on the tape.
func (f *FactorSums) AddAdjoints(p *nn.Plan, block, n int) error {
	none := 0.0
	return f.add(f.S[block], f.blocks[block].Out, group{p, block, n, true, &none}, func(dst []float32, i, rows, _ int) {
		all := p.BlockAdjoints(block, i)
		if f.Sharing == Expand {
			copy(dst, all)
			return
		}
		sumRows(dst, all)
	})
}

// sumRows sets dst to the sum of rows of its length.
func sumRows(dst, rows []float32) {
	clear(dst)
	for at := 0; at < len(rows); at += len(dst) {
		tensor.Add(dst, rows[at:at+len(dst)])
	}
}

// A group says what is added: a block's rows of n examples, all or those that are reached.
type group struct {
	plan     *nn.Plan
	block, n int
	reached  bool
	count    *float64 // to which the number of rows is added
}

// rows returns how many rows example i has.
func (g group) rows(i int) int {
	if g.reached && !slices.ContainsFunc(g.plan.BlockAdjoints(g.block, i), func(v float32) bool { return v != 0 }) {
		return 0
	}
	return g.plan.BlockRows(g.block, i)
}

// add adds the products of rows of width numbers to dst. fill writes those of one example: all
// or, to be reduced, one.
func (f *FactorSums) add(dst []float64, width int, g group, fill func(dst []float32, i, rows, worker int)) error {
	workers := tensor.Workers()
	f.takeScratch(workers)
	for lo := 0; lo < g.n; lo += len(f.first) {
		if err := g.plan.Stopped(); err != nil {
			return err
		}
		total := f.group(g, lo, len(f.rows)/width)
		tensor.ParallelOn(workers, len(f.first), func(k, worker int) {
			if rows := g.rows(lo + k); rows > 0 {
				fill(f.rows[f.first[k]*width:][:f.entries(rows)*width], lo+k, rows, worker)
			}
		})
		addProducts(dst, f.part, f.rows, width, total)
		*g.count += float64(total)
	}
	return nil
}

// entries returns how many rows an example of so many has in the sums.
func (f *FactorSums) entries(rows int) int {
	if f.Sharing == Reduce {
		return min(1, rows)
	}
	return rows
}

// group lays out the rows of the examples from lo on that fit into room, and returns their
// number.
func (f *FactorSums) group(g group, lo, room int) (total int) {
	f.first = f.first[:0]
	for i := lo; i < g.n && len(f.first) < rowsAtATime; i++ {
		rows := f.entries(g.rows(i))
		if total+rows > room {
			break
		}
		f.first = append(f.first, total)
		total += rows
	}
	return total
}

func (f *FactorSums) takeScratch(workers int) {
	if f.Sharing == Expand {
		return
	}
	_, _, example := groupSizes(f.blocks)
	for len(f.scratch) < workers {
		f.scratch = append(f.scratch, make([]float32, example))
	}
}

// addProducts adds RᵀR, on and below the diagonal, for a number of rows R of n numbers.
func addProducts(dst []float64, part, rows []float32, n, count int) {
	cut := tensor.Product{M: n, N: n, Lower: true}.Cut(tensor.Workers())
	tensor.Parallel(cut.Tasks(), func(task int) {
		p := cut
		first, end, _, _ := p.Block(task)
		for at := 0; at < count; at += moment {
			p.K = min(moment, count-at)
			r := tensor.Rows(rows[at*n:count*n], n)
			p.Run(task, part, n, r.T(), r, false)
			for i := first; i < end; i++ {
				tensor.ColSum(dst[i*n:i*n+i+1], part[i*n:i*n+i+1], 1, i+1)
			}
		}
	})
}
