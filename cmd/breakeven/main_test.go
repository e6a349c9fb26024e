package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"breakeven/internal/store"
	"breakeven/internal/testenv"
	"breakeven/probe"
	"breakeven/run"
	"breakeven/study/catalog"
	"breakeven/tensor"
)

// in runs the program in this process.
func in(args ...string) (code int, stdout, stderr string) {
	var out, err bytes.Buffer
	code = execute(args, strings.NewReader(""), &out, &err)
	return code, out.String(), err.String()
}

// A breaking writer panics, in place of a bug.
type breaking struct{}

func (breaking) Write([]byte) (int, error) { panic("index out of range\nin two lines") }

// A bug of the program is reported in one line, with its details in a file.
func TestCrash(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	var stderr bytes.Buffer
	if code := execute([]string{"version"}, strings.NewReader(""), breaking{}, &stderr); code != 1 {
		t.Errorf("exit code %d, want 1", code)
	}
	m := regexp.MustCompile(`^breakeven: a bug in the program: index out of range; in two lines; please report it with the details in (.*)\n$`).FindStringSubmatch(stderr.String())
	if m == nil {
		t.Fatalf("not one line: %q", stderr.String())
	}
	details, err := os.ReadFile(m[1])
	if err != nil || !strings.Contains(string(details), "main_test.go") || !strings.Contains(string(details), "kernels") {
		t.Errorf("the details hold no version and no stack: %v\n%s", err, details)
	}
}

// The program has made little before it does what it was asked for: every completion of a shell waits for it.
func TestBeginning(t *testing.T) {
	n := testing.AllocsPerRun(2, func() { execute([]string{"help"}, os.Stdin, io.Discard, io.Discard) })
	if n > 15000 {
		t.Errorf("help makes %g allocations; one for each field of a spec and command is enough", n)
	}
}

// Every command that prints results can print them as JSON that other programs can
// read, also if there is nothing to print or some numbers are not finite.
func TestJSON(t *testing.T) {
	t.Chdir(t.TempDir())
	short := strings.Fields("run --model mlp --batch 32 --steps 4 --every 2 --valid 100 --probe loss,k,h --l 5 --m 32 --examples 64 --json")
	for _, args := range [][]string{
		short, append(short, "--lr", "1e5"), append(short, "--dry-run"),
		{"runs", "--json"}, {"show", "last", "--json"}, {"resume", "last", "--json"},
		{"export", "last", "--format", "json"}, {"measure", "--model", "tiny", "--examples", "0:10", "--probe", "loss,k", "--json"},
		{"data", "list", "--json"}, {"data", "verify", "fashion-mnist-sample", "--json"},
		{"ntk", "kernel", "--network", "dense; relu; dense", "--train", "3", "--json"},
		{"ntk", "predict", "--network", "dense; relu; dense", "--train", "3", "--valid", "2", "--json"},
		{"models", "--json"}, {"probes", "--json"}, {"keys", "--json"}, {"version", "--json"},
		{"demo", "--quick", "--json"},
	} {
		code, stdout, stderr := in(args...)
		if code != 0 || !json.Valid([]byte(stdout)) || stderr != "" {
			t.Errorf("%v: exit code %d\n%s%s", args, code, stdout, stderr)
		}
	}
}

// The JSON of measure has exactly the record keys as its keys.
func TestMeasureKeys(t *testing.T) {
	_, stdout, _ := in("measure", "--model", "tiny", "--examples", "0:24", "--minibatches", "4", "--ntk", "2", "--json")
	var object map[string]struct {
		Value, Error any
		Unit         string
		How          run.How
	}
	if err := json.Unmarshal([]byte(stdout), &object); err != nil {
		t.Fatal(err)
	}
	for key, v := range object {
		if k, ok := run.LookupKey(key); !ok || v.Unit != k.Unit || v.Value == nil || v.Error == nil || v.How.Probe == "" {
			t.Errorf("%s: %+v", key, v)
		}
	}
	for _, k := range run.Keys {
		if k.Kind != "" {
			continue
		}
		_, ok := object[k.Name]
		made := slices.ContainsFunc(probe.All, func(p probe.Probe) bool { return p.Name != "drift" && slices.Contains(p.KeyNames(), k.Name) })
		missing := !made || slices.Contains([]string{"bn_scale", "absolute_error", "step_error", "predictions"}, k.Name) || strings.HasPrefix(k.Name, "valid_") || strings.HasPrefix(k.Name, "test_") ||
			strings.HasPrefix(k.Name, "task_") || strings.HasPrefix(k.Name, "other_key_") || strings.HasPrefix(k.Name, "carrier_") // tiny has no batch norm and no secrets, and its targets are labels
		if slices.Contains([]string{"sharpness_gap", "noise_scale_unbiased", "critical_batch"}, k.Name) { // not defined everywhere
			continue
		}
		if ok == missing {
			t.Errorf("%s is there: %v", k.Name, ok)
		}
	}
}

// A run that was begun with another instruction set is resumed only on request, and
// says so from then on.
func TestOtherKernels(t *testing.T) {
	t.Chdir(t.TempDir())
	s, err := store.Open(store.DefaultDir)
	if err != nil {
		t.Fatal(err)
	}
	spec := run.Default()
	spec.Model, spec.Train, spec.Batch, spec.Epochs, spec.Steps, spec.Probes = "tiny", 100, 50, 0, 1, []string{"loss"}
	if _, err := s.Begin(spec, store.Origin{Program: "v1", ISA: "abacus"}); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	code, _, stderr := in("resume", "last")
	if code != 1 || strings.Count(stderr, "\n") != 1 || !strings.Contains(stderr, "made with abacus kernels") {
		t.Errorf("exit code %d: %s", code, stderr)
	}
	if _, stdout, _ := in("runs"); !strings.Contains(stdout, "killed") {
		t.Errorf("a run that nobody works on is not shown as killed:\n%s", stdout)
	}
	if code, stdout, stderr := in("resume", "last", "--other-bits"); code != 0 || !strings.Contains(stdout, "warning  from here on") {
		t.Errorf("exit code %d: %s%s", code, stdout, stderr)
	}
	if _, stdout, _ := in("show", "last"); !strings.Contains(stdout, "its arithmetic changed after step 0 with "+tensor.ISA()) {
		t.Errorf("shown:\n%s", stdout)
	}
}

// A second demo shows the runs of the first; with --again it makes new ones, with the
// same bits.
func TestDemoTwice(t *testing.T) {
	testenv.Slow(t)
	t.Chdir(t.TempDir())
	for i, args := range [][]string{{}, {}, {"--again"}} {
		code, stdout, stderr := in(append([]string{"demo", "--quick"}, args...)...)
		if code != 0 {
			t.Fatalf("exit code %d: %s", code, stderr)
		}
		if got := strings.Contains(stdout, "already"); got != (i == 1) {
			t.Errorf("time %d: says that the runs are there: %v\n%s", i+1, got, stdout)
		}
		for _, want := range []string{"Conjecture 1", "Conjecture 2", "max λ_K¹", "max λ_H¹", "max Tr K", "report: report.html"} {
			if !strings.Contains(stdout, want) {
				t.Errorf("time %d: %q is missing:\n%s", i+1, want, stdout)
			}
		}
	}
	_, list, _ := in("runs", "--store", demoStore)
	if trials := len(catalog.Studies[0].Scales[0].Trials()); strings.Count(list, "finished") != 2*trials {
		t.Errorf("want %d finished runs:\n%s", 2*trials, list)
	}
	page, err := os.ReadFile(demoReport)
	if err != nil || !bytes.Contains(page, []byte("<svg")) {
		t.Errorf("no report with curves: %v", err)
	}
}

// A download that fails ends with one line, and nothing of it is used as data. A test
// server replaces the public address.
func TestFetch(t *testing.T) {
	for name, test := range map[string]struct {
		serve http.HandlerFunc
		want  string
	}{
		"absent":  {http.NotFound, "404"},
		"shorter": {func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "the beginning") }, "has 13 bytes, the published file 26421880"},
		"a page": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "26421880")
			w.Write(append([]byte("<html>please log in"), make([]byte, 26421880-19)...))
		}, "is a page (text/html), not the file"},
		"other": {func(w http.ResponseWriter, _ *http.Request) { w.Write(make([]byte, 26421880)) }, "sha256"},
	} {
		server := httptest.NewServer(test.serve)
		dir := t.TempDir()
		c := program(dir, "data", "fetch", "fashion-mnist", "--data-dir", "d")
		c.Env = append(os.Environ(), "HTTP_PROXY="+server.URL, "http_proxy="+server.URL, "NO_PROXY=", "no_proxy=")
		var stderr bytes.Buffer
		c.Stderr = &stderr
		err := c.Run()
		server.Close()
		if code := c.ProcessState.ExitCode(); err == nil || code != 1 {
			t.Errorf("%s: exit code %d", name, code)
		}
		if text := stderr.String(); strings.Count(text, "\n") != 1 || !strings.Contains(text, test.want) {
			t.Errorf("%s: %q, want one line with %q", name, text, test.want)
		}
		if _, err := os.Stat(filepath.Join(dir, "d", "fashion-mnist", "train-images-idx3-ubyte.gz")); err == nil {
			t.Errorf("%s: it was taken for the data", name)
		}
	}
}
