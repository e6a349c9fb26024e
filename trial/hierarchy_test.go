package trial

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"strings"
	"testing"

	"breakeven/hierarchy"
	"breakeven/rng"
	"breakeven/run"
)

// tangentSpec is a small trial of kind hierarchy.
func tangentSpec(more map[string]string) run.Spec {
	s := run.Default()
	s.Kind, s.Seed = "hierarchy", 3
	s.More = map[string]string{"points": "3", "test_points": "2", "dimension": "4", "hidden_width": "9", "networks": "3", "times": "4", "order": "5", "rate": "0.1"}
	for k, v := range more {
		s.More[k] = v
	}
	return s
}

// A trial measures the same networks, to the same bits, in whatever pieces, and whenever
// it is stopped.
func TestHierarchy(t *testing.T) {
	s := tangentSpec(nil)
	whole := new(tape)
	if end, err := openAlong(t, s).Run(context.Background(), nil, 0, whole); err != nil || end.Status != run.Finished || len(whole.records) != 3 {
		t.Fatal(end, err, len(whole.records))
	}
	if p := whole.progress[len(whole.progress)-1]; p.Part != 1 || p.Doing != "finished" {
		t.Errorf("progress ends with %+v", p)
	}
	pieces, end := new(tape), Outcome{Status: run.Stopped}
	for until := 1; end.Status == run.Stopped; until++ {
		var err error
		if end, err = openAlong(t, s).Run(context.Background(), pieces.last(), until, pieces); err != nil {
			t.Fatal(err)
		}
	}
	compare(t, "in pieces", pieces, whole)
	ctx := after(1 << 40)
	if _, err := openAlong(t, s).Run(ctx, nil, 0, new(tape)); err != nil {
		t.Fatal(err)
	}
	for n, points := 0, ctx.asked(1<<40); n < points; n += 1 + points/9 {
		got := new(tape)
		if end, err := openAlong(t, s).Run(after(n), nil, 0, got); err != nil || end.Status != run.Stopped {
			t.Fatalf("stopped at point %d of %d: %v, %v", n, points, end, err)
		}
		if end, err := openAlong(t, s).Run(context.Background(), got.last(), 0, got); err != nil || end.Status != run.Finished {
			t.Fatal(end, err)
		}
		compare(t, fmt.Sprintf("stopped at point %d of %d", n, points), got, whole)
	}
}

// The numbers of a record are those of the library, and each key is a row of run.Keys.
func TestHierarchyValues(t *testing.T) {
	s := tangentSpec(map[string]string{"networks": "1"})
	whole := new(tape)
	job := openAlong(t, s).(*tangents)
	if _, err := job.Run(context.Background(), nil, 0, whole); err != nil {
		t.Fatal(err)
	}
	record := whole.records[1]
	for _, v := range record.Values {
		k, ok := run.LookupKey(v.Key)
		if !ok || k.Kind != "hierarchy" || v.Unit != k.Unit || k.Vector != (v.Vector != nil) || v.How.Method == "" || v.How.Examples != 3 {
			t.Errorf("%+v", v)
		}
	}
	net, err := hierarchy.Draw(job.shape, hierarchy.Init{Seed: rng.New(3, "hierarchy/network/0").Uint64()})
	if err != nil {
		t.Fatal(err)
	}
	kernels, err := hierarchy.Kernels(net, job.points, 5, nil)
	if err != nil {
		t.Fatal(err)
	}
	exact, err := hierarchy.GradientFlow(net, job.points, job.y, []float64{0.5, 1}, nil)
	if err != nil {
		t.Fatal(err)
	}
	near := func(key string, i int, want float64) {
		t.Helper()
		v, ok := record.Get(key)
		got := v.Value
		if v.Vector != nil {
			got = v.Vector[i]
		}
		if !ok || math.Abs(got-want) > 1e-9*math.Max(1e-3, math.Abs(want)) {
			t.Errorf("%s[%d] = %v, want %v", key, i, got, want)
		}
	}
	for r, k := range kernels[1:] {
		near("k_size", r, k.Max())
	}
	for i, at := range []float64{0, 0.125, 0.25, 0.5, 1} {
		near("flow_times", i, at)
	}
	for level := 2; level <= 4; level++ {
		system, err := hierarchy.Truncate(kernels[:level], job.y)
		if err != nil {
			t.Fatal(err)
		}
		path, err := system.Flow([]float64{0.5, 1}, nil)
		if err != nil {
			t.Fatal(err)
		}
		for k, snapshot := range path.Snapshots {
			near("f_error_path", (level-2)*5+3+k, apart(snapshot.F, exact.Snapshots[k].F))
			near("k2_error_path", (level-2)*5+3+k, apart(snapshot.K2.Data, exact.Snapshots[k].K2.Data))
			near("k2_max_path", (level-1)*5+3+k, snapshot.Max)
		}
		near("f_error", level-2, apart(path.Snapshots[1].F, exact.Snapshots[1].F))
		var sum float64
		for i := 3; i < 5; i++ {
			d := path.Snapshots[1].F[i] - exact.Snapshots[1].F[i]
			sum += d * d / 2
		}
		near("test_error", level-2, math.Sqrt(sum))
	}
	near("k2_drift", 0, apart(exact.Snapshots[1].K2.Data, kernels[1].Data))
	near("flow_loss", 0, exact.Snapshots[1].Loss)
	var f3, k4 float64
	for i := range 3 {
		f3 += kernels[0].Data[i] * kernels[2].At(i, i, i) / 3
		k4 += kernels[3].At(i, i, i, i) / 3
	}
	near("f_k3", 0, f3)
	near("k4_diagonal", 0, k4)
	descent, err := hierarchy.GradientDescent(net, job.points, job.y, 0.1, []int{10}, nil)
	if err != nil {
		t.Fatal(err)
	}
	near("descent_error", 0, apart(descent.Snapshots[0].F, exact.Snapshots[1].F))
}

// Points of data are of the two classes in turn, centred and of length 1, and labelled.
func TestHierarchyData(t *testing.T) {
	s := tangentSpec(map[string]string{"source": "data", "classes": "[3, 8]", "points": "5", "test_points": "4", "order": "0"})
	job := openAlong(t, s).(*tangents)
	if job.shape.Inputs != 784 || len(job.points.Train) != 5 || len(job.points.Test) != 4 || len(job.labels) != 4 {
		t.Fatalf("%d inputs, %d and %d points, %d labels", job.shape.Inputs, len(job.points.Train), len(job.points.Test), len(job.labels))
	}
	for i, x := range job.points.Train {
		length, sum := 0.0, 0.0
		for _, v := range x {
			length, sum = length+v*v, sum+v
		}
		if math.Abs(length-1) > 1e-12 || math.Abs(sum) > 1e-9 || job.y[i] != float64(2*(i%2)-1) {
			t.Errorf("point %d: length² %v, sum %v, label %v", i, length, sum, job.y[i])
		}
	}
	sink := new(tape)
	if end, err := job.Run(context.Background(), nil, 1, sink); err != nil || end.Status != run.Stopped {
		t.Fatal(end, err)
	}
	if v, ok := sink.records[1].Get("test_agreement"); !ok || len(v.Vector) != 4 || !(v.Vector[0] >= 0 && v.Vector[0] <= 1) {
		t.Errorf("%+v", v)
	}
}

// What is wrong is said before anything is measured, or ends as a result.
func TestHierarchyRefuses(t *testing.T) {
	for more, want := range map[string]string{
		"nonlinearity: relu":            "is not smooth",
		"flow_tolerance: 1e-20":         "must lie between 1e-14",
		"classes: [1]":                  "two different labels",
		"flow_time: -1":                 "must be a positive number",
		"rate: 1e-12":                   "take a larger one",
		"points: 4000":                  "training points would fit",
		"source: data; points: 4001":    "ask for fewer points",
		"source: data; classes: [0,77]": "examples of label 77",
		"hidden_width: 0":               "between 1 and",
		"source: data; data: cora":      "points of the hierarchy are numbers with labels",
	} {
		fields := map[string]string{}
		for _, line := range strings.Split(more, "; ") {
			name, value, _ := strings.Cut(line, ": ")
			fields[name] = value
		}
		spec := tangentSpec(fields)
		if spec.Data = cmp.Or(fields["data"], spec.Data); fields["data"] != "" {
			delete(spec.More, "data")
		}
		if _, err := Open(context.Background(), spec, Env{}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: error %v, want %q", more, err, want)
		}
	}
	short := openAlong(t, tangentSpec(map[string]string{"order": "0"})).(*tangents)
	short.steps = 2
	ended := new(tape)
	for range 2 { // to begin with, and from the checkpoint
		end, err := short.Run(context.Background(), ended.last(), 0, ended)
		if err != nil || end.Status != run.Diverged || !strings.Contains(end.Message, "network 1: hierarchy: flow ended at t = ") || ended.saves != 1 {
			t.Errorf("%+v, %v, %d records", end, err, ended.saves)
		}
	}
	if _, ok := ended.records[1].Get("k_size"); !ok {
		t.Error("what was measured before the flow ended is not there")
	}
	diverges := tangentSpec(map[string]string{"networks": "1", "nonlinearity": "identity", "rate": "20", "flow_time": "2000", "hidden_width": "30"})
	sink := new(tape)
	if end, err := openAlong(t, diverges).Run(context.Background(), nil, 0, sink); err != nil || end.Status != run.Finished {
		t.Fatal(end, err)
	}
	if v, _ := sink.records[1].Get("descent_error"); !math.IsInf(v.Value, 1) || !strings.Contains(v.How.Method, "diverges") {
		t.Errorf("descent at a large rate: %+v", v)
	}
}
