package main

import (
	"breakeven/nn"
	"breakeven/train"
)

// epochOfTexts is an epoch of SGD on all texts in a given order, without those at the end
// that do not fill a batch. Its number is the loss of the last batch.
func epochOfTexts(dir folder, r request) (run, error) {
	s, err := r.sizes(1)
	if err != nil {
		return nil, err
	}
	size := s[0]
	net, start, set, err := dir.problem(r.Model, reviews)
	if err != nil {
		return nil, err
	}
	order := make([]int32, reviews)
	if err := dir.load("order", order); err != nil {
		return nil, err
	}
	method, err := train.New("sgd", 0.01, 0, net.Dim())
	if err != nil {
		return nil, err
	}
	b := batch(make([]int32, size*words), make([]int32, size))
	pick := func(step int) nn.Batch {
		for k, i := range order[step*size : (step+1)*size] {
			copy(b.In[0].I[k*words:], set.In[0].I[int(i)*words:int(i+1)*words])
			b.Target[0].Labels[k] = set.Target[0].Labels[i]
		}
		return b
	}
	plan, theta := net.Compile(nn.Settings{Batch: size}), make([]float32, net.Dim())
	return func() (func() []float64, error) {
		copy(theta, start)
		loop, loss, err := train.NewLoop(plan, theta, method, pick), 0.0, error(nil)
		for range reviews / size {
			if loss, err = loop.Step(); err != nil {
				return nil, err
			}
		}
		return numbers(loss), nil
	}, nil
}
