package hierarchy

import (
	"errors"
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"breakeven/internal/testenv"
)

// Both ways of computing the kernels agree to rounding, on any network, with test
// points.
func TestProductsEqualJets(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := drawScene(t, 4)
		fast := kernels(t, s.net, s.points, 4, Products)
		slow := kernels(t, s.net, s.points, 4, Jets)
		for r := 3; r <= 4; r++ {
			if d, size := apart(fast[r-1].Data, slow[r-1].Data), slow[r-1].Max(); d > 1e-12*(size+slow[1].Max()) {
				t.Fatalf("K^(%d): routes differ by %.3g, entries up to %.3g", r, d, size)
			}
		}
	})
}

// K^(r+1)(…, z) is the derivative of K^(r) along ∇f(z), for all r up to 5.
func TestDifferences(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := drawScene(t, 2)
		u := rapid.IntRange(0, len(s.points.Train)-1).Draw(t, "along")
		grad := gradientAt(s.net, s.points.Train[u])
		h := 1e-3 / (1 + dot(grad, grad))
		const top = 5
		exact := kernels(t, s.net, s.points, top, Auto)
		moved := map[int][]*Tensor{}
		for _, c := range []int{-2, -1, 1, 2} {
			net := s.net.Clone()
			axpy(net.theta, float64(c)*h, grad)
			moved[c] = kernels(t, net, s.points, top-1, Auto)
		}
		one := make([]float64, len(s.points.Train))
		one[u] = 1
		for r := 1; r < top; r++ {
			want := exact[r].Contract(one)
			for i, w := range want.Data {
				at := func(c int) float64 { return moved[c][r-1].Data[i] }
				got := (8*(at(1)-at(-1)) - (at(2) - at(-2))) / (12 * h)
				if math.Abs(got-w) > 1e-8*(1+exact[r].Max())*(1+dot(grad, grad)) {
					t.Fatalf("K^(%d), entry %d: derivative %.12g, K^(%d) says %.12g", r, i, got, r+1, w)
				}
			}
		}
	})
}

// gradientAt returns ∇f(x).
func gradientAt(net *Network, x []float64) []float64 {
	p := newPass(net.shape, [][]float64{x}, 1)
	p.run(net)
	grad := &Network{net.shape, make([]float64, len(net.theta))}
	for l := 1; l <= net.shape.Depth; l++ {
		mulAdd(grad.weights(l), transposed, p.delta[l], plain, p.x[l-1])
	}
	copy(grad.Readout(), p.x[net.shape.Depth].row(0))
	return grad.theta
}

// The gradient itself, by differences, and K^(2) as products of gradients.
func TestGradient(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := drawScene(t, 3)
		const h = 1e-4
		var grads [][]float64
		for _, x := range s.points.all() {
			g := gradientAt(s.net, x)
			grads = append(grads, g)
			for i := range g {
				f := func(step float64) float64 {
					net := s.net.Clone()
					net.theta[i] += step
					p := newPass(net.shape, [][]float64{x}, 1)
					p.run(net)
					return p.f[0]
				}
				if got := (8*(f(h)-f(-h)) - (f(2*h) - f(-2*h))) / (12 * h); math.Abs(got-g[i]) > 1e-9*(1+math.Abs(g[i])) {
					t.Fatalf("derivative %d is %v, difference quotient %v", i, g[i], got)
				}
			}
		}
		k := kernels(t, s.net, s.points, 2, Auto)[1]
		for i := range grads {
			for j := range s.points.Train {
				if got, want := k.At(i, j), dot(grads[i], grads[j]); math.Abs(got-want) > 1e-12*(1+k.Max()) {
					t.Fatalf("K(%d,%d) = %v, product of gradients %v", i, j, got, want)
				}
			}
		}
	})
}

// K^(r) is symmetric in its first two slots; a test point that repeats a training
// point has that point's rows; and points may be given in any order.
func TestSymmetries(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := drawScene(t, 3)
		n := len(s.points.Train)
		order := rapid.Permutation(indices(n)).Draw(t, "order")
		points := Points{Train: s.points.Train, Test: append(s.points.Train[n-1:n:n], s.points.Train[0])}
		var shuffled Points
		for _, i := range order {
			shuffled.Train = append(shuffled.Train, s.points.Train[i])
		}
		const top = 5
		k := kernels(t, s.net, points, top, Auto)
		other := kernels(t, s.net, shuffled, top, Auto)
		for r := 2; r <= top; r++ {
			k, other := k[r-1], other[r-1]
			small := 1e-11 * (1 + k.Max())
			if d := apart(k.Row(n), k.Row(n-1)) + apart(k.Row(n+1), k.Row(0)); d > small {
				t.Fatalf("K^(%d): rows of one point differ by %v", r, d)
			}
			rest := power(n, r-2)
			for i := range n {
				for j := range n {
					if d := apart(k.Row(i)[j*rest:(j+1)*rest], k.Row(j)[i*rest:(i+1)*rest]); d > small {
						t.Fatalf("K^(%d)(%d,%d) and (%d,%d) differ by %v", r, i, j, j, i, d)
					}
				}
			}
			index := make([]int, r)
			for at := range other.Data {
				for slot, rest := r-1, at; slot >= 0; slot-- {
					index[slot], rest = order[rest%n], rest/n
				}
				if math.Abs(other.Data[at]-k.At(index...)) > small {
					t.Fatalf("K^(%d)%v = %v, and %v in another order", r, index, k.At(index...), other.Data[at])
				}
			}
		}
	})
}

func indices(n int) []int {
	list := make([]int, n)
	for i := range list {
		list[i] = i
	}
	return list
}

// A linear network with one hidden layer has
//
//	K^(r+2)(x,y,z,…) = (2 K^(r)(z,…) x·y + K^(r)(y,…) x·z + K^(r)(x,…) y·z)/m,
//
// for its f is bilinear in W and a.
func TestLinearNetwork(t *testing.T) {
	net := drawNet(t, Shape{3, 5, 1, Identity}, Init{Seed: 4})
	points, _ := sphere(4, 2, 1, 3)
	x := points.all()
	const top = 7
	k := kernels(t, net, points, top, Auto)
	for r := 1; r+2 <= top; r++ {
		high, low := k[r+1], k[r-1]
		tail := power(2, r-1) // the points after x, y, z
		for i := range high.Data {
			rest := i % tail
			c, b, a := i/tail%2, i/tail/2%2, i/tail/4
			part := func(p int) float64 { return low.Data[p*tail+rest] }
			want := (2*part(c)*dot(x[a], x[b]) + part(b)*dot(x[a], x[c]) + part(a)*dot(x[b], x[c])) / 5
			if math.Abs(high.Data[i]-want) > 1e-12*(1+high.Max()) {
				t.Fatalf("K^(%d)(%d,%d,%d,…) = %v, want %v", r+2, a, b, c, high.Data[i], want)
			}
		}
	}
}

// One hidden layer of any activation: K^(3) written out.
func TestOneHiddenLayer(t *testing.T) {
	for _, act := range Activations() {
		net := drawNet(t, Shape{4, 6, 1, act}, Init{Seed: 5})
		points, _ := sphere(5, 3, 2, 4)
		x := points.all()
		k := kernels(t, net, points, 3, Auto)[2]
		for i := range x {
			for j := range 3 {
				for l := range 3 {
					xy, xz, yz := dot(x[i], x[j]), dot(x[i], x[l]), dot(x[j], x[l])
					var want float64
					for unit, a := range net.Readout() {
						var p, q, r [3]float64 // σ, σ′, σ″ at x, y, z
						act.Derivatives(p[:], dot(net.weights(1).row(unit), x[i]))
						act.Derivatives(q[:], dot(net.weights(1).row(unit), x[j]))
						act.Derivatives(r[:], dot(net.weights(1).row(unit), x[l]))
						want += 2 * a * p[1] * q[1] * r[0] * xy
						want += a * r[1] * (p[1]*q[0]*xz + p[0]*q[1]*yz)
						want += a * a * a * r[1] * xy * (p[2]*q[1]*xz + p[1]*q[2]*yz)
					}
					want /= math.Pow(6, 1.5)
					if got := k.At(i, j, l); math.Abs(got-want) > 1e-13*(1+k.Max()) {
						t.Fatalf("%s: K^(3)(%d,%d,%d) = %v, want %v", act.Name, i, j, l, got, want)
					}
				}
			}
		}
	}
}

// Blocks come in order and once each, and are those of Kernels, also if there are more
// test points than fit in one block.
func TestStream(t *testing.T) {
	net := drawNet(t, Shape{3, 6, 2, Sigmoid}, Init{})
	points, _ := sphere(6, 3, 40, 3)
	whole := kernels(t, net, points, 5, Auto)
	for r := 3; r <= 5; r++ {
		k, filled, next := whole[r-1], 0, [2]int{0, 0}
		err := Stream(net, points, r, nil, func(b Block) error {
			if b.Order != r || b.First != next[0] || b.Last != next[1] || len(b.Data) != b.Rows*power(3, r-2) {
				t.Fatalf("block of order %d, rows %d+%d, last %d, %d entries, want rows from %d and last %d",
					b.Order, b.First, b.Rows, b.Last, len(b.Data), next[0], next[1])
			}
			if next[1]++; next[1] == 3 {
				next = [2]int{b.First + b.Rows, 0}
			}
			for i, v := range b.Data {
				filled++
				if want := k.Data[b.First*power(3, r-1)+i*3+b.Last]; v != want {
					t.Fatalf("order %d: entry %d of block %d is %v, want %v", r, i, b.Last, v, want)
				}
			}
			return nil
		})
		if err != nil || filled != len(k.Data) {
			t.Errorf("order %d: %d of %d entries, error %v", r, filled, len(k.Data), err)
		}
	}
	stop, calls := errors.New("disk is full"), 0
	err := Stream(net, points, 4, nil, func(Block) error {
		calls++
		return stop
	})
	if !errors.Is(err, stop) || calls != 1 {
		t.Errorf("after an error of emit: %d calls, error %v", calls, err)
	}
	// The rows of a test point do not depend on the others.
	few := kernels(t, net, Points{points.Train, points.Test[30:33]}, 5, Auto)
	for r := 1; r <= 5; r++ {
		for i := range 3 {
			if d := apart(few[r-1].Row(3+i), whole[r-1].Row(33+i)); d > 1e-13*(1+whole[r-1].Max()) {
				t.Errorf("K^(%d): rows of a test point differ by %v among others", r, d)
			}
		}
	}
}

// Any number of cores gives the same bits.
func TestCores(t *testing.T) {
	net := drawNet(t, Shape{5, 130, 2, Tanh}, Init{})
	points, _ := sphere(7, 5, 2, 5)
	sameOnCores(t, func() (numbers []float64) {
		k := kernels(t, net, points, 5, Auto)
		for _, tensor := range append(k, kernels(t, net, points, 4, Jets)...) {
			numbers = append(numbers, tensor.Data...)
		}
		return numbers
	})
}

// sameOnCores compares the bits of numbers on any number of cores, also while it
// changes.
func sameOnCores(t *testing.T, compute func() []float64) {
	t.Helper()
	var want []float64
	testenv.OnProcessors(t, func(when string) {
		got := compute()
		if want == nil {
			want = got
		}
		if !slices.Equal(got, want) {
			t.Fatalf("other numbers %s", when)
		}
	})
}
