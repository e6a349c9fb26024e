package trojan

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"math"
	"slices"
	"testing"
)

func testKey(t testing.TB, secret string) Key {
	t.Helper()
	k, err := Bytes([]byte(secret))
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func digest(p []int32) string {
	h := sha256.New()
	_ = binary.Write(h, binary.LittleEndian, p)
	return hex.EncodeToString(h.Sum(nil))
}

// Golden values of another program, written from the documentation of Permutation alone.
func TestPermutationsArePinned(t *testing.T) {
	k := testKey(t, "a secret of the tests")
	for task, want := range map[int][]int32{
		1: {2, 4, 6, 10, 3, 5, 11, 1, 8, 0, 7, 9},
		2: {9, 6, 4, 3, 5, 11, 1, 10, 7, 0, 8, 2},
	} {
		if got := k.Permutation(task, "conv1.weight", 12); !slices.Equal(got, want) {
			t.Errorf("task %d: %v, want %v", task, got, want)
		}
	}
	if got, want := digest(k.Permutation(1, "fc.weight", 5000)), "d5dd051519a64fe147d13d85b2861b33aa90efa55b558e9161efcf66357d230c"; got != want {
		t.Errorf("the permutation of 5000 numbers has the SHA-256 %s, want %s", got, want)
	}
}

// Golden values of torch.randperm after torch.manual_seed, of PyTorch 2.
func TestReleasedPermutationsAreThoseOfPyTorch(t *testing.T) {
	for _, c := range []struct {
		seed uint32
		n    int
		want string
	}{
		{0, 10, "fdf6acceb49ea7dd8a7d6c44d388cc02580bed8b1d62416455a87cffee7a6b4d"},
		{555, 10, "d0659e30fd6fbb7f5aedade7a0ecf8edc1ef56a4c78e76bebd9a245cbab1d7d1"},
		{200, 1000, "a9b62b8396f58f5fa545cffc512a61af13426f3f09e3eded64884c12987c7f2c"},
		{math.MaxUint32, 7, "da137774f557ab250083663c19413a11163326a18a627f52935261db26817a62"},
		{3, 3000000, "0c2a9392f54407a99541cf528957bf4eb0ddec89feb3909b4b78eaa4d8c4e0b0"},
	} {
		p, err := Released(c.seed, c.n)
		if err != nil || digest(p) != c.want {
			t.Errorf("seed %d, %d numbers: %s, %v, want %s", c.seed, c.n, digest(p), err, c.want)
		}
	}
	if _, err := Released(0, 1<<32/20); err == nil {
		t.Error("as many numbers as PyTorch draws 64 bits for are taken")
	}
}

func TestReleasedSeeds(t *testing.T) {
	for layer, want := range map[string]uint32{
		"conv1": 207, "layer1.0.conv1": 318, "layer2.1.conv3": 441, "layer4.0.shortcut.0": 654, "linear": 762,
	} {
		if got, err := ReleasedSeed(7, 1, layer, true); got != want || err != nil {
			t.Errorf("%s: %d, %v, want %d", layer, got, err, want)
		}
	}
	if got, _ := ReleasedSeed(0, 0, "layer1.0.shortcut.0", false); got != 113 {
		t.Errorf("the shortcut of a basic block has the seed %d, want 113", got)
	}
	for _, layer := range []string{"", "fc", "layer5.0.conv1", "layer1.x.conv1", "layer1.0.bn1"} {
		if _, err := ReleasedSeed(0, 0, layer, true); err == nil {
			t.Errorf("%q has a seed", layer)
		}
	}
}

// Key, task, name and size each matter, and the inverse undoes a permutation.
func TestPermutations(t *testing.T) {
	k, seen := testKey(t, "a"), map[string]string{}
	for name, p := range map[string][]int32{
		"first": k.Permutation(1, "fc.weight", 50), "task": k.Permutation(2, "fc.weight", 50), "layer": k.Permutation(1, "fd.weight", 50),
		"size": k.Permutation(1, "fc.weight", 51)[:50], "key": testKey(t, "b").Permutation(1, "fc.weight", 50),
	} {
		if other := seen[digest(p)]; other != "" {
			t.Errorf("%s gives the permutation of %s", name, other)
		}
		seen[digest(p)] = name
	}
	p := k.Permutation(1, "fc.weight", 1000)
	q := Inverse(p)
	for i, j := range p {
		if q[j] != int32(i) {
			t.Fatalf("the inverse takes %d to %d, not %d", j, q[j], i)
		}
	}
	if got := k.Permutation(1, "x", 0); len(got) != 0 {
		t.Errorf("the permutation of nothing is %v", got)
	}
}

// All 24 permutations of 4 numbers are equally likely: χ² of 24,000 of them with 23 degrees of
// freedom is below its 99.99th percentile.
func TestShuffleIsUnbiased(t *testing.T) {
	k, count, n := testKey(t, "many"), map[string]int{}, 24000
	for i := range n {
		count[fmt.Sprint(k.Permutation(1, fmt.Sprint(i), 4))]++
	}
	square := 0.0
	for _, c := range count {
		d := float64(c) - float64(n)/24
		square += d * d / (float64(n) / 24)
	}
	if len(count) != 24 || square > 58 {
		t.Errorf("%d of 24 permutations, χ² %v", len(count), square)
	}
}

// The number of fixed points of a random permutation, and so of π⁻¹π' of two keys, has mean 1 and
// variance 1, whatever the size: two networks have one number of a layer in common, on average.
func TestFixedPoints(t *testing.T) {
	k, rounds, sum, squares := testKey(t, "fixed"), 2000, 0.0, 0.0
	for i := range rounds {
		p, q := k.Permutation(1, fmt.Sprint(i), 200), k.Permutation(2, fmt.Sprint(i), 200)
		fixed := 0.0
		for j := range p {
			if p[j] == q[j] {
				fixed++
			}
		}
		sum += fixed
		squares += fixed * fixed
	}
	mean := sum / float64(rounds)
	variance := squares/float64(rounds) - mean*mean
	if math.Abs(mean-1) > 0.1 || math.Abs(variance-1) > 0.2 { // four standard errors and more
		t.Errorf("mean %v and variance %v of the fixed points, want 1 and 1", mean, variance)
	}
}
