package jastrzebski2020breakeven

import (
	"math"
	"strings"
	"testing"

	"breakeven/run"
	"breakeven/study"
)

// shortRun is a made-up short training: its loss is least at best, it diverges far above, and the step
// that first raises its loss is that of learning rate edge.
func shortRun(eta, best, edge float64) study.Run {
	r := study.Run{Spec: spec(eta, 32), Status: run.Finished, Train: 6000}
	final := 0.5 + 0.1*math.Pow(math.Log2(eta/best), 2)
	for i := range 6 {
		loss := 2.3 + (min(final, 2.25)-2.3)*float64(i)/5
		r.Records = append(r.Records, at(10*i, "loss", loss, "valid_loss", [2]float64{loss, 0.01}, "constant_loss", 2.3, "critical_sharpness", 2/edge))
	}
	if eta > 8*best {
		r.Status, r.Records = run.Diverged, r.Records[:2]
	}
	return r
}

// The search ends within a factor of two of the best rate after few trials, wherever it begins.
func TestTuneFindsTheBest(t *testing.T) {
	for _, start := range []float64{1e-4, 0.003, 0.1, 0.5, 3, 40} {
		for _, edge := range []float64{0.05, 0.2, 1} {
			const best = 0.13
			var runs []study.Run
			tuning := study.Tuning{Next: start}
			for tuning.Next > 0 {
				if len(runs) == 12 {
					break
				}
				runs = append(runs, shortRun(tuning.Next, best, edge))
				tuning = Tune(runs, 12)
			}
			if tuning.Best < 0 {
				t.Fatalf("from %v, η_c = %v: no rate after %d trials", start, edge, len(runs))
			}
			if found := tuning.Tried[tuning.Best].LR; found > 2*best || found < best/2 || len(runs) > 9 {
				t.Errorf("from %v, η_c = %v: η = %v after %d trials, the best is %v", start, edge, found, len(runs), best)
			}
		}
	}
}

// Within the first epoch a run is judged by its training batches, later by the mean of what was measured in
// the last quarter of its steps; one measurement that jumps decides neither.
func TestTuneLoss(t *testing.T) {
	made := func(epoch float64, train, valid []float64) study.Run {
		r := study.Run{Spec: spec(0.1, 32), Status: run.Finished, Train: 6000}
		for i, step := range []int{0, 10, 80, 90, 100} {
			rec := at(step, "loss", 3-train[i], "valid_loss", [2]float64{valid[i], 0.02}, "train_loss", [2]float64{train[i], 0.01}, "constant_loss", 3)
			rec.Epoch = epoch * float64(step) / 100
			r.Records = append(r.Records, rec)
		}
		return r
	}
	train, valid := []float64{2.9, 2.5, 2, 1.9, 1.8}, []float64{2.9, 2.5, 2.2, 1.9, 2.8}
	for epoch, want := range map[float64]Figure{1: {1.8, 0.01}, 3: {(2.2 + 1.9 + 2.8) / 3, 0.02}} {
		got := candidateOf(made(epoch, train, valid))
		if got.word != "" || math.Abs(got.loss.Value-want.Value) > 1e-12 || math.Abs(got.loss.Error-want.Error) > 1e-12 {
			t.Errorf("%v epochs: %v %q, want %v", epoch, got.loss, got.word, want)
		}
	}
	if got := candidateOf(study.Run{Spec: spec(0.1, 32), Status: run.Finished}); got.word != "not measured" {
		t.Errorf("without records %q", got.word)
	}
}

// A run with bad luck between the first rate and the best does not end the search.
func TestTunePassesBadLuck(t *testing.T) {
	var runs []study.Run
	tuning := study.Tuning{Next: 0.4}
	for tuning.Next > 0 && len(runs) < 10 {
		r := shortRun(tuning.Next, 0.1, 0.45)
		if tuning.Next == 0.2 {
			r = shortRun(0.012, 0.1, 0.45)
			r.Spec = spec(0.2, 32)
		}
		runs = append(runs, r)
		tuning = Tune(runs, 10)
	}
	if got := tuning.Tried[tuning.Best].LR; got != 0.1 {
		t.Errorf("η = %v of %+v, want 0.1", got, tuning.Tried)
	}
}

// The search tries no rate beyond one that failed, and makes no jump of many times the rate with Adam.
func TestTuneStaysWithinWhatLearns(t *testing.T) {
	runs := []study.Run{shortRun(0.1, 0.1, 1), shortRun(0.2, 0.1, 1), shortRun(0.05, 0.1, 1), shortRun(0.025, 0.1, 1)}
	if got := Tune(runs, 9).Next; got != 0.4 {
		t.Errorf("next %v, want 0.4", got)
	}
	runs[1].Status = run.Diverged
	if got := Tune(runs, 9).Next; got != 0 {
		t.Errorf("next %v beyond a rate that diverged", got)
	}
	one := shortRun(0.001, 0.001, 0.03)
	if got := Tune([]study.Run{one}, 9).Next; got != 0.03 {
		t.Errorf("next %v, want the rate that first raises the loss", got)
	}
	one.Spec.Method = "adam"
	if got := Tune([]study.Run{one}, 9).Next; got != 0.004 {
		t.Errorf("next %v with Adam, want four times", got)
	}
}

func TestTuneSays(t *testing.T) {
	runs := []study.Run{shortRun(0.13, 0.13, 0.3), shortRun(0.26, 0.13, 0.3), shortRun(2, 0.13, 0.3)}
	got := Tune(runs, 3)
	if got.Next != 0 || got.Best != 0 || got.Tried[2].Word != "diverged" || got.Tried[2].Loss != study.Empty {
		t.Errorf("%+v", got)
	}
	if !strings.Contains(got.Why, "at the end of those tried") || !strings.Contains(got.Why, "of 3 rates from 0.13 to 2") {
		t.Error(got.Why)
	}
	// A larger rate whose loss is the same within the errors is the better one.
	runs[1].Records[5] = at(50, "loss", 0.43, "valid_loss", [2]float64{0.43, 0.01}, "constant_loss", 2.3)
	if got := Tune(runs, 3); got.Best != 1 || !strings.Contains(got.Why, "η = 0.26 is the largest of 3 rates") || !strings.Contains(got.Why, "0.680 ± 0.010 at η = 0.13") {
		t.Errorf("%+v", got)
	}
	runs[1] = shortRun(0.26, 0.13, 0.3)
	if Tune(runs, 4).Next != 0.065 {
		t.Errorf("next %v, want half of the best", Tune(runs, 4).Next)
	}
	if why := Tune(runs[:1], 1).Why; !strings.Contains(why, "the only rate") || strings.Contains(why, "beyond") {
		t.Error(why)
	}
	// Of runs that learned nothing the next is far away.
	for word, test := range map[string]struct{ end, eta, next float64 }{"has not learned": {2.3, 1e-6, 8e-6}, "its loss rose": {2.9, 5, 0.62}} {
		r := shortRun(test.eta, 0.1, nan)
		r.Status = run.Finished
		for len(r.Records) < 4 {
			r.Records = append(r.Records, at(10*len(r.Records), "loss", test.end))
		}
		for i := range r.Records {
			r.Records[i] = at(10*i, "loss", 2.3+(test.end-2.3)*float64(i)/float64(len(r.Records)-1), "constant_loss", 2.3)
		}
		got := Tune([]study.Run{r}, 5)
		if got.Best != -1 || got.Tried[0].Word != word || math.Abs(got.Next-test.next) > 1e-9 {
			t.Errorf("%s: %+v", word, got)
		}
	}
}

// If all rates that were tried are too small or too large, the next lies between them.
func TestTuneBetween(t *testing.T) {
	still := func(eta float64) study.Run {
		r := study.Run{Spec: spec(eta, 32), Status: run.Finished, Train: 6000}
		for i := range 4 {
			r.Records = append(r.Records, at(10*i, "loss", 2.3, "constant_loss", 2.3))
		}
		return r
	}
	gone := still(1)
	gone.Status = run.Diverged
	if got := Tune([]study.Run{still(0.01), gone}, 5); got.Best != -1 || got.Next != 0.1 {
		t.Errorf("%+v, want 0.1 next", got)
	}
	// Where nothing is left between them all ReLUs may have died at the smaller one.
	if got := Tune([]study.Run{still(0.7), gone}, 5); got.Next != 0.087 {
		t.Errorf("%+v, want an eighth of 0.7", got)
	}
	if got := Tune([]study.Run{still(0.0009), still(0.7), gone}, 5); got.Next != 0 {
		t.Errorf("%+v, want no rate below a thousandth of one that diverged", got)
	}
}

// A search that begins where the network dies, below the rates that diverge, finds those that are smaller.
func TestTuneBelowTheDead(t *testing.T) {
	const best = 0.05
	var runs []study.Run
	tuning := study.Tuning{Next: 0.6}
	for tuning.Next > 0 && len(runs) < 10 {
		r := shortRun(tuning.Next, best, nan)
		if eta := tuning.Next; eta > 6*best && eta < 20*best { // all ReLUs are dead
			r.Status = run.Finished
			r.Records = []run.Record{at(0, "loss", 2.32, "constant_loss", 2.3), at(50, "loss", 2.303, "constant_loss", 2.303)}
		}
		runs = append(runs, r)
		tuning = Tune(runs, 10)
	}
	if tuning.Best < 0 || math.Abs(math.Log2(tuning.Tried[tuning.Best].LR/best)) > 1 {
		t.Errorf("after %d runs %+v, the best is %v", len(runs), tuning, best)
	}
}
