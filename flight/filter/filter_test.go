package filter

import (
	"math"
	"testing"

	"gonum.org/v1/gonum/mat"

	"breakeven/rng"
)

// model returns a filter without gates, in units in which all numbers are about 1.
func model() Filter { return Filter{Step: 0.7, Noise: Vector{0.5, 0.3, 1, 0.2, 0.4}} }

// randomly returns a distribution with a full covariance.
func randomly(r *rng.Stream) Gaussian {
	var g Gaussian
	var a Matrix
	for i := range Dim {
		g.Mean[i] = r.NormFloat64()
		for j := range Dim {
			a[i][j] = r.NormFloat64()
		}
		g.Cov[i][i] = 0.1
	}
	for i := range Dim {
		for j := range Dim {
			for k := range Dim {
				g.Cov[i][j] += a[i][k] * a[j][k]
			}
		}
	}
	return g
}

// run filters measurements that begin after start.
func run(f Filter, start Gaussian, zs []Gaussian) []Step {
	steps := make([]Step, len(zs))
	at := &start
	for t := range zs {
		f.Advance(&steps[t], at, &zs[t])
		at = &steps[t].Filtered
	}
	return steps
}

func dense(m *Matrix) *mat.Dense {
	d := mat.NewDense(Dim, Dim, nil)
	for i := range Dim {
		for j := range Dim {
			d.Set(i, j, m[i][j])
		}
	}
	return d
}

// motion returns A.
func motion(step float64) *mat.Dense {
	a := mat.NewDense(Dim, Dim, nil)
	for i := range Dim {
		a.Set(i, i, 1)
	}
	a.Set(0, 3, step)
	a.Set(1, 4, step)
	return a
}

// given returns the distributions of the states 1 … T of a model, given its first
// measurements: the joint normal distribution of all states, conditioned in one piece.
func given(f Filter, start Gaussian, zs []Gaussian, measured int) []Gaussian {
	n := Dim * len(zs)
	// States are a linear function of start and noises: their covariance block by block.
	mean, cov := mat.NewVecDense(n, nil), mat.NewDense(n, n, nil)
	a := motion(f.Step)
	m := mat.NewVecDense(Dim, append([]float64(nil), start.Mean[:]...))
	p := dense(&start.Cov)
	for t := range zs {
		var next mat.VecDense
		next.MulVec(a, m)
		m = &next
		var q mat.Dense
		q.Product(a, p, a.T())
		for i := range Dim {
			q.Set(i, i, q.At(i, i)+f.Noise[i])
		}
		p = &q
		block := mat.DenseCopyOf(p) // covariance of state u and state t
		for u := t; u < len(zs); u++ {
			for i := range Dim {
				mean.SetVec(Dim*t+i, m.AtVec(i))
				for j := range Dim {
					cov.Set(Dim*u+i, Dim*t+j, block.At(i, j))
					cov.Set(Dim*t+j, Dim*u+i, block.At(i, j))
				}
			}
			var later mat.Dense
			later.Mul(a, block)
			block = &later
		}
	}
	k := Dim * measured
	if k > 0 {
		s := mat.DenseCopyOf(cov.Slice(0, k, 0, k))
		residual := mat.NewVecDense(k, nil)
		for t := range measured {
			for i := range Dim {
				residual.SetVec(Dim*t+i, zs[t].Mean[i]-mean.AtVec(Dim*t+i))
				for j := range Dim {
					s.Set(Dim*t+i, Dim*t+j, s.At(Dim*t+i, Dim*t+j)+zs[t].Cov[i][j])
				}
			}
		}
		var inverse, gain, less mat.Dense
		if err := inverse.Inverse(s); err != nil {
			panic(err)
		}
		gain.Mul(cov.Slice(0, n, 0, k), &inverse)
		less.Mul(&gain, cov.Slice(0, k, 0, n))
		var shift mat.VecDense
		shift.MulVec(&gain, residual)
		mean.AddVec(mean, &shift)
		cov.Sub(cov, &less)
	}
	out := make([]Gaussian, len(zs))
	for t := range out {
		for i := range Dim {
			out[t].Mean[i] = mean.AtVec(Dim*t + i)
			for j := range Dim {
				out[t].Cov[i][j] = cov.At(Dim*t+i, Dim*t+j)
			}
		}
	}
	return out
}

// near fails unless two distributions agree.
func near(t *testing.T, what string, got, want *Gaussian, tol float64) {
	t.Helper()
	for i := range Dim {
		if math.IsNaN(got.Mean[i]) || math.Abs(got.Mean[i]-want.Mean[i]) > tol*(1+math.Abs(want.Mean[i])) {
			t.Fatalf("%s: mean %v, want %v", what, got.Mean, want.Mean)
		}
		for j := range Dim {
			if math.IsNaN(got.Cov[i][j]) || math.Abs(got.Cov[i][j]-want.Cov[i][j]) > tol*(1+math.Abs(want.Cov[i][j])) {
				t.Fatalf("%s: covariance %v, want %v", what, got.Cov, want.Cov)
			}
		}
	}
}

// The filter and the smoother agree with the joint distribution of all states.
func TestJointDistribution(t *testing.T) {
	r := rng.New(1, "filter")
	f := model()
	start := randomly(r)
	zs := make([]Gaussian, 6)
	for t := range zs {
		zs[t] = randomly(r)
	}
	steps := run(f, start, zs)
	for k := range zs {
		near(t, "predicted", &steps[k].Predicted, &given(f, start, zs, k)[k], 1e-9)
		near(t, "filtered", &steps[k].Filtered, &given(f, start, zs, k+1)[k], 1e-9)
	}
	f.Smooth(steps)
	for k, want := range given(f, start, zs, len(zs)) {
		near(t, "smoothed", &steps[k].Filtered, &want, 1e-9)
	}
}

// A measurement behind the gate changes nothing but the penalty; one that shows a manoeuvre
// counts as in a model with more noise. The smoother goes through both.
func TestGate(t *testing.T) {
	r := rng.New(2, "filter")
	f := model()
	start := randomly(r)
	predicted := given(f, start, make([]Gaussian, 1), 0)[0]
	f.Gate, f.Manoeuvre, f.Inflate, f.Penalty = 0.8, 0.3, 10, -9
	for _, test := range []struct {
		away    float64
		verdict Verdict
		penalty float64
	}{{0, Used, 0}, {0.299, Used, 0}, {0.301, Manoeuvre, 0}, {0.799, Manoeuvre, 0}, {0.801, Rejected, -9}} {
		z := randomly(r)
		z.Mean = predicted.Mean
		z.Mean[0] += 0.4 * test.away
		z.Mean[1] -= 0.6 * test.away
		z.Mean[2] += 100 // altitude does not count
		var s Step
		if penalty := f.Advance(&s, &start, &z); penalty != test.penalty || s.Verdict != test.verdict {
			t.Errorf("%v degrees away: penalty %v, verdict %v", test.away, penalty, s.Verdict)
		}
		truth := f.Plain()
		measured := 1
		switch test.verdict {
		case Manoeuvre:
			for i := range truth.Noise {
				truth.Noise[i] *= 10
			}
		case Rejected:
			measured = 0
		}
		near(t, "filtered", &s.Filtered, &given(truth, start, []Gaussian{z}, measured)[0], 1e-9)
		near(t, "predicted", &s.Predicted, &given(truth, start, []Gaussian{z}, 0)[0], 1e-9)
	}
}

// In the units of an aircraft, where variances are twelve orders of magnitude apart, filter
// and smoother agree with themselves in other units.
func TestUnits(t *testing.T) {
	unit := Vector{1, 1, 100, 1. / 600, 1. / 600} // degrees, flight levels, degrees per ten minutes
	scaled := func(g Gaussian, by func(x, u float64) float64) Gaussian {
		for i := range Dim {
			g.Mean[i] = by(g.Mean[i], unit[i])
			for j := range Dim {
				g.Cov[i][j] = by(g.Cov[i][j], unit[i]*unit[j])
			}
		}
		return g
	}
	ours := func(x, u float64) float64 { return x * u }
	theirs := func(x, u float64) float64 { return x / u }
	r := rng.New(3, "filter")
	f := Default().Plain()
	g := f
	g.Step = 120. / 600
	g.Noise = Vector{1e-3, 1e-3, 1, 5e-8 * 600 * 600, 9e-8 * 600 * 600}
	start := Known(Vector{30, -95, 33000, 1e-3, 2e-3})
	zs, others := make([]Gaussian, 5), make([]Gaussian, 5)
	for t := range zs {
		others[t] = randomly(r)
		zs[t] = scaled(others[t], ours)
	}
	a, b := run(f, start, zs), run(g, scaled(start, theirs), others)
	for pass := range 2 {
		for t2 := range a {
			got := scaled(a[t2].Filtered, theirs)
			near(t, []string{"filtered", "smoothed"}[pass], &got, &b[t2].Filtered, 1e-9)
		}
		f.Smooth(a)
		g.Smooth(b)
	}
}

// The released code, step by step with dense matrices in its own units.
func TestOfficial(t *testing.T) {
	r := rng.New(4, "filter")
	x := Vector{30, -95, 330, 1e-3 * 600, 2e-3 * 600} // flight levels, degrees per ten minutes
	p := Matrix{{1e-4}, {0, 1e-4}, {0, 0, 1e-4}, {0, 0, 0, 0.36}, {0, 0, 0, 0, 0.36}}
	f := Official().Plain()
	at := Known(Vector{30, -95, 33000, 1e-3, 2e-3})
	a := motion(0.2)
	separate := func(m *mat.Dense) {
		for i := range 3 {
			for j := 3; j < Dim; j++ {
				m.Set(i, j, 0)
				m.Set(j, i, 0)
			}
		}
	}
	state, cov := mat.NewVecDense(Dim, x[:]), dense(&p)
	var steps []Step
	for range 4 {
		z := randomly(r) // rates in degrees/s here: the covariance is used as it is
		for i := range 2 {
			z.Mean[i] += []float64{30, -95}[i]
			z.Cov[3+i][3+i] += 1
		}
		var next mat.VecDense
		next.MulVec(a, state)
		var q, gain, gp, shift mat.Dense
		q.Product(a, cov, a.T())
		for i, v := range []float64{1e-3, 1e-3, 1, 1e-6, 1e-6} {
			q.Set(i, i, q.At(i, i)+v)
		}
		separate(&q)
		inverse := mat.NewDense(Dim, Dim, nil)
		for i := range Dim {
			inverse.Set(i, i, 1/(q.At(i, i)+z.Cov[i][i]))
		}
		gain.Mul(&q, inverse)
		residual := mat.NewDense(Dim, 1, nil)
		for i := range Dim {
			v := z.Mean[i]
			if i >= 3 {
				v *= 600
			}
			residual.Set(i, 0, v-next.AtVec(i))
		}
		shift.Mul(&gain, residual)
		next.AddVec(&next, shift.ColView(0))
		gp.Mul(&gain, &q)
		after := mat.NewDense(Dim, Dim, nil)
		for i := range Dim {
			for j := range Dim {
				after.Set(i, j, q.At(i, j)-(gp.At(i, j)+gp.At(j, i))/2)
			}
		}
		separate(after)
		state, cov = &next, after

		z.Mean[2] *= 100
		for i := range Dim {
			z.Cov[i][2] *= 100
			z.Cov[2][i] *= 100
		}
		var s Step
		f.Advance(&s, &at, &z)
		at = s.Filtered
		steps = append(steps, s)
		for i := range Dim {
			unit := []float64{1, 1, 100, 1. / 600, 1. / 600}[i]
			if got, want := at.Mean[i]/unit, state.AtVec(i); math.Abs(got-want) > 1e-9*(1+math.Abs(want)) {
				t.Errorf("state %d: %v, want %v", i, got, want)
			}
			if got, want := at.Cov[i][i]/unit/unit, cov.At(i, i); math.Abs(got-want) > 1e-9*want {
				t.Errorf("variance %d: %v, want %v", i, got, want)
			}
		}
	}
	// Its smoother, on rates in degrees/s.
	last := steps[len(steps)-1].Filtered
	before := append([]Step(nil), steps...)
	f.SmoothByOne(steps)
	for k := range len(steps) - 1 {
		fl := func(g Gaussian) Gaussian { // in flight levels
			g.Mean[2] /= 100
			for i := range Dim {
				g.Cov[i][2] /= 100
				g.Cov[2][i] /= 100
			}
			return g
		}
		now, next := fl(before[k].Filtered), fl(before[k+1].Filtered)
		var predicted, inverse, c, corrected, correction mat.Dense
		predicted.Product(a, dense(&now.Cov), a.T())
		for i, v := range []float64{1e-3, 1e-3, 1, 1e-6, 1e-6} {
			predicted.Set(i, i, predicted.At(i, i)+v)
		}
		if err := inverse.Inverse(&predicted); err != nil {
			t.Fatal(err)
		}
		c.Product(dense(&now.Cov), a.T(), &inverse)
		moved := mat.NewVecDense(Dim, nil)
		moved.MulVec(a, mat.NewVecDense(Dim, now.Mean[:]))
		moved.SubVec(mat.NewVecDense(Dim, next.Mean[:]), moved)
		var shift mat.VecDense
		shift.MulVec(&c, moved)
		corrected.Sub(dense(&next.Cov), &predicted)
		correction.Product(&c, &corrected, c.T())
		got := fl(steps[k].Filtered)
		var want Gaussian
		for i := range Dim {
			want.Mean[i] = fl(before[k].Filtered).Mean[i] + shift.AtVec(i)
			for j := range Dim {
				want.Cov[i][j] = now.Cov[i][j] + correction.At(i, j)
			}
		}
		near(t, "smoothed by one", &got, &want, 1e-9)
	}
	if steps[len(steps)-1].Filtered != last {
		t.Error("the last state was smoothed")
	}
}

// Covariances stay symmetric and positive over a long flight with precise measurements, as the
// textbook's P − G P would not.
func TestLongFlight(t *testing.T) {
	f := Default().Plain()
	at := Known(Vector{30, -95, 33000, 1e-3, 2e-3})
	z := at
	for i := range Dim {
		z.Cov[i] = Vector{}
		z.Cov[i][i] = 1e-18
	}
	for range 2000 {
		var s Step
		f.Advance(&s, &at, &z)
		at = s.Filtered
		for i := range Dim {
			if !(at.Cov[i][i] > 0) {
				t.Fatalf("variances of %v", at.Cov)
			}
			for j := range i {
				if at.Cov[i][j] != at.Cov[j][i] || math.Abs(at.Cov[i][j]) > math.Sqrt(at.Cov[i][i]*at.Cov[j][j]) {
					t.Fatalf("covariance %v", at.Cov)
				}
			}
		}
	}
}

func TestAllocations(t *testing.T) {
	f, start, z := model(), randomly(rng.New(5, "filter")), randomly(rng.New(6, "filter"))
	steps := make([]Step, 3)
	if n := testing.AllocsPerRun(10, func() {
		for t := range steps {
			f.Advance(&steps[t], &start, &z)
		}
		f.Smooth(steps)
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func BenchmarkAdvance(b *testing.B) {
	f, start, z := Default(), Known(Vector{30, -95, 33000, 1e-3, 2e-3}), Known(Vector{30.1, -94.8, 33000, 1e-3, 2e-3})
	var s Step
	for b.Loop() {
		f.Advance(&s, &start, &z)
	}
}
