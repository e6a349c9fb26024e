package main

import (
	"context"
	"math"
	"os"
	"strings"
	"testing"

	"breakeven/data"
	"breakeven/model"
	"breakeven/nn"
	"breakeven/probe"
	"breakeven/run"
	"breakeven/task"
	"breakeven/tensor"
	"breakeven/trial"
)

// wave is a task whose inputs are the sine and cosine of an example's number.
type wave struct{ n int }

func (w wave) Len() int { return w.n }

func (w wave) Read(index []int, stop func() error) (nn.Batch, error) {
	x, y := make([]float32, 2*len(index)), make([]int32, len(index))
	for k, i := range index {
		x[2*k], x[2*k+1], y[k] = float32(math.Sin(float64(i))), float32(math.Cos(float64(i))), int32(i%2)
	}
	return nn.Labelled(x, y), stop()
}

// waveBatches are its batches: the examples in order.
type waveBatches struct {
	wave
	size int
}

func (w waveBatches) Steps() int   { return w.n / w.size }
func (w waveBatches) Bytes() int64 { return 0 }
func (w waveBatches) Batch(step int) nn.Batch {
	index := make([]int, w.size)
	for k := range index {
		index[k] = (step*w.size + k) % w.n
	}
	b, _ := w.Read(index, func() error { return nil })
	return b
}

// A twice is a job that runs another job: a kind of its own.
type twice struct{ trial.Job }

func (j twice) Plan() trial.Plan {
	p := j.Job.Plan()
	p.About = append(p.About, trial.Line{What: "and", Text: "says so"})
	return p
}

// addEverything adds a probe with a key, a task, a model and a kind, each with a field
// of its own, each in the one place that CONTRIBUTING.md names.
func addEverything(t *testing.T) {
	probes, families, models, kinds := probe.All, task.Families, model.All, trial.Kinds
	t.Cleanup(func() { probe.All, task.Families, model.All, trial.Kinds = probes, families, models, kinds })

	probe.All = append(probes[:len(probes):len(probes)], probe.Probe{
		Name: "theta", Doc: "norm of the parameters",
		Keys: []run.Key{{Name: "theta_norm", Symbol: "‖θ‖", Unit: "1", Meaning: "norm of the parameters"}},
		Cost: func(probe.Sizes) float64 { return 0.01 },
		Measure: func(s *probe.Subject) ([]run.Value, error) {
			return []run.Value{{Key: "theta_norm", Value: tensor.Norm(s.Theta), How: run.How{Method: "norm", Examples: 1}}}, nil
		},
	})
	length := run.Field{Name: "wave_length", Default: 24, Unit: "examples", Check: run.Between(4, 100), Doc: "of the wave"}
	task.Families = append(families[:len(families):len(families)], task.Family{
		Name: "wave", Doc: "waves", Sets: []data.Info{{Name: "sine", Doc: "A wave."}}, Fields: []run.Field{length}, Lacks: []string{"augment"},
		Reading: func(run.Spec) int64 { return 0 },
		Open: func(s run.Spec, _ string) (*task.Task, error) {
			net, err := model.Of(s, nn.Input{Shape: nn.Vec(2)}, 2)
			w := wave{length.Int(s)}
			return &task.Task{Net: net, Loss: nn.CrossEntropy{}, Train: w, Valid: wave{4}, Test: wave{4}, Each: 12, Digest: strings.Repeat("0", 64),
				Batches: func(_ uint64, size int) (task.Batches, error) { return waveBatches{w, size}, nil }}, err
		},
	})
	gain := run.Field{Name: "gain", Default: 1.0, Doc: "of the weights"}
	model.All = append(models[:len(models):len(models)], model.Model{
		Name: "line", Doc: "one dense layer", Fields: []run.Field{gain}, MinSide: 1,
		New: func(_ run.Spec, in nn.Input, outputs int) *nn.Network {
			net, x := nn.NewNetwork(in.Shape)
			net.Add("fc", nn.Linear{Units: outputs}, net.Add("flatten", nn.Flatten{}, x))
			return net
		},
	})
	trial.Kinds = append(kinds[:len(kinds):len(kinds)], trial.Kind{
		Name: "twice", Doc: "descends, and says so", Fields: []run.Field{{Name: "loud", Default: false, Doc: "say it loudly"}},
		Open: func(ctx context.Context, s run.Spec, env trial.Env) (trial.Job, error) {
			s.Kind = "descent"
			j, err := trial.Open(ctx, s, env)
			return twice{j}, err
		},
	})
}

// What is added in one place is listed, described, checked, run, kept, shown and
// reported. TestStudyOfOneEntry does the same for a study.
func TestOnePlaceEach(t *testing.T) {
	addEverything(t)
	t.Chdir(t.TempDir())
	does := func(args, say string) {
		t.Helper()
		code, stdout, stderr := in(strings.Fields(args)...)
		if code != 0 || !strings.Contains(stdout, say) {
			t.Errorf("%s: exit code %d, does not say %q\n%s%s", args, code, say, stdout, stderr)
		}
	}
	refuses := func(args, say string) {
		t.Helper()
		if code, _, stderr := in(strings.Fields(args)...); code != 2 || !strings.Contains(stderr, say) {
			t.Errorf("%s: exit code %d, does not say %q: %s", args, code, say, stderr)
		}
	}
	const sizes = " --batch 4 --l 2 --m 4 --examples 12"
	does("probes", "theta_norm")
	does("keys", "‖θ‖")
	does("data list", "sine")
	does("models line", "--gain (1): of the weights")
	does("kinds", "--loud (false): say it loudly")
	does("schema", `"wave_length": {`)
	does("run --help", "--wave-length")
	does("run --kind twice --data sine --wave-length 16 --model line --gain 2 --loud --steps 3 --every 1 --probe loss,theta"+sizes, "and      says so")
	does("show last", "theta_norm (‖θ‖, 1): norm of the parameters")
	does("show last", "wave_length: 16")
	does("runs", "sine")
	does("report last -o wave.html", "")
	does("export last --format csv", ",theta_norm,")
	does("measure --data sine --model line --examples 0:12 --minibatches 3 --batch 4 --probe theta", "theta_norm")
	refuses("run --data sine --model line --wave-length 3"+sizes, "--wave-length: must lie between 4 and 100, not 3")
	refuses("run --data sine --model line --augment"+sizes, "--augment: means nothing for the data sine")
	refuses("run --model mlp --gain 2"+sizes, "gain: is no field of")
	if err := os.WriteFile("bad.yaml", []byte("data: sine\nmodel: line\nwave_lenght: 5\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	refuses("run bad.yaml", `bad.yaml:3:1: unknown key "wave_lenght" (did you mean "wave_length"?)`)
	page, err := os.ReadFile("wave.html")
	if err != nil || !strings.Contains(string(page), "theta_norm") {
		t.Errorf("the report does not show the key: %v", err)
	}
}
