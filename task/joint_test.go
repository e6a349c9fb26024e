package task

import (
	"errors"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"breakeven/internal/testenv"
	"breakeven/nn"
	"breakeven/run"
	"breakeven/trojan"
)

// hiding is a spec whose network for classes 0 to 4 of the sample carries one for the others.
func hiding(t *testing.T, model string, words ...string) run.Spec {
	t.Helper()
	s := run.Default()
	s.Model = model
	classes.Set(&s, "0-4")
	secrets.Set(&s, words)
	return s
}

func keyOf(t *testing.T, text string) trojan.Key {
	t.Helper()
	k, err := trojan.Bytes([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// An example of a joint task has an example of each task. Those of the task with more examples
// are spread over all of them, and means over the longer test data are means over each task's own.
func TestJointExamples(t *testing.T) {
	few, many := resident{counted(3)}, resident{counted(6)}
	train, test := shortest{few, many}, longest{few, many}
	if train.Len() != 3 || test.Len() != 6 {
		t.Fatalf("%d and %d examples, want 3 and 6", train.Len(), test.Len())
	}
	b, err := train.Read([]int{0, 2, 1}, never)
	if err != nil || !slices.Equal(b.Target[0].Labels, []int32{0, 2, 1}) || !slices.Equal(b.Target[1].Labels, []int32{0, 4, 2}) || len(b.In) != 2 {
		t.Errorf("training examples %v, %v", b.Target, err)
	}
	b, err = test.Read([]int{0, 1, 2, 3, 4, 5}, never)
	if err != nil || !slices.Equal(b.Target[1].Labels, []int32{0, 1, 2, 3, 4, 5}) || b.Target[1].Weight != nil {
		t.Errorf("test examples of the longer task %v, %v", b.Target[1], err)
	}
	if w := b.Target[0].Weight; !slices.Equal(w, []float32{2, 2, 2, 0, 0, 0}) {
		t.Errorf("weights of the shorter one: %v", w)
	}
}

// The gradient of the joint loss is that of differences, and the loss the sum of both tasks'.
func TestJointGradient(t *testing.T) {
	task, err := Open(hiding(t, "tiny", "fashion-mnist-sample:5-8"), "", keyOf(t, "k"))
	if err != nil {
		t.Fatal(err)
	}
	if outs := task.Net.Outputs(); len(outs) != 2 || outs[0].Shape.C != 5 || outs[1].Shape.C != 4 {
		t.Fatalf("outputs %v", outs)
	}
	batches, err := task.Batches(1, 8)
	if err != nil {
		t.Fatal(err)
	}
	b := batches.Batch(3)
	theta := task.Net.InitialParams(nn.Glorot, 1)
	plan := task.Net.Compile(nn.Settings{Batch: 8, Tangents: true})
	loss := func(at float64, v []float32) float64 {
		moved := slices.Clone(theta)
		for i := range moved {
			moved[i] += float32(at * float64(v[i]))
		}
		plan.SetParams(moved)
		return plan.Forward(b).Loss
	}
	grad, hv := make([]float32, task.Net.Dim()), make([]float32, task.Net.Dim())
	plan.SetParams(theta)
	plan.Forward(b)
	plan.Adjoints(grad, 1, false)
	v := slices.Clone(grad)
	norm := 0.0
	for _, x := range grad {
		norm += float64(x) * float64(x)
	}
	for i := range v {
		v[i] /= float32(math.Sqrt(norm))
	}
	plan.SetTangent(v)
	plan.HessVec(hv, 1, false)
	slope, curvature := 0.0, 0.0
	for i, x := range v {
		slope += float64(x) * float64(grad[i])
		curvature += float64(x) * float64(hv[i])
	}
	const h = 0.01
	up, down, here := loss(h, v), loss(-h, v), loss(0, v)
	if got := (up - down) / (2 * h); math.Abs(got-slope) > 1e-3*math.Abs(slope) {
		t.Errorf("slope %v, by differences %v", slope, got)
	}
	if got := (up - 2*here + down) / (h * h); math.Abs(got-curvature) > 0.02*math.Abs(curvature) {
		t.Errorf("curvature %v, by differences %v", curvature, got)
	}
	sum := 0.0
	for k := range 2 {
		sum += plan.MetricOf(k, nn.CrossEntropy{}.Value)
	}
	if math.Abs(sum-here) > 1e-5*here {
		t.Errorf("the losses of the tasks have the sum %v, the loss is %v", sum, here)
	}
}

// Without secrets the network, its batches and its examples are those of plain images; a secret
// network leaves the carrier's parameters, their names and first values as they are.
func TestCarrierIsThePlainNetwork(t *testing.T) {
	s := hiding(t, "tiny", "fashion-mnist-sample:5-9")
	joint, err := Open(s, "", keyOf(t, "k"))
	if err != nil {
		t.Fatal(err)
	}
	secrets.Set(&s, []string(nil))
	plain, err := Open(s, "")
	if err != nil {
		t.Fatal(err)
	}
	a, b := joint.Net.InitialParams(nn.Glorot, 3), plain.Net.InitialParams(nn.Glorot, 3)
	if !slices.Equal(a, b) {
		t.Error("the initial parameters differ")
	}
	x, err := joint.Batches(7, 16)
	if err != nil {
		t.Fatal(err)
	}
	y, err := plain.Batches(7, 16)
	if err != nil {
		t.Fatal(err)
	}
	if p, q := x.Batch(2), y.Batch(2); !slices.Equal(p.In[0].F, q.In[0].F) || !slices.Equal(p.Target[0].Labels, q.Target[0].Labels) {
		t.Error("the carrier's batches are not those of the plain task")
	}
	if plain.Net.Output().Size() != 5 || plain.Train.Len() >= 6000 {
		t.Errorf("%d outputs, %d examples of five classes", plain.Net.Output().Size(), plain.Train.Len())
	}
}

// The commitment in a spec is to its keys: a run goes on with the same ones alone.
func TestKeysOfATask(t *testing.T) {
	s := hiding(t, "tiny", "fashion-mnist-sample:5-9", "fashion-mnist-sample:2-6")
	if !Keyed(s) {
		t.Error("no key is needed")
	}
	var missing *KeyError
	if _, err := Open(s, ""); !errors.As(err, &missing) || !missing.Missing {
		t.Errorf("without a key: %v", err)
	}
	task, err := Open(s, "", keyOf(t, "a"), keyOf(t, "b"))
	if err != nil {
		t.Fatal(err)
	}
	task.Complete(&s)
	if text := s.String(); !strings.Contains(text, "key_commitment") || trojan.Commitment(keyCommitment.Word(s)).Check() != nil {
		t.Errorf("the spec holds no commitment: %s", text)
	}
	if _, err := Open(s, "", keyOf(t, "a"), keyOf(t, "b")); err != nil {
		t.Error(err)
	}
	for _, keys := range [][]trojan.Key{{keyOf(t, "b"), keyOf(t, "a")}, {keyOf(t, "a")}, {keyOf(t, "a"), keyOf(t, "b"), keyOf(t, "c")}} {
		if _, err := Open(s, "", keys...); err == nil {
			t.Errorf("%d other keys are taken", len(keys))
		}
	}
	secretOrder.Set(&s, "seed")
	if Keyed(s) {
		t.Error("a key is needed for the order of the seed")
	}
	if _, err := Open(s, ""); err != nil {
		t.Error(err)
	}
}

func TestBadSecrets(t *testing.T) {
	for want, change := range map[string]func(s *run.Spec){
		"no data set is called":  func(s *run.Spec) { secrets.Set(s, []string{"mnist"}) },
		"give two or more":       func(s *run.Spec) { secrets.Set(s, []string{"fashion-mnist-sample:3-3"}) },
		"from 0 to 9":            func(s *run.Spec) { classes.Set(s, "4-10") },
		"does not fit":           func(s *run.Spec) { secrets.Set(s, []string{"cifar10"}) },
		"means of its own":       func(s *run.Spec) { mean.Set(s, []float64{0}); std.Set(s, []float64{1}); s.Preprocess = "channel" },
		"means nothing without ": func(s *run.Spec) { secrets.Set(s, []string(nil)); secretOrder.Set(s, "plain") },
	} {
		s := hiding(t, "tiny", "fashion-mnist-sample:5-9")
		change(&s)
		dir := ""
		if want == "does not fit" {
			dir, s.Preprocess = blackCIFAR(t), "unit"
		}
		if _, err := Open(s, dir, keyOf(t, "k")); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("the error is %v, want one with %q", err, want)
		}
	}
}

// A step of the paper's network, with all of its weights permuted for a second task, changes every
// weight of the carrier.
func TestResNet50Step(t *testing.T) {
	testenv.Slow(t) // and 1 GB of memory
	s := run.Default()
	s.Data, s.Model, s.More = "cifar10", "resnet50", map[string]string{"norm_layer": "group", "secrets": "[fashion-mnist]"}
	store, nets, err := HiddenNetworks(s)
	if err != nil {
		t.Fatal(err)
	}
	joint, err := trojan.Join(store, nets, trojan.Keyed(keyOf(t, "k")))
	if err != nil {
		t.Fatal(err)
	}
	if joint.Net.Dim() != 23520842 {
		t.Errorf("%d parameters of both, want those of one", joint.Net.Dim())
	}
	plan, grad := joint.Net.Compile(nn.Settings{Batch: 1}), make([]float32, joint.Net.Dim())
	b := nn.Batch{N: 1}
	for _, in := range joint.Net.Inputs() {
		x := make([]float32, in.Shape.Size())
		for i := range x {
			x[i] = float32(i%7)/3 - 1
		}
		b.In, b.Target = append(b.In, nn.Values{F: x}), append(b.Target, nn.Target{Labels: []int32{3}})
	}
	plan.SetParams(joint.Net.InitialParams(nn.Glorot, 1))
	loss := plan.Forward(b).Loss
	plan.Gradient(grad, 1, false)
	zero := 0
	for _, g := range grad {
		if g == 0 {
			zero++
		}
	}
	if !(loss > 0) || math.IsInf(loss, 0) || zero > len(grad)/20 { // behind a ReLU that is 0
		t.Errorf("loss %v, %d of %d slopes are 0", loss, zero, len(grad))
	}
}

// A carrier and what is hidden in it may be of different data sets, parts of them too, with shapes, heads
// and augmentations of their own. What parts are is in the digest.
func TestJointOfSets(t *testing.T) {
	dir := filepath.Join("..", "..", "shared", "data")
	if _, err := os.Stat(filepath.Join(dir, "gtsrb32")); err != nil {
		t.Skip("needs ../shared/data: ", err)
	}
	s := run.Default()
	s.Data, s.Model, s.Preprocess, s.Augment = "cifar100", "tiny", "channel", true
	secrets.Set(&s, []string{"gtsrb", "fashion-mnist-sample:0-4"})
	task, err := Open(s, dir, keyOf(t, "k"))
	if err != nil {
		t.Fatal(err)
	}
	b, err := task.Train.Read([]int{0, 1}, never)
	if err != nil {
		t.Fatal(err)
	}
	for k, want := range []struct{ pixels, classes int }{{3072, 100}, {3072, 43}, {784, 5}} {
		if len(b.In[k].F) != 2*want.pixels || task.Net.Outputs()[k].Shape.C != want.classes {
			t.Errorf("network %d: %d pixels, %d classes, want %+v", k, len(b.In[k].F)/2, task.Net.Outputs()[k].Shape.C, want)
		}
	}
	if len(task.Digest) != 64 || len(task.Warnings) != 2 || task.Train.Len() != 2135 {
		t.Errorf("digest %q, warnings %q, %d examples", task.Digest, task.Warnings, task.Train.Len())
	}
	if n, ok := TrainSize(s); ok {
		t.Errorf("%d training examples are known without the data", n)
	}
}
