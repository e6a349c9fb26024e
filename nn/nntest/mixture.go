package nntest

import (
	"math"

	"breakeven/nn"
)

// mixture is the loss of nn.MixtureDensity by its definition, from the density itself.
func mixture(l nn.MixtureDensity, z []hyper, w goal) hyper {
	k := l.Components
	logits, means := z[:k], z[k:]
	factors, target := means[k*l.Width():], w.vector
	sum, density := hyper{}, make([]hyper, k)
	for c, v := range logits {
		density[c] = v.exp()
		sum = sum.plus(density[c])
	}
	for _, n := range l.Blocks {
		size := n * (n + 1) / 2
		for c := range density {
			density[c] = density[c].times(normalDensity(target[:n], means[c*n:], triangle(n, factors[c*size:])))
		}
		target, means, factors = target[n:], means[k*n:], factors[k*size:]
	}
	all := constant(l.Floor)
	for _, d := range density {
		all = all.plus(d.times(sum.inverse()))
	}
	return all.log().scaled(-1)
}

// triangle is TensorFlow's fill_triangular, with softplus on the diagonal: the numbers after
// the first n, followed by all of them backwards, row by row into a square.
func triangle(n int, a []hyper) [][]hyper {
	a = a[:n*(n+1)/2]
	wound := append([]hyper(nil), a[n:]...)
	for i := len(a) - 1; i >= 0; i-- {
		wound = append(wound, a[i])
	}
	l := make([][]hyper, n)
	for i := range l {
		l[i] = wound[i*n : (i+1)*n]
		l[i][i] = constant(1).plus(l[i][i].exp()).log()
	}
	return l
}

// normalDensity is that of N(mean, l lᵀ) at y.
func normalDensity(y []float32, mean []hyper, l [][]hyper) hyper {
	density, u := constant(math.Pow(2*math.Pi, -float64(len(y))/2)), make([]hyper, len(y))
	for i := range y {
		u[i] = constant(float64(y[i])).minus(mean[i])
		for j := range i {
			u[i] = u[i].minus(l[i][j].times(u[j]))
		}
		u[i] = u[i].times(l[i][i].inverse())
		density = density.times(l[i][i].inverse()).times(u[i].times(u[i]).scaled(-0.5).exp())
	}
	return density
}
