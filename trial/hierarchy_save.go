package trial

import (
	"context"
	"fmt"
	"io"

	"breakeven/hierarchy"
	"breakeven/rng"
	"breakeven/run"
)

// SaveKernels computes the kernels of one network of a spec of kind hierarchy, the first one
// being number 0, up to its highest order, and writes them to w as hierarchy.Save does. Fits
// is shown the memory needed before any of it is taken.
func SaveKernels(ctx context.Context, s run.Spec, env Env, number int, w io.Writer, fits func([]Memory) error) ([]hierarchy.Saved, error) {
	job, err := openHierarchy(ctx, s, env)
	if err != nil {
		return nil, err
	}
	t := job.(*tangents)
	if n := tangentNetworks.Int(s); number < 0 || number >= n {
		return nil, fmt.Errorf("network %d of %d: the first one is number 0", number, n)
	}
	if err := fits(t.saving()); err != nil {
		return nil, err
	}
	net, err := t.draw(number)
	if err != nil {
		return nil, err
	}
	return hierarchy.Save(w, net, t.points, t.order(), t.options(ctx))
}

// draw draws network k.
func (t *tangents) draw(k int) (*hierarchy.Network, error) {
	return hierarchy.Draw(t.shape, hierarchy.Init{Orthogonal: tangentDraw.Word(t.spec) == "orthogonal",
		Seed: rng.New(t.spec.Seed, fmt.Sprintf("hierarchy/network/%d", k)).Uint64()})
}

// saving lists what SaveKernels takes.
func (t *tangents) saving() []Memory {
	n, q := len(t.points.Train), len(t.points.Test)
	list := []Memory{{"points", 8 * int64((n+q)*t.shape.Inputs)}, {"weights", 8 * int64(t.shape.Params())}}
	var most int64
	for r := 2; r <= t.order(); r++ {
		var bytes int64
		plan := hierarchy.PlanStream
		if r == 2 {
			plan = hierarchy.Plan
		}
		for _, part := range plan(t.shape, n, q, r, nil) {
			bytes += part.Bytes
		}
		most = max(most, bytes)
	}
	return append(list, Memory{"kernels", most})
}
