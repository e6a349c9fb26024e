package probe

import (
	"cmp"
	"fmt"
	"math"
	"runtime"
	"slices"

	"gonum.org/v1/gonum/mat"

	"breakeven/curvature"
	"breakeven/nn"
	"breakeven/run"
	"breakeven/spectrum"
	"breakeven/tensor"
)

var hessianProbe = Probe{
	Name: "h", Doc: "largest eigenvalue of the Hessian", Default: true,
	Keys:      named("h_max", "alignment", "alignment_example"),
	Curvature: true,
	Sharp:     (*nn.Network).Couples,
	Cost:      func(s Sizes) float64 { return s.search() + s.minibatches(3) },
	Memory:    func(net *nn.Network, s Sizes) Need { return searching(net, s, 1, 0) },
	Measure:   func(s *Subject) ([]run.Value, error) { return s.extremes(1, 0) },
}

var endsProbe = Probe{
	Name: "h5", Doc: "both ends of the Hessian's spectrum",
	Keys:      named("h_max", "h_top5", "h_condition5", "h_min", "alignment", "alignment_example"),
	With:      "h",
	Curvature: true,
	Sharp:     (*nn.Network).Couples,
	Cost:      func(s Sizes) float64 { return 150 + s.minibatches(3*6) },
	Memory:    func(net *nn.Network, s Sizes) Need { return searching(net, s, 5, 2) },
	Measure:   func(s *Subject) ([]run.Value, error) { return s.extremes(5, 2) },
}

// extremes finds the ends of the Hessian's spectrum, and how the top eigenvector
// lies to those of K.
func (s *Subject) extremes(largest, smallest int) ([]run.Value, error) {
	largest, smallest = min(largest, len(s.Theta)), min(smallest, len(s.Theta))
	measured := []int{0}
	if smallest > 0 {
		measured = []int{0, largest - 1, largest}
	}
	r, how, err := s.search(s.Problem.Hessian(), &spectrum.Settings{
		Largest: largest, Smallest: smallest, Start: s.Warm, Src: s.stream("h")}, measured...)
	if err != nil {
		return nil, err
	}
	s.eigen, s.Warm, s.along = r, r.Vectors, nil
	vs := []run.Value{r.value("h_max", 0, how)}
	if smallest > 0 {
		vs = append(vs, s.ends(largest, how)...)
	}
	if err := s.sampleEnds(vs, largest); err != nil {
		return nil, err
	}
	aligned, err := s.alignments()
	return append(vs, aligned...), err
}

// alignments makes the values for the covariances that were measured before.
func (s *Subject) alignments() (vs []run.Value, err error) {
	add := func(key string, k *curvature.Covariance, b basis) {
		switch {
		case err != nil:
		case s.eigen.zero(0):
			s.omit(hIsZero, key)
		case k.Zero():
			s.omit(kIsZero, key)
		default:
			var v run.Value
			v, err = s.aligned(key, k, b)
			vs = append(vs, v)
		}
	}
	if s.k != nil {
		add("alignment", s.k, s.k)
	}
	if s.k1 != nil {
		add("alignment_example", &s.k1.Covariance, s.k1)
	}
	return vs, err
}

// sampleEnds adds the sampling errors of the ends of H's spectrum, to first order. That of the
// five largest is the largest of theirs.
func (s *Subject) sampleEnds(vs []run.Value, largest int) error {
	top, err := s.alongTop()
	if err != nil {
		return err
	}
	all := []scatter{top}
	for i := 1; len(vs) > 1 && i <= largest; i++ { // the last is the smallest
		a, err := s.curvatures(s.eigen.Vectors[i])
		if err != nil {
			return err
		}
		all = append(all, a)
	}
	for i, v := range vs {
		switch v.Key {
		case "h_max":
			vs[i] = top.sampled(v, ofCurvatures)
		case "h_top5":
			vs[i] = slices.MaxFunc(all[:largest], func(a, b scatter) int { return cmp.Compare(a.error(1), b.error(1)) }).sampled(v, ofCurvatures)
		case "h_condition5":
			vs[i] = ratio(top, all[largest-1], v.Value, s.eigen.Values[largest-1]).sampled(v, ofCurvatures)
		case "h_min":
			vs[i] = all[largest].sampled(v, ofCurvatures)
		}
	}
	return nil
}

// ratio returns the scatter of a/b to first order, given the value of the ratio and that of b.
func ratio(a, b scatter, value, below float64) scatter {
	x := make([]float64, len(a.x))
	for i := range x {
		x[i] = (a.x[i] - value*b.x[i]) / below
	}
	a.x = x
	return a
}

// aligned makes the value of the alignment of the top eigenvectors of H and of K.
func (s *Subject) aligned(key string, k *curvature.Covariance, b basis) (run.Value, error) {
	top, e := s.eigen.Vectors[0], make([]float32, len(s.Theta))
	v := run.Value{Key: key, Error: s.eigen.angle(), How: run.How{L: k.L, M: k.M, Examples: s.Problem.Set().Len(),
		Error: propagated, Method: "cosine of the top eigenvectors"}}
	if err := b.Direction(e, mat.Col(nil, 0, k.Vectors)); err != nil {
		return v, err
	}
	v.Value = math.Abs(tensor.Dot(e, top))
	var err error
	v.Sample, err = alignmentError(k, b, top, e, s.stop)
	return sampled(v, ofGradients), err
}

// A found is what a search has found, with the measured rounding of the products with
// some of its vectors, 0 of the others.
type found struct {
	*spectrum.Result
	rounding []float64
}

// err is the error of eigenvalue i: what its residual says, and the rounding of the product
// that the residual is made of.
func (f *found) err(i int) float64 { return f.Residuals[i] + f.rounding[i] }

// value makes a value of eigenvalue i.
func (f *found) value(key string, i int, how run.How) run.Value {
	how.Rounding = f.rounding[i]
	return run.Value{Key: key, Value: f.Values[i], Error: f.err(i), How: how}
}

// zero reports whether eigenvalue i is 0 within its error.
func (f *found) zero(i int) bool { return math.Abs(f.Values[i]) <= f.err(i) }

// gap is the distance of eigenvalue i to the nearest other one that was seen.
func (f *found) gap(i int) float64 { return f.Residuals[i] * (f.Residuals[i] / f.Estimates[i]) }

// angle bounds the angle between the first vector and the eigenvector: error over gap.
func (f *found) angle() float64 {
	return min(1, f.Estimates[0]/f.Residuals[0]*(f.err(0)/f.Residuals[0]))
}

// ends makes the values of both ends of a spectrum, of which the first pairs are the largest.
func (s *Subject) ends(largest int, how run.How) []run.Value {
	f, last := s.eigen, largest-1
	top := f.value("h_top5", 0, how)
	top.Vector = f.Values[:largest]
	top.How.Rounding = max(f.rounding[0], f.rounding[last])
	top.Error = slices.Max(f.Residuals[:largest]) + top.How.Rounding
	low := f.value("h_min", largest, how)
	switch {
	case largest < 5:
		s.omit(fmt.Sprintf("there are %d parameters, and so no fifth eigenvalue", largest), "h_condition5")
	case f.zero(last):
		s.omit("λ_H⁵ is 0 within its error", "h_condition5")
	default:
		fifth := math.Abs(f.Values[last])
		ratio := run.Value{Key: "h_condition5", Value: f.Values[0] / f.Values[last], How: how,
			Error: f.err(0)/fifth + math.Abs(f.Values[0])*f.err(last)/(fifth*fifth)}
		return []run.Value{top, ratio, low}
	}
	return []run.Value{top, low}
}

// also adds a sentence to a note.
func also(note, more string) string {
	if note == "" {
		return more
	}
	return note + "; " + more
}

// search runs Lanczos, and says how. For one pair it begins on some of the
// examples, where there are enough: for several that saves nothing. It measures the
// rounding of the products with the given ones of the vectors found.
func (s *Subject) search(o *curvature.Operator, set *spectrum.Settings, measured ...int) (*found, run.How, error) {
	how := run.How{Examples: o.Examples(), Tolerance: s.Tol, Seed: s.Seed, Error: residualBound,
		Method: "Lanczos with full reorthogonalisation and thick restart"}
	rough, ok := o.Rough()
	if ok && set.Largest+set.Smallest < 2 {
		set.Rough = rough
	}
	set.Tol, set.MaxProducts = s.Tol, s.MaxProducts
	r, err := spectrum.Lanczos(o, set)
	if err != nil {
		return nil, how, err
	}
	how.Products, how.Note = r.Products, note(r, rough)
	f := &found{r, make([]float64, len(r.Values))}
	runtime.GC() // what the search has left behind makes room
	for _, i := range measured {
		if f.rounding[i] > 0 {
			continue
		}
		d, err := o.Rounding(r.Vectors[i])
		if err != nil {
			return nil, how, err
		}
		f.rounding[i] = d[0]
	}
	return f, how, nil
}

// note says what a search has not done, or what it excludes.
func note(r *spectrum.Result, rough *curvature.Operator) string {
	switch {
	case !r.Converged && r.Missing:
		return "stopped before further copies of the eigenvalues were excluded: some may be missing"
	case !r.Converged:
		return "stopped before the tolerance was reached"
	case r.Rough != nil:
		return fmt.Sprintf("begun with %d products on %d of the examples, which have no eigenvalue above %.3g (99 %%)",
			r.Rough.Products, rough.Examples(), r.Rough.Above)
	case !math.IsInf(r.Above, 1):
		return fmt.Sprintf("no eigenvalue is above %.4g (99 %%)", r.Above)
	}
	return ""
}
