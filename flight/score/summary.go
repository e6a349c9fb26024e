package score

import (
	"math"
	"slices"

	"gonum.org/v1/gonum/stat"
)

// LookAheads are the times (s) ahead of the last known fix for which errors are summarised.
var LookAheads = []float64{120, 600, 1200, 1800, 2400, 3600, 5400, 7200}

// A Spread describes the magnitudes of some errors.
type Spread struct{ Mean, Median, P95 float64 }

// Ahead is the errors of all flights at one time ahead.
type Ahead struct {
	Seconds                            float64
	Flights                            int
	Horizontal, Along, Cross           Spread  // nmi
	Vertical                           Spread  // ft
	Time                               Spread  // s
	AlongBias, CrossBias, VerticalBias float64 // means with their signs
}

// A Level is how often the truth lies within the region that a prediction gives a probability.
type Level struct {
	Probability          float64
	Horizontal, Vertical float64 // shares of points; NaN without covariances
}

// A Summary is what predictions of several flights are off by.
type Summary struct {
	Flights, Points int
	PHE, PVE        float64 // means over points: nmi, ft
	THE, TVE        float64 // means over flights of their means
	Ahead           []Ahead
	// Coverage is the share of points within 1, 2 and 3 standard deviations of latitude,
	// longitude and altitude.
	Coverage    [3][3]float64
	ETA         Spread // s
	ETABias     float64
	Arrivals    int // flights whose arrival was compared
	Calibration []Level
}

// Summarise returns the summary of flights. Those without errors do not count.
func Summarise(flights []Flight) Summary {
	var s Summary
	var horizontal, vertical, eta []float64
	var the, tve []float64
	var all []Error
	for _, f := range flights {
		if len(f.Errors) == 0 {
			continue
		}
		s.Flights++
		h, v := column(f.Errors, func(e Error) float64 { return e.Horizontal }), column(f.Errors, func(e Error) float64 { return e.Vertical })
		horizontal, vertical = append(horizontal, h...), append(vertical, v...)
		the, tve = append(the, mean(h)), append(tve, mean(v))
		all = append(all, f.Errors...)
		if !math.IsNaN(f.ETA) {
			eta = append(eta, f.ETA)
		}
	}
	s.Points, s.Arrivals = len(all), len(eta)
	s.PHE, s.PVE, s.THE, s.TVE = mean(horizontal), mean(vertical), mean(the), mean(tve)
	s.ETA, s.ETABias = spread(eta), bias(eta)
	for _, seconds := range LookAheads {
		if a := ahead(flights, seconds); a.Flights > 0 {
			s.Ahead = append(s.Ahead, a)
		}
	}
	for axis := range 3 {
		for n := range 3 {
			s.Coverage[n][axis] = share(all, func(e Error) float64 { return math.Abs(e.Axis[axis]) }, float64(n+1))
		}
	}
	for p := 0.05; p < 0.99; p += 0.05 {
		s.Calibration = append(s.Calibration, Level{p,
			share(all, func(e Error) float64 { return e.Ellipse }, p),
			share(all, func(e Error) float64 { return math.Erf(math.Abs(e.Axis[2]) / math.Sqrt2) }, p)})
	}
	return s
}

// ahead summarises the states that lie nearest to a time ahead, within half a minute.
func ahead(flights []Flight, seconds float64) Ahead {
	var at []Error
	for _, f := range flights {
		for _, e := range f.Errors {
			if math.Abs(e.Ahead-seconds) <= 30 {
				at = append(at, e)
				break
			}
		}
	}
	along, cross := signed(at, func(e Error) float64 { return e.Along }), signed(at, func(e Error) float64 { return e.Cross })
	vertical := signed(at, func(e Error) float64 { return e.Vertical })
	return Ahead{Seconds: seconds, Flights: len(at),
		Horizontal: spread(column(at, func(e Error) float64 { return e.Horizontal })),
		Along:      spread(along), Cross: spread(cross), Vertical: spread(vertical),
		Time:      spread(signed(at, func(e Error) float64 { return e.Time })),
		AlongBias: bias(along), CrossBias: bias(cross), VerticalBias: bias(vertical)}
}

// signed returns one number of each error, leaving out NaN.
func signed(errors []Error, of func(Error) float64) []float64 {
	var list []float64
	for _, e := range errors {
		if x := of(e); !math.IsNaN(x) {
			list = append(list, x)
		}
	}
	return list
}

// column returns the magnitudes of one number of each error, leaving out NaN.
func column(errors []Error, of func(Error) float64) []float64 {
	return signed(errors, func(e Error) float64 { return math.Abs(of(e)) })
}

// mean returns the mean of what is no NaN; NaN if there is nothing.
func mean(x []float64) float64 {
	x = slices.DeleteFunc(slices.Clone(x), math.IsNaN)
	if len(x) == 0 {
		return math.NaN()
	}
	return stat.Mean(x, nil)
}

func bias(x []float64) float64 { return mean(x) }

// spread describes the magnitudes of x.
func spread(x []float64) Spread {
	if len(x) == 0 {
		return Spread{math.NaN(), math.NaN(), math.NaN()}
	}
	size := make([]float64, len(x))
	for i := range x {
		size[i] = math.Abs(x[i])
	}
	slices.Sort(size)
	return Spread{stat.Mean(size, nil), stat.Quantile(0.5, stat.LinInterp, size, nil), stat.Quantile(0.95, stat.LinInterp, size, nil)}
}

// share returns the share of errors for which a number is at most a bound, of those for which it is
// no NaN.
func share(errors []Error, of func(Error) float64, bound float64) float64 {
	within, n := 0, 0
	for _, e := range errors {
		if x := of(e); !math.IsNaN(x) {
			n++
			if x <= bound {
				within++
			}
		}
	}
	if n == 0 {
		return math.NaN()
	}
	return float64(within) / float64(n)
}
