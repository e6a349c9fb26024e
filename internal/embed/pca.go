package embed

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/stat"
)

// check panics unless all points have the same number of finite coordinates.
func check(points [][]float64) {
	for i, p := range points {
		if len(p) == 0 || len(p) != len(points[0]) {
			panic(fmt.Sprintf("embed: point %d has %d coordinates, point 0 has %d", i, len(p), len(points[0])))
		}
		for _, v := range p {
			if math.IsNaN(v) || math.IsInf(v, 0) {
				panic(fmt.Sprintf("embed: point %d has a coordinate %v", i, v))
			}
		}
	}
}

// PCA returns the projections of points on their first two principal components, and which share of
// their variance each of these holds. The sign of a component is that in which the point farthest from
// the mean is positive. One point, or equal ones, lie at the origin. It panics unless all points have
// the same number of finite coordinates.
func PCA(points [][]float64) (plane [][2]float64, share [2]float64) {
	check(points)
	plane = make([][2]float64, len(points))
	if len(points) < 2 {
		return plane, share
	}
	n, dim := len(points), len(points[0])
	x := mat.NewDense(n, dim, nil)
	for j := range dim {
		column := make([]float64, n)
		for i, p := range points {
			column[i] = p[j]
		}
		mean := stat.Mean(column, nil)
		for i, v := range column {
			x.Set(i, j, v-mean)
		}
	}
	// The eigenvectors of X Xᵀ, one row for each point, are the projections up to their length.
	var gram mat.SymDense
	gram.SymOuterK(1, x)
	var eigen mat.EigenSym
	if !eigen.Factorize(&gram, true) {
		panic("embed: the Gram matrix of the points has no eigenvectors") // of a finite symmetric matrix
	}
	values := eigen.Values(nil) // ascending
	var vectors mat.Dense
	eigen.VectorsTo(&vectors)
	total := mat.Trace(&gram)
	for k := range min(2, n) {
		lambda := values[n-1-k]
		if !(lambda > 1e-12*total) {
			continue
		}
		share[k] = lambda / total
		far := 0
		for i := range n {
			if math.Abs(vectors.At(i, n-1-k)) > math.Abs(vectors.At(far, n-1-k)) {
				far = i
			}
		}
		length := math.Copysign(math.Sqrt(lambda), vectors.At(far, n-1-k))
		for i := range n {
			plane[i][k] = length * vectors.At(i, n-1-k)
		}
	}
	return plane, share
}
