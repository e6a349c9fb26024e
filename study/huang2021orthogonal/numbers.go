package huang2021orthogonal

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/stat"
	"gonum.org/v1/gonum/stat/distuv"

	"breakeven/internal/digits"
	"breakeven/study"
)

// An estimate is a mean over networks or seeds and half of its interval of 95 %, which is
// NaN for one.
type estimate struct {
	mean, half float64
	n          int
}

func mean(x []float64) estimate {
	n := len(x)
	if n == 0 {
		return estimate{math.NaN(), math.NaN(), 0}
	}
	m, deviation := stat.MeanStdDev(x, nil)
	if n == 1 {
		return estimate{x[0], math.NaN(), 1}
	}
	t := distuv.StudentsT{Mu: 0, Sigma: 1, Nu: float64(n - 1)}.Quantile(0.975)
	return estimate{m, t * deviation / math.Sqrt(float64(n)), n}
}

// String returns "0.42 ± 0.03", a dash for nothing.
func (e estimate) String() string {
	if e.n == 0 || math.IsNaN(e.mean) {
		return study.Empty
	}
	return digits.Measured(e.mean, e.half)
}

// lo and hi are the ends of the interval, the mean for one network; positive for axes that
// are logarithmic.
func (e estimate) lo() float64 {
	if math.IsNaN(e.half) {
		return e.mean
	}
	return math.Max(e.mean-e.half, e.mean/20)
}

func (e estimate) hi() float64 {
	if math.IsNaN(e.half) {
		return e.mean
	}
	return e.mean + e.half
}

// apart reports whether the intervals of two estimates tell them apart; unknown if one has
// none.
func (e estimate) apart(o estimate) (differ, known bool) {
	if math.IsNaN(e.half) || math.IsNaN(o.half) {
		return false, false
	}
	return math.Abs(e.mean-o.mean) > math.Hypot(e.half, o.half), true
}

// over returns the ratio of two independent estimates.
func (e estimate) over(o estimate) estimate {
	r := e.mean / o.mean
	return estimate{r, math.Abs(r) * math.Hypot(e.half/e.mean, o.half/o.mean), min(e.n, o.n)}
}

// A slope is the exponent of a power law with its standard error: least squares of
// logarithms, weighted alike.
type slope struct {
	value, err float64
	points     int
}

func fit(x, y []float64) slope {
	var u, v []float64
	for i := range x {
		if x[i] > 0 && y[i] > 0 && !math.IsInf(y[i], 0) {
			u, v = append(u, math.Log(x[i])), append(v, math.Log(y[i]))
		}
	}
	s := slope{math.NaN(), math.NaN(), len(u)}
	if len(u) < 2 || stat.Variance(u, nil) == 0 {
		return s
	}
	a, b := stat.LinearRegression(u, v, nil, false)
	s.value = b
	if len(u) > 2 {
		residual := 0.0
		for i := range u {
			r := v[i] - a - b*u[i]
			residual += r * r
		}
		s.err = math.Sqrt(residual / float64(len(u)-2) / (stat.Variance(u, nil) * float64(len(u)-1)))
	}
	return s
}

// String returns "−0.49 ± 0.02".
func (s slope) String() string {
	if math.IsNaN(s.value) {
		return study.Empty
	}
	sign := ""
	if s.value < 0 {
		sign = "−"
	}
	if math.IsNaN(s.err) {
		return fmt.Sprintf("%s%.2f", sign, math.Abs(s.value))
	}
	return sign + digits.Measured(math.Abs(s.value), max(s.err, 0.005))
}

// near reports whether the exponent is a given one, within a tenth or two standard errors.
func (s slope) near(want float64) bool { return math.Abs(s.value-want) <= math.Max(0.1, 2*s.err) }

// A series is estimates over some numbers, which become a curve.
type series struct {
	name string
	law  string
	x    []float64
	y    []estimate
}

func (s series) means() []float64 {
	list := make([]float64, len(s.y))
	for i, e := range s.y {
		list[i] = e.mean
	}
	return list
}

func (s series) fit() slope { return fit(s.x, s.means()) }

// from returns the part of the series from a number on, and all of it if that has less than
// three.
func (s series) from(x float64) series {
	for i := range s.x {
		if s.x[i] >= x && len(s.x)-i >= 3 {
			s.x, s.y = s.x[i:], s.y[i:]
			return s
		}
	}
	return s
}

// curve draws the series in the colour of its law.
func (s series) curve(dashed bool) study.Curve {
	c := study.Curve{Name: s.name, Unlisted: s.name == "", Colour: colour(s.law), X: s.x, Y: s.means(), Dashed: dashed}
	if c.Unlisted {
		c.Name = s.law
	}
	for _, e := range s.y {
		c.Lo, c.Hi = append(c.Lo, e.lo()), append(c.Hi, e.hi())
	}
	return c
}

// last returns the estimate at the largest number.
func (s series) last() estimate { return s.y[len(s.y)-1] }
