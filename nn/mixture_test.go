package nn_test

import (
	"fmt"
	"math"
	"reflect"
	"testing"

	"breakeven/nn"
	"breakeven/nn/nntest"
	"breakeven/rng"
)

var mixtures = []nn.MixtureDensity{
	{Components: 1, Blocks: []int{1}},
	{Components: 2, Blocks: []int{2}},
	{Components: 3, Blocks: []int{3, 2}},
	{Components: 3, Blocks: []int{3, 2}, Floor: 1e-7},
	{Components: 2, Blocks: []int{1, 3}, Floor: 0.1},
}

func TestMixtureDensity(t *testing.T) {
	for _, m := range mixtures {
		t.Run(fmt.Sprintf("%+v", m), func(t *testing.T) { nntest.TestLoss(t, m, m.Outputs()) })
	}
	if m := mixtures[2]; m.Outputs() != 45 || m.Width() != 5 {
		t.Errorf("%d outputs, %d numbers of a target", m.Outputs(), m.Width())
	}
}

// drawRow returns a row of a mixture.
func drawRow(m nn.MixtureDensity, r *rng.Stream) nn.Row {
	row := nn.Row{Z: make([]float32, m.Outputs()), Memo: make([]float32, m.Outputs()), Vector: make([]float32, m.Width())}
	for _, x := range [][]float32{row.Z, row.Vector} {
		for i := range x {
			x[i] = float32(r.NormFloat64())
		}
	}
	return row
}

// What Decode returns has the density that the loss is made of.
func TestMixtureDecoded(t *testing.T) {
	for _, m := range mixtures {
		row, density := drawRow(m, rng.New(1, "mixture")), m.Floor
		for _, c := range m.Decode(nil, row.Z) {
			log, u := c.LogWeight, make([]float64, m.Width())
			for i := range u {
				u[i] = float64(row.Vector[i]) - c.Mean[i]
				for j := range i {
					u[i] -= c.L[i][j] * u[j]
				}
				u[i] /= c.L[i][i]
				log -= math.Log(2*math.Pi)/2 + math.Log(c.L[i][i]) + u[i]*u[i]/2
			}
			density += math.Exp(log)
		}
		if got := m.Value(row); math.Abs(got+math.Log(density)) > 1e-12 {
			t.Errorf("%+v: loss %v, the decoded density %v", m, got, density)
		}
	}
}

// Memory of an earlier row holds nothing of it afterwards, and is all that Decode needs.
func TestMixtureDecodedAgain(t *testing.T) {
	for _, m := range mixtures {
		row := drawRow(m, rng.New(5, "mixture"))
		dst := m.Decode(nil, drawRow(m, rng.New(6, "mixture")).Z)
		if n := testing.AllocsPerRun(10, func() { dst = m.Decode(dst, row.Z) }); n != 0 {
			t.Errorf("%+v: %v allocations", m, n)
		}
		if want := m.Decode(nil, row.Z); !reflect.DeepEqual(dst, want) {
			t.Errorf("%+v: %v in old memory, %v in new", m, dst, want)
		}
	}
}

// The Gauss-Newton form is the mean square of the score of the complete data. For normal
// distributions that is the integral of a polynomial of degree 4 in each number of the
// target, which three nodes of Gauss and Hermite give exactly.
func TestMixtureFisher(t *testing.T) {
	for _, m := range mixtures {
		row, width := drawRow(m, rng.New(2, "mixture")), m.Width()
		n := m.Outputs()
		want, tangent, score := make([]float64, n), drawRow(m, rng.New(3, "mixture")).Z, make([]float32, n)
		for k, c := range m.Decode(nil, row.Z) {
			for node := range int(math.Pow(3, float64(width))) {
				weight, u := math.Exp(c.LogWeight), make([]float64, width)
				for i, rest := 0, node; i < width; i, rest = i+1, rest/3 {
					u[i] = []float64{-math.Sqrt(3), 0, math.Sqrt(3)}[rest%3]
					weight *= []float64{1. / 6, 2. / 3, 1. / 6}[rest%3]
				}
				for i := range u {
					y := c.Mean[i]
					for j := range i + 1 {
						y += c.L[i][j] * u[j]
					}
					row.Vector[i] = float32(y)
				}
				m.Value(row)
				clear(row.Memo[:m.Components])
				row.Memo[k] = 1 // y comes from component k
				m.Adjoint(score, row, 1)
				along := 0.0
				for i, s := range score {
					along += float64(s) * float64(tangent[i])
				}
				for i, s := range score {
					want[i] += weight * along * float64(s)
				}
			}
		}
		got := make([]float32, n)
		m.GaussNewton(got, tangent, row, 1)
		for i := range got {
			if math.Abs(float64(got[i])-want[i]) > 1e-4*(1+math.Abs(want[i])) {
				t.Errorf("%+v: number %d is %v, want %v", m, i, got[i], want[i])
			}
		}
	}
}

// Far from all components and with tiny deviations the loss stays finite, and the floor
// bounds it.
func TestMixtureFarAway(t *testing.T) {
	m := mixtures[2]
	row := drawRow(m, rng.New(4, "mixture"))
	for i := range row.Z[18:] {
		row.Z[18+i] = -20
	}
	row.Vector[0] = 100
	loss, d := m.Value(row), make([]float32, m.Outputs())
	if !(loss > 1e15) || math.IsInf(loss, 0) {
		t.Errorf("loss %v", loss)
	}
	m.Floor = 1e-7
	if loss := m.Value(row); math.Abs(loss+math.Log(1e-7)) > 1e-9 {
		t.Errorf("loss %v with a floor", loss)
	}
	m.Adjoint(d, row, 1)
	for i, v := range d {
		if v != 0 {
			t.Errorf("output %d has the adjoint %v", i, v)
		}
	}
}

// A mixture's targets have fewer numbers than a row has outputs.
func TestMixtureTargets(t *testing.T) {
	m := mixtures[1]
	if classes, width := m.Targets(m.Outputs()); classes != 0 || width != 2 {
		t.Errorf("%d classes, %d numbers", classes, width)
	}
	if classes, width := m.Targets(m.Outputs() + 1); classes != 0 || width != 0 {
		t.Errorf("%d classes, %d numbers for a row of another size", classes, width)
	}
	for _, bad := range []nn.MixtureDensity{{Blocks: []int{1}}, {Components: 1, Blocks: []int{9}}, {Components: 33, Blocks: []int{1}}, {Components: 1, Floor: -1}} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%+v: no panic", bad)
				}
			}()
			bad.Targets(1)
		}()
	}
}
