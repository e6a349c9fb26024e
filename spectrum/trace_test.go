package spectrum

import (
	"math"
	"testing"

	"breakeven/internal/testenv"
	"breakeven/rng"
)

type estimator func(Operator, *TraceSettings) (*Trace, error)

func mustTrace(t *testing.T, f estimator, a Operator, s *TraceSettings) *Trace {
	t.Helper()
	tr, err := f(a, s)
	if err != nil {
		t.Fatal(err)
	}
	return tr
}

func sum(d []float64) (s float64) {
	for _, v := range d {
		s += v
	}
	return s
}

// For a diagonal matrix random signs are exact: the terms are g_i² = 1.
func TestHutchinsonOnADiagonal(t *testing.T) {
	d := diagonal(network(300, []float64{9, 4}, 1, 2))
	tr := mustTrace(t, Hutchinson, d, &TraceSettings{Products: 5})
	if math.Abs(tr.Value-sum(d)) > 1e-4 || tr.StdErr > 1e-5 || tr.Products != 5 {
		t.Errorf("%+v, want %g", *tr, sum(d))
	}
}

// The mean and the variance are those of the theory: 2(‖A‖_F² − Σ a_ii²) for signs and
// 2‖A‖_F² for normal entries, divided by the number of probes.
func TestHutchinsonVariance(t *testing.T) {
	const n, probes, trials = 30, 4, 3000
	a := randomDense(n, rng.New(1, "dense"))
	var trace, frobenius, diag float64
	for i := range n {
		trace += a.At(i, i)
		diag += a.At(i, i) * a.At(i, i)
		for j := range n {
			frobenius += a.At(i, j) * a.At(i, j)
		}
	}
	for _, normal := range []bool{false, true} {
		want := 2 * frobenius / probes
		if !normal {
			want -= 2 * diag / probes
		}
		var mean, square, stated float64
		s := &TraceSettings{Products: probes, Gaussian: normal, Src: rng.New(5, "probes")}
		for range trials {
			tr := mustTrace(t, Hutchinson, a, s)
			mean += tr.Value / trials
			square += (tr.Value - trace) * (tr.Value - trace) / trials
			stated += tr.StdErr * tr.StdErr / trials
		}
		if math.Abs(mean-trace) > 4*math.Sqrt(want/trials) {
			t.Errorf("normal %v: mean %g, want %g", normal, mean, trace)
		}
		if math.Abs(square/want-1) > 0.12 || math.Abs(stated/want-1) > 0.12 {
			t.Errorf("normal %v: variance %g, stated %g, want %g", normal, square, stated, want)
		}
	}
}

func TestHutchPPIsExactForLowRank(t *testing.T) {
	d := make([]float64, 400)
	copy(d, []float64{50, -20, 10, 5, 1})
	a := newRotated(d, 3, rng.New(1, "mirrors"))
	tr := mustTrace(t, HutchPP, a, &TraceSettings{Products: 30})
	if math.Abs(tr.Value-46) > 1e-3 || math.Abs(tr.Exact-46) > 1e-3 || tr.StdErr > 1e-4 {
		t.Errorf("%+v, want 46", *tr)
	}
	// Ten products find the range, the five vectors of its basis give the trace, and
	// ten more find nothing left.
	if tr.Products != 25 {
		t.Errorf("%d products, want 25", tr.Products)
	}
}

// Both are unbiased, with errors of the right size; with a few large eigenvalues
// Hutch++ is far better for the same number of products.
func TestTraceErrors(t *testing.T) {
	d := network(500, []float64{60, 40, 30, 20, 10, 8, 6, 5}, 0.3, 0.3)
	a := newRotated(d, 3, rng.New(1, "mirrors"))
	const trials = 300
	var rms [2]float64
	for i, f := range []estimator{Hutchinson, HutchPP} {
		s := &TraceSettings{Products: 60, Src: rng.New(8, "probes")}
		var mean float64
		covered := 0
		for range trials {
			tr := mustTrace(t, f, a, s)
			e := tr.Value - sum(d)
			mean += e / trials
			rms[i] += e * e / trials
			if math.Abs(e) < 2*tr.StdErr {
				covered++
			}
			if tr.Products != 60 {
				t.Fatalf("%d products", tr.Products)
			}
		}
		rms[i] = math.Sqrt(rms[i])
		if math.Abs(mean) > 4*rms[i]/math.Sqrt(trials) {
			t.Errorf("estimator %d: biased by %g, its error is %g", i, mean, rms[i])
		}
		// ± 2 standard errors, Student's t with 59 and 19 degrees of
		// freedom: 95.0 % and 94.0 %.
		if share := float64(covered) / trials; share < 0.90 || share > 0.985 {
			t.Errorf("estimator %d: covered in %.1f %% of trials", i, 100*share)
		}
	}
	if rms[1] > rms[0]/4 {
		t.Errorf("root mean square errors: Hutchinson %g, Hutch++ %g", rms[0], rms[1])
	}
	t.Logf("root mean square errors: Hutchinson %.3g, Hutch++ %.3g", rms[0], rms[1])
}

func TestTraceOfSmallOperators(t *testing.T) {
	a := randomDense(30, rng.New(3, "dense"))
	var want float64
	for i := range 30 {
		want += a.At(i, i)
	}
	tr := mustTrace(t, HutchPP, a, nil)
	if math.Abs(tr.Value-want) > 1e-4 || tr.StdErr != 0 || tr.Products != 30 {
		t.Errorf("%+v, want %g", *tr, want)
	}
	one := mustTrace(t, Hutchinson, diagonal{3}, &TraceSettings{Products: 1})
	if one.Value != 3 || !math.IsNaN(one.StdErr) {
		t.Errorf("%+v, want 3 ± NaN", *one)
	}
	zero := mustTrace(t, HutchPP, make(diagonal, 100), nil)
	if zero.Value != 0 || zero.StdErr != 0 {
		t.Errorf("%+v, want 0", *zero)
	}
}

func TestTraceBits(t *testing.T) {
	a := newRotated(network(2*block+5, []float64{9, 8}, 2, 3), 1, rng.New(1, "mirrors"))
	for i, f := range []estimator{Hutchinson, HutchPP} {
		var first *Trace
		testenv.OnProcessors(t, func(when string) {
			tr := mustTrace(t, f, a, &TraceSettings{Products: 9})
			if first == nil {
				first = tr
			}
			if *tr != *first {
				t.Errorf("estimator %d %s: %+v, want %+v", i, when, *tr, *first)
			}
		})
	}
}
