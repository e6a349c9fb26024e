package trial

import (
	"context"
	"errors"
	"fmt"
	"math"
	"sync"
	"time"

	"breakeven/hierarchy"
	"breakeven/run"
	"breakeven/tensor"
)

// Run measures one network after the other, or several at a time if they are small. There
// is nothing to keep between them.
func (t *tangents) Run(ctx context.Context, from *run.Checkpoint, until int, sink Sink) (Outcome, error) {
	if from != nil && from.Meta[metaStatus] != "" {
		return Outcome{run.Status(from.Meta[metaStatus]), from.Meta[metaMessage]}, nil
	}
	w := &hierarchyWalk{tangents: t, ctx: ctx, sink: sink, networks: tangentNetworks.Int(t.spec)}
	if from != nil {
		w.at = from.Step
	}
	w.clock.begin(0, float64(w.networks), 1)
	for w.at < w.networks {
		if ctx.Err() != nil || until > 0 && w.at >= until {
			return w.stopped(), nil
		}
		count := min(t.together, w.networks-w.at)
		if until > 0 {
			count = min(count, until-w.at)
		}
		end, err := w.measure(count)
		if ended(ctx, err) {
			return w.stopped(), nil
		}
		if err != nil || end.Status != "" {
			return end, err
		}
	}
	w.progress(0, "finished", 0)
	message := fmt.Sprintf("all %d networks are measured", w.networks)
	if w.networks == 1 {
		message = "the network is measured"
	}
	return Outcome{run.Finished, message}, nil
}

// A hierarchyWalk is such a trial under way.
type hierarchyWalk struct {
	*tangents
	ctx      context.Context
	sink     Sink
	networks int
	at       int // the network to be measured next

	mu    sync.Mutex // of what follows
	clock clock
	parts []float64 // of the networks that are being measured, what is done
}

func (w *hierarchyWalk) stopped() Outcome {
	return Outcome{run.Stopped, fmt.Sprintf("stopped after %d of %d networks", w.at, w.networks)}
}

// measure measures the next networks at the same time, and saves them in their order. The
// outcome has no status if there may be more.
func (w *hierarchyWalk) measure(count int) (Outcome, error) {
	begin, values, errs := time.Now(), make([][]run.Value, count), make([]error, count)
	w.parts = make([]float64, count)
	tensor.Parallel(count, func(i int) { values[i], errs[i] = w.network(i) })
	for i, err := range errs {
		var stop *hierarchy.StopError
		c := run.Checkpoint{Step: w.at + 1, Meta: map[string]string{metaMeasured: "true"}}
		end := Outcome{}
		switch {
		case errors.As(err, &stop):
			end = Outcome{run.Diverged, fmt.Sprintf("network %d: %v", w.at+1, stop)}
			c.Meta[metaStatus], c.Meta[metaMessage] = string(end.Status), end.Message
		case err != nil:
			return Outcome{}, err
		}
		if err := w.sink.Save(&run.Record{Step: w.at + 1, Time: time.Now().UTC(), Values: values[i]}, &c); err != nil || end.Status != "" {
			return end, err
		}
		w.at++
		w.clock.measured(time.Since(begin)/time.Duration(count), 1)
	}
	w.parts = nil
	return Outcome{}, nil
}

// progress tells the sink what is done, and which part of one of the networks that are being
// measured is.
func (w *hierarchyWalk) progress(i int, doing string, part float64) {
	w.mu.Lock()
	defer w.mu.Unlock()
	done := float64(w.at)
	if i < len(w.parts) {
		w.parts[i] = part
	}
	for _, p := range w.parts {
		done += p
	}
	w.sink.Progress(Progress{Step: min(w.at+i+1, w.networks), Steps: w.networks, Doing: doing, Part: w.clock.done(0, done),
		Loss: math.NaN(), Elapsed: time.Since(w.clock.start)})
}

// network returns what is measured of the i-th network from the next one on. With a StopError
// of its gradient flow it is what was measured before.
func (w *hierarchyWalk) network(i int) ([]run.Value, error) {
	net, err := w.draw(w.at + i)
	if err != nil {
		return nil, err
	}
	w.progress(i, "kernels", 0)
	kernels, err := hierarchy.Kernels(net, w.points, w.order(), w.options(w.ctx))
	if err != nil {
		return nil, err
	}
	m := &hierarchyValues{tangents: w.tangents}
	m.kernels(kernels)
	w.progress(i, "gradient flow", 0.3)
	exact, err := hierarchy.GradientFlow(net, w.points, w.y, w.times, w.flow(false))
	if err != nil {
		return m.values, err
	}
	w.progress(i, "truncated flow", 0.8)
	var paths []*hierarchy.Path
	for p := 2; p <= w.level(); p++ {
		path, err := w.truncated(kernels[:p])
		if err != nil {
			return nil, err
		}
		paths = append(paths, path)
	}
	m.flows(exact, paths)
	return m.values, w.descend(m, net, exact)
}

func (w *hierarchyWalk) flow(past bool) *hierarchy.FlowOptions {
	return &hierarchy.FlowOptions{Tolerance: tangentTolerance.Float(w.spec), Past: past, MaxSteps: w.steps, Stop: w.ctx.Err}
}

// truncated follows the hierarchy truncated at the level of the kernels, past the loss of a
// positive kernel. It may end before the last time, which is a result.
func (w *hierarchyWalk) truncated(kernels []*hierarchy.Tensor) (*hierarchy.Path, error) {
	system, err := hierarchy.Truncate(kernels, w.y)
	if err != nil {
		return nil, err
	}
	path, err := system.Flow(w.times, w.flow(true))
	var stop *hierarchy.StopError
	if errors.As(err, &stop) {
		err = nil
	}
	return path, err
}

// descend compares gradient descent with the flow, if a rate is given. The steps are the
// nearest to the rate that end at the end of the flow.
func (w *hierarchyWalk) descend(m *hierarchyValues, net *hierarchy.Network, exact *hierarchy.Path) error {
	rate, end := tangentRate.Float(w.spec), tangentTime.Float(w.spec)
	if rate == 0 {
		return nil
	}
	steps := max(1, int(math.Round(end/rate)))
	path, err := hierarchy.GradientDescent(net, w.points, w.y, end/float64(steps), []int{steps}, w.flow(false))
	var stop *hierarchy.StopError
	switch {
	case errors.As(err, &stop):
		m.add("descent_error", math.Inf(1), nil, fmt.Sprintf("%d steps of gradient descent, which diverges: %v", steps, stop))
	case err != nil:
		return err
	default:
		m.add("descent_error", apart(path.Snapshots[0].F, last(exact).F), nil, fmt.Sprintf("%d steps of gradient descent", steps))
	}
	return nil
}

// last returns the state at the last time.
func last(p *hierarchy.Path) hierarchy.Snapshot { return p.Snapshots[len(p.Snapshots)-1] }

// apart returns the largest difference, NaN if there is one.
func apart(a, b []float64) float64 {
	var m float64
	for i, v := range a {
		m = max(m, math.Abs(v-b[i]))
	}
	return m
}
