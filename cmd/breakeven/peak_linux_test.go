package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"breakeven/internal/testenv"
	"breakeven/internal/weights"
	"breakeven/model"
	"breakeven/nn"
	"breakeven/run"
)

// The memory that is announced is held against the peak of the process. A few runs
// are part of every `go test`; each probe, and some together, with each kind of model,
// all methods, and sets of several sizes are tested, in about an hour, by
//
//	BREAKEVEN_LONG=all go test -run TestPeak -timeout 3h -v ./cmd/breakeven

func init() { commands["breakeven-peak"] = peakOf }

// peakOf is a program that runs another one and writes its peak memory, in bytes, to
// the file named first. The peak of a process that the test itself starts would be at
// least that of the test, since Linux carries it over; this program is smaller than
// anything that it runs.
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

// built is the program as users have it. The test binary, which other tests use as the
// program, contains more code.
type built string

// build builds the program.
func build(t *testing.T) built {
	t.Helper()
	tool, err := exec.LookPath("go")
	if err != nil {
		t.Skip("no go command, to build the program with:", err)
	}
	file := filepath.Join(t.TempDir(), "breakeven")
	if out, err := exec.Command(tool, "build", "-o", file, ".").CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	return built(file)
}

// peak runs the program in dir and returns the most memory that it took, and its
// standard output.
func (b built) peak(t *testing.T, dir string, args ...string) (bytes int64, stdout string) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "peak")
	c := onAllProcessors(exec.Command("breakeven-peak", append([]string{file, string(b)}, args...)...))
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

// planned returns the output of a dry run.
func planned(t *testing.T, dir string, args ...string) (p plan) {
	t.Helper()
	code, out, text := runAt(dir, append(args, "--dry-run", "--json")...)
	if code != 0 {
		t.Fatal(text)
	}
	if err := json.Unmarshal([]byte(out), &p); err != nil {
		t.Fatal(err)
	}
	return p
}

// announcedAt returns the memory that a measurement at given weights needs, as it says
// when it is refused with less. If too little is allowed it is already refused for
// reading the data.
func announcedAt(t *testing.T, dir string, args ...string) int64 {
	t.Helper()
	need := int64(programMemory)
	for range 3 {
		code, _, text := runAt(dir, append(slices.Clone(args), "--memory", strconv.FormatInt(need, 10)+"B")...)
		m := regexp.MustCompile(`this needs ([0-9.]+) (MB|GB) of memory \((.*)\)`).FindStringSubmatch(text)
		if code != 1 || m == nil {
			t.Fatalf("not refused: %d\n%s", code, text)
		}
		n, err := strconv.ParseFloat(m[1], 64)
		if err != nil {
			t.Fatal(err)
		}
		need = int64(n * units[strings.ToLower(m[2])])
		if strings.HasSuffix(m[3], "…") { // reading the data has fewer parts
			return need - programMemory
		}
		need += 5e5 // of rounding
	}
	t.Fatal("nothing is announced but for reading")
	return 0
}

// runAt runs the program in dir, on all processors: its memory depends on their number.
func runAt(dir string, args ...string) (code int, stdout, stderr string) {
	var out, err bytes.Buffer
	c := onAllProcessors(program(dir, args...))
	c.Stdout, c.Stderr = &out, &err
	_ = c.Run()
	return c.ProcessState.ExitCode(), out.String(), err.String()
}

// sway is how much the memory of the program itself varies: with how much of its code
// is loaded, and with gaps in its heap.
const sway = int64(4e6)

// holdsWhatItSays fails if the peak is more than 5 % above the memory of the program
// and what was announced (a late garbage collection under load takes that much), or
// more than 10 % below it, apart from sway. less is what searches for eigenvectors did
// not take because they ended before their basis was full.
func holdsWhatItSays(t *testing.T, peak, announced, less int64) {
	t.Helper()
	took := peak - programMemory
	ratio := float64(took) / float64(announced)
	t.Logf("announced %.1f MB, took %.1f MB (%.2f); less for searches that ended early: %.1f MB", float64(announced)/1e6, float64(took)/1e6, ratio, float64(less)/1e6)
	if d := took - announced; d > announced/20+sway || d < -announced/10-sway-less {
		t.Errorf("%.1f MB were announced, %.1f MB were taken: %.2f of it", float64(announced)/1e6, float64(took)/1e6, ratio)
	}
}

// The memory that the program takes is what it says.
func TestPeak(t *testing.T) {
	testenv.Slow(t)
	t.Parallel()
	b := build(t)
	t.Run("run", func(t *testing.T) { peakOfRuns(t, b) })
	t.Run("measure", func(t *testing.T) { peakOfMeasurements(t, b) })
	t.Run("resume", func(t *testing.T) { peakOfResumedRun(t, b) })
}

// The same for a run.
func peakOfRuns(t *testing.T, b built) {
	for _, args := range peakRuns() {
		t.Run(strings.Join(args[1:], " "), func(t *testing.T) {
			dir := t.TempDir()
			haveData(t, args)
			p := planned(t, dir, args...)
			took, _ := b.peak(t, dir, args...)
			less := endedEarly(t, args, must(t, dir, "export", "last", "--format", "json"), p.Parameters)
			holdsWhatItSays(t, took, totalMemory(p.Memory), less)
		})
	}
}

// haveData replaces the word "shared" in the arguments by the folder ../shared/data,
// and skips the test if that is missing.
func haveData(t *testing.T, args []string) {
	t.Helper()
	at := slices.Index(args, "shared")
	if at < 0 {
		return
	}
	dir := sharedData()
	if _, err := os.Stat(dir); err != nil {
		t.Skip("needs ../shared/data, which is not here")
	}
	args[at] = dir
}

// The same for a measurement at given weights, including those of a file.
func peakOfMeasurements(t *testing.T, b built) {
	lines := []string{
		"measure --model tiny --examples 0:200 --probe loss,k,examples,step,ntk",
		"measure --model mlp --examples 0:64 --probe loss,h5,trace,density --weights mlp.safetensors",
	}
	if testenv.Long() {
		lines = append(lines, longMeasurements()...)
	}
	for _, line := range lines {
		t.Run(line, func(t *testing.T) {
			dir, args := t.TempDir(), strings.Fields(line)
			net, err := model.New(args[2], nn.Shape{C: 1, H: 28, W: 28}, 10)
			if err != nil {
				t.Fatal(err)
			}
			writeWeights(t, dir)
			took, record := b.peak(t, dir, append(args, "--json")...)
			holdsWhatItSays(t, took, announcedAt(t, dir, args...), endedEarly(t, args, record, net.Dim()))
		})
	}
}

// writeWeights writes a file of weights for each model, on grey images of 28×28.
func writeWeights(t *testing.T, dir string) {
	t.Helper()
	for _, m := range model.All {
		name := m.Name
		if m.Reads != model.Numbers || m.MinSide > 28 {
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

// A resumed run needs no more memory than before.
func peakOfResumedRun(t *testing.T, b built) {
	dir := t.TempDir()
	args := strings.Fields("run --model mlp --steps 6 --every 3 --batch 16 --l 4 --m 16 --examples 64 --valid 50 --method adam --probe loss,h5 --tolerance 1e-6")
	c := program(dir, args...)
	rest := follow(t, c, "^ +3 ")
	if err := c.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	rest()
	_ = c.Wait()
	took, _ := b.peak(t, dir, "resume", "last")
	p := planned(t, t.TempDir(), args...)
	holdsWhatItSays(t, took, totalMemory(p.Memory), endedEarly(t, args, must(t, dir, "export", "last", "--format", "json"), p.Parameters))
}
