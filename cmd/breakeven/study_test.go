package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"breakeven/internal/testenv"
	"breakeven/run"
	"breakeven/study"
	"breakeven/study/catalog"

	"github.com/rogpeppe/go-internal/testscript"
)

// The specs of every scale of every study are valid and in canonical form, and no two
// of one scale are the same.
func TestStudySpecs(t *testing.T) {
	for _, s := range catalog.Studies {
		for _, scale := range s.Scales {
			seen := map[string]bool{}
			for i, spec := range specsOf(scale) {
				if err := spec.Validate(known()); err != nil {
					t.Errorf("%s, %s, trial %d: %v", s.Name, scale.Name, i+1, err)
				}
				if spec.String() != spec.Canonical(known()).String() {
					t.Errorf("%s, %s, trial %d: not canonical:\n%s", s.Name, scale.Name, i+1, spec)
				}
				if seen[spec.ID()] {
					t.Errorf("%s, %s, trial %d stands there twice", s.Name, scale.Name, i+1)
				}
				seen[spec.ID()] = true
			}
		}
	}
}

// Every study runs at scale test and writes a page. The second time nothing is run
// again, and the output is the same to the byte.
func TestStudies(t *testing.T) {
	for i, s := range catalog.Studies {
		t.Run(s.Name, func(t *testing.T) {
			if i > 0 { // the first is enough to see that studies run
				testenv.Slow(t)
			}
			t.Parallel()
			dir := t.TempDir()
			args := []string{"study", "run", s.Name, "--scale", "test", "--json"}
			first := must(t, dir, args...)
			var got struct {
				Runs []struct {
					Status   run.Status
					Findings json.RawMessage
				}
				Report string
			}
			if err := json.Unmarshal([]byte(first), &got); err != nil {
				t.Fatal(err)
			}
			if len(got.Runs) != len(s.Scales[0].Trials()) || got.Report != s.Name+"-test.html" {
				t.Errorf("%d runs, report %s", len(got.Runs), got.Report)
			}
			for _, r := range got.Runs {
				if r.Status.Resumable() || len(r.Findings) < 10 {
					t.Errorf("a run is %s, with the findings %s", r.Status, r.Findings)
				}
			}
			page, err := os.ReadFile(filepath.Join(dir, got.Report))
			if err != nil || !strings.Contains(string(page), "<svg") || !strings.Contains(string(page), "<h1>"+s.Title+"</h1>") {
				t.Errorf("no page with the title of the study and curves: %v", err)
			}
			if again := must(t, dir, args...); again != first {
				t.Errorf("the second time says\n%s\nand not\n%s", again, first)
			}
		})
	}
}

// onlySeeds is a made-up study: two seeds of a tiny network. It shows that an entry in
// the catalogue is all that a study needs.
func onlySeeds() study.Study {
	s := run.Default()
	s.Model, s.Batch, s.Epochs, s.Steps, s.Every, s.Valid, s.Probes = "tiny", 32, 0, 2, 1, 100, []string{"loss"}
	s.Measure.Examples = 64
	one, two := s, s
	two.Seed = 5
	trials := slices.Concat(study.Trials([]run.Spec{one}, "1"), study.Trials([]run.Spec{two}, "2"))
	made := study.Study{
		Name: "nobody1999seeds", Title: "On Seeds", Paper: "Nobody, 1999", Doc: "Trains twice.", Kinds: []string{"descent"},
		Claims: []study.Claim{{Text: "Seeds matter.", Figures: []string{"1", "2"}}},
		Analyze: func(runs []study.Run) study.Analysis {
			a := study.Plain(runs)
			a.Sections = []study.Section{{Title: "Claim 1", Badge: "held", Tone: "good", Lines: []string{"The seeds mattered."}}}
			a.Groups = []study.Group{{Title: "Seeds", Figures: []study.Figure{{
				Name: "seeds", Title: "Loss over seeds", Caption: "It is not flat.", X: "seed", Y: "loss",
				Curves: []study.Curve{{Name: "all", X: []float64{0, 5}, Y: []float64{2.2, 2.4}, Lo: []float64{2, 2}, Hi: []float64{2.4, 2.6}}},
				Marks:  []study.Mark{{At: 2.3, Name: "chance", Level: true}},
			}}}}
			return a
		},
	}
	for _, name := range study.ScaleNames {
		made.Scales = append(made.Scales, study.Scale{Name: name, Doc: "Seconds.", Trials: func() []study.Trial { return trials }})
	}
	return made
}

func TestOneEntrySuffices(t *testing.T) {
	before := catalog.Studies
	catalog.Studies = append(slices.Clone(before), onlySeeds())
	defer func() { catalog.Studies = before }()
	t.Chdir(t.TempDir())
	for _, test := range []struct {
		args string
		want []string
	}{
		{"study list", []string{before[0].Name, "nobody1999seeds", "On Seeds", "Nobody, 1999", "test 2, demo 2, small 2, paper 2"}},
		{"study show nobody1999seeds", []string{"Seeds matter. (Figs. 1, 2)", "--scale paper\n  Seconds.", "2. seed 5 (Fig. 2)"}},
		{"study run nobody1999seeds --only 2", []string{"1 of 1: tiny on fashion-mnist-sample, run r", "The seeds mattered.", "report: nobody1999seeds-demo.html"}},
		{"study run nobody1999seeds --scale paper -o all.html", []string{"1 of 2: seed 0, run r", "2 of 2: seed 5, run r", "is finished already", "Claim 1: held", "report: all.html"}},
		{"__complete study run n", []string{"nobody1999seeds\tOn Seeds"}},
	} {
		code, text, stderr := in(strings.Fields(test.args)...)
		if code != 0 {
			t.Fatalf("%s: exit code %d: %s", test.args, code, stderr)
		}
		for _, want := range test.want {
			if !strings.Contains(text, want) {
				t.Errorf("%s: no %q in\n%s", test.args, want, text)
			}
		}
	}
	page, err := os.ReadFile("all.html")
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"<h1>On Seeds</h1>", "Nobody, 1999", "Loss over seeds", "It is not flat.", ">chance<", "\nall,5,2.4,2,2.6\n", "The seeds mattered."} {
		if !strings.Contains(string(page), want) {
			t.Errorf("no %q in the page", want)
		}
	}
	if _, list, _ := in("runs"); strings.Count(list, "finished") != 2 {
		t.Errorf("not two runs:\n%s", list)
	}
}

// If one trial of a study does not fit into memory, the study is refused before the
// first trial begins.
func TestStudyWithoutRoom(t *testing.T) {
	made := onlySeeds()
	trials := slices.Clone(made.Scales[0].Trials())
	trials[1].Spec.Model, trials[1].Spec.Measure.Examples = "resnet32", 2000
	made.Scales[0].Trials = func() []study.Trial { return trials }
	before := catalog.Studies
	catalog.Studies = []study.Study{made}
	defer func() { catalog.Studies = before }()
	t.Chdir(t.TempDir())
	code, stdout, stderr := in("study", "run", made.Name, "--scale", "test", "--memory", "200MB")
	if code != 1 || stdout != "" || !strings.Contains(stderr, "2 of 2: resnet32") || !strings.Contains(stderr, "allowed by --memory") {
		t.Errorf("exit code %d: %s%s", code, stdout, stderr)
	}
	if _, list, _ := in("runs"); strings.Contains(list, "tiny") {
		t.Errorf("a run was begun:\n%s", list)
	}
}

// Trials whose files are not there are left out, which is said; it is an error if none is left.
func TestStudyWithoutFiles(t *testing.T) {
	made := onlySeeds()
	trials := slices.Clone(made.Scales[0].Trials())
	trials[1].Spec.Data, trials[1].Spec.Model, trials[1].Spec.Valid = "imdb", "lstm", 0
	made.Scales[0].Trials = func() []study.Trial { return trials }
	made.Scales[1].Trials = func() []study.Trial { return trials[1:] }
	before := catalog.Studies
	catalog.Studies = []study.Study{made}
	defer func() { catalog.Studies = before }()
	t.Chdir(t.TempDir())
	for _, workers := range []string{"1", "2"} {
		code, text, stderr := in("study", "run", made.Name, "--scale", "test", "--data-dir", "nowhere", "--workers", workers)
		if code != 0 || !strings.Contains(stderr, "left out: 1 trial of lstm on imdb") || !strings.Contains(stderr, "breakeven data fetch imdb") || !strings.Contains(text, "report: ") {
			t.Errorf("%s workers: exit code %d: %s%s", workers, code, text, stderr)
		}
	}
	if code, _, stderr := in("study", "run", made.Name, "--scale", "demo", "--data-dir", "nowhere"); code == 0 || !strings.Contains(stderr, "fetch") {
		t.Errorf("without any: exit code %d: %s", code, stderr)
	}
}

// A run is recognised by the content of its files, which is known only once the trial
// is opened.
func TestSeriesOfFiles(t *testing.T) {
	made := onlySeeds()
	trials := made.Scales[0].Trials()
	for i := range trials {
		trials[i].Spec.Weights = "good.safetensors"
	}
	before := catalog.Studies
	catalog.Studies = []study.Study{made}
	defer func() { catalog.Studies = before }()
	t.Chdir(t.TempDir())
	if err := prepare(&testscript.Env{WorkDir: "."}); err != nil {
		t.Fatal(err)
	}
	for i, want := range []int{0, 2, 0} {
		if i == 2 { // other content under the same name
			file, err := os.ReadFile("good.safetensors")
			if err != nil {
				t.Fatal(err)
			}
			file[len(file)-4] ^= 1
			if err := os.WriteFile("good.safetensors", file, 0o666); err != nil {
				t.Fatal(err)
			}
		}
		code, text, stderr := in("study", "run", made.Name, "--scale", "test")
		if code != 0 || strings.Count(text, "already") != want {
			t.Errorf("time %d: exit code %d: %s, want %d runs that are there:\n%s", i+1, code, stderr, want, text)
		}
	}
}

func TestLabels(t *testing.T) {
	a, b := run.Default(), run.Default()
	b.LR, b.Every, b.More = 0.5, 7, map[string]string{"filters": "2"}
	for i, want := range [][]string{{"simplecnn on fashion-mnist-sample"}, {"learning rate 0.1", "learning rate 0.5, filters 2"}} {
		if got := labelsOf([]run.Spec{a, b}[:i+1]); !slices.Equal(got, want) {
			t.Errorf("%q, want %q", got, want)
		}
	}
	b.Data, b.Augment = "cifar10", true
	if got, want := labelsOf([]run.Spec{a, b})[1], "simplecnn on cifar10, learning rate 0.5, filters 2"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}
