package main

import (
	"math"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"breakeven/internal/store"
	"breakeven/internal/testenv"
	"breakeven/run"

	"github.com/google/go-cmp/cmp"
)

func TestRungs(t *testing.T) {
	for _, test := range []struct {
		factor, trials int
		want           []rung
	}{
		{3, 27, []rung{{27, 1. / 27}, {9, 1. / 9}, {3, 1. / 3}, {1, 1}}},
		{3, 8, []rung{{8, 1. / 3}, {2, 1}}},
		{2, 5, []rung{{5, 0.25}, {2, 0.5}, {1, 1}}},
		{2, 1, []rung{{1, 1}}},
	} {
		got := halving{factor: test.factor}.rungs(test.trials)
		same := func(a, b rung) bool { return a.trials == b.trials && math.Abs(a.share-b.share) < 1e-12 }
		if !slices.EqualFunc(got, test.want, same) {
			t.Errorf("%d trials by %d: %v, want %v", test.trials, test.factor, got, test.want)
		}
	}
}

func TestShorter(t *testing.T) {
	for _, test := range []struct {
		steps, every int
		epochs       float64
		share        float64
		wantSteps    int
		wantEpochs   float64
	}{
		{100, 10, 0, 1. / 3, 30, 0}, {100, 50, 0, 0.1, 10, 0}, {3, 0, 0, 0.01, 1, 0}, {0, 0, 10, 1. / 3, 0, 3}, {0, 0, 1, 0.25, 0, 0.25}, {7, 2, 0, 1, 7, 0},
	} {
		s := shorter(run.Spec{Steps: test.steps, Every: test.every, Epochs: test.epochs}, test.share)
		if s.Steps != test.wantSteps || s.Epochs != test.wantEpochs {
			t.Errorf("%+v: %d steps, %g epochs", test, s.Steps, s.Epochs)
		}
	}
}

// The order depends on nothing but the values and the places.
func TestRanked(t *testing.T) {
	values := []float64{2, math.NaN(), 1, 2, math.Inf(1), -1}
	if got := (halving{by: "valid_loss"}).ranked([]int{0, 1, 2, 3, 4}, values); !slices.Equal(got, []int{2, 0, 3, 1, 4}) {
		t.Errorf("least: %v", got)
	}
	if got := (halving{by: "valid_accuracy"}).ranked([]int{5, 3, 2, 1, 0}, values); !slices.Equal(got, []int{3, 0, 2, 5, 1}) {
		t.Errorf("largest: %v", got)
	}
}

// Of four trials two go on, and one to its end, to the bits of a run that nobody interrupted. The same
// command again runs nothing.
func TestHalving(t *testing.T) {
	testenv.Slow(t)
	t.Parallel()
	dir, whole := t.TempDir(), t.TempDir()
	args := strings.Fields("sweep --halving 2 --by loss --workers 1 -o none --model tiny --batch 32 --steps 8 --every 2 --lr 0.001,0.1,0.01,0.05 --probe loss --examples 32")
	plan := must(t, dir, append(args, "--dry-run")...)
	if !regexp.MustCompile(`(?m)^ +1 +4 +2 +[0-9]+$\n^ +2 +2 +4 +[0-9]+$\n^ +3 +1 +8 +[0-9]+$`).MatchString(plan) {
		t.Errorf("plan:\n%s", plan)
	}
	text := must(t, dir, args...)
	if strings.Count(text, "goes on: ") != 3 || !strings.Contains(text, "goes on from the checkpoint of step 4\n") || !strings.Contains(text, "\nbest: learning rate ") {
		t.Fatalf("%s", text)
	}
	s, err := store.OpenReader(filepath.Join(dir, store.DefaultDir))
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	runs, err := s.Runs()
	if err != nil || len(runs) != 7 {
		t.Fatalf("%d runs, error %v", len(runs), err)
	}
	i := slices.IndexFunc(runs, func(r store.Run) bool { return r.Spec.Steps == 8 })
	lr := num(runs[i].Spec.LR)
	must(t, whole, slices.Concat([]string{"run", "-q"}, args[9:15], []string{"--every", "2", "--lr", lr, "--probe", "loss", "--examples", "32"})...)
	one, two := must(t, whole, "export", "last"), must(t, dir, "export", runs[i].ID)
	if d := cmp.Diff(measured(one), measured(two)); d != "" {
		t.Errorf("(-alone +halving)\n%s", d)
	}
	again := must(t, dir, args...)
	if after, err := s.Runs(); err != nil || len(after) != 7 || strings.Contains(again, ", run r") {
		t.Errorf("%d runs, error %v\n%s", len(after), err, again)
	}
}
