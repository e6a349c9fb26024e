package trojan

import (
	"fmt"
	"strconv"
	"strings"
)

// Released returns the permutation that the paper's released code makes of an integer seed:
// torch.randperm(n) on a CPU after torch.manual_seed(seed), to the number. It is a shuffle from the
// first place on, over the Mersenne twister, with remainders, which favour small numbers by 2³² mod m
// parts in 2³². Anybody who has the file can try all small seeds: it is there to read files of
// that code, not to hide anything. PyTorch draws 64 bits for a number where n is at least 2³²/20.
func Released(seed uint32, n int) ([]int32, error) {
	if n < 0 || n >= 1<<32/20 {
		return nil, fmt.Errorf("trojan: released permutations of %d numbers are not known: at most %d", n, 1<<32/20-1)
	}
	t := newTwister(seed)
	p := make([]int32, n)
	for i := range p {
		p[i] = int32(i)
	}
	for i := 0; i < n-1; i++ {
		j := i + int(t.next()%uint32(n-i))
		p[i], p[j] = p[j], p[i]
	}
	return p, nil
}

// ReleasedSeed returns the seed that the released code gives to a layer of its residual networks in
// task number t, 0 being the first and no task being the identity: 200·t + args.seed, and to that 111
// for each stage, 10 for each block and 1 for each convolution in a block, the shortcut being the last
// of the two or, in a bottleneck, three.
func ReleasedSeed(seed uint32, task int, layer string, bottleneck bool) (uint32, error) {
	base := seed + 200*uint32(task)
	unknown := fmt.Errorf("trojan: the released code has no layer %q: it has conv1, layer1.0.conv1, layer1.0.shortcut.0, …, linear", layer)
	parts := strings.Split(layer, ".")
	switch {
	case layer == "conv1":
		return base, nil
	case layer == "linear":
		return base + 555, nil
	case len(parts) < 3 || !strings.HasPrefix(parts[0], "layer"):
		return 0, unknown
	}
	stage, err := strconv.Atoi(strings.TrimPrefix(parts[0], "layer"))
	block, other := strconv.Atoi(parts[1])
	if err != nil || other != nil || stage < 1 || stage > 4 || block < 0 {
		return 0, unknown
	}
	base += 111*uint32(stage) + 10*uint32(block)
	switch parts[2] {
	case "conv1", "conv2", "conv3":
		return base + uint32(parts[2][4]-'1'), nil
	case "shortcut":
		if bottleneck {
			return base + 3, nil
		}
		return base + 2, nil
	}
	return 0, unknown
}

// twister is the Mersenne twister MT19937 (Matsumoto & Nishimura 1998).
type twister struct {
	state [624]uint32
	at    int
}

func newTwister(seed uint32) *twister {
	t := &twister{at: 624}
	t.state[0] = seed
	for i := uint32(1); i < 624; i++ {
		before := t.state[i-1]
		t.state[i] = 1812433253*(before^before>>30) + i
	}
	return t
}

func (t *twister) next() uint32 {
	if t.at == len(t.state) {
		t.twist()
	}
	y := t.state[t.at]
	t.at++
	y ^= y >> 11
	y ^= y << 7 & 0x9d2c5680
	y ^= y << 15 & 0xefc60000
	return y ^ y>>18
}

func (t *twister) twist() {
	t.at = 0
	for i := range t.state {
		y := t.state[i]&0x80000000 | t.state[(i+1)%624]&0x7fffffff
		x := t.state[(i+397)%624] ^ y>>1
		if y&1 != 0 {
			x ^= 0x9908b0df
		}
		t.state[i] = x
	}
}
