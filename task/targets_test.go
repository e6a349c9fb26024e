package task

import (
	"slices"
	"strings"
	"testing"

	"gonum.org/v1/gonum/mat"

	"breakeven/nn"
)

// A loss that a graph computes is compared with the array of the graph's input of targets, or another one.
func TestOutputLoss(t *testing.T) {
	x := mat.NewDense(4, 4, []float64{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16})
	const folder = "../onnx/testdata/losses/"
	for name, c := range map[string]struct {
		graph, metric, fail string
		y                   any
		more                map[string]string
	}{
		"labels":           {"entropy-script.onnx", "accuracy", "", []int64{0, 2, 1, 2}, nil},
		"one-hot":          {"entropy-script.onnx", "accuracy", "", hot, nil},
		"real numbers":     {"huber-dynamo.onnx", "absolute_error", "", rows, nil},
		"whole numbers":    {"single-dynamo.onnx", "absolute_error", "", []int64{0, 7, 1, 2}, nil},
		"answers":          {"answers-script.onnx", "accuracy", "", hot, nil},
		"no answers":       {"answers-script.onnx", "", "has the target 2", rows, nil},
		"too few":          {"huber-dynamo.onnx", "", "a target has 1 numbers", []float64{1, 2, 3, 4}, nil},
		"no such array":    {"entropy-script.onnx", "", `there is no target "labels"`, []int64{0, 2, 1, 2}, map[string]string{"target": "labels"}},
		"too many classes": {"class_weights-script.onnx", "", "weights for 3 classes", []int64{0, 7, 1, 2}, nil},
		"no weights":       {"class_weights-script.onnx", "", "its targets are labels", smooth, nil},
		"one-hot, weights": {"class_weights-dynamo.onnx", "accuracy", "", hot, nil},
		"no such output":   {"entropy-script.onnx", "", `its outputs are z, loss`, []int64{0, 2, 1, 2}, nil},
	} {
		loss := "output:loss"
		if name == "no such output" {
			loss = "output:other"
		}
		tk, err := Open(own(write(t, map[string]any{"x": x, "y": c.y}), folder+c.graph, loss, c.more), "")
		switch {
		case c.fail != "" && (err == nil || !strings.Contains(err.Error(), c.fail)):
			t.Errorf("%s: %v, want %q", name, err, c.fail)
		case c.fail == "" && err != nil:
			t.Errorf("%s: %v", name, err)
		case c.fail == "" && tk.Metrics[0].Name != c.metric:
			t.Errorf("%s: metric %s, want %s", name, tk.Metrics[0].Name, c.metric)
		}
	}
	if _, err := Open(own("fashion-mnist-sample", "mlp", "output:loss", nil), ""); err == nil || !strings.Contains(err.Error(), "of your own") {
		t.Errorf("a built-in data set: %v", err)
	}
}

// The labels of a loss of a graph have the weights of their classes, of which what the loss ignores has none.
func TestOutputLossWeights(t *testing.T) {
	x := mat.NewDense(4, 4, []float64{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16})
	data := write(t, map[string]any{"x": x, "y": []int64{0, 2, 1, 0}})
	tk, err := Open(own(data, "../onnx/testdata/losses/class_weights_likelihood-script.onnx", "output:loss", nil), "")
	if err != nil {
		t.Fatal(err)
	}
	b, err := tk.Train.Read([]int{1, 0, 2}, func() error { return nil })
	if err != nil {
		t.Fatal(err)
	}
	got := b.Target[0]
	if !slices.Equal(got.Labels, []int32{2, nn.Ignored, 1}) || got.Weight[0] != 0.5 || got.Weight[2] != 2.5 || tk.Net.Weight(b) != 3 {
		t.Errorf("labels %v with weights %v, together %v", got.Labels, got.Weight, tk.Net.Weight(b))
	}
}
