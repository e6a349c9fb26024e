package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"breakeven/internal/store"
	"breakeven/internal/testenv"
	"breakeven/internal/weights"
	"breakeven/model"
	"breakeven/nn"
	"breakeven/run"
)

// initialWeights writes weights files of the model tiny into a folder, each with other weights.
func initialWeights(t *testing.T, dir string, names ...string) {
	t.Helper()
	net := model.Tiny(nn.Shape{C: 1, H: 28, W: 28}, 10)
	for i, name := range names {
		theta := net.InitialParams(nn.Glorot, uint64(i))
		var tensors []run.Tensor
		for _, p := range net.Params() {
			tensors = append(tensors, run.Tensor{Name: p.Name, Shape: p.Shape, Data: theta[p.Offset : p.Offset+p.Size()]})
		}
		if err := os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := weights.WriteFile(filepath.Join(dir, name), tensors, nil); err != nil {
			t.Fatal(err)
		}
	}
}

// interrupted begins a run in dir and stops it when a line of its output matches.
func interrupted(t *testing.T, dir, pattern string, args ...string) {
	t.Helper()
	c := program(dir, args...)
	rest := follow(t, c, pattern)
	if err := c.Process.Signal(os.Interrupt); err != nil {
		t.Skip("this system cannot interrupt a process: ", err)
	}
	text := rest()
	if _ = c.Wait(); c.ProcessState.ExitCode() != 130 {
		t.Fatalf("%v, want exit code 130\n%s", c.ProcessState, text)
	}
}

// A run is resumed to the same bits without the weights file that it began with, and
// its own checkpoint can be used as a weights file.
func TestResumeWithoutWeights(t *testing.T) {
	testenv.Slow(t)
	t.Parallel()
	whole, stopped := t.TempDir(), t.TempDir()
	args := append(slices.Clone(small), "--weights", "w.safetensors")
	for _, dir := range []string{whole, stopped} {
		initialWeights(t, dir, "w.safetensors")
	}
	must(t, whole, args...)
	interrupted(t, stopped, "^ +5 +0.03 ", args...)
	if err := os.Remove(filepath.Join(stopped, "w.safetensors")); err != nil {
		t.Fatal(err)
	}
	must(t, stopped, "resume", "last")
	same(t, whole, stopped)

	files, err := filepath.Glob(filepath.Join(stopped, store.DefaultDir, "runs", "*", "checkpoint-40-*.safetensors"))
	if err != nil || len(files) != 1 {
		t.Fatal(files, err)
	}
	const set = "--model tiny --examples 0:64 --probe loss --json"
	must(t, stopped, "export", "last", "-o", "final.safetensors")
	of := func(file string) string {
		text := must(t, stopped, append([]string{"measure", "--weights", file}, strings.Fields(set)...)...)
		_, text, _ = strings.Cut(text, `"loss": {`)
		text, _, _ = strings.Cut(text, `"how"`)
		return text
	}
	if a, b := of(files[0]), of("final.safetensors"); a != b || a == "" {
		t.Errorf("the checkpoint gives %s, its export %s", a, b)
	}
}

// A run of kind checkpoints needs its weights files to be resumed, and says so.
func TestResumeWithoutFiles(t *testing.T) {
	testenv.Slow(t)
	t.Parallel()
	dir := t.TempDir()
	var names []string
	for i := range 6 {
		names = append(names, fmt.Sprintf("w/net-%d.safetensors", i))
	}
	initialWeights(t, dir, names...)
	interrupted(t, dir, "^ +1 ", strings.Fields("run --kind checkpoints --files w/net-* --model tiny --batch 32 --probe loss,k,h --examples 500")...)
	refused := func(want string) {
		t.Helper()
		out, err := program(dir, "resume", "last").CombinedOutput()
		text := string(out)
		if err == nil || !strings.Contains(text, "cannot go on: ") || !strings.Contains(text, want) ||
			!strings.Contains(text, "its weights files are its data, and must be where they were and as they were") {
			t.Errorf("%v\n%s\nwant %s", err, text, want)
		}
	}
	move := func(from, to string) {
		t.Helper()
		if err := os.Rename(filepath.Join(dir, from), filepath.Join(dir, to)); err != nil {
			t.Fatal(err)
		}
	}
	move("w", "elsewhere")
	refused(`nothing fits "w/net-*"`)
	move("elsewhere", "w")
	move("w/net-5.safetensors", "net-5.safetensors")
	refused("files")
	move("net-5.safetensors", "w/net-5.safetensors")
	must(t, dir, "resume", "last")
	if text := must(t, dir, "runs"); !strings.Contains(text, " finished ") {
		t.Errorf("not finished:\n%s", text)
	}
}
