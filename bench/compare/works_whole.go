package main

import (
	"bufio"
	"context"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"breakeven/curvature"
	"breakeven/data"
	"breakeven/nn"
	"breakeven/probe"
	"breakeven/rng"
	"breakeven/train"
)

// What a measurement and an epoch are by default, on CIFAR-10.
const (
	measured    = 2250  // examples of H
	batchSize   = 128   // of a step, and M of K
	minibatches = 25    // L of K
	training    = 45000 // examples of an epoch
	timedSteps  = 50    // of an epoch's training / batchSize
)

// measurement is one of the paper's: K, the largest eigenvalue of the Hessian
// and Eq. 1, by the product's own probes, from no eigenvector (cold) or from
// that of some steps earlier (warm).
func measurement(dir folder, r request) (run, error) {
	net, theta, set, err := dir.problem(r.Model, minibatches*batchSize)
	if err != nil {
		return nil, err
	}
	probes, err := probe.Select([]string{"k", "h", "stability"})
	if err != nil {
		return nil, err
	}
	var warm [][]float32
	if r.Variant == "warm" {
		v, err := dir.vector("warm", net.Dim())
		if err != nil {
			return nil, err
		}
		warm = [][]float32{v}
	}
	s := &probe.Subject{
		Net: net, Loss: nn.CrossEntropy{}, Theta: theta,
		Problem: curvature.New(net, set.Slice(0, measured), curvature.Settings{Chunk: batchSize, Keep: keep}),
		Batches: curvature.Parts(set, minibatches),
		LR:      0.1, Size: batchSize, N: training, Tol: 0.01,
	}
	return func() (func() []float64, error) {
		s.Forget()
		s.Warm = warm
		if err := s.Problem.At(theta); err != nil {
			return nil, err
		}
		values, err := probe.Measure(context.Background(), s, probes)
		if err != nil {
			return nil, err
		}
		return numbers(values[0].Value), nil
	}, nil
}

// epoch is the first steps of an epoch of SGD, batches and all, on as many
// random images as CIFAR-10 has for training.
func epoch(dir folder, r request) (run, error) {
	net, start, _, err := dir.problem(r.Model, 1)
	if err != nil {
		return nil, err
	}
	set := &data.Set{Name: "cifar10", Shape: [3]int{image.C, image.H, image.W}, Classes: 10,
		Pixels: make([]byte, training*image.Size()), Labels: make([]byte, training)}
	s := rng.New(1, "epoch")
	for i := range set.Pixels {
		set.Pixels[i] = byte(s.IntN(256))
	}
	for i := range set.Labels {
		set.Labels[i] = byte(s.IntN(10))
	}
	transform, err := data.NewTransform("channel", set)
	if err != nil {
		return nil, err
	}
	batches, err := data.NewBatcher(set, transform, data.StandardAugment(), 1, batchSize)
	if err != nil {
		return nil, err
	}
	method, err := train.New("sgd", 0.01, 0, net.Dim())
	if err != nil {
		return nil, err
	}
	x, y := make([]float32, batchSize*image.Size()), make([]int32, batchSize)
	plan, b := net.Compile(nn.Settings{Batch: batchSize}), nn.Labelled(x, y)
	theta := make([]float32, net.Dim())
	return func() (func() []float64, error) {
		copy(theta, start)
		loop := train.NewLoop(plan, theta, method, func(step int) nn.Batch {
			batches.Batch(step, x, y)
			return b
		})
		loss, err := 0.0, error(nil)
		for range timedSteps {
			if loss, err = loop.Step(); err != nil {
				return nil, err
			}
		}
		return numbers(loss), nil
	}, nil
}

// launch is the time from the start of the program to the first record that it
// shows, of a run with the given flags.
func launch(dir folder, r request) (run, error) {
	program := filepath.Join(string(dir), "breakeven")
	if out, err := exec.Command("go", "build", "-o", program, "./cmd/breakeven").CombinedOutput(); err != nil {
		return nil, errors.New("go build: " + string(out))
	}
	return func() (func() []float64, error) {
		cmd, out, err := started(program, dir, r.Variant)
		if err != nil {
			return nil, err
		}
		shown := false
		for lines := bufio.NewScanner(out); !shown && lines.Scan(); {
			fields := strings.Fields(lines.Text())
			shown = len(fields) > 5 && fields[0] == "0" // the row of step 0
		}
		end := func() []float64 {
			_ = cmd.Process.Kill()
			_ = cmd.Wait()
			return []float64{1}
		}
		if !shown {
			end()
			return nil, errors.New("launch: the run has shown no record")
		}
		return end, nil
	}, nil
}

// started starts a run in a store of its own.
func started(program string, dir folder, flags string) (*exec.Cmd, io.Reader, error) {
	store, err := os.MkdirTemp(string(dir), "store")
	if err != nil {
		return nil, nil, err
	}
	cmd := exec.Command(program, append([]string{"run", "--steps", "1", "--store", store}, strings.Fields(flags)...)...)
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, nil, err
	}
	return cmd, out, cmd.Start()
}
