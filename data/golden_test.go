package data

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"image/png"
	"os"
	"testing"
)

// CIFAR-10's first images, preprocessed by "channel", against the checksums of
// inputs computed independently with NumPy in float64 and rounded to float32.
func TestChannelGolden(t *testing.T) {
	set := firstCIFAR(t)
	tr := newTransform(t, "channel", set)
	for _, model := range []string{"mlp", "tiny", "simplecnn", "simplecnn-bn", "resnet32"} {
		b, err := os.ReadFile(shared(t, "golden/"+model+".seed0.json"))
		if err != nil {
			t.Fatal(err)
		}
		var golden struct {
			Inputs struct {
				First   int       `json:"first_record"`
				N       int       `json:"n_records"`
				Records string    `json:"sha256_of_records"`
				Inputs  string    `json:"sha256_of_inputs_float32_le"`
				Labels  string    `json:"sha256_of_labels_int32_le"`
				Example []float32 `json:"first_example_float32"`
			}
		}
		if err := json.Unmarshal(b, &golden); err != nil {
			t.Fatal(err)
		}
		in := golden.Inputs
		records, inputs, labels := sha256.New(), sha256.New(), sha256.New()
		x := make([]float32, set.size())
		for i := in.First; i < in.First+in.N; i++ {
			records.Write(append([]byte{set.Labels[i]}, set.image(i)...))
			tr.To(x, set, i)
			if err := binary.Write(inputs, binary.LittleEndian, x); err != nil {
				t.Fatal(err)
			}
			if err := binary.Write(labels, binary.LittleEndian, int32(set.Labels[i])); err != nil {
				t.Fatal(err)
			}
			for j, want := range in.Example {
				if i == in.First && x[j] != want {
					t.Errorf("%s: input %d of the first example is %v, want %v", model, j, x[j], want)
				}
			}
		}
		for what, sums := range map[string][2]string{
			"records": {hex.EncodeToString(records.Sum(nil)), in.Records},
			"inputs":  {hex.EncodeToString(inputs.Sum(nil)), in.Inputs},
			"labels":  {hex.EncodeToString(labels.Sum(nil)), in.Labels},
		} {
			if sums[0] != sums[1] {
				t.Errorf("%s: sha256 of %s is %s, want %s", model, what, sums[0], sums[1])
			}
		}
	}
}

// firstCIFAR returns the first 1,000 training images, from a strip of pictures
// one above another.
func firstCIFAR(t *testing.T) *Set {
	b, err := os.ReadFile(shared(t, "data/cifar-10/train_00.png"))
	if err != nil {
		t.Fatal(err)
	}
	strip, err := png.Decode(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	labels, err := os.ReadFile(shared(t, "data/cifar-10/train_labels.bin"))
	if err != nil {
		t.Fatal(err)
	}
	s := &Set{Name: "cifar10", Shape: [3]int{3, 32, 32}, Classes: 10, Labels: labels[:1000]}
	s.Pixels = make([]byte, 1000*s.size())
	for i := range 1000 {
		for p := range 1024 {
			r, g, b, _ := strip.At(p%32, 32*i+p/32).RGBA()
			for c, v := range []uint32{r, g, b} {
				s.image(i)[c*1024+p] = byte(v >> 8)
			}
		}
	}
	return s
}
