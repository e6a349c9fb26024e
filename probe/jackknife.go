package probe

import (
	"fmt"
	"math"
	"runtime"

	"gonum.org/v1/gonum/mat"

	"breakeven/curvature"
	"breakeven/run"
	"breakeven/spectrum"
)

// leastJackknife is the least number of gradients whose jackknife says anything: of three, each
// value is that of a single difference.
const leastJackknife = 4

// spectrumOf makes the five numbers of a covariance, with errors by the delete-one
// jackknife over the gradients (delete-a-group, 16 groups, beyond 32 of them). Of a
// covariance that is 0 there are three.
func spectrumOf(k *curvature.Covariance, prefix string, how run.How, stop func() error) ([]run.Value, error) {
	read := func(g *spectrum.Gram, _ []int) ([]float64, error) {
		return []float64{g.Max(), g.Min(), g.Trace(), g.Rank(), g.Condition()}, nil
	}
	value, err := read(k.Gram, nil)
	dev := make([]float64, len(value))
	switch {
	case k.Zero():
		how.Note = kIsZero
	case k.L < leastJackknife:
		how.Note = fmt.Sprintf("%d gradients: no error is known", k.L)
	default:
		dev, err = jackknife(k, read, stop)
		how.Error = jackknifed
	}
	if err != nil {
		return nil, err
	}
	var vs []run.Value
	for i, name := range []string{"max", "min", "trace", "rank", "condition"} {
		vs = append(vs, known(run.Value{Key: prefix + name, Value: value[i], Error: dev[i], How: how}))
	}
	if k.Zero() {
		return vs[:3], nil
	}
	return vs, nil
}

// known returns v without an error if that is not a number, as where the part of a sample that
// a jackknife leaves has no such value, and without a kind of error if there is none.
func known(v run.Value) run.Value {
	if math.IsNaN(v.Error) || math.IsInf(v.Error, 0) {
		v.Error, v.How.Note = 0, also(v.How.Note, "no error is known")
	}
	if v.Error == 0 {
		v.How.Error = ""
	}
	return v
}

// jackknifeGroups returns how many groups of l gradients are left out, one after
// the other.
func jackknifeGroups(l int) int {
	if l > 32 {
		return 16
	}
	return l
}

// jackknife returns the errors of what read makes of the spectrum, over the gradients that it is
// given without a group of them, and of which it is told those that are left.
func jackknife(k *curvature.Covariance, read func(g *spectrum.Gram, keep []int) ([]float64, error), stop func() error) (dev []float64, err error) {
	groups := jackknifeGroups(k.L)
	var all [][]float64
	runtime.GC() // the matrix that was centred, and its spectrum, make room for these
	room, work := make([]float64, k.L*k.L), make([]float64, k.L*(k.L+1)/2)
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
		gram, err := spectrum.GramSpectrum(sub, &spectrum.GramSettings{Floor: k.Floor(), Work: work, Stop: stop})
		if err != nil {
			return nil, err
		}
		values, err := read(gram, keep)
		if err != nil {
			return nil, err
		}
		all = append(all, values)
	}
	n := float64(len(all))
	for q := range all[0] {
		mean, sum := 0.0, 0.0
		for _, r := range all {
			mean += r[q] / n
		}
		for _, r := range all {
			sum += (r[q] - mean) * (r[q] - mean)
		}
		dev = append(dev, math.Sqrt((n-1)/n*sum))
	}
	return dev, nil
}
