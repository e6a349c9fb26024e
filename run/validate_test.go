package run

import (
	"errors"
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// width, depth and names are fields that model mlp declares.
var (
	width = Field{Name: "width", Default: 300, Unit: "units", Doc: "of hidden layers",
		Check: AtLeast(1)}
	shares = Field{Name: "shares", Default: []float64(nil), Doc: "of classes"}
	sizes  = Field{Name: "sizes", Default: []int{3, 4}, Doc: "of layers", Check: Between(1, 9)}
	slope  = Field{Name: "slope", Default: 0.5, Doc: "of the activation"}
	names  = Field{Name: "norm", Default: "none", Choices: []string{"none", "batch"}, Doc: "normalisation"}
)

var known = Known{
	Words: map[string][]string{
		"kind":   {"descent", "checkpoints"},
		"data":   {"fashion-mnist-sample", "fashion-mnist", "cifar10"},
		"model":  {"mlp", "tiny", "simplecnn", "simplecnn-bn", "resnet32"},
		"probes": {"loss", "k", "h"},
	},
	Declared: func(s Spec) []Field {
		if s.Model == "mlp" {
			return []Field{width, slope, names, sizes, shares}
		}
		return nil
	},
	Lacks: func(s Spec, field string) string {
		if s.Kind == "checkpoints" && field == "until" {
			return "kind checkpoints"
		}
		return ""
	},
	TrainSize: func(s Spec) (int, bool) {
		if s.Train > 0 {
			return s.Train, true
		}
		return 6000 - s.Valid, s.Data == "fashion-mnist-sample"
	},
}

func TestDefaultIsValid(t *testing.T) {
	if err := Default().Validate(known); err != nil {
		t.Error(err)
	}
	if err := Default().Validate(Known{}); err != nil {
		t.Error(err)
	}
}

func TestValidate(t *testing.T) {
	nan, inf := math.NaN(), math.Inf(1)
	for name, test := range map[string]struct {
		change func(*Spec)
		want   string // begins one fault, and there is no other
	}{
		"no data":          {func(s *Spec) { s.Data = "" }, "data: is empty"},
		"unknown data":     {func(s *Spec) { s.Data = "cifar-10" }, `data: unknown data set "cifar-10" (did you mean "cifar10"?)`},
		"unknown model":    {func(s *Spec) { s.Model = "vgg" }, `model: unknown model "vgg"; known: mlp, tiny,`},
		"unknown init":     {func(s *Spec) { s.Init = "xavier" }, `init: unknown init "xavier"`},
		"unknown loss":     {func(s *Spec) { s.Loss = "mae" }, `loss: unknown loss "mae" (did you mean "mse"?)`},
		"unknown pre":      {func(s *Spec) { s.Preprocess = "raw" }, "preprocess: unknown"},
		"unknown method":   {func(s *Spec) { s.Method = "adamw" }, "method: unknown"},
		"bad text":         {func(s *Spec) { s.Model = "\xff" }, "model: "},
		"bad file":         {func(s *Spec) { s.Weights = "a\x00b" }, "weights: "},
		"lr negative":      {func(s *Spec) { s.LR = -0.1 }, "lr: the learning rate must be a positive number, not -0.1"},
		"lr zero":          {func(s *Spec) { s.LR = 0 }, "lr: "},
		"lr NaN":           {func(s *Spec) { s.LR = nan }, "lr: "},
		"lr infinite":      {func(s *Spec) { s.LR = inf }, "lr: "},
		"sgd momentum":     {func(s *Spec) { s.Momentum = 0.9 }, "momentum: method sgd has no momentum"},
		"adam momentum":    {func(s *Spec) { s.Method, s.Momentum = "adam", 0.9 }, "momentum: method adam"},
		"no momentum":      {func(s *Spec) { s.Method = "nesterov" }, "momentum: method nesterov needs"},
		"momentum of one":  {func(s *Spec) { s.Method, s.Momentum = "momentum", 1 }, "momentum: "},
		"momentum NaN":     {func(s *Spec) { s.Method, s.Momentum = "momentum", nan }, "momentum: "},
		"batch below zero": {func(s *Spec) { s.Batch = -1 }, "batch: must be 1 or more, or 0 for all training examples, not -1"},
		"batch over data":  {func(s *Spec) { s.Batch = 6001 }, "batch: 6001 is more than the 6000 training examples"},
		"batch over train": {func(s *Spec) { s.Train, s.Batch = 150, 200 }, "batch: 200 is more than the 150"},
		"train negative":   {func(s *Spec) { s.Train = -1 }, "train: "},
		"valid negative":   {func(s *Spec) { s.Valid = -1 }, "valid: "},
		"both lengths":     {func(s *Spec) { s.Steps = 5 }, "steps: epochs (10) and steps (5) are both given"},
		"no length":        {func(s *Spec) { s.Epochs = 0 }, "epochs: neither"},
		"epochs negative":  {func(s *Spec) { s.Epochs = -1 }, "epochs: "},
		"epochs NaN":       {func(s *Spec) { s.Epochs = nan }, "epochs: "},
		"epochs infinite":  {func(s *Spec) { s.Epochs = inf }, "epochs: "},
		"steps negative":   {func(s *Spec) { s.Steps = -5 }, "steps: must be 0 or more"},
		"until":            {func(s *Spec) { s.Until = 60 }, "until: "},
		"until NaN":        {func(s *Spec) { s.Until = nan }, "until: "},
		"every":            {func(s *Spec) { s.Every = -1 }, "every: "},
		"unknown probe":    {func(s *Spec) { s.Probes = []string{"loss", "los"} }, `probes: unknown probe "los" (did you mean "loss"?)`},
		"probe twice":      {func(s *Spec) { s.Probes = []string{"k", "loss", "k"} }, `probes: "k" stands there twice`},
		"L":                {func(s *Spec) { s.Measure.L = 1 }, "measure.l: "},
		"M":                {func(s *Spec) { s.Measure.M = 0 }, "measure.m: "},
		"M over data":      {func(s *Spec) { s.Train, s.Batch = 100, 10 }, "measure.m: 128 is more than the 100"},
		"examples":         {func(s *Spec) { s.Measure.Examples = 0 }, "measure.examples: "},
		"per example":      {func(s *Spec) { s.Measure.PerExample = 1 }, "measure.per_example: "},
		"augmented K":      {func(s *Spec) { s.Measure.Augment = true }, "measure.augment: says that K is of augmented examples"},
		"tolerance":        {func(s *Spec) { s.Measure.Tolerance = nan }, "measure.tolerance: "},
		"unknown kind":     {func(s *Spec) { s.Kind = "decent" }, `kind: unknown kind "decent" (did you mean "descent"?)`},
		"foreign kind":     {func(s *Spec) { s.Kind, s.Until = "checkpoints", 0.5 }, "until: means nothing for kind checkpoints"},
		"foreign model":    {func(s *Spec) { width.Set(s, 5) }, "width: is no field of kind descent and model simplecnn"},
		"declared":         {func(s *Spec) { s.Model, s.More = "mlp", map[string]string{"width": "many"} }, `width: want a whole number, not "many"`},
		"declared check":   {func(s *Spec) { s.Model = "mlp"; width.Set(s, 0) }, "width: must be 1 or more"},
		"declared list":    {func(s *Spec) { s.Model = "mlp"; sizes.Set(s, []int{3, 10}) }, "sizes: must lie between 1 and 9, not 10"},
		"declared numbers": {func(s *Spec) { s.Model, s.More = "mlp", map[string]string{"shares": "[0.5, half]"} }, `shares: want a list of numbers such as [0.5, 0.25], not "[0.5, half]"`},
		"no list":          {func(s *Spec) { s.Model, s.More = "mlp", map[string]string{"shares": "0.5"} }, `shares: want a list of numbers`},
		"declared words":   {func(s *Spec) { s.Model = "mlp"; names.Set(s, "bach") }, `norm: unknown norm "bach" (did you mean "batch"?)`},
		"misspelt":         {func(s *Spec) { s.Model, s.More = "mlp", map[string]string{"widht": "5"} }, `widht: is no field of kind descent and model mlp (did you mean "width"?)`},
	} {
		s := Default()
		test.change(&s)
		var faults Faults
		if err := s.Validate(known); !errors.As(err, &faults) {
			t.Errorf("%s: error %v, want Faults", name, err)
		} else if len(faults) != 1 || !strings.HasPrefix(faults[0].Error(), test.want) {
			t.Errorf("%s: faults\n%v\nwant one: %s", name, err, test.want)
		}
	}
}

func TestValidateListsAllInOrder(t *testing.T) {
	s := Default()
	s.Measure.M, s.Batch, s.LR, s.Data = 0, -1, -1, "mnist"
	var got []string
	var faults Faults
	if !errors.As(s.Validate(known), &faults) {
		t.Fatal("no faults")
	}
	for _, f := range faults {
		got = append(got, f.Field)
	}
	if d := cmp.Diff([]string{"data", "lr", "batch", "measure.m"}, got); d != "" {
		t.Errorf("(-want +got)\n%s", d)
	}
	if lines := strings.Count(faults.Error(), "\n"); lines != 3 {
		t.Errorf("%d line breaks in the text of 4 faults:\n%v", lines, faults)
	}
}

func TestCanonicalOrdersProbes(t *testing.T) {
	s := Default()
	s.Probes = []string{"h", "zz", "loss", "aa", "k"}
	given := strings.Join(s.Probes, " ")
	got := s.Canonical(known).Probes
	if d := cmp.Diff([]string{"loss", "k", "h", "zz", "aa"}, got); d != "" {
		t.Errorf("(-want +got)\n%s", d)
	}
	if strings.Join(s.Probes, " ") != given {
		t.Error("Canonical changed its receiver's list")
	}
}

func TestNearest(t *testing.T) {
	for _, test := range []struct{ word, want string }{
		{"simplecn", "simplecnn"}, {"simplecnn_bn", "simplecnn-bn"}, {"resnet-32", "resnet32"},
		{"tinny", "tiny"}, {"mpl", "mlp"}, {"transformer", ""}, {"", ""}, {"mlp", "mlp"},
	} {
		if got, ok := Nearest(test.word, known.Words["model"]); got != test.want || ok != (test.want != "") {
			t.Errorf("Nearest(%q) = %q, %v, want %q", test.word, got, ok, test.want)
		}
	}
}

func TestEditDistance(t *testing.T) {
	for _, test := range []struct {
		a, b string
		want int
	}{{"", "", 0}, {"a", "", 1}, {"", "ab", 2}, {"kitten", "sitting", 3}, {"flaw", "lawn", 2}, {"modle", "model", 1}, {"ca", "abc", 3}, {"ab", "ba", 1}, {"λη", "λ", 1}} {
		if got := editDistance(test.a, test.b); got != test.want {
			t.Errorf("editDistance(%q, %q) = %d, want %d", test.a, test.b, got, test.want)
		}
	}
}
