package probe

import (
	"math"
	"runtime"

	"gonum.org/v1/gonum/mat"

	"breakeven/curvature"
	"breakeven/run"
	"breakeven/spectrum"
)

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
		gram, err := spectrum.GramSpectrum(sub, &spectrum.GramSettings{Work: work, Stop: stop})
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
