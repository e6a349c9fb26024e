package task

import (
	"fmt"
	"math"

	"breakeven/data"
	"breakeven/flight/features"
	"breakeven/flight/learn"
	"breakeven/flight/sample"
	"breakeven/flight/tracks"
	"breakeven/model"
	"breakeven/nn"
	"breakeven/run"
)

// flights are the prediction of where aircraft will be: of each state of a track the next one,
// as a density. An example is a flight.
var flights = Family{
	Name:   "flights",
	Doc:    "where aircraft will be: the next state of each of a track, as a density",
	Sets:   []data.Info{flightSample},
	Files:  func(name string) bool { return recognise("tracks", name, tracks.Is) },
	Fields: flightFields,
	Lacks:  []string{"preprocess", "augment", "measure.augment", "loss", "freeze"},
	Open:   openFlights,
	Reading: func(s run.Spec) int64 {
		if !run.IsFile(s.Data) {
			return sampleBytes
		}
		return 8 * size(s.Data)
	},
	// The paper's clipping; Adam, and changes as targets, since 50 epochs shall do; a drift, since
	// flights are few.
	Usual: map[string]string{
		"data": flightSample.Name, "model": "deeptp", "method": "adam", "lr": "0.001", "clip": "5", "batch": "8", "epochs": "50", "targets": "change", "drift": "3", "dropout": "0.2",
		"measure.l": "8", "measure.m": "8", "measure.examples": "64", "measure.per_example": "32",
	},
}

var flightSample = data.Info{
	Name: "iah-bos-sample", Doc: "Twenty flights from Houston to Boston in August 2013, their plans, and the storms on their way.",
	Train: 15, Test: 5, Licence: "MIT", Source: "https://github.com/yulinliu101/DeepTP",
	Cite: "Y. Liu and M. Hansen, Predicting Aircraft Trajectories: A Deep Generative Convolutional Recurrent Neural Networks Approach, 2018",
}

// sampleBytes is what the sample takes while it is read.
const sampleBytes = 8e6

// A Flights is what a network for flights was fitted to, with what its numbers mean.
type Flights struct {
	Set                *learn.Set
	Coder              *learn.Coder
	Mixture            nn.MixtureDensity
	Train, Valid, Test []int // numbers of flights of Set
}

// OpenFlights reads the flights of s and fits the coder to those for training. A spec that knows the
// digest of its data is refused others.
func OpenFlights(s run.Spec, dir string) (*Flights, error) {
	if err := s.Check(flightFields); err != nil {
		return nil, err
	}
	f := &Flights{}
	var err error
	if f.Set, err = readFlights(s, dir); err != nil {
		return nil, err
	}
	if err := begun(s, f.Set.Digest); err != nil {
		return nil, err
	}
	if err := f.split(s); err != nil {
		return nil, err
	}
	f.Coder, err = f.Set.Fit(f.Train, unstopped)
	if err == nil {
		f.Mixture = f.Coder.Mixture(components.Int(s), floor.Float(s))
	}
	return f, err
}

func unstopped() error { return nil }

// readFlights reads the sample, or the user's own.
func readFlights(s run.Spec, dir string) (*learn.Set, error) {
	in := func(f run.Field) string {
		if name := f.Word(s); name != "" {
			return place(name, dir)
		}
		return ""
	}
	o := learn.Options{
		Step: stateStep.Float(s), Official: matching.Word(s) == "released",
		Features: features.Options{Forward: rates.Word(s) == "forward", Change: targets.Word(s) == "change"},
	}
	if !run.IsFile(s.Data) {
		return learn.Of(sample.Flights(), nil, sample.Storms(), o)
	}
	o.Files = tracks.Files{Tracks: place(s.Data, dir), Plans: in(plansPath), PlanOf: in(planOfPath), Airports: in(airportsPath)}
	for _, name := range weatherPath.Value(s).([]string) {
		o.Weather = append(o.Weather, place(name, dir))
	}
	return learn.Open(o)
}

// split takes the flights of the test apart and cuts the others as those of other data.
func (f *Flights) split(s run.Spec) error {
	var all []int
	for i, test := range f.Set.Test {
		if test {
			f.Test = append(f.Test, i)
		} else {
			all = append(all, i)
		}
	}
	if n := folds.Int(s); n > 0 {
		return f.deal(s, all, n)
	}
	n := s.Train
	if n == 0 {
		n = len(all) - s.Valid
	}
	if n <= 0 || s.Valid < 0 || s.Valid > len(all)-n {
		return fmt.Errorf("data: %s: %d flights for training and %d for validation cannot be cut from its %d; ask for fewer", s.Data, n, s.Valid, len(all))
	}
	f.Train, f.Valid = all[:n], all[len(all)-s.Valid:]
	if s.Valid == 0 {
		f.Valid = f.Test
	}
	return nil
}

// deal deals flights into n parts, of which one is for validation.
func (f *Flights) deal(s run.Spec, all []int, n int) error {
	if n > len(all) {
		return fmt.Errorf("data: %s: %d flights cannot be dealt into %d folds; ask for fewer", s.Data, len(all), n)
	}
	for k, i := range all {
		if k%n == fold.Int(s) {
			f.Valid = append(f.Valid, i)
		} else {
			f.Train = append(f.Train, i)
		}
	}
	return nil
}

func openFlights(s run.Spec, dir string) (*Task, error) {
	f, err := OpenFlights(s, dir)
	if err != nil {
		return nil, err
	}
	var parts [3]nn.Batch
	total := int64(0)
	for k, index := range [][]int{f.Train, f.Valid, f.Test} {
		if parts[k], err = f.Set.Batch(f.Coder, index, unstopped); err != nil {
			return nil, err
		}
		total += bytes(parts[k])
	}
	in := f.Coder.Inputs(f.Set.Longest())
	net, err := model.Of(s, in[0], f.Mixture.Outputs(), in[1:]...)
	if err != nil {
		return nil, err
	}
	train, batches := f.training(s, parts[0], in)
	rollout, err := f.trackBytes(s, net)
	if err != nil {
		return nil, err
	}
	if w := f.Set.Weather(); w != nil {
		total += w.Memory()
	}
	return &Task{
		Net: net, Loss: f.Mixture, Metrics: []Metric{{Name: "step_error", Of: f.stepError()}},
		Train: resident{train}, Valid: resident{parts[1]}, Test: resident{parts[2]},
		Each: bytes(parts[0]) / int64(len(f.Train)), Bytes: total,
		Evaluate: f.trackError(s, net), EvaluateBytes: rollout,
		Digest: f.Set.Digest, Warnings: f.Set.Warnings, Batches: batches,
	}, nil
}

// stepError returns the distance, in nautical miles, from a next position to the mean of the
// likeliest component. Degrees of longitude are those at the training flights' mean latitude.
func (f *Flights) stepError() func(nn.Row) float64 {
	const mile = 60 // in a degree of a great circle
	_, north := f.Coder.Scale.OfTarget(0)
	_, east := f.Coder.Scale.OfTarget(1)
	north, east = mile*north, mile*east*math.Cos(f.Coder.Latitude*math.Pi/180)
	mixture := f.Mixture
	return func(r nn.Row) float64 {
		best := 0
		for k := range mixture.Components {
			if r.Z[k] > r.Z[best] {
				best = k
			}
		}
		mean := mixture.Means(r.Z, best)
		return math.Hypot(north*float64(mean[0]-r.Vector[0]), east*float64(mean[1]-r.Vector[1]))
	}
}
