package trial

import (
	"context"
	"fmt"
	"io"

	"breakeven/hierarchy"
	"breakeven/rng"
	"breakeven/run"
)

// A KernelFile is the kernels of one network of a trial of kind hierarchy, to be written.
type KernelFile struct {
	t      *tangents
	number int
}

// OpenKernels returns the kernels of a network of a spec of kind hierarchy, the first one being
// number 0, up to the spec's highest order.
func OpenKernels(ctx context.Context, s run.Spec, env Env, number int) (*KernelFile, error) {
	job, err := openHierarchy(ctx, s, env)
	if err != nil {
		return nil, err
	}
	if n := tangentNetworks.Int(s); number < 0 || number >= n {
		return nil, fmt.Errorf("network %d of %d: the first one is number 0", number, n)
	}
	return &KernelFile{job.(*tangents), number}, nil
}

// Memory lists what Write takes.
func (f *KernelFile) Memory() []Memory { return f.t.saving(len(f.t.y)) }

// Fitting says what would fit where this does not, "" if nothing would.
func (f *KernelFile) Fitting(fits func([]Memory) bool) string { return f.t.fitting(f.t.saving, fits) }

// Write computes the kernels and writes them to w as hierarchy.Save does.
func (f *KernelFile) Write(ctx context.Context, w io.Writer) ([]hierarchy.Saved, error) {
	net, err := f.t.draw(f.number)
	if err != nil {
		return nil, err
	}
	return hierarchy.Save(w, net, f.t.points, f.t.order(), f.t.options(ctx))
}

// draw draws network k.
func (t *tangents) draw(k int) (*hierarchy.Network, error) {
	return hierarchy.Draw(t.shape, hierarchy.Init{Orthogonal: tangentDraw.Word(t.spec) == "orthogonal",
		Seed: rng.New(t.spec.Seed, fmt.Sprintf("hierarchy/network/%d", k)).Uint64()})
}

// saving lists what writing kernels takes with n training points.
func (t *tangents) saving(n int) []Memory {
	q := len(t.points.Test)
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
