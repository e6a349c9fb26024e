package task

import (
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"gonum.org/v1/gonum/stat"

	"breakeven/flight"
	"breakeven/flight/geodesy"
	"breakeven/flight/predict"
	"breakeven/flight/sample"
	"breakeven/flight/search"
	"breakeven/flight/tracks"
	"breakeven/nn"
	"breakeven/run"
)

// flightSpec is a small spec of the sample.
func flightSpec() run.Spec {
	s := run.Default()
	s.Data, s.Model = flightSample.Name, "deeptp"
	s.More = map[string]string{"units": "8"}
	return s
}

// sampleFiles writes the files of the sample to a folder.
func sampleFiles(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for _, name := range []string{"tracks.csv.gz", "plans.csv.gz", "plan_of.csv.gz", "storms.csv.gz"} {
		b, err := sample.Files.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func openTask(t *testing.T, s run.Spec, dir string) *Task {
	t.Helper()
	k, err := Open(s, dir)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// The sample and files with the same contents make the same task.
func TestFlights(t *testing.T) {
	k := openTask(t, flightSpec(), "")
	if n, v, e := k.Train.Len(), k.Valid.Len(), k.Test.Len(); n != 15 || v != 5 || e != 5 || k.Net.Output().C != 45 || len(k.Net.Inputs()) != 3 || k.Digest != "" {
		t.Errorf("%d, %d and %d flights, output %v, inputs %v, digest %q", n, v, e, k.Net.Output(), k.Net.Inputs(), k.Digest)
	}
	s, dir := flightSpec(), sampleFiles(t)
	s.Data, s.Valid = "./tracks.csv.gz", 3
	for f, name := range map[string]any{"plans_path": "plans.csv.gz", "plan_of_path": "plan_of.csv.gz", "weather_path": []string{"storms.csv.gz"}} {
		i := slices.IndexFunc(flightFields, func(d run.Field) bool { return d.Name == f })
		flightFields[i].Set(&s, name)
	}
	if f, ok := FamilyOf(run.Spec{Data: filepath.Join(dir, "tracks.csv.gz")}); !ok || f.Name != "flights" {
		t.Errorf("the tracks belong to the family %q", f.Name)
	}
	if f, ok := FamilyOf(run.Spec{Data: filepath.Join(dir, "plans.csv.gz")}); !ok || f.Name != "arrays" {
		t.Errorf("the plans belong to the family %q", f.Name)
	}
	t.Chdir(dir)
	own := openTask(t, s, dir)
	if n, v := own.Train.Len(), own.Valid.Len(); n != 12 || v != 3 || own.Digest == "" {
		t.Errorf("%d and %d flights, digest %q", n, v, own.Digest)
	}
	a, err := k.Train.Read([]int{4}, unstopped)
	if err != nil {
		t.Fatal(err)
	}
	b, err := own.Train.Read([]int{4}, unstopped)
	if err != nil || !slices.Equal(a.In[2].F, b.In[2].F) || !slices.Equal(a.In[0].Steps, b.In[0].Steps) {
		t.Errorf("the files have other cubes than the sample (%v)", err)
	}
	s.Valid = 15
	if _, err := Open(s, dir); err == nil || !strings.Contains(err.Error(), "0 flights for training") {
		t.Errorf("error %v", err)
	}
}

// The metric is the distance in miles to the mean of the likeliest component.
func TestStepError(t *testing.T) {
	for targets, places := range map[string]int{"state": 0, "change": 1} {
		s := flightSpec()
		s.More["targets"] = targets
		if places == 0 {
			delete(s.More, "targets")
		}
		f, err := OpenFlights(s, "")
		if err != nil {
			t.Fatal(err)
		}
		row := nn.Row{Z: make([]float32, 45), Memo: make([]float32, 45), Vector: make([]float32, 5)}
		row.Z[1] = 1 // the second component, whose mean follows those of the first
		_, std := f.Coder.Scale.OfTarget(0)
		row.Z[3+3] = float32(0.5 / std)
		if got := f.stepError()(row); math.Abs(got-30) > 1e-4 {
			t.Errorf("targets %s: half a degree north is %v nmi", targets, got)
		}
		_, std = f.Coder.Scale.OfTarget(1)
		row.Z[3+3], row.Z[3+4] = 0, float32(1/std)
		if got := f.stepError()(row); got < 60*math.Cos(40*math.Pi/180) || got > 60*math.Cos(32*math.Pi/180) {
			t.Errorf("targets %s: a degree east is %v nmi", targets, got)
		}
	}
}

// Usual settings are those of the sample.
func TestUsualFlights(t *testing.T) {
	s, err := Usual("flights")
	if err != nil || s.Data != flightSample.Name || s.Model != "deeptp" || s.Clip != 5 || s.Method != "adam" || targets.Word(s) != "change" {
		t.Errorf("%+v, %v", s, err)
	}
}

// With a drift a batch is decided by seed and step, and the examples themselves stay as they are.
func TestDrifted(t *testing.T) {
	s := flightSpec()
	still := openTask(t, s, "")
	s.More["drift"] = "3"
	k := openTask(t, s, "")
	batch := func(seed uint64, step int) []float32 {
		b, err := k.Batches(seed, 5)
		if err != nil {
			t.Fatal(err)
		}
		b.Batch(1)
		return slices.Clone(b.Batch(step).In[0].F)
	}
	if !slices.Equal(batch(1, 2), batch(1, 2)) {
		t.Error("a batch is another one when it is made again")
	}
	if slices.Equal(batch(1, 2), batch(1, 5)) || slices.Equal(batch(1, 2), batch(2, 2)) {
		t.Error("batches do not depend on seed and step")
	}
	all := []int{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14}
	a, _ := still.Train.Read(all, unstopped)
	b, _ := k.Train.Read(all, unstopped)
	if !slices.Equal(a.In[0].F, b.In[0].F) || !slices.Equal(a.Target[0].Vector, b.Target[0].Vector) {
		t.Error("the examples that are measured have moved")
	}
	s.More["rates"] = "forward"
	if _, err := Open(s, ""); err == nil || !strings.Contains(err.Error(), "needs rates backward") {
		t.Errorf("error %v", err)
	}
}

// A dither moves altitudes alone, and by seed and step; a drift beside it stays what it is.
func TestDithered(t *testing.T) {
	s := flightSpec()
	s.More["drift"] = "3"
	drifted := openTask(t, s, "")
	s.More["altitude_dither"] = "100"
	both := openTask(t, s, "")
	batch := func(k *Task, seed uint64, step int) []float32 {
		b, err := k.Batches(seed, 5)
		if err != nil {
			t.Fatal(err)
		}
		return slices.Clone(b.Batch(step).In[0].F)
	}
	a, b := batch(drifted, 1, 2), batch(both, 1, 2)
	moved := 0
	for i := range a {
		if a[i] != b[i] {
			if moved++; i%6 != 2 {
				t.Fatalf("number %d of a state moves", i%6)
			}
		}
	}
	if moved == 0 || !slices.Equal(b, batch(both, 1, 2)) || slices.Equal(b, batch(both, 1, 3)) {
		t.Errorf("%d altitudes move, or not by seed and step", moved)
	}
	s.More["altitude_dither"] = "-1"
	if _, err := Open(s, ""); err == nil || !strings.Contains(err.Error(), "must be 0 to 10,000 ft") {
		t.Errorf("error %v", err)
	}
}

// A spec that was begun with other flights is refused, whoever opens them.
func TestFlightsBegun(t *testing.T) {
	s := flightSpec()
	s.DataSHA256 = strings.Repeat("0", 64)
	for _, open := range []func() error{
		func() error { _, err := OpenFlights(s, ""); return err }, func() error { _, err := Open(s, ""); return err },
	} {
		if err := open(); err == nil || !strings.Contains(err.Error(), "begun with others") {
			t.Errorf("error %v", err)
		}
	}
}

// Each flight that is not for the test is in one fold, and in the training of the others.
func TestFolds(t *testing.T) {
	s := flightSpec()
	s.More["folds"] = "4"
	held := map[int]int{}
	for k := range 4 {
		if s.More["fold"] = fmt.Sprint(k); k == 0 {
			delete(s.More, "fold")
		}
		f, err := OpenFlights(s, "")
		if err != nil {
			t.Fatal(err)
		}
		for _, i := range f.Valid {
			held[i]++
			if slices.Contains(f.Train, i) || slices.Contains(f.Test, i) {
				t.Errorf("flight %d is for validation and for something else", i)
			}
		}
		if len(f.Train)+len(f.Valid) != 15 || len(f.Test) != 5 {
			t.Errorf("fold %d: %d, %d and %d flights", k, len(f.Train), len(f.Valid), len(f.Test))
		}
	}
	if len(held) != 15 {
		t.Errorf("%d flights are in a fold", len(held))
	}
	for want, more := range map[string]map[string]string{
		"must be 0 to 3": {"folds": "4", "fold": "4"}, "must be 0, or 2": {"folds": "1"}, "cannot be dealt": {"folds": "16"},
	} {
		s.More = more
		if _, err := OpenFlights(s, ""); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v: error %v", more, err)
		}
	}
	s.More, s.Valid = map[string]string{"folds": "4"}, 2
	if _, err := OpenFlights(s, ""); err == nil || !strings.Contains(err.Error(), "leave these out") {
		t.Errorf("error %v", err)
	}
}

// What is evaluated along a run is the error of the tracks that the network predicts from its own
// predictions, which another way through the same packages gives, too.
func TestTrackError(t *testing.T) {
	s := flightSpec()
	k := openTask(t, s, "")
	theta := k.Net.InitialParams(nn.Glorot, 1)
	got, err := k.Evaluate(theta, unstopped)
	if err != nil || len(got) != 1 || got[0].Key != "valid_track_error" || got[0].How.Examples != 5 || !(got[0].Sample > 0) {
		t.Fatalf("%+v, %v", got, err)
	}
	f, err := OpenFlights(s, "")
	if err != nil {
		t.Fatal(err)
	}
	n, err := f.Net(s, predict.Tensors(k.Net.Params(), theta))
	if err != nil {
		t.Fatal(err)
	}
	o := search.Default()
	o.Beams, o.Weight, o.Unfiltered = 1, 1, true
	var points []float64
	for _, i := range f.Valid {
		r, err := n.Predict(f.Set.Whole[i:i+1], 20, f.Set.Weather(), o, unstopped)
		if err != nil || r[0].Err != nil {
			t.Fatal(err, r[0].Err)
		}
		last := f.Set.Whole[i].Fixes[len(f.Set.Whole[i].Fixes)-1].Time
		for _, x := range r[0].Alternatives[0].States[:69] {
			if x.Time <= last {
				truth := tracks.At(f.Set.Whole[i].Track, x.Time)
				points = append(points, geodesy.Distance(truth.Point, flight.Point{Lat: x.Mean[0], Lon: x.Mean[1]}))
			}
		}
	}
	if want := stat.Mean(points, nil); math.Abs(got[0].Value/want-1) > 1e-3 {
		t.Errorf("%v nmi, want %v", got[0].Value, want)
	}
}
