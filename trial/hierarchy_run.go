package trial

import (
	"context"
	"errors"
	"fmt"
	"math"
	"time"

	"breakeven/hierarchy"
	"breakeven/run"
)

// Run measures one network after the other. There is nothing to keep between them.
func (t *tangents) Run(ctx context.Context, from *run.Checkpoint, until int, sink Sink) (Outcome, error) {
	if from != nil && from.Meta[metaStatus] != "" {
		return Outcome{run.Status(from.Meta[metaStatus]), from.Meta[metaMessage]}, nil
	}
	networks, k := tangentNetworks.Int(t.spec), 0
	if from != nil {
		k = from.Step
	}
	w := &hierarchyWalk{tangents: t, ctx: ctx, sink: sink}
	w.clock.begin(0, networks, 1)
	for ; k < networks; k++ {
		if ctx.Err() != nil || until > 0 && k >= until {
			return Outcome{run.Stopped, fmt.Sprintf("stopped after %d of %d networks", k, networks)}, nil
		}
		begin := time.Now()
		values, err := w.network(k)
		if ended(ctx, err) {
			return Outcome{run.Stopped, fmt.Sprintf("stopped after %d of %d networks", k, networks)}, nil
		}
		var stop *hierarchy.StopError
		end := Outcome{}
		if errors.As(err, &stop) {
			end, err = Outcome{run.Diverged, fmt.Sprintf("network %d: %v", k+1, stop)}, nil
		}
		if err != nil {
			return Outcome{}, err
		}
		c := run.Checkpoint{Step: k + 1, Meta: map[string]string{metaMeasured: "true"}}
		if end.Status != "" {
			c.Meta[metaStatus], c.Meta[metaMessage] = string(end.Status), end.Message
		}
		if err := sink.Save(&run.Record{Step: k + 1, Time: time.Now().UTC(), Values: values}, &c); err != nil {
			return Outcome{}, err
		}
		if end.Status != "" {
			return end, nil
		}
		w.clock.measured(time.Since(begin))
	}
	w.progress(networks, "finished", 0)
	return Outcome{run.Finished, fmt.Sprintf("all %d networks are measured", networks)}, nil
}

// A hierarchyWalk is such a trial under way.
type hierarchyWalk struct {
	*tangents
	ctx   context.Context
	sink  Sink
	clock clock
}

// progress tells the sink which network is being measured, and which part of that is done.
func (w *hierarchyWalk) progress(k int, doing string, part float64) {
	networks := tangentNetworks.Int(w.spec)
	w.sink.Progress(Progress{Step: min(k+1, networks), Steps: networks, Doing: doing, Part: w.clock.done(0, float64(k)+part),
		Loss: math.NaN(), Elapsed: time.Since(w.clock.start)})
}

// network returns what is measured of network k. With a StopError of its gradient flow it
// is what was measured before.
func (w *hierarchyWalk) network(k int) ([]run.Value, error) {
	net, err := w.draw(k)
	if err != nil {
		return nil, err
	}
	w.progress(k, "kernels", 0)
	kernels, err := hierarchy.Kernels(net, w.points, w.order(), w.options(w.ctx))
	if err != nil {
		return nil, err
	}
	m := &hierarchyValues{tangents: w.tangents}
	m.kernels(kernels)
	w.progress(k, "gradient flow", 0.3)
	exact, err := hierarchy.GradientFlow(net, w.points, w.y, w.times, w.flow(false))
	if err != nil {
		return m.values, err
	}
	w.progress(k, "truncated flow", 0.8)
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
