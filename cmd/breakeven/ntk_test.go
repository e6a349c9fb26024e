package main

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"slices"
	"strings"
	"testing"

	arrays "breakeven/data/table"
)

// readKernel reads an array of float64 from an npz file.
func readKernel(t *testing.T, file, name string) []float64 {
	t.Helper()
	f, err := arrays.Open(file, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var a arrays.Array[float64]
	if err := f.Read(arrays.Field{Names: []string{name}, Into: &a}); err != nil {
		t.Fatal(err)
	}
	return a.Data
}

// writeLine writes the points x, y of a table.
func writeLine(t *testing.T, x, y []float64) {
	t.Helper()
	text := "x,y\n"
	for i := range x {
		text += fmt.Sprintf("%v,%v\n", x[i], y[i])
	}
	if err := os.WriteFile("line.csv", []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
}

// On a line the kernels of one hidden layer of ReLU are known: K = 2xx′ and Θ = 4xx′ where
// signs agree, and 0 elsewhere. The file holds them, and the numbers printed are theirs.
func TestKernelFile(t *testing.T) {
	t.Chdir(t.TempDir())
	x := []float64{1, 2, -3}
	writeLine(t, append(slices.Clone(x), 5), []float64{1, 2, 3.5, 4})
	code, stdout, stderr := in("ntk", "kernel", "--data", "line.csv", "--train", "3", "--valid", "1", "--network", "dense; relu; dense", "-o", "k.npz", "--json")
	if code != 0 {
		t.Fatal(stderr)
	}
	for name, scale := range map[string]float64{"nngp": 2, "ntk": 4} {
		for i, v := range readKernel(t, "k.npz", name) {
			if want := math.Max(0, scale*x[i/3]*x[i%3]); math.Abs(v-want) > 1e-6*(1+want) {
				t.Errorf("%s, element %d: %v, want %v", name, i, v, want)
			}
		}
	}
	var printed []infiniteJSON
	if err := json.Unmarshal([]byte(stdout), &printed); err != nil {
		t.Fatal(err)
	}
	// Blocks of 1 and 2, and of −3: eigenvalues 4·5 and 4·9; 3 examples of 1 output.
	if k := printed[1]; math.Abs(*k.Largest-36) > 1e-5 || math.Abs(*k.Rate-3.0/36) > 1e-7 || math.Abs(k.Mean-56.0/3) > 1e-5 {
		t.Errorf("printed %+v", k)
	}
}

// Trained for ever, the network of infinite width interpolates: with Θ = 4xx′ for x > 0 it is
// the line through the training example.
func TestPredictionFile(t *testing.T) {
	t.Chdir(t.TempDir())
	writeLine(t, []float64{2, 5}, []float64{3, 8})
	code, _, stderr := in("ntk", "predict", "--data", "line.csv", "--train", "1", "--valid", "1", "--network", "dense; relu; dense", "-o", "p.npz", "-q")
	if code != 0 {
		t.Fatal(stderr)
	}
	mean, variance := readKernel(t, "p.npz", "mean"), readKernel(t, "p.npz", "variance")
	if math.Abs(mean[0]-7.5) > 1e-5 || variance[0] > 1e-5 {
		t.Errorf("mean %v, variance %v; want 7.5 and 0", mean, variance)
	}
}

// A field of one name that two models have is read with the default of the model that is run.
func TestFieldOfTwoModels(t *testing.T) {
	for model, other := range map[string]string{"wide": "64", "gcn": "512"} {
		args := []string{"run", "--model", model, "--width", other, "--dry-run", "--json"}
		if model == "gcn" {
			args = append(args, "--task", "graph")
		}
		code, stdout, stderr := in(args...)
		if code != 0 || !strings.Contains(stdout, fmt.Sprintf(`"width": %s`, other)) {
			t.Errorf("%s: exit code %d, %s\n%.2000s", model, code, stderr, stdout)
		}
	}
}
