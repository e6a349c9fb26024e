package main

import (
	"fmt"
	"math"
)

// A run does a work once, which is timed, and returns what makes the numbers to
// hold against the other side's, which is not.
type run func() (numbers func() []float64, err error)

// works are ours, by name: each prepares what is not timed.
var works = map[string]func(folder, request) (run, error){
	"gemm":        gemm,
	"conv":        layer,
	"step":        step,
	"joint":       joint,
	"factors":     factors,
	"gradient":    gradient,
	"hvp":         hessVec,
	"covariance":  covariance,
	"gram":        gram,
	"ntk":         tangentKernel,
	"infinite":    infinite,
	"kernels":     higherKernels,
	"top":         topHessian,
	"train":       trainNetwork,
	"measurement": measurement,
	"epoch":       epoch,
	"texts":       epochOfTexts,
	"launch":      launch,
}

// sizes returns the sizes of a request, of which there must be n.
func (r request) sizes(n int) ([]int, error) {
	if len(r.Sizes) != n {
		return nil, fmt.Errorf("%s: %d sizes instead of %d", r.Work, len(r.Sizes), n)
	}
	for _, s := range r.Sizes {
		if s < 1 {
			return nil, fmt.Errorf("%s: size %d", r.Work, s)
		}
	}
	return r.Sizes, nil
}

// fingerprint returns norms that tell order and sign: of a vector, and of its
// positive elements with weights. Nothing cancels in them.
func fingerprint(x []float32) []float64 {
	all, weighted := 0.0, 0.0
	for i, v := range x {
		square := float64(v) * float64(v)
		all += square
		if v > 0 {
			weighted += square * float64(i%1009)
		}
	}
	return []float64{math.Sqrt(all), math.Sqrt(weighted)}
}

// numbers wraps numbers that cost nothing to make.
func numbers(x ...float64) func() []float64 { return func() []float64 { return x } }
