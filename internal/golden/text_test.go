package golden

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"breakeven/internal/weights"
	"breakeven/model"
	"breakeven/nn"
	"breakeven/run"

	"github.com/sbinet/npyio/npz"
)

// shared returns the path of a reference file for development beside the module, or
// skips the test: the texts and the weights of the lstm, which our generators cannot
// draw, exist only there.
func shared(t *testing.T, name string) string {
	t.Helper()
	file := filepath.Join("..", "..", "..", "shared", "golden", name)
	if _, err := os.Stat(file); err != nil {
		t.Skipf("needs ../shared/golden/%s, which is not here", name)
	}
	return file
}

// loadText reads the lstm's reference, weights and texts.
func loadText(t *testing.T) *subject {
	t.Helper()
	text, err := os.ReadFile(shared(t, "lstm.seed0.json"))
	if err != nil {
		t.Fatal(err)
	}
	s := &subject{reference: new(reference)}
	if err := json.Unmarshal(text, s.reference); err != nil {
		t.Fatal(err)
	}
	if s.net, err = model.Of(run.Spec{Model: "lstm", More: map[string]string{"embedding": "32", "units": "64"}}, nn.Input{Name: "tokens", Shape: nn.Seq(40, 1), Below: 1000}, 2); err != nil {
		t.Fatal(err)
	}
	s.readWeights(t)
	tokens, labels := integersOf(t, "tokens"), integersOf(t, "y")
	s.set = nn.Batch{N: s.N, In: []nn.Values{{I: tokens}}, Target: []nn.Target{{Labels: labels}}}
	if len(tokens) != 40*s.N || !slices.Equal(labels[:16], s.Inputs.First16) {
		t.Fatalf("%d tokens for %d texts, the first labels are %v", len(tokens), s.N, labels[:16])
	}
	return s
}

// readWeights reads the parameters, and checks that names, places and shapes are the
// network's.
func (s *subject) readWeights(t *testing.T) {
	t.Helper()
	file := shared(t, "lstm.seed0.safetensors")
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if sum := sha256.Sum256(b); hex.EncodeToString(sum[:]) != s.Weights.SHA256 {
		t.Fatalf("%s has another checksum than the reference says", file)
	}
	s.theta = make([]float32, s.net.Dim())
	var wanted []run.Tensor
	for i, p := range s.net.Params() {
		if i >= len(s.Parameters) || p.Name != s.Parameters[i].Name || !slices.Equal(p.Shape, s.Parameters[i].Shape) {
			t.Fatalf("parameter %d is %s %v, of %+v", i, p.Name, p.Shape, s.Parameters)
		}
		wanted = append(wanted, run.Tensor{Name: p.Name, Shape: p.Shape, Data: s.theta[p.Offset : p.Offset+p.Size()]})
	}
	if _, err := weights.Load(file, wanted, nil); err != nil {
		t.Fatal(err)
	}
}

// integersOf reads an array of the lstm's inputs.
func integersOf(t *testing.T, name string) []int32 {
	t.Helper()
	f, err := os.Open(shared(t, "lstm.seed0.inputs.npz"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var x []int32
	if err := npz.Read(f, name+".npy", &x); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return x
}
