// Package flight predicts the rest of an aircraft's track from its plan, its first minutes and the
// weather, after Liu and Hansen, "Predicting Aircraft Trajectories: A Deep Generative Convolutional
// Recurrent Neural Networks Approach" (arXiv 1812.11670).
//
// Laws:
//
//   - Positions are degrees of latitude and longitude on the WGS84 ellipsoid, altitudes feet, times
//     seconds since 1970 in UTC. An unknown altitude is NaN.
//   - The times of a track rise strictly.
package flight

// A Point is a position in degrees.
type Point struct{ Lat, Lon float64 }

// A Fix is where an aircraft was at a time.
type Fix struct {
	Time float64 // seconds since 1970, UTC
	Point
	Alt float64 // ft; NaN if unknown
}

// A Track is one flight as it was flown.
type Track struct {
	ID    string
	Fixes []Fix // in rising time
}

// A Plan is a filed route, from the airport of departure to that of arrival.
type Plan []Point

// A Flight is a track and the plan that was filed for it; nil if there is none.
type Flight struct {
	Track
	Plan Plan
}

// A State is what is predicted for one time: the mean of latitude (degrees), longitude (degrees),
// altitude (ft) and the rates of the first two (degrees/s), and their covariance.
type State struct {
	Time float64
	Mean [5]float64
	Cov  [5][5]float64
}

// An Alternative is one predicted continuation of a flight.
type Alternative struct {
	Score  float64 // log-probability as the search counts it; of alternatives the first has the largest
	States []State // in rising time
}

// A Prediction is what is predicted for one flight.
type Prediction struct {
	Flight
	Known        int // fixes that the prediction was made from; the rest of the track is the truth
	Alternatives []Alternative
}
