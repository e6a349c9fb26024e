package task

import (
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"breakeven/flight/sample"
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
