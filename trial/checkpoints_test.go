package trial

import (
	"archive/zip"
	"cmp"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"breakeven/internal/weights"
	"breakeven/model"
	"breakeven/run"
)

// series writes the weights of a small run to files with the given names, one for each of
// its three checkpoints.
func series(t *testing.T, spec run.Spec, names ...string) (dir string, original *tape) {
	t.Helper()
	original, _ = runAll(t, spec)
	dir = t.TempDir()
	for i, c := range original.checkpoints {
		if err := weights.WriteFile(filepath.Join(dir, names[i]), c.Weights, map[string]string{"lr": "0.05"}); err != nil {
			t.Fatal(err)
		}
	}
	return dir, original
}

// along returns the spec of a trial along the weights of another.
func along(spec run.Spec, more map[string]string) run.Spec {
	s := spec
	s.Kind, s.Method, s.Epochs, s.Steps, s.Every, s.More = "checkpoints", "sgd", run.Default().Epochs, 0, 0, map[string]string{}
	for name, text := range more {
		s.More[name] = fmt.Sprintf("%q", text)
	}
	return s
}

func openAlong(t *testing.T, s run.Spec) Job {
	t.Helper()
	j, err := Open(context.Background(), s, Env{})
	if err != nil {
		t.Fatal(err)
	}
	return j
}

// Measured along the checkpoints of a run of our own, everything has the bits that it
// had during the run, in however many pieces it is measured.
func TestCheckpoints(t *testing.T) {
	spec := small("tiny", "sgd")
	dir, original := series(t, spec, "w-0.safetensors", "w-2.safetensors", "w-4.safetensors")
	s := along(spec, map[string]string{"files_path": filepath.Join(dir, "w-*.safetensors")})
	whole := new(tape)
	if end, err := openAlong(t, s).Run(context.Background(), nil, 0, whole); err != nil || end.Status != run.Finished {
		t.Fatal(end, err)
	}
	for step, want := range original.records {
		got := whole.records[step]
		for _, v := range want.Values {
			g, ok := got.Get(v.Key)
			if v.Key == "train_loss" { // nothing is trained here
				if ok {
					t.Errorf("step %d: a training loss of %v", step, g)
				}
				continue
			}
			if v.How.Seconds, g.How.Seconds = 0, 0; !ok || fmt.Sprintf("%+v", g) != fmt.Sprintf("%+v", v) {
				t.Errorf("step %d: %+v, want %+v", step, g, v)
			}
		}
		if lr, ok := got.Get("lr"); !ok || lr.Value != 0.05 || lr.How.Method != "from the file's metadata" || got.Epoch != want.Epoch {
			t.Errorf("step %d: learning rate %+v, epoch %v", step, lr, got.Epoch)
		}
	}
	if p := whole.progress[len(whole.progress)-1]; p.Part != 1 || p.Doing != "finished" {
		t.Errorf("progress ends with %+v", p)
	}
	pieces, end := new(tape), Outcome{Status: run.Stopped}
	for until := 1; end.Status == run.Stopped; until += 2 {
		var err error
		if end, err = openAlong(t, s).Run(context.Background(), pieces.last(), until, pieces); err != nil {
			t.Fatal(err)
		}
	}
	compare(t, "in pieces", pieces, whole)
	ctx := after(1 << 40)
	if _, err := openAlong(t, s).Run(ctx, nil, 0, new(tape)); err != nil {
		t.Fatal(err)
	}
	for n, points := 0, ctx.asked(1<<40); n < points; n += 1 + points/7 {
		got := new(tape)
		if end, err := openAlong(t, s).Run(after(n), nil, 0, got); err != nil || end.Status != run.Stopped {
			t.Fatalf("stopped at point %d of %d: %v, %v", n, points, end, err)
		}
		if end, err := openAlong(t, s).Run(context.Background(), got.last(), 0, got); err != nil || end.Status != run.Finished {
			t.Fatal(end, err)
		}
		compare(t, fmt.Sprintf("stopped at point %d of %d", n, points), got, whole)
	}
}

// A step stands in the name of a file or, as Hugging Face's Trainer writes it, in its folder's.
func TestStepOfFolder(t *testing.T) {
	dir := t.TempDir()
	for name, want := range map[string]int{"checkpoint-500/model.safetensors": 500, "v2/model.safetensors": -1, "ckpt-1/model-7.safetensors": 7} {
		w := weightsFile{name: filepath.Join(dir, name)}
		err := os.MkdirAll(filepath.Dir(w.name), 0o777)
		if err := cmp.Or(err, weights.WriteFile(w.name, nil, nil)); err != nil {
			t.Fatal(err)
		}
		if err = w.fromMeta(); (err != nil) != (want < 0) || err == nil && w.step != want {
			t.Errorf("%s: step %d (%v)", name, w.step, err)
		}
	}
}

// Steps and learning rates are found in names, metadata or a table; files are in the
// order of their steps.
func TestFindFiles(t *testing.T) {
	spec := small("tiny", "sgd")
	dir, _ := series(t, spec, "a-s10-lr0.3.safetensors", "a-s9-lr0.2.safetensors", "a-s100.safetensors")
	table := filepath.Join(dir, "steps.csv")
	if err := os.WriteFile(table, []byte("file,step,lr\na-s9-lr0.2.safetensors,5,0.1\na-s100.safetensors,3,0.2\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		more map[string]string
		want string
	}{
		"last number": {map[string]string{"files_path": filepath.Join(dir, "a-s1*.safetensors")}, ""},
		"pattern":     {map[string]string{"files_path": filepath.Join(dir, "a-*"), "pattern": `s(?P<step>\d+)(-lr(?P<lr>[\d.]+\d))?`}, "9 0.2, 10 0.3, 100 0.05"},
		"table_path":  {map[string]string{"table_path": table}, "3 0.2, 5 0.1"},
	} {
		list, err := findFiles(along(spec, c.more))
		if err != nil {
			if c.want != "" {
				t.Errorf("%s: %v", name, err)
			}
			continue
		}
		var got []string
		for _, f := range list {
			got = append(got, fmt.Sprint(f.step, f.lr))
		}
		if text := strings.Join(got, ", "); c.want != "" && text != c.want {
			t.Errorf("%s: %s, want %s", name, text, c.want)
		}
	}
}

// The identity depends on steps, rates and contents, and not on where files lie.
func TestCheckpointIdentity(t *testing.T) {
	spec := small("tiny", "sgd")
	spec.Steps, spec.Every = 1, 1
	dir, _ := series(t, spec, "w-0.safetensors", "w-1.safetensors")
	s := openAlong(t, along(spec, map[string]string{"files_path": filepath.Join(dir, "w-*")})).Plan().Spec
	moved := filepath.Join(t.TempDir(), "elsewhere")
	if err := os.Rename(dir, moved); err != nil {
		t.Fatal(err)
	}
	again := openAlong(t, along(spec, map[string]string{"files_path": filepath.Join(moved, "w-*")})).Plan().Spec
	if again.ID() != s.ID() {
		t.Error("the folder is part of the identity")
	}
	if err := os.Rename(filepath.Join(moved, "w-1.safetensors"), filepath.Join(moved, "w-3.safetensors")); err != nil {
		t.Fatal(err)
	}
	other := openAlong(t, along(spec, map[string]string{"files_path": filepath.Join(moved, "w-*")})).Plan().Spec
	if other.ID() == s.ID() {
		t.Error("the steps are no part of the identity")
	}
	again.More["files_sha256"] = other.More["files_sha256"]
	again.More["files_path"] = fmt.Sprintf("%q", filepath.Join(moved, "w-0*"))
	if _, err := Open(context.Background(), again, Env{}); err == nil || !strings.Contains(err.Error(), "other weights") {
		t.Errorf("other files are gone on with: %v", err)
	}
}

func TestBadCheckpoints(t *testing.T) {
	spec := small("tiny", "sgd")
	dir, _ := series(t, spec, "w-0.safetensors", "w-1.safetensors", "w-2.safetensors")
	glob := filepath.Join(dir, "w-*")
	link := func(name string) {
		if err := os.Link(filepath.Join(dir, "w-1.safetensors"), filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	link("v-1a1.safetensors")
	link("v-2a1.safetensors")
	link("none.safetensors")
	if err := os.WriteFile(filepath.Join(dir, "t.csv"), []byte("file,step\nw-9.safetensors,1\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		more map[string]string
		say  string
	}{
		{nil, "needs weights files"},
		{map[string]string{"files_path": glob, "table_path": "t.csv"}, "both given"},
		{map[string]string{"files_path": filepath.Join(dir, "u-*")}, "nothing fits"},
		{map[string]string{"files_path": "[", "pattern": ""}, "syntax"},
		{map[string]string{"files_path": glob, "pattern": "("}, "no regular expression"},
		{map[string]string{"files_path": glob, "pattern": `\d+`}, "no group for the step"},
		{map[string]string{"files_path": glob, "pattern": `q(?P<step>\d+)`}, "is not found in w-0"},
		{map[string]string{"files_path": glob, "pattern": `(?P<step>w)`}, "no whole number"},
		{map[string]string{"files_path": filepath.Join(dir, "v-*")}, "both of step 1"},
		{map[string]string{"files_path": filepath.Join(dir, "none*")}, "no number in its name"},
		{map[string]string{"table_path": filepath.Join(dir, "t.csv")}, "w-9.safetensors"},
		{map[string]string{"table_path": filepath.Join(dir, "no.csv")}, "no.csv"},
	} {
		if _, err := Open(context.Background(), along(spec, c.more), Env{}); err == nil || !strings.Contains(err.Error(), c.say) {
			t.Errorf("%v: %v; want %s", c.more, err, c.say)
		}
	}
	other := along(spec, map[string]string{"files_path": glob})
	other.Model = "mlp"
	if _, err := Open(context.Background(), other, Env{}); err == nil || !strings.Contains(err.Error(), "w-0.safetensors does not fit the model") {
		t.Errorf("another network: %v", err)
	}
	// A file that changes after the run was opened ends the run with an error, and
	// earlier measurements are kept.
	j, got := openAlong(t, along(spec, map[string]string{"files_path": glob})), new(tape)
	if err := os.Truncate(filepath.Join(dir, "w-2.safetensors"), 100); err != nil {
		t.Fatal(err)
	}
	if _, err := j.Run(context.Background(), nil, 0, got); err == nil || !strings.Contains(err.Error(), "has changed since") || got.saves != 2 {
		t.Errorf("%v, after %d records", err, got.saves)
	}
}

// NaN weights mean divergence, which is a result.
func TestCheckpointsDiverge(t *testing.T) {
	spec := small("tiny", "sgd")
	spec.Steps, spec.Every = 1, 1
	dir, original := series(t, spec, "w-0.safetensors", "w-1.safetensors")
	c := copied(original.checkpoints[1])
	for i := range c.Weights[0].Data {
		c.Weights[0].Data[i] = float32(math.NaN())
	}
	if err := weights.WriteFile(filepath.Join(dir, "w-1.safetensors"), c.Weights, nil); err != nil {
		t.Fatal(err)
	}
	s, got := along(spec, map[string]string{"files_path": filepath.Join(dir, "w-*")}), new(tape)
	end, err := openAlong(t, s).Run(context.Background(), nil, 0, got)
	if err != nil || end.Status != run.Diverged || got.saves != 2 {
		t.Fatalf("%v, %v, %d records", end, err, got.saves)
	}
	again, err := openAlong(t, s).Run(context.Background(), got.last(), 0, new(tape))
	if again != end || err != nil {
		t.Errorf("once more: %v, %v", again, err)
	}
}

// Fields of one name are of one type, whoever declares them, and the list has the texts of all.
func TestSharedFields(t *testing.T) {
	all := AllDeclared()
	for _, m := range model.All {
		for _, f := range m.Fields {
			for _, g := range all {
				if g.Name == f.Name && (reflect.TypeOf(g.Default) != reflect.TypeOf(f.Default) || !strings.Contains(g.Doc, f.Doc)) {
					t.Errorf("%s of %s: %T, %q; in the list %T, %q", f.Name, m.Name, f.Default, f.Doc, g.Default, g.Doc)
				}
			}
		}
	}
}

// Kinds have unique names, and none declares a field that every spec has.
func TestKinds(t *testing.T) {
	for i, k := range Kinds {
		if slices.Index(KindNames(), k.Name) != i || k.Doc == "" || k.Open == nil {
			t.Errorf("kind %d: %+v", i, k)
		}
	}
	for _, f := range AllDeclared() {
		if _, ok := run.LookupField(f.Name); ok {
			t.Errorf("%s is declared twice", f.Name)
		}
		if f.Place != strings.HasSuffix(f.Name, "_path") {
			t.Errorf("%s says where something lies: %v", f.Name, f.Place)
		}
	}
	if _, err := Open(context.Background(), run.Spec{Kind: "ascent"}, Env{}); err == nil || !strings.Contains(err.Error(), `"ascent"`) {
		t.Error(err)
	}
}

// torchFile writes tensors as torch.save does, under the given name beside a step.
func torchFile(t *testing.T, file, name string, step int, tensors []run.Tensor) {
	t.Helper()
	var out strings.Builder
	z := zip.NewWriter(&out)
	member := func(name string, content []byte) {
		w, err := z.CreateHeader(&zip.FileHeader{Name: "a/" + name, Method: zip.Store})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write(content); err != nil {
			t.Fatal(err)
		}
	}
	program := fmt.Sprintf("(dS'step'\nI%d\nsS'%s'\n(d", step, name)
	for i, x := range tensors {
		shape, strides, n := "", "", len(x.Data)
		for d, size := range x.Shape {
			n /= size
			if shape, strides = shape+fmt.Sprintf("I%d\n", size), strides+fmt.Sprintf("I%d\n", n); d == len(x.Shape)-1 && n != 1 {
				t.Fatal("a tensor with another number of values")
			}
		}
		program += fmt.Sprintf("S'%s'\nctorch._utils\n_rebuild_tensor_v2\n((S'storage'\nctorch\nFloatStorage\nS'%d'\nS'cpu'\nI%d\ntQI0\n(%st(%stI00\n}tRs", x.Name, i, len(x.Data), shape, strides)
		raw, err := binary.Append(nil, binary.LittleEndian, x.Data)
		if err != nil {
			t.Fatal(err)
		}
		member(fmt.Sprintf("data/%d", i), raw)
	}
	member("data.pkl", []byte(program+"s."))
	if err := errors.Join(z.Close(), os.WriteFile(file, []byte(out.String()), 0o600)); err != nil {
		t.Fatal(err)
	}
}

// Along the checkpoints that PyTorch saved, the bits are those of the same weights as safetensors.
func TestTorchCheckpoints(t *testing.T) {
	spec := small("tiny", "sgd")
	dir, original := series(t, spec, "w-0.safetensors", "w-2.safetensors", "w-4.safetensors")
	var tapes [2]*tape
	for i, c := range original.checkpoints {
		torchFile(t, filepath.Join(dir, fmt.Sprintf("%c.pt", 'a'+i)), "model", c.Step, c.Weights)
	}
	for i, files := range []string{"w-*.safetensors", "*.pt"} {
		s := along(spec, map[string]string{"files_path": filepath.Join(dir, files)})
		s.LR, tapes[i] = 0.05, new(tape)
		job := openAlong(t, s)
		if _, err := job.Run(context.Background(), nil, 0, tapes[i]); err != nil {
			t.Fatal(err)
		}
		if w := job.(*checkpoints).warnings; i == 1 && !slices.ContainsFunc(w, func(s string) bool { return strings.Contains(s, `the state dict is the one under "model"`) }) {
			t.Errorf("warnings %q", w)
		}
	}
	for step, want := range tapes[0].records {
		got := tapes[1].records[step]
		for _, v := range want.Values {
			g, _ := got.Get(v.Key)
			if g.Value != v.Value || g.Error != v.Error {
				t.Errorf("step %d: %+v, want %+v", step, g, v)
			}
		}
	}
	if len(tapes[1].records) != 3 {
		t.Errorf("%d records", len(tapes[1].records))
	}
}
