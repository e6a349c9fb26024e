package hierarchy

import (
	"errors"
	"fmt"
	"strings"

	"breakeven/nn"
	"breakeven/tensor"
)

// Of returns K^(1) = f, K^(2) and, for p = 3, K^(3) of a network of package nn at given
// parameters. Each output of an example is a point: output c of example i of C outputs
// is point iC + c, so that K^(2) is the tangent kernel of all outputs. The first slot has
// the test examples behind the training examples; a test batch of none is welcome.
//
// The network computes in float32, and so kernels have its precision: about six digits of
// their largest entry, and less where a sum cancels. It takes one product with a Hessian
// for each pair of a point and a training point. It is an error if an operation is not
// smooth, if the examples of a batch are coupled, or if it takes more memory than allowed.
func Of(net *nn.Network, theta []float32, train, test nn.Batch, p int, o *Options) ([]*Tensor, error) {
	o = o.orDefault()
	g := &general{net: net, train: train, test: test, outputs: net.Output().Size(), stop: newStopper(o.Stop)}
	err := g.check(theta, p)
	if err == nil {
		err = g.fits(p, o.Limit)
	}
	if err != nil {
		return nil, fmt.Errorf("hierarchy: kernels up to order %d of a network of nn: %w", p, err)
	}
	return g.kernels(theta, p)
}

// general computes kernels of a network of nn. Its points are the outputs of examples.
type general struct {
	net         *nn.Network
	train, test nn.Batch
	outputs     int // of an example
	stop        *stopper
	plan        *nn.Plan
	slope       [][]float32 // ∂f/∂θ at each point
}

// check returns an error if the network has no kernels of order p at theta.
func (g *general) check(theta []float32, p int) error {
	out := g.net.Outputs()
	switch {
	case p < 1 || p > 3:
		return errors.New("orders are 1 to 3 there; higher ones are there for a Network of this package")
	case len(out) > 1 || out[0].Shape.T > 0:
		return errors.New("it has several outputs or a sequence of them; one vector is wanted")
	case g.net.Couples():
		return errors.New("the output of an example depends on the others of its batch, as under batch norm: f(x) is no function of x alone")
	case len(g.net.Kinks()) > 0:
		return fmt.Errorf("%s: not smooth, and K^(r) reads derivatives up to order r−1 (Assumption 2.1 of the paper); "+
			"use tanh, erf or sigmoid, and average pooling", strings.Join(g.net.Kinks(), ", "))
	case g.train.N < 1:
		return errors.New("no training points: give at least one")
	case len(theta) != g.net.Dim():
		return fmt.Errorf("%d parameters for a network of %d", len(theta), g.net.Dim())
	}
	for i, w := range theta {
		if !finite(float64(w)) {
			return fmt.Errorf("parameter %d of the network is %v", i, w)
		}
	}
	return g.checkInputs()
}

// checkInputs returns an error if an input of float numbers is not finite.
func (g *general) checkInputs() error {
	for k, b := range []nn.Batch{g.train, g.test} {
		for _, in := range b.In {
			for i, v := range in.F {
				if !finite(float64(v)) {
					return fmt.Errorf("number %d of the inputs of the %s points is %v", i, []string{"training", "test"}[k], v)
				}
			}
		}
	}
	return nil
}

// settings are those of a plan for one example.
func (g *general) settings(p int) nn.Settings {
	return nn.Settings{Batch: 1, Loss: chosen{}, Adjoints: true, Tangents: p > 2}
}

// fits returns an error if kernels up to order p take more than limit bytes.
func (g *general) fits(p int, limit int64) error {
	n, rows := float64(g.train.N*g.outputs), float64((g.train.N+g.test.N)*g.outputs)
	need := float64(g.net.Memory(g.settings(p))) + 4*float64(g.net.Dim())*(rows+1) + 8*rows*n
	if p > 2 {
		need += 8*rows*n*n + 8*rows*rows*n
	}
	if need <= float64(limit) {
		return nil
	}
	return fmt.Errorf("%d training and %d test examples of %d outputs and %d parameters take %s, and %s are allowed; take fewer examples, or a smaller network",
		g.train.N, g.test.N, g.outputs, g.net.Dim(), bytesText(int64(min(need, 1<<62))), bytesText(limit))
}

// kernels computes them.
func (g *general) kernels(theta []float32, p int) ([]*Tensor, error) {
	n, rows := g.train.N*g.outputs, (g.train.N+g.test.N)*g.outputs
	g.plan = g.net.Compile(g.settings(p))
	g.plan.SetParams(theta)
	k := []*Tensor{NewTensor(1, rows, n)}
	for a := range rows {
		if err := g.stop.err(); err != nil {
			return nil, err
		}
		slope := make([]float32, g.net.Dim())
		k[0].Data[a] = g.at(a, slope)
		g.slope = append(g.slope, slope)
	}
	if p > 1 {
		two := NewTensor(2, rows, n)
		tensor.Parallel(rows, func(a int) { g.meet(two.Row(a), g.slope[a]) })
		k = append(k, two)
	}
	if p < 3 {
		return k, nil
	}
	three, err := g.third()
	return append(k, three), err
}

// at makes point a current, and returns f there. If slope is not nil it gets the gradient.
func (g *general) at(a int, slope []float32) float64 {
	i, c := a/g.outputs, a%g.outputs
	from := g.train
	if i >= g.train.N {
		from, i = g.test, i-g.train.N
	}
	b := from.Slice(i, i+1)
	choice := make([]float32, g.outputs)
	choice[c] = 1
	b.Target = []nn.Target{{Vector: choice}}
	g.plan.Forward(b)
	g.plan.Adjoints(slope, 1, false)
	return float64(g.plan.Outputs()[c])
}

// meet sets dst to the products of v with the gradients at the first points.
func (g *general) meet(dst []float64, v []float32) {
	for b := range dst {
		dst[b] = tensor.Dot(g.slope[b], v)
	}
}

// third returns K^(3)(x,y,z) = g_y·H_x g_z + g_x·H_y g_z.
func (g *general) third() (*Tensor, error) {
	n, rows := g.train.N*g.outputs, len(g.slope)
	// bent[a][z] holds g_b·H_a g_z at b: for all b if a is a training point, else for
	// training points.
	bent := make([][][]float64, rows)
	hv := make([]float32, g.net.Dim())
	for a := range rows {
		if err := g.stop.err(); err != nil {
			return nil, err
		}
		g.at(a, nil)
		bent[a] = make([][]float64, n)
		for z := range n {
			g.plan.SetTangent(g.slope[z])
			g.plan.HessVec(hv, 1, false)
			bent[a][z] = make([]float64, either(a < n, rows, n))
			g.meet(bent[a][z], hv)
		}
	}
	k := NewTensor(3, rows, n)
	for x := range rows {
		for y := range n {
			for z := range n {
				k.Data[(x*n+y)*n+z] = bent[x][z][y] + bent[y][z][x]
			}
		}
	}
	return k, nil
}

func either(condition bool, yes, no int) int {
	if condition {
		return yes
	}
	return no
}

// chosen is the output that the target chooses, as a loss: Σ_c target_c z_c.
type chosen struct{}

// Name returns "chosen".
func (chosen) Name() string { return "chosen" }

// Targets returns vectors of as many numbers as there are outputs.
func (chosen) Targets(outputs int) (classes, width int) { return 0, outputs }

// Value returns Σ_c target_c z_c.
func (chosen) Value(r nn.Row) float64 {
	sum := 0.0
	for c, z := range r.Z {
		sum += float64(r.Vector[c]) * float64(z)
	}
	return sum
}

// Adjoint is scale·target.
func (chosen) Adjoint(dst []float32, r nn.Row, scale float64) {
	for c, t := range r.Vector {
		dst[c] = float32(scale * float64(t))
	}
}

// Hessian is 0.
func (chosen) Hessian(dst, _ []float32, _ nn.Row, _ float64) { clear(dst) }
