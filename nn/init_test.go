package nn_test

import (
	"math"
	"slices"
	"strings"
	"testing"

	"breakeven/nn"
	"breakeven/rng"
	"breakeven/tensor"
)

// draw initialises one weight tensor.
func draw(init nn.Init, p nn.Param, seed uint64) []float32 {
	w := make([]float32, p.Size())
	init(w, p, rng.New(seed, "test"))
	return w
}

// The moments are those of the papers' distributions. With n draws the mean lies
// within 4 deviations/√n, and the variance within 4·√((kurtosis−1)/n) of its size.
func TestInitMoments(t *testing.T) {
	p := nn.Param{Shape: []int{100, 64, 3, 3}, FanIn: 576, FanOut: 900}
	for _, c := range []struct {
		name               string
		variance, kurtosis float64
	}{
		{"glorot", 2.0 / (576 + 900), 1.8}, // uniform
		{"he", 2.0 / 576, 3},
		{"gaussian", 1.0 / 576, 3},
	} {
		init, err := nn.InitByName(c.name)
		if err != nil {
			t.Fatal(err)
		}
		w := draw(init, p, 1)
		var m [5]float64
		for _, v := range w {
			for k := range m {
				m[k] += math.Pow(float64(v), float64(k)) / float64(len(w))
			}
		}
		n := float64(len(w))
		if math.Abs(m[1]) > 4*math.Sqrt(c.variance/n) {
			t.Errorf("%s: mean %v", c.name, m[1])
		}
		if r := m[2]/c.variance - 1; math.Abs(r) > 4*math.Sqrt((c.kurtosis-1)/n) {
			t.Errorf("%s: variance %v, want %v", c.name, m[2], c.variance)
		}
		if k := m[4] / (m[2] * m[2]); math.Abs(k-c.kurtosis) > 0.1 {
			t.Errorf("%s: kurtosis %v, want %v", c.name, k, c.kurtosis)
		}
	}
	limit := float32(math.Sqrt(6.0 / (576 + 900)))
	w := draw(nn.Glorot, p, 2)
	if lo, hi := slices.Min(w), slices.Max(w); lo < -limit || hi > limit || hi-lo < 1.99*limit {
		t.Errorf("glorot: from %v to %v, want within ±%v", lo, hi, limit)
	}
}

// The rows are orthonormal, or the columns if there are fewer of them.
func TestOrthogonal(t *testing.T) {
	for _, shape := range [][]int{{20, 50}, {50, 20}, {30, 30}, {8, 3, 3, 3}, {40, 3, 3, 3}, {1, 5}, {5, 1}} {
		p := nn.Param{Shape: shape, FanIn: 1}
		w := draw(nn.Orthogonal, p, 3)
		rows, cols := shape[0], len(w)/shape[0]
		k := min(rows, cols)
		vector := func(i int) []float32 {
			if rows <= cols {
				return w[i*cols : (i+1)*cols]
			}
			column := make([]float32, rows)
			for r := range column {
				column[r] = w[r*cols+i]
			}
			return column
		}
		for i := range k {
			for j := range i + 1 {
				want := 0.0
				if i == j {
					want = 1
				}
				if got := tensor.Dot(vector(i), vector(j)); math.Abs(got-want) > 1e-6 {
					t.Fatalf("%v: ⟨%d, %d⟩ is %v, want %v", shape, i, j, got, want)
				}
			}
		}
	}
}

// Uniform on the orthogonal matrices: either sign of the determinant, and
// entries of mean 0 and variance 1/n (4 deviations of 2,000 draws).
func TestOrthogonalIsUniform(t *testing.T) {
	var positive int
	var sum, squares float64
	const draws = 2000
	for seed := range uint64(draws) {
		w := draw(nn.Orthogonal, nn.Param{Shape: []int{2, 2}, FanIn: 1}, seed)
		if w[0]*w[3]-w[1]*w[2] > 0 {
			positive++
		}
		sum += float64(w[3])
		squares += float64(w[3]) * float64(w[3])
	}
	deviation := math.Sqrt(draws)
	if math.Abs(float64(positive)-draws/2) > 4*deviation/2 {
		t.Errorf("%d of %d determinants are positive", positive, draws)
	}
	if math.Abs(sum) > 4*deviation*math.Sqrt(0.5) || math.Abs(squares-draws/2) > 4*deviation*math.Sqrt(0.125) {
		t.Errorf("last entry: mean %v, mean square %v, want 0 and 1/2", sum/draws, squares/draws)
	}
}

// Each tensor is determined by seed and name, not by its place or by the others.
func TestInitialParams(t *testing.T) {
	one, x := nn.NewNetwork(nn.Vec(4))
	x = one.Add("fc1", nn.Linear{Units: 4}, x)
	one.Add("fc2", nn.Linear{Units: 4}, x)
	other, x := nn.NewNetwork(nn.Vec(4))
	x = other.Add("bn", nn.BatchNorm{}, x)
	x = other.Add("first", nn.Linear{Units: 4}, x)
	other.Add("fc2", nn.Linear{Units: 4}, x)
	tensorOf := func(net *nn.Network, theta []float32, name string) []float32 {
		for _, p := range net.Params() {
			if p.Name == name {
				return theta[p.Offset : p.Offset+p.Size()]
			}
		}
		t.Fatalf("no tensor %s", name)
		return nil
	}
	a, b := one.InitialParams(nn.He, 5), other.InitialParams(nn.He, 5)
	equal(t, "again", one.InitialParams(nn.He, 5), a)
	equal(t, "same name in another network", tensorOf(other, b, "fc2.weight"), tensorOf(one, a, "fc2.weight"))
	equal(t, "biases", tensorOf(one, a, "fc1.bias"), make([]float32, 4))
	equal(t, "scales", tensorOf(other, b, "bn.weight"), []float32{1, 1, 1, 1})
	equal(t, "shifts", tensorOf(other, b, "bn.bias"), make([]float32, 4))
	for what, v := range map[string][]float32{
		"another name": tensorOf(one, a, "fc1.weight"),
		"another seed": tensorOf(one, one.InitialParams(nn.He, 6), "fc2.weight"),
	} {
		if slices.Equal(v, tensorOf(one, a, "fc2.weight")) {
			t.Errorf("%s gives the same numbers", what)
		}
	}
}

func TestInitByName(t *testing.T) {
	for _, name := range []string{"glorot", "he", "gaussian", "orthogonal"} {
		if init, err := nn.InitByName(name); err != nil || init == nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := nn.InitByName("ones"); err == nil || !strings.Contains(err.Error(), `"ones"`) || !strings.Contains(err.Error(), "orthogonal") {
		t.Errorf("unknown name: %v", err)
	}
}
