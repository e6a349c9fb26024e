package weights

import (
	"bytes"
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"breakeven/run"
)

// The reference state dicts that PyTorch wrote.
func TestGoldenFiles(t *testing.T) {
	const folder = "../../../shared/golden"
	names, _ := filepath.Glob(filepath.Join(folder, "*.safetensors"))
	if len(names) == 0 {
		t.Skip("no state dicts in ../shared/golden")
	}
	for _, name := range names {
		text, err := os.ReadFile(strings.TrimSuffix(name, ".safetensors") + ".json")
		if err != nil {
			t.Fatal(err)
		}
		var golden struct {
			Parameters []struct {
				Name  string
				Shape []int
				Norm  float64 `json:"norm"`
			}
		}
		if err := json.Unmarshal(text, &golden); err != nil {
			t.Fatal(err)
		}
		content, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		file, err := Decode(content)
		if err != nil {
			t.Fatal(err)
		}
		if len(golden.Parameters) == 0 || len(golden.Parameters) != len(file.Tensors) {
			t.Fatalf("%s: %d tensors, want %d", name, len(file.Tensors), len(golden.Parameters))
		}
		var into []run.Tensor
		for i, p := range golden.Parameters {
			into = append(into, run.Tensor{Name: p.Name, Shape: p.Shape, Data: make([]float32, size(p.Shape))})
			if got := file.Tensors[i].Name; got != p.Name {
				t.Errorf("%s: tensor %d is %s, want %s", name, i, got, p.Name)
			}
		}
		if notes, err := Load(name, into, nil); err != nil || notes != nil {
			t.Fatal(notes, err)
		}
		if !bytes.Equal(encode(into, nil), encode(file.Tensors, nil)) {
			t.Errorf("%s: Load differs from Decode", name)
		}
		for i, p := range golden.Parameters {
			sum := 0.0
			for _, x := range into[i].Data {
				sum += float64(x) * float64(x)
			}
			if norm := math.Sqrt(sum); math.Abs(norm-p.Norm) > 1e-12*p.Norm {
				t.Errorf("%s: norm of %s is %v, want %v", name, p.Name, norm, p.Norm)
			}
		}
		if !bytes.Equal(encode(file.Tensors, nil), content) {
			t.Errorf("%s: written again it has other bytes", name)
		}
	}
}
