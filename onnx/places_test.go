package onnx

import (
	"math"
	"slices"
	"strings"
	"testing"

	"breakeven/nn"
)

// Places are found in what a graph counts of its tokens or of its mask, and nothing else is one.
func TestPlaces(t *testing.T) {
	pooled := []message{op("Add", "e f", "h"), op("ReduceMean", "h", "g", ints("axes", 1), setInt("keepdims", 0)), op("MatMul", "g w", "y")}
	ofMask := []message{op("CumSum", "mask one", "c"), op("Mul", "c mask", "d")}
	ofTokens := []message{op("Equal", "tokens two", "p"), op("Not", "p", "o"), op("Cast", "o", "i", setInt("to", 7)), op("CumSum", "i one", "c"), op("Mul", "c i", "d")}
	for _, c := range []struct {
		name  string
		nodes []message
		want  string // the error
		rows  []int  // that the steps pick
	}{
		{"of the mask", slices.Concat(ofMask, []message{op("Gather", "places d", "f")}), "", []int{1, 2, 3, 4, 5}},
		{"from two on", slices.Concat(ofMask, []message{op("Add", "d one", "j"), op("Gather", "places j", "f")}), "", []int{2, 3, 4, 5, 6}},
		{"of the next step", []message{op("Gather", "mask next", "r", setInt("axis", 1)), op("CumSum", "r one", "d"), op("Gather", "places d", "f")}, "the place of step 2 depends on how long an example is", nil},
		{"of the mask, too many", slices.Concat(ofMask, []message{op("Mul", "d two", "j"), op("Gather", "places j", "f")}), `it picks row 10 of the 9 of "places"`, nil},
		{"of the tokens", slices.Concat(ofTokens, []message{op("Add", "d two", "j"), op("Gather", "places j", "f")}), "", []int{3, 2, 4, 2, 5}},
		{"from another row", slices.Concat(ofTokens, []message{op("Add", "d one", "j"), op("Gather", "places j", "f")}), "rows are supported that follow each other after row 2, and row 2 for the token 2", nil},
		{"not of padding", slices.Concat(ofTokens[:4], []message{op("Add", "c two", "j"), op("Gather", "places j", "f")}), "and row 2 for the token 2", nil},
		{"of larger tokens", slices.Concat([]message{op("Greater", "tokens two", "o")}, ofTokens[2:], []message{op("Add", "d two", "j"), op("Gather", "places j", "f")}), "rows are supported that follow", nil},
		{"the same for all", slices.Concat(ofTokens, []message{op("Mul", "d nought", "j"), op("Add", "j two", "k"), op("Gather", "places k", "f")}), "", []int{2, 2, 2, 2, 2}},
		{"of two kinds", slices.Concat(ofTokens, []message{op("Equal", "tokens one", "q"), op("Cast", "q", "r", setInt("to", 7)), op("Add", "d r", "j"), op("Gather", "places j", "f")}), "that tell the one of padding from the others", nil},
		{"of sums", slices.Concat(ofTokens, []message{op("ReduceMax", "d", "j", ints("axes", 1)), op("Gather", "places j", "f")}), "ReduceMax", nil},
		{"too few", slices.Concat(ofTokens, []message{op("Add", "d two", "j"), op("Gather", "few j", "f")}), `its weight "few" has rows for 4 places, and the data have 5 steps`, nil},
		{"of both", slices.Concat(ofTokens, []message{op("Mul", "d mask", "j"), op("Gather", "places j", "f")}), `it depends on the two inputs "tokens" and "mask"`, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			nodes := append([]message{op("Constant", "", "two", constantOf(1, 7, []byte{2, 0, 0, 0, 0, 0, 0, 0}))}, c.nodes...)
			f, err := parse(placedModel(append(nodes, pooled...)...))
			if err != nil {
				t.Fatal(err)
			}
			n, err := f.Network(nn.Input{Shape: nn.Seq(5, 1), Below: 9})
			if c.want != "" {
				if err == nil || !strings.Contains(err.Error(), c.want) {
					t.Errorf("the error is %v, want one with %q", err, c.want)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			want := float32(0)
			for _, row := range c.rows {
				want += float32(math.Pow(4, float64(row))) / 5
			}
			if got := placed(n); got != want {
				t.Errorf("the output is %v, want %v", got, want)
			}
		})
	}
}

// placedModel has nodes that make "f" of tokens and a mask, rows of "places" or "few", which are added to those of the tokens.
func placedModel(nodes ...message) message {
	g := message(nil).bytes(1, op("Gather", "table tokens", "e"))
	for _, n := range nodes {
		g = g.bytes(1, n)
	}
	for _, t := range []message{weights("table", 9, 4), weights("places", 9, 4), weights("few", 7, 4), weights("w", 4, 2), scalar("one", 1), scalar("nought", 0), integersOf("next", 1, 2, 3, 4, 4)} {
		g = g.bytes(5, t)
	}
	g = g.bytes(11, integerPort("tokens")).bytes(11, integerPort("mask")).bytes(12, portOf("y"))
	return message(nil).int(1, 8).bytes(7, g).bytes(8, message(nil).int(2, 18))
}

// placed returns the output for the tokens 5, 2, 7, 2 and 1 if row k of the places is 4ᵏ, and that of the tokens 0.
func placed(n *Network) float32 {
	theta := make([]float32, n.Dim())
	for k, p := range n.Params() { // of the tokens, of the places, and of the output
		for i := range p.Size() {
			switch k {
			case 1:
				theta[p.Offset+i] = float32(math.Pow(4, float64(i/4)))
			case 2:
				theta[p.Offset+i] = 0.25
			}
		}
	}
	plan := n.Compile(nn.Settings{Batch: 1})
	plan.SetParams(theta)
	b := nn.Batch{N: 1, In: []nn.Values{{I: []int32{5, 2, 7, 2, 1}}}, Target: []nn.Target{{Labels: []int32{0}}}}
	plan.Forward(b)
	return plan.Outputs()[0]
}

// A mask of attention may be computed from the tokens, and hides the one of padding then.
func TestMasksOfTokens(t *testing.T) {
	first := attended(op("Gather", "a nought", "f", setInt("axis", 1)), op("MatMul", "f w", "y"))
	equal := []message{op("Constant", "", "two", constantOf(1, 7, []byte{2, 0, 0, 0, 0, 0, 0, 0})), op("Constant", "", "huge", constantOf(1, 1, []byte{0, 0x50, 0xc3, 0xc7})), op("Equal", "tokens two", "eq")}
	hide := slices.Concat(equal, []message{op("Unsqueeze", "eq shift", "u"), op("Where", "u far z", "m")})
	for _, c := range []struct {
		name  string
		nodes []message
		want  string // the error
	}{
		{"hides", slices.Concat(hide, first), ""},
		{"adds", slices.Concat(equal, []message{op("Cast", "eq", "i", setInt("to", 1)), op("Mul", "i huge", "h"), op("Unsqueeze", "h shift", "u"), op("Add", "z u", "m")}, first), ""},
		{"hides the others", slices.Concat(equal, []message{op("Unsqueeze", "eq shift", "u"), op("Where", "u z far", "m")}, first), "does not hide the steps"},
		{"hides larger ones, too", slices.Concat(equal, []message{op("Greater", "tokens two", "g"), op("Or", "eq g", "o"), op("Cast", "o", "i", setInt("to", 1)), op("Mul", "i huge", "h"), op("Unsqueeze", "h shift", "u"), op("Add", "z u", "m")}, first), "hides other steps than those"},
		{"hides two", slices.Concat(equal, []message{op("Equal", "tokens one", "q"), op("Or", "eq q", "o"), op("Unsqueeze", "o shift", "u"), op("Where", "u far z", "m")}, first), "that tell the one of padding from the others"},
		{"and a mask", slices.Concat(hide, []message{op("Cast", "mask", "b", setInt("to", 9)), op("Unsqueeze", "b shift", "v"), op("Where", "v m far", "n"), op("Softmax", "n", "r"), op("MatMul", "r e", "a")}, first[2:]), `it reads the mask of "mask" after that of "tokens"`},
	} {
		t.Run(c.name, func(t *testing.T) {
			f, err := parse(maskedModel(c.nodes...))
			if err != nil {
				t.Fatal(err)
			}
			tokens := nn.Input{Shape: nn.Seq(5, 1), Below: 9}
			if _, err := f.Network(tokens, nn.Input{Shape: nn.Seq(5, 1)}); err == nil {
				t.Error("the data may have another mask")
			}
			n, err := f.Network(tokens)
			switch {
			case c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)):
				t.Errorf("the error is %v, want one with %q", err, c.want)
			case c.want == "" && (err != nil || !slices.Contains(n.Notes, `attention and pooling leave out the steps of "tokens" whose token is 2, and everything else computes them`) || n.Padding != "" || n.Masked):
				t.Errorf("%v; the mask is %q, %v, the notes are %q", err, n.Padding, n.Masked, n.Notes)
			}
		})
	}
}
