package hierarchy

import (
	"fmt"
	"math"
)

// weights is exact gradient flow of a network: its weights move by −∇L.
type weights struct {
	scale  *scales
	net    *Network
	points [][]float64
	y      []float64
	pass   *pass    // at the training points
	scaled []matrix // δ^(ℓ)(f − y)/n
	length float64  // the largest |∇f|, at the start
}

func newWeights(net *Network, points Points, y []float64) *weights {
	w := &weights{net: net.Clone(), points: points.all(), y: y, scaled: make([]matrix, 1)}
	w.pass = newPass(net.shape, points.Train, 1)
	for range net.shape.Depth {
		w.scaled = append(w.scaled, newMatrix(len(y), net.shape.Width))
	}
	return w
}

// slope sets dst to −∇L, where L = (1/2n) Σ (f − y)².
func (w *weights) slope(dst []float64, _ float64, theta []float64) {
	net, to := &Network{w.net.shape, theta}, &Network{w.net.shape, dst}
	w.pass.run(net)
	clear(dst)
	for i, v := range w.y {
		u := (v - w.pass.f[i]) / float64(len(w.y))
		axpy(to.Readout(), u, w.pass.x[net.shape.Depth].row(i))
		for l := 1; l <= net.shape.Depth; l++ {
			scaleTo(w.scaled[l].row(i), u, w.pass.delta[l].row(i))
		}
	}
	for l := 1; l <= net.shape.Depth; l++ {
		mulAddParallel(to.weights(l), transposed, w.scaled[l], plain, w.pass.x[l-1])
	}
}

// size bounds the error of f by the length of the error of the weights times
// that of the gradient of f.
func (w *weights) size(e, _ []float64) float64 {
	return w.scale.ratio(math.Sqrt(dot(e, e))*w.length, w.scale.output)
}

func (w *weights) look(theta []float64, rows int) ([]float64, *Tensor) {
	p := newPass(w.net.shape, w.points[:rows], 1)
	p.run(&Network{w.net.shape, theta})
	return p.f, p.kernel(len(w.y))
}

// watch reads the outputs of the last evaluation: a step ends with one at the
// new weights.
func (w *weights) watch([]float64) (residual, least float64) {
	for i, v := range w.y {
		residual = math.Max(residual, math.Abs(w.pass.f[i]-v))
	}
	return residual, math.Inf(1)
}

// prepareTruth checks the input of flow and descent, and returns the motion and
// its scales.
func prepareTruth(net *Network, points Points, y []float64, tolerance float64) (*weights, error) {
	if err := net.check(); err != nil {
		return nil, err
	}
	if err := points.check(net.shape.Inputs); err != nil {
		return nil, err
	}
	if err := checkLabels(y, len(points.Train)); err != nil {
		return nil, err
	}
	w := newWeights(net, points, y)
	f, k := w.look(net.theta, len(w.points))
	w.scale = newScales(f, y, k, tolerance)
	for i := range y {
		w.length = max(w.length, math.Sqrt(k.At(i, i)))
	}
	return w, nil
}

// GradientFlow follows dθ/dt = −∇L, L = (1/2n) Σ (f(x_β) − y_β)², of the network
// itself from time 0 through the times, which increase. The network stays as it
// is. If it ends before the last time, the error is a *[StopError], and the Path
// holds what was reached.
func GradientFlow(net *Network, points Points, y, times []float64, o *FlowOptions) (*Path, error) {
	options, err := o.orDefault()
	if err == nil {
		err = checkTimes(times)
	}
	var w *weights
	if err == nil {
		w, err = prepareTruth(net, points, y, options.Tolerance)
	}
	if err != nil {
		return nil, fmt.Errorf("hierarchy: gradient flow: %w", err)
	}
	options.Form = Automatic
	l := &follower{motion: w, scale: w.scale, o: options, y: y, rows: len(w.points), times: times}
	return l.follow(net.theta)
}

// GradientDescent takes steps θ ← θ − rate·∇L from the network, which stays as
// it is, and makes snapshots after the given numbers of steps, which increase;
// the time of step s is s·rate. Where it diverges it ends with a *[StopError].
func GradientDescent(net *Network, points Points, y []float64, rate float64, steps []int, o *FlowOptions) (*Path, error) {
	w, err := prepareTruth(net, points, y, 0)
	switch {
	case err != nil:
	case !(rate > 0) || math.IsInf(rate, 0):
		err = fmt.Errorf("learning rate %v: it must be positive", rate)
	case len(steps) == 0 || steps[0] < 0:
		err = fmt.Errorf("steps %v: give at least one number, from 0 on", steps)
	}
	for i := range steps {
		if i > 0 && steps[i] <= steps[i-1] && err == nil {
			err = fmt.Errorf("step %d after %d: numbers of steps must increase", steps[i], steps[i-1])
		}
	}
	if err != nil {
		return nil, fmt.Errorf("hierarchy: gradient descent: %w", err)
	}
	path, grad := &Path{Indefinite: math.NaN()}, make([]float64, len(w.net.theta))
	for s := 0; ; s++ {
		if steps[len(path.Snapshots)] == s {
			f, k := w.look(w.net.theta, len(w.points))
			snapshot := newSnapshot(float64(s)*rate, f, y, k)
			if o != nil && o.Networks {
				snapshot.Net = w.net.Clone()
			}
			path.Snapshots = append(path.Snapshots, snapshot)
		}
		path.Steps, path.Reached = s, float64(s)*rate
		if len(path.Snapshots) == len(steps) {
			return path, nil
		}
		if o != nil && o.Stop != nil {
			if err := o.Stop(); err != nil {
				return path, err
			}
		}
		w.slope(grad, 0, w.net.theta)
		path.Evaluations++
		if residual, _ := w.watch(nil); !(residual <= blownUp*w.scale.output) {
			return path, &StopError{path.Reached, ErrBlowUp, fmt.Sprintf("after %d steps the largest |f − y| is %.3g; take a smaller learning rate", s, residual)}
		}
		axpy(w.net.theta, rate, grad)
	}
}
