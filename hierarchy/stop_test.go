package hierarchy

import (
	"errors"
	"sync/atomic"
	"testing"
)

// Whatever takes long asks whether to stop, and ends with the error that it is given,
// wherever it has come to.
func TestStop(t *testing.T) {
	net := drawNet(t, Shape{3, 12, 2, Tanh}, Init{})
	points, y := sphere(0, 6, 20, 3)
	enough := errors.New("enough")
	truncated := truncate(t, kernels(t, net, points, 3, Auto), y)
	for name, f := range map[string]func(stop func() error) error{
		"kernels": func(stop func() error) error { _, err := Kernels(net, points, 4, &Options{Stop: stop}); return err },
		"jets": func(stop func() error) error {
			_, err := Kernels(net, points, 4, &Options{Stop: stop, Route: Jets})
			return err
		},
		"blocks": func(stop func() error) error {
			return Stream(net, points, 3, &Options{Stop: stop}, func(Block) error { return nil })
		},
		"flow": func(stop func() error) error {
			_, err := GradientFlow(net, points, y, []float64{5}, &FlowOptions{Stop: stop})
			return err
		},
		"descent": func(stop func() error) error {
			_, err := GradientDescent(net, points, y, 0.1, []int{20}, &FlowOptions{Stop: stop})
			return err
		},
		"truncated": func(stop func() error) error {
			_, err := truncated.Flow([]float64{2}, &FlowOptions{Stop: stop})
			return err
		},
	} {
		for _, after := range []int64{0, 1, 5} {
			var asked atomic.Int64
			err := f(func() error {
				if asked.Add(1) > after {
					return enough
				}
				return nil
			})
			if err != enough {
				t.Errorf("%s, after %d: error %v", name, after, err)
			}
		}
		if err := f(func() error { return nil }); err != nil {
			t.Errorf("%s: error %v without a stop", name, err)
		}
	}
}
