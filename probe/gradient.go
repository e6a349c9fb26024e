package probe

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"

	"breakeven/curvature"
	"breakeven/run"
	"breakeven/spectrum"
	"breakeven/tensor"
)

func loss(s *Subject) ([]run.Value, error) {
	p := s.Problem
	how := run.How{Examples: p.Set().Len(), Method: "mean over the measurement set"}
	vs := []run.Value{{Key: "loss", Value: p.Loss(), How: how}}
	for k, name := range s.Metrics {
		vs = append(vs, run.Value{Key: name, Value: p.Metric(k), How: how})
	}
	vs = append(vs, run.Value{Key: "grad_norm", Value: tensor.Norm(p.Gradient()), How: how})
	if s.Valid == nil {
		return vs, nil
	}
	e, err := s.Valid()
	if err != nil {
		return nil, err
	}
	how = run.How{Examples: e.Examples, Method: "mean over the validation data"}
	vs = append(vs, run.Value{Key: "valid_loss", Value: e.Loss, How: how})
	for k, name := range s.Metrics {
		vs = append(vs, run.Value{Key: "valid_" + name, Value: e.Metrics[k], How: how})
	}
	return vs, nil
}

func covariance(s *Subject) ([]run.Value, error) {
	k, err := s.Problem.Covariance(s.Batches)
	if err != nil {
		return nil, err
	}
	s.k = k
	how := run.How{L: k.L, M: k.M, Examples: k.L * k.M, Method: "centred Gram matrix of minibatch gradients"}
	vs, err := spectrumOf(k, "k_", how, s.stop)
	if err != nil {
		return nil, err
	}
	top, err5 := k.TopSpace(5)
	how.Error, how.Method = standardError, "mean over the minibatch gradients"
	return append(vs, run.Value{Key: "topspace", Value: top, Error: err5, How: how}), nil
}

func examples(s *Subject) ([]run.Value, error) {
	if !s.Problem.PerExample() || s.Single.Len() < 2 {
		return nil, nil
	}
	k, err := s.Problem.ExampleCovariance(s.Single)
	if err != nil {
		return nil, err
	}
	s.k1 = k
	how := run.How{L: k.L, M: 1, Examples: k.L, Method: "centred Gram matrix of per-example gradients"}
	vs, err := spectrumOf(&k.Covariance, "k_example_", how, s.stop)
	if err != nil {
		return nil, err
	}
	g := tensor.Dot(s.Problem.Gradient(), s.Problem.Gradient())
	how.Method = "trace over the squared gradient norm of the measurement set"
	if s.Single.Len() != s.Problem.Set().Len() {
		how.Note = fmt.Sprintf("gradient of %d examples", s.Problem.Set().Len())
	}
	how.Error = jackknifed
	return append(vs, run.Value{Key: "noise_scale", Value: k.Trace() / g, Error: vs[2].Error / g, How: how}), nil
}

// spectrumOf makes the five numbers of a covariance, with errors by the delete-one
// jackknife over the gradients (delete-a-group, 16 groups, beyond 32 of them).
func spectrumOf(k *curvature.Covariance, prefix string, how run.How, stop func() error) ([]run.Value, error) {
	read := func(g *spectrum.Gram) [5]float64 {
		return [5]float64{g.Max(), g.Min(), g.Trace(), g.Rank(), g.Condition()}
	}
	value, dev := read(k.Gram), [5]float64{}
	if k.L > 2 {
		var err error
		if dev, err = jackknife(k, read, stop); err != nil {
			return nil, err
		}
		how.Error = jackknifed
	} else {
		how.Note = "two gradients: no error is known"
	}
	var vs []run.Value
	for i, name := range []string{"max", "min", "trace", "rank", "condition"} {
		vs = append(vs, run.Value{Key: prefix + name, Value: value[i], Error: dev[i], How: how})
	}
	return vs, nil
}

// jackknifeGroups returns how many groups of l gradients are left out, one after
// the other.
func jackknifeGroups(l int) int {
	if l > 32 {
		return 16
	}
	return l
}

func jackknife(k *curvature.Covariance, read func(*spectrum.Gram) [5]float64, stop func() error) (dev [5]float64, err error) {
	groups := jackknifeGroups(k.L)
	var all [][5]float64
	room := make([]float64, k.L*k.L)
	for g := range groups {
		var keep []int
		for i := range k.L {
			if i*groups/k.L != g {
				keep = append(keep, i)
			}
		}
		sub := mat.NewSymDense(len(keep), room[:len(keep)*len(keep)])
		for a, i := range keep {
			for b, j := range keep[:a+1] {
				sub.SetSym(a, b, k.Inner[i*k.L+j])
			}
		}
		spectrum.Centre(sub)
		sub.ScaleSym(1/float64(len(keep)), sub)
		gram, err := spectrum.GramSpectrum(sub, &spectrum.GramSettings{Stop: stop})
		if err != nil {
			return dev, err
		}
		all = append(all, read(gram))
	}
	n := float64(len(all))
	for q := range dev {
		mean, sum := 0.0, 0.0
		for _, r := range all {
			mean += r[q] / n
		}
		for _, r := range all {
			sum += (r[q] - mean) * (r[q] - mean)
		}
		dev[q] = math.Sqrt((n - 1) / n * sum)
	}
	return dev, nil
}

// stepMargin finds α*, the smallest multiple α of the training step that raises
// the loss by 20 %: L(θ − α(θ − θ')) ≥ 1.2·L(θ) (Jastrzębski et al. 2020, Sec.
// 4.1). It doubles α from 1/4 to 64 and then halves the bracket to 1/64 of α.
func stepMargin(s *Subject) ([]run.Value, error) {
	if s.Next == nil {
		return nil, nil
	}
	next, err := s.Next()
	if err != nil {
		return nil, err
	}
	n, products := min(512, s.Problem.Set().Len()), 0
	theta := make([]float32, len(s.Theta))
	at := func(alpha float64) (loss float64) {
		if err != nil {
			return math.NaN()
		}
		products++
		for i, v := range s.Theta {
			theta[i] = v + float32(alpha)*(next[i]-v)
		}
		loss, err = s.Problem.LossAt(theta, n)
		return loss
	}
	limit := 1.2 * at(0)
	const most = 64
	lo, hi := 0.0, 0.25
	raises := !(at(hi) < limit) // NaN raises it
	for !raises && hi < most {
		lo, hi = hi, 2*hi
		raises = !(at(hi) < limit)
	}
	how := run.How{Examples: n, Error: bracket, Method: "loss along the next training step"}
	if !raises {
		lo, how.Error, how.Note = hi, "", "at least this: no larger multiple was tried"
	}
	for i := 0; i < 12 && hi-lo > hi/64; i++ { // where no step is small enough it ends at 0
		if mid := (lo + hi) / 2; at(mid) < limit {
			lo = mid
		} else {
			hi = mid
		}
	}
	if err != nil {
		return nil, err
	}
	how.Products = products
	return []run.Value{{Key: "step_margin", Value: (lo + hi) / 2, Error: (hi - lo) / 2, How: how}}, nil
}
