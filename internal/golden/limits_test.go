package golden

import (
	"math"
	"testing"
)

// limits are the largest deviations allowed, relative to the scale that each
// comparison names: the table "Suggested limits" of the reference.
type limits struct {
	loss     float64
	gradient float64 // its norm
	entries  float64 // of a gradient, to the largest one listed

	k, kRest          float64 // minibatch Gram: λ¹ and trace; λ* and those between, to λ¹
	example, exampleK float64 // per-example Gram: λ¹, trace, noise scale; λ*
	sharpness         float64

	hessian float64 // eigenvalues, to the largest in magnitude
	hv      float64 // entries, norm and v·Hv, to the norm of Hv
	ggn     float64 // v·Gv and λ¹
	kernel  float64
	along   float64 // curvature of examples along e_H¹, s², Eq. 1

	step         [3]float64 // loss after the step, SGD and momentum
	adam         float64    // loss after a step of Adam
	displacement float64
	adamMoved    float64    // displacement, Adam
	inference    [3]float64 // loss after the step, with running statistics
}

var limitsOf = map[string]limits{
	"tiny": {
		loss: 1e-6, gradient: 1e-6, entries: 5e-5, k: 1e-5, kRest: 1e-5, example: 1e-5, exampleK: 1e-5,
		sharpness: 1e-5, hessian: 1e-5, hv: 1e-5, ggn: 1e-5, kernel: 1e-5, along: 1e-4,
		step: [3]float64{1e-5, 1e-5, 1e-5}, adam: 1e-5, displacement: 1e-5, adamMoved: 5e-5,
	},
	"lstm": { // those of tiny
		loss: 1e-6, gradient: 1e-6, entries: 5e-5, k: 1e-5, kRest: 1e-5, example: 1e-5, exampleK: 1e-5,
		sharpness: 1e-5, hessian: 1e-5, hv: 1e-5, ggn: 1e-5, kernel: 1e-5, along: 1e-4,
		step: [3]float64{1e-5, 1e-5, 1e-5}, displacement: 1e-5,
	},
	"mlp": {
		loss: 1e-6, gradient: 1e-5, entries: 1e-4, k: 1e-5, kRest: 1e-5, example: 1e-5, exampleK: 1e-4,
		sharpness: 1e-5, hessian: 1e-5, hv: 1e-4, ggn: 1e-5, kernel: 1e-5, along: 1e-3,
		step: [3]float64{1e-5, 1e-5, 1e-5}, adam: 1e-5, displacement: 1e-4, adamMoved: 5e-3,
	},
	"simplecnn": {
		loss: 1e-6, gradient: 1e-4, entries: 5e-3, k: 1e-4, kRest: 5e-4, example: 1e-4, exampleK: 5e-4,
		sharpness: 2e-4, hessian: 1e-4, hv: 1e-3, ggn: 1e-4, kernel: 1e-5, along: 1e-3,
		step: [3]float64{1e-5, 1e-5, 1e-5}, adam: 5e-5, displacement: 5e-4, adamMoved: 5e-3,
	},
	"simplecnn-bn": {
		loss: 1e-6, gradient: 1e-4, entries: 5e-3, k: 1e-4, kRest: 5e-4,
		sharpness: 1e-4, hessian: 1e-4, hv: 1e-3, ggn: 5e-4, along: 1e-3,
		step: [3]float64{1e-5, 1e-4, 5e-3}, displacement: 1e-3, inference: [3]float64{1e-5, 5e-4, 1e-2},
	},
	"resnet32": {
		loss: 1e-6, gradient: 5e-4, entries: 5e-2, k: 1e-3, kRest: 5e-3,
		sharpness: 2e-3, hessian: 5e-4, hv: 1e-3, ggn: 3e-3, along: 1e-3,
		step: [3]float64{5e-4, 3e-2, 5e-2}, displacement: 5e-2, inference: [3]float64{2e-3, 1e-1, 3e-1},
	},
}

// A ledger keeps the worst deviation of each quantity of one network.
type ledger struct {
	limits
	names []string
	rows  map[string]*row
}

type row struct{ worst, got, want, limit float64 }

// near records |got − want|/scale.
func (l *ledger) near(quantity string, limit, got, want, scale float64) {
	r := l.rows[quantity]
	if r == nil {
		r = &row{limit: limit}
		l.names, l.rows[quantity] = append(l.names, quantity), r
	}
	d := math.Abs(got-want) / math.Abs(scale)
	if got == want {
		d = 0
	}
	if !(d <= r.worst) || r.want == 0 {
		r.worst, r.got, r.want = math.Max(r.worst, d), got, want
	}
}

// relative records the deviation of got relative to want.
func (l *ledger) relative(quantity string, limit, got, want float64) {
	l.near(quantity, limit, got, want, want)
}

// all records the deviations of the first len(want) numbers of got.
func all[T float32 | float64](l *ledger, quantity string, limit float64, got []T, want []float64, scale float64) {
	for i, w := range want {
		l.near(quantity, limit, float64(got[i]), w, scale)
	}
}

// largest returns the largest magnitude in x.
func largest(x ...float64) float64 {
	m := 0.0
	for _, v := range x {
		m = math.Max(m, math.Abs(v))
	}
	return m
}

// compare runs f for each of the named networks with a ledger, and prints the ledger.
func compare(t *testing.T, names []string, f func(t *testing.T, s *subject, l *ledger)) {
	for _, name := range names {
		t.Run(name, func(t *testing.T) {
			l := &ledger{limits: limitsOf[name], rows: map[string]*row{}}
			f(t, load(t, name), l)
			for _, q := range l.names {
				r := l.rows[q]
				t.Logf("%-14s %-44s %8.1e of %7.0e", name, q, r.worst, r.limit)
				if !(r.worst <= r.limit) {
					t.Errorf("%s: %s is %.9g, want %.9g: the deviation %.2g is over the limit %.0e", name, q, r.got, r.want, r.worst, r.limit)
				}
			}
		})
	}
}
