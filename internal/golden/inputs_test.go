package golden

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"image/png"
	"math"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"breakeven/curvature"
	"breakeven/data"
	"breakeven/internal/weights"
	"breakeven/model"
	"breakeven/nn"
	"breakeven/run"
)

// A twister is MT19937 (Matsumoto & Nishimura 1998), PyTorch's generator on the
// CPU.
type twister struct {
	state [624]uint32
	next  int
}

func newTwister(seed uint32) *twister {
	m := &twister{next: 624}
	m.state[0] = seed
	for i := 1; i < 624; i++ {
		m.state[i] = 1812433253*(m.state[i-1]^m.state[i-1]>>30) + uint32(i)
	}
	return m
}

func (m *twister) uint32() uint32 {
	if m.next == 624 {
		for k := range m.state {
			y := m.state[k]&(1<<31) | m.state[(k+1)%624]&(1<<31-1)
			m.state[k] = m.state[(k+397)%624] ^ y>>1 ^ y%2*0x9908b0df
		}
		m.next = 0
	}
	y := m.state[m.next]
	m.next++
	y ^= y >> 11
	y ^= y << 7 & 0x9d2c5680
	y ^= y << 15 & 0xefc60000
	return y ^ y>>18
}

// glorot returns the initial weights of seed 0 as PyTorch draws them:
// xavier_uniform_ for each tensor of weights in turn, 24 bits a number; zero
// biases; norms that change nothing.
func glorot(net *nn.Network) []float32 {
	g, theta := newTwister(0), make([]float32, net.Dim())
	for _, p := range net.Params() {
		w := theta[p.Offset : p.Offset+p.Size()]
		// Rounding the deviation first, then the bound, is what PyTorch does.
		bound := float64(float32(math.Sqrt(3) * math.Sqrt(2/float64(p.FanIn+p.FanOut))))
		for i := range w {
			if w[i] = p.Fill; p.FanIn > 0 {
				w[i] = float32(float64(g.uint32()&(1<<24-1))/(1<<24)*(2*bound) - bound)
			}
		}
	}
	return theta
}

// stateDict returns the file's tensors.
func stateDict(net *nn.Network, theta []float32) []run.Tensor {
	var list []run.Tensor
	for _, p := range net.Params() {
		list = append(list, run.Tensor{Name: p.Name, Shape: p.Shape, Data: theta[p.Offset : p.Offset+p.Size()]})
	}
	return list
}

// The weights drawn here are those of PyTorch's files, and written to a file they have
// the same bytes.
func TestWeights(t *testing.T) {
	for _, name := range models {
		s := load(t, name)
		var b bytes.Buffer
		if err := weights.Write(&b, stateDict(s.net, s.theta), nil); err != nil {
			t.Fatal(err)
		}
		sum := sha256.Sum256(b.Bytes())
		if got := hex.EncodeToString(sum[:]); got != s.Weights.SHA256 {
			t.Errorf("%s: sha256 of the weights is %s, want %s", name, got, s.Weights.SHA256)
		}
		for i, p := range s.net.Params() {
			want := s.Parameters[i]
			if p.Name != want.Name || len(p.Shape) != len(want.Shape) {
				t.Errorf("%s: parameter %d is %s %v, want %s %v", name, i, p.Name, p.Shape, want.Name, want.Shape)
			}
		}
	}
}

// writeWeights writes the state dict of a model to a file and returns its name.
func writeWeights(t *testing.T, name string) string {
	net, err := model.New(name, nn.Shape{C: 3, H: 32, W: 32}, 10)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), name+".safetensors")
	if err := weights.WriteFile(file, stateDict(net, glorot(net)), nil); err != nil {
		t.Fatal(err)
	}
	return file
}

// images returns the first 256 training images of CIFAR-10.
var images = sync.OnceValues(func() (*data.Set, error) {
	b, err := os.ReadFile("testdata/images.png")
	if err != nil {
		return nil, err
	}
	strip, err := png.Decode(bytes.NewReader(b))
	if err != nil {
		return nil, err
	}
	set := &data.Set{Name: "cifar10", Shape: [3]int{3, 32, 32}, Classes: 10}
	if set.Labels, err = os.ReadFile("testdata/labels.bin"); err != nil {
		return nil, err
	}
	set.Pixels = make([]byte, 3072*len(set.Labels))
	for i := range set.Labels {
		for p := range 1024 {
			r, g, b, _ := strip.At(p%32, 32*i+p/32).RGBA()
			for c, v := range []uint32{r, g, b} {
				set.Pixels[3072*i+1024*c+p] = byte(v >> 8)
			}
		}
	}
	return set, nil
})

// record returns record i as CIFAR-10's binary files hold it.
func record(set *data.Set, i int) []byte {
	return append([]byte{set.Labels[i]}, set.Pixels[3072*i:3072*(i+1)]...)
}

// inputs returns the examples of a reference, and checks that records, inputs and
// labels are the ones it was computed from.
func inputs(t *testing.T, r *reference) curvature.Set {
	t.Helper()
	set, err := images()
	if err != nil {
		t.Fatal(err)
	}
	transform, err := data.NewTransform("channel", set)
	if err != nil {
		t.Fatal(err)
	}
	x, y := make([]float32, 3072*r.N), make([]int32, r.N)
	var records []byte
	for i := range r.N {
		transform.To(x[3072*i:3072*(i+1)], set, r.Inputs.First+i)
		y[i] = int32(set.Labels[r.Inputs.First+i])
		records = append(records, record(set, r.Inputs.First+i)...)
	}
	check := func(what string, v any, want string) {
		h := sha256.New()
		if err := binary.Write(h, binary.LittleEndian, v); err != nil {
			t.Fatal(err)
		}
		if got := hex.EncodeToString(h.Sum(nil)); got != want {
			t.Fatalf("%s: sha256 of the %s is %s, want %s", r.Model, what, got, want)
		}
	}
	check("records", records, r.Inputs.Records)
	check("inputs", x, r.Inputs.Inputs)
	check("labels", y, r.Inputs.Labels)
	return nn.Labelled(x, y)
}
