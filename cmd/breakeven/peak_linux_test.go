package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"breakeven/internal/testenv"
	"breakeven/internal/weights"
	"breakeven/model"
	"breakeven/nn"
	"breakeven/probe"
	"breakeven/run"
	"breakeven/spectrum"
	"breakeven/train"
)

// The memory that is announced is held against the peak of the process. A few runs
// are part of every `go test`; all probes with all models, all methods, and sets of
// many sizes are tested, in some minutes, by
//
//	BREAKEVEN_LONG=all go test -run TestPeak -timeout 2h -v ./cmd/breakeven

func init() { commands["breakeven-peak"] = peakOf }

// peakOf is a program that runs another one and writes its peak memory, in bytes, to
// the file that is named first. The peak of a process that a test starts would be at
// least that of the test, since the system carries it over; this program is smaller
// than whatever it runs.
func peakOf() {
	c := exec.Command(os.Args[2], os.Args[3:]...)
	c.Stdout, c.Stderr = os.Stdout, os.Stderr
	err := c.Run()
	if c.ProcessState == nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(3)
	}
	peak := c.ProcessState.SysUsage().(*syscall.Rusage).Maxrss << 10
	if err := os.WriteFile(os.Args[1], []byte(strconv.FormatInt(peak, 10)), 0o666); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(3)
	}
	os.Exit(c.ProcessState.ExitCode())
}

// peak runs the program in dir and returns the most memory that it took, and its
// standard output.
func peak(t *testing.T, dir string, args ...string) (bytes int64, stdout string) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "peak")
	c := exec.Command("breakeven-peak", append([]string{file, "breakeven"}, args...)...)
	c.Dir = dir
	out, err := c.Output()
	if err != nil {
		t.Fatalf("breakeven %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	n, err := strconv.ParseInt(string(text), 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	return n, string(out)
}

// planned returns what a run says that it will do.
func planned(t *testing.T, dir string, args ...string) (p plan) {
	t.Helper()
	if err := json.Unmarshal([]byte(must(t, dir, append(args, "--dry-run", "--json")...)), &p); err != nil {
		t.Fatal(err)
	}
	return p
}

// announcedAt returns what a measurement at given weights says that it needs, which
// it does where that is not allowed.
func announcedAt(t *testing.T, dir string, args ...string) int64 {
	t.Helper()
	code, _, text := runAt(dir, append(args, "--memory", "40MB")...)
	m := regexp.MustCompile(`this needs ([0-9.]+) (MB|GB)`).FindStringSubmatch(text)
	if code != 1 || m == nil {
		t.Fatalf("not refused: %d\n%s", code, text)
	}
	n, err := strconv.ParseFloat(m[1], 64)
	if err != nil {
		t.Fatal(err)
	}
	return int64(n*units[strings.ToLower(m[2])]) - programMemory
}

// runAt runs the program in dir.
func runAt(dir string, args ...string) (code int, stdout, stderr string) {
	var out, err bytes.Buffer
	c := program(dir, args...)
	c.Stdout, c.Stderr = &out, &err
	_ = c.Run()
	return c.ProcessState.ExitCode(), out.String(), err.String()
}

// sway is what the program's own memory varies by: how much of its code is in
// memory, and where its heap has gaps.
const sway = 3e6

// holdsWhatItSays fails unless the peak is that of the program and what was
// announced, to 10 % beside what the program's own varies by. Searches for eigenvectors that ended before their basis was
// full took so much less.
func holdsWhatItSays(t *testing.T, peak, announced, less int64) {
	t.Helper()
	took := peak - programMemory
	ratio := float64(took) / float64(announced)
	t.Logf("announced %.1f MB, took %.1f MB (%.2f); less for searches that ended early: %.1f MB", float64(announced)/1e6, float64(took)/1e6, ratio, float64(less)/1e6)
	allowance := sway + float64(announced)/10
	if d := float64(took - announced); d > allowance || d < -allowance-float64(less) {
		t.Errorf("%.1f MB were announced, %.1f MB were taken: %.2f of it", float64(announced)/1e6, float64(took)/1e6, ratio)
	}
}

// A run takes the memory that it says it needs.
func TestPeak(t *testing.T) {
	for _, args := range peakRuns(t) {
		t.Run(strings.Join(args[1:], " "), func(t *testing.T) {
			dir := t.TempDir()
			p := planned(t, dir, args...)
			took, _ := peak(t, dir, args...)
			less := endedEarly(t, must(t, dir, "export", "last", "--format", "json"), p.Parameters)
			if args[len(args)-1] == "stability" { // it searches, and records what follows from the eigenvector
				less = (&spectrum.Settings{}).Bytes(p.Parameters)
			}
			holdsWhatItSays(t, took, totalMemory(p.Memory), less)
		})
	}
}

// peakRuns returns the runs of TestPeak.
func peakRuns(t *testing.T) (runs [][]string) {
	add := func(line string, more ...string) { runs = append(runs, append(strings.Fields(line), more...)) }
	const (
		tiny  = "run --model tiny --steps 2 --every 1 --examples 200 --per-example 200 --valid 100"
		small = " --steps 1 --every 1 --batch 16 --l 4 --m 16 --examples 64 --per-example 64 --valid 50"
	)
	add(tiny + " --probe loss,k,examples,h,stability,step")
	add(tiny + " --probe loss,k,examples --method adam --augment")
	add("run --model mlp" + small + " --probe loss,k,h5,density --tolerance 1e-6 --method nesterov --momentum 0.9")
	add("run --model simplecnn" + small + " --probe loss,examples,step,ntk --method momentum --momentum 0.9")
	add("run --model simplecnn-bn" + small + " --probe loss,k,sharpness,step --method adam")
	if !testenv.Long() {
		return runs
	}
	for _, model := range model.All {
		m := model.Name
		if model.Tokens {
			continue
		}
		for _, p := range probe.Names() {
			add("run --model "+m+small+" --tolerance 1e-5 --probe", p)
		}
		add("run --model "+m+small+" --probe", strings.Join(probe.Names(), ","))
		for _, method := range train.Names {
			momentum := either(method == "momentum" || method == "nesterov", "0.9", "0")
			add("run --model "+m+small+" --probe loss,step --momentum "+momentum+" --method", method)
		}
	}
	for _, n := range []int{32, 100, 500, 1000} {
		add(fmt.Sprintf("run --model tiny --steps 2 --every 1 --probe loss,examples --examples %d --per-example %d", n, n))
		add(fmt.Sprintf("run --model tiny --steps 2 --every 1 --probe loss,k,examples --method adam --examples %d --per-example %d", n, n))
		add(fmt.Sprintf("run --model tiny --steps 2 --every 1 --probe loss,k,examples,h,stability,step --examples %d", n))
		add(fmt.Sprintf("run --model simplecnn --steps 2 --every 1 --l 8 --valid 200 --probe loss,k,h --examples %d", n))
	}
	for _, l := range []int{2, 10, 100} {
		add(fmt.Sprintf("run --model mlp --steps 1 --every 1 --m 8 --probe loss,k --examples 100 --l %d", l))
	}
	return runs
}

// endedEarly returns how much less than announced the searches for eigenvectors
// took that records in JSON tell of, for a network of so many parameters: each
// product that they spent has added a vector to their basis.
func endedEarly(t *testing.T, records string, params int) int64 {
	t.Helper()
	var tree any
	if err := json.Unmarshal([]byte(records), &tree); err != nil {
		t.Fatalf("%v\n%s", err, records)
	}
	used := 0
	eachObject(tree, func(how map[string]any) {
		if method, _ := how["method"].(string); !strings.HasPrefix(method, "Lanczos") {
			return
		}
		products, _ := how["products"].(float64)
		used = max(used, int(products))
		note, _ := how["note"].(string)
		if m := regexp.MustCompile("begun with ([0-9]+) products").FindStringSubmatch(note); m != nil {
			rough, _ := strconv.Atoi(m[1])
			used = max(used, rough)
		}
	})
	vector := 4 * int64(params)
	basis := (&spectrum.Settings{}).Bytes(params) / vector
	if used == 0 {
		return 0
	}
	return vector * max(0, basis-int64(used))
}

// eachObject calls f for every object in what was read from JSON.
func eachObject(tree any, f func(map[string]any)) {
	switch v := tree.(type) {
	case map[string]any:
		f(v)
		for _, x := range v {
			eachObject(x, f)
		}
	case []any:
		for _, x := range v {
			eachObject(x, f)
		}
	}
}

// A measurement at given weights takes the memory that it says it needs, the
// weights file included.
func TestPeakAtWeights(t *testing.T) {
	lines := []string{
		"measure --model tiny --examples 0:200 --probe loss,k,examples,step,ntk",
		"measure --model mlp --examples 0:64 --probe loss,h5,trace,density --weights mlp.safetensors",
	}
	if testenv.Long() {
		for _, m := range model.Names() {
			lines = append(lines, "measure --model "+m+" --examples 0:64 --minibatches 8 --weights "+m+".safetensors")
		}
		for _, l := range []int{2, 10, 50, 250, 500} {
			lines = append(lines, fmt.Sprintf("measure --model tiny --examples 0:500 --probe loss,k --minibatches %d", l))
		}
		for _, n := range []int{1, 10, 50, 100} {
			lines = append(lines, fmt.Sprintf("measure --model tiny --examples 0:100 --probe loss,ntk --ntk %d", n))
		}
	}
	for _, line := range lines {
		t.Run(line, func(t *testing.T) {
			dir, args := t.TempDir(), strings.Fields(line)
			net, err := model.New(args[2], nn.Shape{C: 1, H: 28, W: 28}, 10)
			if err != nil {
				t.Fatal(err)
			}
			writeWeights(t, dir)
			took, record := peak(t, dir, append(args, "--json")...)
			holdsWhatItSays(t, took, announcedAt(t, dir, args...), endedEarly(t, record, net.Dim()))
		})
	}
}

// writeWeights writes a file of weights for each model, on grey images of 28×28.
func writeWeights(t *testing.T, dir string) {
	t.Helper()
	for _, m := range model.All {
		name := m.Name
		if m.Tokens {
			continue
		}
		net, err := model.New(name, nn.Shape{C: 1, H: 28, W: 28}, 10)
		if err != nil {
			t.Fatal(err)
		}
		theta := net.InitialParams(nn.Glorot, 7)
		var tensors []run.Tensor
		for _, p := range net.Params() {
			tensors = append(tensors, run.Tensor{Name: p.Name, Shape: p.Shape, Data: theta[p.Offset : p.Offset+p.Size()]})
		}
		if err := weights.WriteFile(filepath.Join(dir, name+".safetensors"), tensors, nil); err != nil {
			t.Fatal(err)
		}
	}
}

// A run that goes on needs no more than it did.
func TestPeakOfResumedRun(t *testing.T) {
	dir := t.TempDir()
	args := strings.Fields("run --model mlp --steps 6 --every 3 --batch 16 --l 4 --m 16 --examples 64 --valid 50 --method adam --probe loss,h5 --tolerance 1e-6")
	c := program(dir, args...)
	rest := follow(t, c, "^ +3 ")
	if err := c.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	rest()
	_ = c.Wait()
	took, _ := peak(t, dir, "resume", "last")
	p := planned(t, t.TempDir(), args...)
	holdsWhatItSays(t, took, totalMemory(p.Memory), endedEarly(t, must(t, dir, "export", "last", "--format", "json"), p.Parameters))
}
