package main

import (
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"breakeven/internal/testenv"
	"breakeven/nn"
)

func TestMedian(t *testing.T) {
	for _, c := range []struct {
		x    []float64
		want float64
	}{{[]float64{3}, 3}, {[]float64{4, 1}, 2.5}, {[]float64{9, 1, 2}, 2}, {[]float64{4, 3, 2, 1}, 2.5}} {
		if got := median(c.x); got != c.want {
			t.Errorf("median(%v) = %v, want %v", c.x, got, c.want)
		}
	}
}

func TestDifference(t *testing.T) {
	for _, c := range []struct {
		a, b []float64
		want float64
	}{
		{[]float64{1, 2}, []float64{1, 2}, 0},
		{[]float64{1, 3}, []float64{1, 2}, 0.5},
		{[]float64{-1}, []float64{1}, 2},
		{[]float64{1}, []float64{1, 2}, math.Inf(1)},
		{nil, []float64{1}, math.Inf(1)},
	} {
		if got := difference(c.a, c.b); got != c.want {
			t.Errorf("difference(%v, %v) = %v, want %v", c.a, c.b, got, c.want)
		}
	}
	if d := difference([]float64{math.NaN(), 1}, []float64{1, 1}); d <= 1 {
		t.Errorf("NaN passes as a difference of %v", d)
	}
}

func TestFingerprint(t *testing.T) {
	x := []float32{1, -2, 3, 4}
	for name, y := range map[string][]float32{"order": {1, -2, 4, 3}, "sign": {1, 2, 3, 4}, "size": {1, -2, 3, 4.1}} {
		if difference(fingerprint(y), fingerprint(x)) < 1e-3 {
			t.Errorf("a wrong %s is not seen: %v", name, fingerprint(y))
		}
	}
}

func TestParseAnswer(t *testing.T) {
	a, err := parseAnswer([]byte(`{"seconds": 0.5, "numbers": [1, 2], "peak": 4096, "more": 1}`))
	if err != nil || a.Seconds != 0.5 || len(a.Numbers) != 2 || a.Peak != 4096 {
		t.Fatalf("%+v, %v", a, err)
	}
	for _, line := range []string{
		"", "null", "{}", "[]", "1", "INFO: loading", `{"seconds": 1`, `{"seconds": NaN, "numbers": [1]}`, `{"seconds": 1, "numbers": [NaN]}`,
		`{"seconds": -1, "numbers": [1]}`, `{"seconds": 0, "numbers": [1]}`, `{"seconds": 1}`, `{"seconds": 1, "numbers": []}`,
		`{"seconds": 1, "numbers": [1], "peak": -1}`, `{"seconds": "1", "numbers": [1]}`, `{"seconds": 1e999, "numbers": [1]}`,
		`{"seconds": 1, "numbers": [1], "error": "lost"}`, strings.Repeat("[", 100_000),
	} {
		if a, err := parseAnswer([]byte(line)); err == nil {
			t.Errorf("%.40q is taken for %+v", line, a)
		} else if len(err.Error()) > 500 {
			t.Errorf("%.40q: an error of %d bytes", line, len(err.Error()))
		}
	}
	if _, err := parseAnswer([]byte(`{"error": "a | b\nc"}`)); err == nil || err.Error() != "a / b c" {
		t.Errorf("an error that breaks the table: %v", err)
	}
}

func TestRow(t *testing.T) {
	r := result{Work: "w", Peer: "p", Variant: "v", Ours: []float64{0.001, 0.002, 0.004}, Theirs: []float64{0.002, 0.004, 0.004},
		OurPeak: 50e6, TheirPeak: 200e6, Difference: []float64{2e-6}, race: race{name: "w", aim: 0.8, memory: 0.5, flops: 4e8}}
	if got, want := r.row(), "| w | p, v | 2 ms (200 GFLOP/s) | 4 ms | 0.50 | 0.80 | 50 MB | 200 MB | 0.25 | 0.50 | 2e-06 |"; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	columns := strings.Count(strings.SplitN(header, "\n", 2)[0], "|")
	for name, r := range map[string]result{
		"error":   {Error: "lost", race: race{name: "w", aim: 1}},
		"no peer": {Ours: []float64{1}, race: race{name: "w", aim: 2}},
		"raced":   r,
	} {
		if got := strings.Count(r.row(), "|"); got != columns {
			t.Errorf("%s: %d bars in %q, the header has %d", name, got, r.row(), columns)
		}
	}
}

func TestNpyHeader(t *testing.T) {
	h := npyHeader("<f4", 3200, 3, 32, 32)
	if len(h) != preamble || len(h)%64 != 0 || h[len(h)-1] != '\n' || int(h[8])|int(h[9])<<8 != len(h)-10 {
		t.Errorf("%d bytes, %q", len(h), h)
	}
	if !strings.HasPrefix(string(h), "\x93NUMPY\x01\x00") || !strings.Contains(string(h), "{'descr': '<f4', 'fortran_order': False, 'shape': (3200, 3, 32, 32, ), }") {
		t.Errorf("%q", h)
	}
}

func TestFolder(t *testing.T) {
	dir := folder(t.TempDir())
	if err := dir.floats("x", []float32{1, 2, 3}); err != nil {
		t.Fatal(err)
	}
	if x, err := dir.vector("x", 2); err != nil || x[0] != 1 || x[1] != 2 {
		t.Errorf("%v, %v", x, err)
	}
	if _, err := dir.vector("x", 4); err == nil {
		t.Error("more numbers than there are")
	}
	if _, err := dir.vector("none", 1); err == nil {
		t.Error("a file that is not there")
	}
}

// ask returns an error if the process is silent for too long, ends, or answers with
// something else.
func TestAsk(t *testing.T) {
	for _, c := range []struct {
		command []string
		limit   time.Duration
		want    error
	}{
		{[]string{"sleep", "600"}, time.Millisecond, errTooLong},
		{[]string{"true"}, time.Minute, errEnded},
		{[]string{"cat"}, time.Minute, nil}, // echoes the request, which is no answer
	} {
		if _, err := exec.LookPath(c.command[0]); err != nil {
			t.Skip(err)
		}
		p, err := start(1, c.command[0], c.command[1:]...)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := p.ask(request{Work: "gemm"}, c.limit); err == nil || c.want != nil && err != c.want {
			t.Errorf("%v: %v, want %v", c.command, err, c.want)
		}
		p.stop()
	}
}

// A request and its answer are written and read back by the code that both processes
// use.
func TestServe(t *testing.T) {
	dir := folder(t.TempDir())
	for _, name := range []string{"a", "b"} {
		if err := dir.floats(name, []float32{1, 2, 3, 4, 5, 6}); err != nil {
			t.Fatal(err)
		}
	}
	var out strings.Builder
	requests := `{"work":"gemm","variant":"nn","sizes":[2,3,2]}` + "\n" + `{"work":"none"}` + "\n" + `{"work":"gemm","sizes":[2,-3,2]}` + "\nrubbish\n"
	if err := serve(strings.NewReader(requests), &out, dir); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	if len(lines) != 4 {
		t.Fatalf("%d answers: %q", len(lines), lines)
	}
	a, err := parseAnswer([]byte(lines[0]))
	if want := math.Sqrt(22*22 + 28*28 + 49*49 + 64*64); err != nil || difference(a.Numbers[:1], []float64{want}) > 1e-6 {
		t.Errorf("%+v, %v: want the norm %v", a, err, want)
	}
	for _, line := range lines[1:] {
		if a, err := parseAnswer([]byte(line)); err == nil {
			t.Errorf("%+v for a request that makes no sense", a)
		}
	}
}

func TestProducts(t *testing.T) {
	const m, k, n = 5, 7, 3
	a, b := normal("a", m*k), normal("b", k*n)
	at := func(x []float32, rows, cols, i, j int, transposed bool) float64 {
		if transposed {
			return float64(x[j*rows+i])
		}
		return float64(x[i*cols+j])
	}
	for _, kind := range []string{"nn", "nt", "tn"} {
		c := make([]float32, m*n)
		multiply, err := product(kind, c, a, b, m, k, n)
		if err != nil {
			t.Fatal(err)
		}
		multiply()
		for i := range m {
			for j := range n {
				want := 0.0
				for p := range k {
					want += at(a, m, k, i, p, kind[0] == 't') * at(b, k, n, p, j, kind[1] == 't')
				}
				if math.Abs(float64(c[i*n+j])-want) > 1e-6 {
					t.Errorf("%s: c[%d,%d] = %v, want %v", kind, i, j, c[i*n+j], want)
				}
			}
		}
	}
}

func TestMachineWords(t *testing.T) {
	info := "processor\t: 0\nmodel name\t: Some CPU\ncache size\t: 32 KB\nflags\t\t: fpu sse2 avx2 fma avx512f\n"
	if got := cpu(info); !strings.Contains(got, "Some CPU") || !strings.Contains(got, "(avx2 fma avx512f)") || !strings.Contains(got, "32 KB") {
		t.Errorf("%q", got)
	}
	if got := cpu(""); !strings.Contains(got, "unknown") {
		t.Errorf("%q", got)
	}
	if got := rates("BenchmarkPeak/avx2-2  10  5 ns/op  120.5 GFLOP/s\nok\n"); got != "120.5 GFLOP/s (avx2)" {
		t.Errorf("%q", got)
	}
	if got := rates("FAIL"); got != "unknown" {
		t.Errorf("%q", got)
	}
}

// Both kinds of texts are numbers below the vocabulary with classes of two kinds, and an
// epoch names each of them once.
func TestTexts(t *testing.T) {
	testenv.Slow(t)
	check := func(imdb string) {
		t.Helper()
		dir := folder(t.TempDir())
		if err := writeTexts(dir, imdb); err != nil {
			t.Fatal(err)
		}
		set, err := dir.texts(reviews)
		if err != nil {
			t.Fatal(err)
		}
		tokens, ones := set.In[0].I, 0
		if low, high := slices.Min(tokens), slices.Max(tokens); low < 0 || high >= vocabulary || high < vocabulary/2 {
			t.Errorf("%q: numbers from %d to %d", imdb, low, high)
		}
		for _, class := range set.Target[0].Labels {
			ones += int(class)
		}
		if ones < reviews/3 || ones > reviews*2/3 {
			t.Errorf("%q: %d texts of class 1", imdb, ones)
		}
		order := make([]int32, reviews)
		if err := dir.load("order", order); err != nil {
			t.Fatal(err)
		}
		slices.Sort(order)
		if order[0] != 0 || order[reviews-1] != reviews-1 || len(slices.Compact(order)) != reviews {
			t.Errorf("%q: the order is no permutation", imdb)
		}
	}
	check("")
	if err := writeTexts(folder(t.TempDir()), t.TempDir()); err == nil {
		t.Error("no error for a folder without reviews")
	}
	imdb := filepath.Join("..", "..", "..", "shared", "data", "imdb")
	if _, err := os.Stat(imdb); err != nil {
		t.Skip("the reviews themselves:", err)
	}
	check(imdb)
}

// The flights are those of the sample, again after the last, and a network for them can be
// trained a step; without weather it has two inputs.
func TestFlights(t *testing.T) {
	dir := folder(t.TempDir())
	if err := writeFlights(dir); err != nil {
		t.Fatal(err)
	}
	for name, inputs := range map[string]int{deeptp: 3, fairSky: 2} {
		net, err := dir.network(name)
		if err != nil {
			t.Fatal(err)
		}
		if err := dir.floats(name, net.InitialParams(nn.Glorot, 1)); err != nil {
			t.Fatal(err)
		}
		b, err := dir.set(name, 23)
		if err != nil || len(b.In) != inputs || len(net.Inputs()) != inputs {
			t.Fatalf("%s: %d inputs, the network has %d (%v)", name, len(b.In), len(net.Inputs()), err)
		}
		first, last := b.Slice(2, 3), b.Slice(22, 23)
		if !slices.Equal(first.In[0].F, last.In[0].F) || !slices.Equal(first.Target[0].Vector, last.Target[0].Vector) {
			t.Errorf("%s: the flights after the last are not the first", name)
		}
		if steps := b.In[0].Steps; slices.Max(steps) == slices.Min(steps) {
			t.Errorf("%s: all flights have %d states", name, steps[0])
		}
		run, err := step(dir, request{Work: "step", Model: name, Sizes: []int{2}})
		if err != nil {
			t.Fatal(err)
		}
		numbers, err := run()
		if err != nil {
			t.Fatal(err)
		}
		if x := numbers(); !(x[0] > 0) || len(x) != 3 {
			t.Errorf("%s: %v", name, x)
		}
	}
}

// Every race names works that exist, and a peer that its worker knows.
func TestThemes(t *testing.T) {
	worker, err := os.ReadFile("../peers/worker.py")
	if err != nil {
		t.Fatal(err)
	}
	total := 0
	for _, theme := range themes(options{cifar: "x"}) {
		for _, r := range theme.races {
			total++
			if r.peer != "" && r.peer != self && !strings.Contains(string(worker), `"`+r.peer+`": "`) {
				t.Errorf("%s: the worker has no peer %q", r.name, r.peer)
			}
			for _, q := range []*request{&r.ours, r.theirs, r.reference} {
				if q != nil && works[q.Work] == nil {
					t.Errorf("%s: unknown work %q", r.name, q.Work)
				}
			}
		}
	}
	if kept, n := selection(themes(options{cifar: "x"}), "SGEMM"); len(kept) != 1 || n == 0 || n >= total {
		t.Errorf("%d of %d races hold sgemm, in %d themes", n, total, len(kept))
	}
}
