package curvature

import (
	"slices"

	"breakeven/nn"
)

// A Problem is a network, a loss and a set of examples, at parameters that
// [Problem.At] sets. It is used by one goroutine at a time.
type Problem struct {
	net    *nn.Network
	loss   nn.Loss
	plan   *nn.Plan
	set    Set
	chunks []Set
	chunk  int // examples in each, but for the last
	theta  []float32
	decay  float64 // λ
	norm   float64 // (λ/2)‖θ‖²
	of     []Metric
	sums   Sums // of the whole set
	grad   []float32
	weight float64 // of the set: see nn.Network.Weight
	loaded []int   // by tape: the chunk that is on it; -1: none

	only      bool        // gradients: Settings.Gradients
	gradients [][]float32 // of Covariance
	examples  *nn.Plan    // of ExampleCovariance
	own, hv   []float32   // of BatchCurvature

	stop func() error
	err  error // of stop; the problem has no valid point then
}

// New compiles a network for a set of examples.
func New(net *nn.Network, set Set, s Settings) *Problem {
	if set.Len() == 0 {
		panic("curvature: no examples")
	}
	s = s.withDefaults()
	if set.Graph != nil { // one chunk, since every pass goes over the whole graph
		s.Nodes, s.Chunk = set.N, set.Len()
	}
	p := &Problem{net: net, loss: s.Loss, decay: s.Decay, plan: net.Compile(s.plan(net, set.N)), set: set, grad: make([]float32, net.Dim()), only: s.Gradients,
		of: s.Metrics, sums: NewSums(len(s.Metrics))}
	p.chunks, p.chunk = Split(set, s.Chunk), s.Chunk
	p.loaded = slices.Repeat([]int{-1}, p.plan.Tapes())
	if p.weight = net.Weight(set); p.weight == 0 {
		panic("curvature: no example has a target that counts")
	}
	return p
}

// Network returns the network.
func (p *Problem) Network() *nn.Network { return p.net }

// Set returns the examples.
func (p *Problem) Set() Set { return p.set }

// State returns the running statistics that inference uses. The caller may change them before
// At.
func (p *Problem) State() []float32 { return p.plan.State() }

// SetStop sets a function, such as ctx.Err of a context, that all long work asks again and
// again, on several goroutines, whether to stop; nil means never. Its error is returned as it
// is. A problem that was stopped during a pass returns the error until the next At.
func (p *Problem) SetStop(stop func() error) {
	p.stop = stop
	p.plan.SetStop(stop)
}

// stopped returns the error that stop has returned since At.
func (p *Problem) stopped() error {
	if p.err == nil {
		p.err = p.plan.Err()
	}
	return p.err
}

// At sets the parameters and computes the loss and the gradient on the whole set. The problem
// keeps theta, which must not change until the next At.
func (p *Problem) At(theta []float32) error {
	p.err = nil
	p.plan.SetStop(p.stop)
	p.theta = theta
	p.plan.SetParams(theta)
	p.sums = NewSums(len(p.of))
	for k := range p.loaded {
		p.loaded[k] = -1
	}
	for c := range p.chunks {
		p.sums.Add(p.plan, p.forward(c).Loss, p.of)
		if p.only {
			p.plan.Gradient(p.grad, p.scale(), c > 0)
		} else {
			p.plan.Adjoints(p.grad, p.scale(), c > 0)
		}
		if err := p.stopped(); err != nil {
			return err
		}
	}
	p.norm = p.penalty(theta)
	p.decayed(p.grad, theta)
	return nil
}

// tape returns the tape of chunk c: its own, or the last one.
func (p *Problem) tape(c int) int { return min(c, p.plan.Tapes()-1) }

func (p *Problem) forward(c int) nn.Eval {
	p.plan.Use(p.tape(c))
	p.loaded[p.tape(c)] = c
	return p.plan.Forward(p.chunks[c])
}

// ready makes chunk c current, with its values and adjoints.
func (p *Problem) ready(c int) {
	p.plan.Use(p.tape(c))
	if p.loaded[p.tape(c)] == c {
		return
	}
	p.forward(c)
	p.plan.Adjoints(nil, p.scale(), false)
}

// lend makes the last tape current for n examples that are no chunk, or the first if
// the last is too small.
func (p *Problem) lend(n int) {
	tape := p.plan.Tapes() - 1
	if n > p.plan.Room(tape) {
		tape = 0
	}
	p.loaded[tape] = -1
	p.plan.Use(tape)
}

// scale turns a sum over the set into its mean.
func (p *Problem) scale() float64 { return 1 / p.weight }

// Loss returns the mean loss.
func (p *Problem) Loss() float64 { return p.sums.Loss*p.scale() + p.norm }

// Metric returns the mean of Settings.Metrics[k].
func (p *Problem) Metric(k int) float64 { return p.sums.Metric[k] * p.scale() }

// LossError returns the sampling error of the mean loss: what
// another sample of examples would change, one standard deviation.
func (p *Problem) LossError() float64 { return p.sums.LossError(p.weight) }

// MetricError is the sampling error of Metric; see LossError.
func (p *Problem) MetricError(k int) float64 { return p.sums.MetricError(k, p.weight) }

// Gradient returns the gradient g of the mean loss. The slice is the problem's.
func (p *Problem) Gradient() []float32 { return p.grad }

// LossAt returns the mean loss at other parameters on the first n examples. The problem's
// parameters stay what they are.
func (p *Problem) LossAt(theta []float32, n int) (float64, error) {
	sum, set := 0.0, p.set.Slice(0, n)
	p.lend(min(n, p.chunk))
	p.plan.With(theta, func() {
		for _, c := range Split(set, p.chunk) {
			if p.stopped() == nil {
				sum += p.plan.Forward(c).Loss
			}
		}
	})
	return sum/p.net.Weight(set) + p.penalty(theta), p.stopped()
}

// Curvatures computes dst[i] = vᵀH_i v, with H_i the Hessian of the loss of
// example i: of its rows' losses by their weights, over the mean weight of an example, so that
// the mean of all is vᵀHv. It panics under batch norm in training mode.
func (p *Problem) Curvatures(dst []float64, v []float32) error {
	return p.along(dst, v, p.plan.ExampleCurvatures, p.bent(v))
}

// Slopes computes dst[i] = ⟨g_i, v⟩, with g_i the gradient of the loss of
// example i, as in Curvatures. It panics under batch norm in training mode.
func (p *Problem) Slopes(dst []float64, v []float32) error {
	return p.along(dst, v, p.plan.ExampleSlopes, p.sloping(v))
}

// GaussNewtons computes dst[i] = vᵀG_i v, with G_i the Gauss-Newton matrix of the loss of
// example i, as in Curvatures. It panics under batch norm in training mode.
func (p *Problem) GaussNewtons(dst []float64, v []float32) error {
	return p.along(dst, v, p.plan.ExampleGaussNewtons, p.bent(v))
}

// Along reports whether there are Curvatures, Slopes and GaussNewtons: examples are not
// coupled, and the problem has not only gradients.
func (p *Problem) Along() bool { return p.PerExample() && !p.only }

// along calls f for each chunk with v as its tangent, and adds what weight decay does to each example.
func (p *Problem) along(dst []float64, v []float32, f func(dst []float64, scale float64), decay float64) error {
	p.plan.SetTangent(v)
	at, share := 0, 1/float64(p.set.Len())
	for c, set := range p.chunks {
		p.ready(c)
		d := dst[at : at+set.N]
		f(d, p.scale())
		for i := range d {
			d[i] = d[i]/share + decay
		}
		at += set.N
		if err := p.stopped(); err != nil {
			return err
		}
	}
	return nil
}

// PerExample reports whether gradients of single examples are defined.
func (p *Problem) PerExample() bool { return p.plan.PerExample() }
