// Package filter follows an aircraft from state to state: a Kalman filter that rejects
// measurements that are too far off and admits manoeuvres, and a Rauch–Tung–Striebel smoother,
// after Liu and Hansen (arXiv 1812.11670) and their code.
//
// A state is latitude and longitude in degrees, altitude in ft, and the rates of the first two in
// degrees/s. The aircraft keeps its rates and its altitude, with noise:
//
//	x_{t+1} = A x_t + q,  q ~ N(0, Q),  A = I but for A[lat, lat rate] = A[lon, lon rate] = Δt
//
// and a measurement z = x + r, r ~ N(0, R), sees the whole state.
//
// Laws:
//
//   - On a linear-Gaussian model without a gate, the filter gives the mean and the covariance of
//     each state given the measurements up to it, and the smoother those given all of them.
//   - The filter and the smoother allocate nothing.
package filter

import "math"

// Dim is the dimension of a state: latitude, longitude, altitude, and the rates of the first two.
const Dim = 5

// A Vector is a state: degrees, degrees, ft, degrees/s, degrees/s.
type Vector = [Dim]float64

// A Matrix is the covariance of a state, in the squares of its units.
type Matrix = [Dim][Dim]float64

// A Gaussian is a normal distribution of a state.
type Gaussian struct {
	Mean Vector
	Cov  Matrix
}

// A Filter is a model of motion with the rules for measurements. The zero values of Gate and
// Manoeuvre turn these off.
type Filter struct {
	Step  float64 // s, from one state to the next
	Noise Vector  // variances that a step adds: the diagonal of Q

	// The distance of a measurement from the predicted state is the sum of its distances in
	// latitude and longitude, in degrees.
	Gate      float64 // a measurement at least that far away is rejected
	Manoeuvre float64 // one at least that far away, and not rejected, is a manoeuvre
	Inflate   float64 // what Q is multiplied by in a manoeuvre
	Penalty   float64 // what a rejected measurement adds to the log-score of its track

	// The released code differs from the textbook in these.
	Diagonal  bool    // the covariance of the innovation is inverted by its diagonal alone
	Separate  bool    // covariances between a rate and anything else but a rate are set to 0
	RateScale float64 // the covariance of measured rates is multiplied by it; 0 means 1
}

// Default returns the filter with the constants of the paper's code, for steps of two minutes, but
// for the noise of rates. This is the variance by which they change in a step, on flights from
// Houston to Boston: with the code's, and its slip mended, rates would hardly change at all.
func Default() Filter {
	return Filter{
		Step:  120,
		Noise: Vector{1e-3, 1e-3, 1e4, 5e-8, 9e-8},
		Gate:  0.8, Manoeuvre: 0.3, Inflate: 10, Penalty: -9,
	}
}

// Official returns the filter that the released code computes. It works on rates in degrees per
// ten minutes, but leaves the covariance of measured rates in (degrees/s)²: too small by 600².
func Official() Filter {
	f := Default()
	f.Noise[3], f.Noise[4] = 1e-6/(600.*600.), 1e-6/(600.*600.)
	f.Diagonal, f.Separate, f.RateScale = true, true, 1/(600.*600.)
	return f
}

// Plain returns the filter without gate and manoeuvres.
func (f Filter) Plain() Filter {
	f.Gate, f.Manoeuvre = 0, 0
	return f
}

// Known returns the distribution of a state that was observed: variances of 1e-4 degrees²,
// 1 ft² and 1e-6 (degrees/s)², the paper's.
func Known(x Vector) Gaussian {
	g := Gaussian{Mean: x}
	for i, v := range [Dim]float64{1e-4, 1e-4, 1, 1e-6, 1e-6} {
		g.Cov[i][i] = v
	}
	return g
}

// A Verdict is what became of a measurement.
type Verdict uint8

// The verdicts.
const (
	Used Verdict = iota
	Manoeuvre
	Rejected
)

// A Step is one step of a filter.
type Step struct {
	Predicted Gaussian // before the measurement
	Filtered  Gaussian // after it
	Verdict   Verdict
}

// Advance computes in s the step from x with measurement z, and returns the penalty.
func (f *Filter) Advance(s *Step, x, z *Gaussian) (penalty float64) {
	f.predict(&s.Predicted, x, 1)
	away := math.Abs(z.Mean[0]-s.Predicted.Mean[0]) + math.Abs(z.Mean[1]-s.Predicted.Mean[1])
	switch {
	case f.Gate > 0 && away >= f.Gate:
		s.Filtered, s.Verdict = s.Predicted, Rejected
		return f.Penalty
	case f.Manoeuvre > 0 && away >= f.Manoeuvre:
		f.predict(&s.Predicted, x, f.Inflate)
		s.Verdict = Manoeuvre
	default:
		s.Verdict = Used
	}
	f.update(&s.Filtered, &s.Predicted, z)
	return 0
}

// predict computes dst = the state after x, with Q multiplied by inflate.
func (f *Filter) predict(dst, x *Gaussian, inflate float64) {
	dst.Mean = x.Mean
	f.move(&dst.Mean)
	dst.Cov = x.Cov
	for i := range dst.Cov { // P Aᵀ
		f.move(&dst.Cov[i])
	}
	for _, p := range [2][2]int{{0, 3}, {1, 4}} { // A (P Aᵀ)
		for j := range Dim {
			dst.Cov[p[0]][j] += f.Step * dst.Cov[p[1]][j]
		}
	}
	for i := range Dim {
		dst.Cov[i][i] += inflate * f.Noise[i]
	}
	f.separate(&dst.Cov)
}

// move computes x = A x.
func (f *Filter) move(x *Vector) {
	x[0] += f.Step * x[3]
	x[1] += f.Step * x[4]
}

// separate sets the covariances of rates and others to 0, if the filter does so.
func (f *Filter) separate(p *Matrix) {
	if !f.Separate {
		return
	}
	for i := range 3 {
		for j := 3; j < Dim; j++ {
			p[i][j], p[j][i] = 0, 0
		}
	}
}

// update computes dst = the predicted state x, given measurement z.
func (f *Filter) update(dst, x, z *Gaussian) {
	r := z.Cov
	if f.RateScale != 0 {
		for i := 3; i < Dim; i++ {
			for j := 3; j < Dim; j++ {
				r[i][j] *= f.RateScale
			}
		}
	}
	var s, gain Matrix // S = P + R
	for i := range Dim {
		for j := range Dim {
			s[i][j] = x.Cov[i][j] + r[i][j]
		}
	}
	if f.Diagonal {
		for i := range Dim {
			for j := range Dim {
				gain[i][j] = x.Cov[i][j] / s[j][j]
			}
		}
	} else {
		divide(&gain, &x.Cov, &s)
	}
	dst.Mean = x.Mean
	for i := range Dim {
		for j := range Dim {
			dst.Mean[i] += gain[i][j] * (z.Mean[j] - x.Mean[j])
		}
	}
	if f.Diagonal {
		shrink(&dst.Cov, &gain, &x.Cov)
	} else {
		joseph(&dst.Cov, &gain, &x.Cov, &r)
	}
	f.separate(&dst.Cov)
}

// shrink computes dst = P − G P, made symmetric.
func shrink(dst, gain, p *Matrix) {
	var gp Matrix
	multiply(&gp, gain, p)
	for i := range Dim {
		for j := range Dim {
			dst[i][j] = p[i][j] - (gp[i][j]+gp[j][i])/2
		}
	}
}

// joseph computes dst = (I − G) P (I − G)ᵀ + G R Gᵀ, which is positive semidefinite for any gain,
// and for the best gain the same as P − G P (Bucy and Joseph 1968).
func joseph(dst, gain, p, r *Matrix) {
	var keep Matrix
	for i := range Dim {
		for j := range Dim {
			keep[i][j] = -gain[i][j]
		}
		keep[i][i]++
	}
	var noise Matrix
	congruence(dst, &keep, p)
	congruence(&noise, gain, r)
	for i := range Dim {
		for j := range Dim {
			dst[i][j] += noise[i][j]
		}
	}
}
