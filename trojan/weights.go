package trojan

import (
	"math"

	"gonum.org/v1/gonum/stat"
)

// Statistics are those of a weight tensor that do not need its data. All but Ratio are the same for
// a carrier and what is hidden in it, whose numbers are the same.
type Statistics struct {
	Deviation, Kurtosis float64
	// Ratio is the largest singular value of the matrix of outputs and all else, over that of the same
	// numbers in random order. A trained layer has structure and is above 1; a second network in it
	// is noise to the first and makes the ratio smaller.
	Ratio float64
}

// StatisticsOf returns the statistics of a tensor of so many outputs. The name decides the random
// order.
func StatisticsOf(name string, w []float32, outputs int) Statistics {
	x := make([]float64, len(w))
	for i, v := range w {
		x[i] = float64(v)
	}
	s := Statistics{Deviation: stat.StdDev(x, nil), Kurtosis: stat.ExKurtosis(x, nil) + 3}
	key, err := Bytes([]byte("statistics"))
	if err != nil {
		panic(err) // only of no bytes
	}
	shuffled := make([]float64, len(x))
	for i, at := range key.Permutation(1, name, len(x)) {
		shuffled[i] = x[at]
	}
	s.Ratio = largest(x, outputs) / largest(shuffled, outputs)
	return s
}

// powerSteps is how many steps of the power method find a largest singular value: to well under a
// percent, where the second one is not nearer than that.
const powerSteps = 60

// largest returns the largest singular value of a row-major matrix, by the power method.
func largest(m []float64, rows int) float64 {
	cols := len(m) / rows
	u, v := make([]float64, rows), make([]float64, cols)
	for j := range v {
		v[j] = 1 + float64(j%7)/7 // no direction in particular
	}
	sigma := 0.0
	for range powerSteps {
		scale(v)
		for i := range u {
			u[i] = 0
			for j, x := range m[i*cols : (i+1)*cols] {
				u[i] += x * v[j]
			}
		}
		sigma = scale(u)
		clear(v)
		for i, y := range u {
			for j, x := range m[i*cols : (i+1)*cols] {
				v[j] += x * y
			}
		}
	}
	return sigma
}

// scale makes a vector one of length 1, if it is not 0, and returns its length.
func scale(v []float64) float64 {
	sum := 0.0
	for _, x := range v {
		sum += x * x
	}
	length := math.Sqrt(sum)
	if length > 0 {
		for i := range v {
			v[i] /= length
		}
	}
	return length
}
