package train

import (
	"math"
	"slices"
	"testing"

	"gonum.org/v1/gonum/mat"

	"breakeven/curvature"
	"breakeven/nn"
	"breakeven/tensor"
)

// twin is the released algorithm of Izadi et al. 2020 in float64 with dense matrices, for the
// network of graphNet.
type twin struct {
	w      [2]*mat.Dense // (inputs + 1) × outputs, the bias last
	u, v   [2]*mat.Dense // averages
	iu, iv [2]*mat.Dense // inverses
}

func (w *twin) step(b nn.Batch, n Natural, u *Unlabelled, step int, lr float64) {
	p, x := denseOf(b.Graph.Matrix(nn.Symmetric)), denseOf(b.In[0].Sparse)
	ones := func(x *mat.Dense) *mat.Dense {
		rows, cols := x.Dims()
		y := mat.NewDense(rows, cols+1, nil)
		y.Augment(x, mat.NewDense(rows, 1, slices.Repeat([]float64{1}, rows)))
		return y
	}
	times := func(a, b mat.Matrix) *mat.Dense { var c mat.Dense; c.Mul(a, b); return &c }
	in := [2]*mat.Dense{ones(times(p, x))}
	h := times(in[0], w.w[0])
	h.Apply(func(_, _ int, v float64) float64 { return math.Tanh(v) }, h)
	in[1] = ones(times(p, h))
	z := times(in[1], w.w[1])

	lambda := math.Pow(float64(step+1)/float64(u.Steps), u.Gamma)
	d := [2]*mat.Dense{nil, mat.NewDense(nodeCount, classes, nil)}
	for i := range nodeCount {
		row, sum := z.RawRowView(i), 0.0
		for _, v := range row {
			sum += math.Exp(v)
		}
		label, weight := int(b.Target[0].Labels[i]), 1./labelled
		if i >= labelled {
			weight = lambda / (nodeCount - labelled)
			label = slices.Index(row, slices.Max(row))
		}
		for c, v := range row {
			e := math.Exp(v) / sum
			if c == label {
				e--
			}
			d[1].Set(i, c, weight*e)
		}
	}
	d[0] = times(times(p.T(), d[1]), w.w[1].Slice(0, hidden, 0, classes).T())
	d[0].Apply(func(i, j int, v float64) float64 { return v * (1 - h.At(i, j)*h.At(i, j)) }, d[0])

	all := labelled + lambda*(nodeCount-labelled)
	for l := range w.w {
		g := times(in[l].T(), d[l])
		out := float64(d[l].RawMatrix().Cols)
		fu, fv := times(in[l].T(), in[l]), times(d[l].T(), d[l])
		fu.Scale(1/all, fu)
		fv.Scale(out*out/all, fv)
		if step > 0 {
			fu, fv = blend(w.u[l], fu, n.Average), blend(w.v[l], fv, n.Average)
		}
		w.u[l], w.v[l] = fu, fv
		if step%n.Every == 0 {
			w.iu[l], w.iv[l] = dampedInverse(fu, n.Damping.Epsilon), dampedInverse(fv, n.Damping.Epsilon)
		}
		s := times(times(w.iu[l], g), w.iv[l])
		s.Scale(lr, s)
		w.w[l].Sub(w.w[l], s)
	}
}

func denseOf(m *tensor.CSR) *mat.Dense {
	d := mat.NewDense(m.Rows, m.Cols, nil)
	for i := range m.Rows {
		index, value := m.Row(i)
		for e, j := range index {
			d.Set(i, int(j), float64(value[e]))
		}
	}
	return d
}

func blend(old, fresh *mat.Dense, alpha float64) *mat.Dense {
	var a, b mat.Dense
	a.Scale(1-alpha, old)
	b.Scale(alpha, fresh)
	a.Add(&a, &b)
	return &a
}

func dampedInverse(x *mat.Dense, epsilon float64) *mat.Dense {
	d := mat.DenseCopyOf(x)
	for i := range d.RawMatrix().Rows {
		d.Set(i, i, d.At(i, i)+math.Sqrt(epsilon))
	}
	var inverse mat.Dense
	if err := inverse.Inverse(d); err != nil {
		panic(err)
	}
	return &inverse
}

// The released mode is the algorithm of the released code, with its scalings, its moving average,
// its update period and its predicted labels.
func TestReleased(t *testing.T) {
	const steps = 8
	for _, average := range []float64{1, 0.3} {
		for _, every := range []int{1, 3} {
			n := Natural{Released: true, Every: every, Average: average, Damping: curvature.Damping{Epsilon: 0.01}}
			b, u := graphBatch(), unlabelled(2, steps)
			l, w := graphLoop(t, b, &n, u), &twin{}
			for k, block := range l.Plan.Network().Blocks() {
				w.w[k] = mat.NewDense(block.Inputs, block.Out, nil)
				for o := range block.Out {
					for i := range block.Columns() {
						w.w[k].Set(i, o, float64(l.Theta[block.Weight+o*block.Columns()+i]))
					}
					w.w[k].Set(block.Columns(), o, float64(l.Theta[block.Bias+o]))
				}
			}
			for step := range steps {
				mustStep(t, l)
				w.step(b, n, u, step, 0.1)
			}
			for k, block := range l.Plan.Network().Blocks() {
				for o := range block.Out {
					for i := range block.Columns() {
						got, want := float64(l.Theta[block.Weight+o*block.Columns()+i]), w.w[k].At(i, o)
						if math.Abs(got-want) > 1e-4*(1+math.Abs(want)) {
							t.Fatalf("α = %v, every %d: weight %d, %d of layer %d is %v, want %v", average, every, o, i, k, got, want)
						}
					}
				}
			}
		}
	}
}
