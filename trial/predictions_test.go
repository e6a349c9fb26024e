package trial

import (
	"context"
	"math"
	"testing"
)

// The predictions are probabilities whose cross-entropy with the labels is the validation loss.
func TestPredictions(t *testing.T) {
	s := small("tiny", "sgd")
	s.Probes = []string{"loss", "predictions"}
	tape, _ := runAll(t, s)
	tr := newSmall(t, s)
	valid, err := tr.task.Valid.Read(identity(tr.task.Valid.Len()), context.Background().Err)
	if err != nil {
		t.Fatal(err)
	}
	for _, rec := range tape.records {
		p, ok := rec.Get("predictions")
		if !ok || len(p.Vector) != 16*10 || p.How.Examples != 16 {
			t.Fatalf("step %d: %d numbers of %d examples, want 160 of 16", rec.Step, len(p.Vector), p.How.Examples)
		}
		loss, squares := 0.0, 0.0
		for i, label := range valid.Target[0].Labels {
			sum := 0.0
			for _, v := range p.Vector[10*i : 10*i+10] {
				sum += v
				squares += v * v
			}
			if math.Abs(sum-1) > 1e-6 {
				t.Errorf("step %d: probabilities of example %d sum to %v", rec.Step, i, sum)
			}
			loss -= math.Log(p.Vector[10*i+int(label)]) / 16
		}
		if v, _ := rec.Get("valid_loss"); math.Abs(v.Value-loss) > 1e-5*loss {
			t.Errorf("step %d: the validation loss is %v, that of the predictions %v", rec.Step, v.Value, loss)
		}
		if want := math.Sqrt(squares / 160); math.Abs(p.Value-want) > 1e-9 {
			t.Errorf("step %d: value %v, want %v", rec.Step, p.Value, want)
		}
	}
	s.Loss = "mse" // outputs as they are
	tape, _ = runAll(t, s)
	p, _ := tape.records[0].Get("predictions")
	sum := 0.0
	for _, v := range p.Vector[:10] {
		sum += v
	}
	if math.Abs(sum-1) < 1e-3 {
		t.Error("outputs for a squared error are probabilities")
	}
}

// Of many examples so many are kept that their numbers are 2,000 at most.
func TestPredictionsAreFew(t *testing.T) {
	s := small("tiny", "sgd")
	s.Valid, s.Steps, s.Probes = 300, 2, []string{"predictions"}
	tape, _ := runAll(t, s)
	if p, _ := tape.records[0].Get("predictions"); len(p.Vector) != 2000 || p.How.Examples != 200 {
		t.Errorf("%d numbers of %d examples", len(p.Vector), p.How.Examples)
	}
}
