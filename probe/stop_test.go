package probe

import (
	"context"
	"errors"
	"strings"
	"sync/atomic"
	"testing"

	"breakeven/run"
)

// A countdown is a context that ends when it has been asked so many times.
type countdown struct {
	context.Context
	asked, after atomic.Int64
}

func (c *countdown) Err() error {
	if c.asked.Add(1) > c.after.Load() {
		return context.Canceled
	}
	return nil
}

// Every probe asks often whether to go on, also while its matrices are small, and
// returns the error of the context whenever that ends. Later measurements have the same
// bits.
func TestProbesStop(t *testing.T) {
	for _, norm := range []bool{false, true} {
		want := measure(t, network(norm), Names()...)
		s, c := network(norm), &countdown{Context: context.Background()}
		s.Step = 12
		for _, p := range All {
			attempt := func(after int64) ([]run.Value, error) {
				s.Forget()
				s.Warm = nil
				if err := s.Problem.At(s.Theta); err != nil {
					t.Fatal(err)
				}
				c.asked.Store(0)
				c.after.Store(after)
				vs, err := Measure(c, s, []Probe{p})
				s.Problem.SetStop(nil)
				return vs, err
			}
			_, _ = attempt(1 << 40) // a probe may keep what is the same for all points
			vs, err := attempt(1 << 40)
			if err != nil {
				t.Fatal(err)
			}
			asked := c.asked.Load() - 1 // Measure itself asks once
			least := int64(20)
			switch p.Name {
			case "loss", "bn": // they compute nothing
				least = 0
			case "examples": // once for each row of each matrix of the jackknife
				least = count * (count - 1)
			}
			if len(vs) > 0 && asked < least {
				t.Errorf("probe %s asks %d times, want %d or more", p.Name, asked, least)
			}
			for n := int64(0); n < asked; n += 1 + asked/9 {
				if _, err := attempt(n + 1); !errors.Is(err, context.Canceled) || !strings.Contains(err.Error(), "probe "+p.Name+" at step 12") {
					t.Errorf("probe %s, stopped at question %d of %d: %v", p.Name, n+1, asked, err)
				}
			}
		}
		s.Forget()
		s.Warm, s.Step = nil, 0
		if err := s.Problem.At(s.Theta); err != nil {
			t.Fatal(err)
		}
		for key, v := range measure(t, s, Names()...) {
			if w := want[key]; v.Value != w.Value || v.Error != w.Error {
				t.Errorf("%s is %v ± %v after all that, want %v ± %v", key, v.Value, v.Error, w.Value, w.Error)
			}
		}
	}
}

// Errors of the functions that compute the validation loss and the training step end a
// measurement.
func TestOutsideStops(t *testing.T) {
	stopped := errors.New("stopped")
	s := network(false)
	s.Valid = func() (Evaluation, error) { return Evaluation{}, stopped }
	s.Next = func() ([]float32, error) { return nil, stopped }
	s.Predict = func(int) ([]float32, error) { return nil, stopped }
	for _, name := range []string{"loss", "step", "predictions"} {
		probes, _ := Select([]string{name})
		if _, err := Measure(context.Background(), s, probes); !errors.Is(err, stopped) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
