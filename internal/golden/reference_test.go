package golden

import (
	"encoding/json"
	"os"
	"slices"
	"testing"

	"breakeven/curvature"
	"breakeven/model"
	"breakeven/nn"
)

// models are the networks on images that have reference values; networks are all of
// them.
var (
	models   = []string{"tiny", "mlp", "simplecnn", "simplecnn-bn", "resnet32"}
	networks = append(slices.Clone(models), "lstm")
)

// everything reports whether comparisons that take minutes are wanted.
func everything() bool { return os.Getenv("BREAKEVEN_GOLDEN") == "all" }

// A reference is one file of reference values. Keys that a network does not have are
// nil.
type reference struct {
	Model      string
	N          int `json:"n_examples"`
	Dim        int `json:"n_parameters"`
	Parameters []struct {
		Name  string
		Shape []int
		Norm  float64
	}
	Weights struct {
		SHA256 string `json:"sha256"`
	}
	Inputs struct {
		First   int     `json:"first_record"`
		N       int     `json:"n_records"`
		Records string  `json:"sha256_of_records"`
		Inputs  string  `json:"sha256_of_inputs_float32_le"`
		Labels  string  `json:"sha256_of_labels_int32_le"`
		First16 []int32 `json:"first16_labels"`
	}

	Loss, Accuracy float64
	Correct        int       `json:"n_correct"`
	Logits         []float64 `json:"logits_first_example"`
	Gradient       struct {
		Norm    float64
		Squared float64 `json:"norm_squared"`
		Tensors tensors `json:"per_parameter"`
	}
	Minibatch struct {
		L, M        int
		Losses      []float64   `json:"batch_losses"`
		Norms       []float64   `json:"batch_gradient_norms"`
		MeanNorm    float64     `json:"mean_gradient_norm"`
		Inner       [][]float64 `json:"inner_products_uncentred"`
		Centred     [][]float64 `json:"centred_gram"`
		Eigenvalues []float64
		Max         float64 `json:"lambda_K_1"`
		Min         float64 `json:"lambda_K_star"`
		Trace       float64
		Rank        float64 `json:"trace_over_lambda_K_1"`
		Condition   float64 `json:"lambda_K_star_over_lambda_K_1"`
	} `json:"minibatch_gram"`
	Sharpness struct {
		Mean     float64
		PerBatch []float64 `json:"per_batch"`
		GHG      []float64 `json:"gHg_per_batch"`
	} `json:"batch_sharpness"`
	Example *struct {
		N     int
		Top   []float64 `json:"top10"`
		Max   float64   `json:"lambda_K_1"`
		Min   float64   `json:"lambda_K_star"`
		Trace float64
		Norms []float64 `json:"gradient_norms_first16"`
		Noise float64   `json:"gradient_noise_scale"`
	} `json:"per_example_gram"`
	Hv struct {
		VHV     float64 `json:"vHv"`
		Norm    float64 `json:"Hv_norm"`
		Vg      float64 `json:"v_dot_g"`
		Tensors tensors `json:"per_parameter"`
	} `json:"hvp_cos"`
	Gv struct {
		VGV     float64 `json:"vGv"`
		Norm    float64 `json:"Gv_norm"`
		Tensors tensors `json:"per_parameter"`
	} `json:"ggn_cos"`
	Hessian struct {
		Top          []float64 `json:"top5"`
		Bottom       []float64 `json:"bottom2"`
		CosGradient  float64   `json:"abs_cos_eH1_gradient"`
		CosMinibatch float64   `json:"abs_cos_eH1_eK1_minibatch"`
		CosExample   *float64  `json:"abs_cos_eH1_eK1_per_example"`
		Trace        *float64  `json:"trace_exact"`
		Frobenius    float64   `json:"frobenius_norm_squared"`
		Diagonal     []float64 `json:"diagonal_first16"`
	}
	GaussNewton struct {
		Max    float64   `json:"lambda_1"`
		Cosine float64   `json:"abs_cos_with_eH1"`
		Trace  *float64  `json:"trace_exact"`
		Top    []float64 `json:"top5"`
	} `json:"ggn"`
	Kernel *struct {
		Trace    float64
		Max      float64   `json:"lambda_1"`
		Top      []float64 `json:"top5"`
		Lowest   float64
		FirstRow []float64 `json:"first_row_first_12"`
	} `json:"ntk_first8"`
	Along *struct {
		EHE      []float64 `json:"eHe_first16"`
		Mean     float64   `json:"mean_over_N"`
		Variance float64   `json:"variance_over_N"`
		GE       []float64 `json:"abs_g_dot_e_first16"`
	} `json:"curvature_along_eH1"`
	Stability *struct {
		Eta  float64
		S, N int
		Left float64 `json:"left_side"`
	} `json:"eq1"`
	Training map[string]*training
}

// tensors are norm and first entries of the parts of a gradient or product.
type tensors []struct {
	Name    string
	Norm    float64
	First16 []float64
	First4  []float64
}

// training is three steps of one method.
type training struct {
	LR           float64
	Batches      [][2]int
	BatchLoss    []float64 `json:"batch_loss_before_step"`
	BatchNorm    []float64 `json:"batch_gradient_norm"`
	Loss         []float64 `json:"loss_after_step"`
	Accuracy     []float64 `json:"accuracy_after_step"`
	Norm         []float64 `json:"gradient_norm_after_step"`
	Displacement []float64 `json:"displacement_norm_after_step"`
	Inference    []float64 `json:"loss_eval_mode_after_step"`
	Statistics   []struct {
		Layer string
		Mean  []float64 `json:"running_mean_first4"`
		Var   []float64 `json:"running_var_first4"`
	} `json:"running_statistics_after_3_steps"`
}

// A subject is a network at the weights, and with the examples, of a reference.
type subject struct {
	*reference
	net   *nn.Network
	theta []float32
	set   curvature.Set
}

func load(t *testing.T, name string) *subject {
	t.Helper()
	if name == "lstm" {
		return loadText(t)
	}
	text, err := os.ReadFile("testdata/" + name + ".seed0.json")
	if err != nil {
		t.Fatal(err)
	}
	s := &subject{reference: new(reference)}
	if err := json.Unmarshal(text, s.reference); err != nil {
		t.Fatal(err)
	}
	if s.net, err = model.New(name, nn.Shape{C: 3, H: 32, W: 32}, 10); err != nil {
		t.Fatal(err)
	}
	if s.net.Dim() != s.Dim {
		t.Fatalf("%s has %d parameters, want %d", name, s.net.Dim(), s.Dim)
	}
	s.theta = glorot(s.net)
	s.set = inputs(t, s.reference)
	return s
}

// metrics are compared beside the loss.
var metrics = []curvature.Metric{{Of: nn.Correct}}

// settings are those of the full-data quantities: under batch norm the whole
// set is one batch.
func (s *subject) settings() curvature.Settings {
	if s.net.Couples() {
		return curvature.Settings{Chunk: s.N, Metrics: metrics}
	}
	return curvature.Settings{Metrics: metrics}
}

// problem returns the curvature problem of the set, at the weights.
func (s *subject) problem() *curvature.Problem {
	p := curvature.New(s.net, s.set, s.settings())
	p.At(s.theta)
	return p
}

// parts returns the minibatches of the reference.
func (s *subject) parts() []curvature.Set { return curvature.Parts(s.set, s.Minibatch.L) }
