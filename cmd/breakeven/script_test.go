package main

import (
	"encoding/csv"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"breakeven/internal/testenv"
	"breakeven/internal/weights"
	"breakeven/model"
	"breakeven/nn"
	"breakeven/run"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/testscript"
)

// commands are the programs that tests can start.
var commands = map[string]func(){"breakeven": main, "faulty": faulty}

// TestMain lets the test binary act as the program: scripts and tests find it on the
// path as "breakeven" and run it as a process of its own. Such a process has one processor, since
// tests run beside each other (see testenv.OneProcessor), but for those of onAllProcessors.
func TestMain(m *testing.M) {
	if !testenv.Race && !testenv.Long() {
		os.Setenv(oneProcessor, "1")
	}
	testscript.Main(suite{m}, commands)
}

// A suite is the tests, after which what they share is removed.
type suite struct{ *testing.M }

func (s suite) Run() int {
	defer func() { _ = os.RemoveAll(shared.dir) }() // "" if there is nothing
	return s.M.Run()
}

func TestScripts(t *testing.T) {
	t.Parallel()
	testscript.Run(t, testscript.Params{
		Dir:   "testdata/script",
		Setup: prepare,
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"refuses": refuses, "bytes": writeBytes, "match": match, "samenumbers": sameNumbers, "samevalues": sameValues,
		},
		Condition: func(c string) (bool, error) {
			switch c {
			case "root":
				return os.Getuid() == 0, nil
			case "whole": // nothing is left out
				return testenv.Whole(), nil
			case "shared": // data beside the repository, in $SHARED
				_, err := os.Stat(sharedData())
				return err == nil, nil
			}
			return false, errors.New("unknown condition")
		},
	})
}

// sharedData returns the folder of data beside the repository.
func sharedData() string {
	dir, err := filepath.Abs(filepath.Join("..", "..", "..", "shared", "data"))
	if err != nil {
		panic(err)
	}
	return dir
}

// prepare puts weights files for the model tiny on grey images of 28×28 into
// the folder of a script: a good one, and one for each fault.
func prepare(e *testscript.Env) error {
	e.Vars = append(e.Vars, oneProcessor+"="+os.Getenv(oneProcessor), "HOME="+e.WorkDir, "XDG_CACHE_HOME="+filepath.Join(e.WorkDir, "cache"), "BREAKEVEN_DATA=", "SHARED="+sharedData())
	net := model.Tiny(nn.Shape{C: 1, H: 28, W: 28}, 10)
	theta := net.InitialParams(nn.Glorot, 7)
	var tensors []run.Tensor
	for _, p := range net.Params() {
		tensors = append(tensors, run.Tensor{Name: p.Name, Shape: p.Shape, Data: theta[p.Offset : p.Offset+p.Size()]})
	}
	surplus := append(slices.Clone(tensors), run.Tensor{Name: "fc9.weight", Shape: []int{1}, Data: []float32{0}})
	wrong := slices.Clone(tensors)
	last := len(wrong) - 1
	wrong[last].Shape = []int{1, len(wrong[last].Data)}
	for name, list := range map[string][]run.Tensor{
		"good": tensors, "missing": tensors[:last], "surplus": surplus, "wrong": wrong,
	} {
		if err := weights.WriteFile(filepath.Join(e.WorkDir, name+".safetensors"), list, nil); err != nil {
			return err
		}
	}
	good, err := os.ReadFile(filepath.Join(e.WorkDir, "good.safetensors"))
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(e.WorkDir, "truncated.safetensors"), good[:len(good)/2], 0o644)
}

// refuses runs a command that must fail: `refuses 2 breakeven …`. The exit code must be
// the given one, standard error one clear line without a stack trace, and standard
// output empty or without the beginning of a result.
func refuses(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: refuses code command [args]")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	err = ts.Exec(args[1], args[2:]...)
	var exit *exec.ExitError
	if !errors.As(err, &exit) || exit.ExitCode() != want {
		ts.Fatalf("%v: want exit code %d", err, want)
	}
	text := ts.ReadFile("stderr")
	if strings.Count(text, "\n") != 1 || strings.Contains(text, "goroutine") {
		ts.Fatalf("standard error is not one line:\n%s", text)
	}
	if len(text) < 30 || len(text) > 500 {
		ts.Fatalf("not a clear line (%d characters): %s", len(text), text)
	}
}

// writeBytes writes a file of a given size that begins with bytes in
// hexadecimal, zeros follow: `bytes file 16 00000801`.
func writeBytes(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: bytes file size beginning")
	}
	size, err := strconv.Atoi(args[1])
	ts.Check(err)
	content := make([]byte, size)
	for i := 0; i+1 < len(args[2]); i += 2 {
		b, err := strconv.ParseUint(args[2][i:i+2], 16, 8)
		ts.Check(err)
		content[i/2] = byte(b)
	}
	name := ts.MkAbs(args[0])
	ts.Check(os.MkdirAll(filepath.Dir(name), 0o777))
	ts.Check(os.WriteFile(name, content, 0o644))
}

// match fails unless exactly so many files match the pattern:
// `match 0 runs/*/.*`.
func match(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: match number pattern")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	files, err := filepath.Glob(ts.MkAbs(args[1]))
	ts.Check(err)
	if len(files) != want {
		ts.Fatalf("%d files match %s, want %d: %v", len(files), args[1], want, files)
	}
}

// sameNumbers fails unless two CSV exports of runs hold the same bits: all
// columns but the time of a record and the seconds that a probe took.
func sameNumbers(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: samenumbers a.csv b.csv")
	}
	if d := cmp.Diff(measured(ts.ReadFile(args[0])), measured(ts.ReadFile(args[1]))); d != "" {
		ts.Fatalf("(-%s +%s)\n%s", args[0], args[1], d)
	}
}

// sameValues fails unless two JSON results hold the same values: all lines but the seconds
// that a probe took.
func sameValues(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: samevalues a.json b.json")
	}
	seconds := regexp.MustCompile(`(?m)^ *"seconds":.*\n|,?$`)
	text := func(name string) string { return seconds.ReplaceAllString(ts.ReadFile(name), "") }
	if d := cmp.Diff(text(args[0]), text(args[1])); d != "" {
		ts.Fatalf("(-%s +%s)\n%s", args[0], args[1], d)
	}
}

// measured returns the rows of a CSV export without the columns that depend on the
// clock.
func measured(text string) [][]string {
	rows, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	if err != nil || len(rows) < 2 {
		panic(fmt.Sprintf("no export of a run: %v\n%s", err, text))
	}
	for j, name := range rows[0] {
		if name == "time" || name == "seconds" {
			for _, row := range rows {
				row[j] = ""
			}
		}
	}
	return rows
}
