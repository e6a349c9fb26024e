package ntk_test

import (
	"strings"
	"testing"

	"breakeven/ntk"
)

// Texts say what networks say, in their own words.
func TestParse(t *testing.T) {
	style := ntk.Style{SigmaW: 2, SigmaB: 0.5, Law: ntk.Orthogonal, Width: 7, Outputs: 3, Repeats: 2}
	for text, want := range map[string]string{
		"dense":                                                         "dense(3, σ_w 2, σ_b 0.5, orthogonal)",
		"dense 5; ReLU ; dense;":                                        "dense(5, σ_w 2, σ_b 0.5, orthogonal) → relu → dense(3, σ_w 2, σ_b 0.5, orthogonal)",
		"n*(dense;erf);dense var 9 bias 0":                              "dense(7, σ_w 2, σ_b 0.5, orthogonal) → erf → dense(7, σ_w 2, σ_b 0.5, orthogonal) → erf → dense(3, σ_w 3, orthogonal)",
		"0*(dense; relu)\n;dense gaussian":                              "dense(3, σ_w 2, σ_b 0.5)",
		"conv 4 3x3/2 same delta-orthogonal; abs; conv 1x3":             "conv(3×3/2×2 same, 4, σ_w 2, σ_b 0.5, delta-orthogonal) → abs → conv(1×3 valid, 3, σ_w 2, σ_b 0.5, orthogonal)",
		"avgpool 2x2/1 pad 1 inside; sumpool 2x1; dense":                "avgpool(2×2/1×1 pad 1, of those inside) → sumpool(2×1) → dense(3, σ_w 2, σ_b 0.5, orthogonal)",
		"dense; residual(tanh; dense); dense zerobias":                  "dense(7, σ_w 2, σ_b 0.5, orthogonal) → (identity + tanh → dense(7, σ_w 2, σ_b 0.5, orthogonal)) → dense(3, σ_w 2, orthogonal, biases from 0)",
		"sum(dense | relu; dense 3)":                                    "(dense(3, σ_w 2, σ_b 0.5, orthogonal) + relu → dense(3, σ_w 2, σ_b 0.5, orthogonal))",
		"layernorm whole eps 0.1; sin; cos 2 1; leaky 0.1; rectified 2": "layer norm(whole, ε 0.1) → sin(1, 1, 0) → cos(2, 1, 0) → leaky relu(0.1) → rectified monomial(2)",
		"global avgpool; global sumpool; flatten":                       "global avgpool → global sumpool → flatten",
	} {
		l, err := ntk.Parse(text, style)
		if err != nil {
			t.Errorf("%q: %v", text, err)
		} else if l.String() != want {
			t.Errorf("%q:\n%s, want\n%s", text, l, want)
		}
	}
	for text, want := range map[string]string{
		"":                        "a network of no layers",
		" ; ":                     "a network of no layers",
		"0*(dense)":               "a network of no layers",
		"dens":                    `"dens" is no layer`,
		"dense 0":                 "dense of a width of 0",
		"dense x":                 `dense has no setting "x"`,
		"dense var":               `after "var" there must be a number`,
		"dense var -1":            "a variance of -1",
		"dense var nan":           `after "var" there must be a number`,
		"dense same":              `dense has no setting "same"`,
		"conv":                    "conv needs a window",
		"conv 3":                  "conv needs a window",
		"conv 3x":                 `"3x" is no window`,
		"conv 3x3 pad -1":         "after pad there must be a number of zeros",
		"relu 3":                  `"relu 3" is no layer`,
		"rbf -1":                  "must be 0 or more",
		"monomial 2.5":            "a degree is a whole number",
		"(dense)":                 "before a bracket stands",
		"2*(dense":                "a bracket is not closed",
		"dense)":                  `unexpected ")"`,
		"2*(dense) relu":          `after a bracket there must be ";"`,
		"2*(dense | relu)":        "stands in a sum alone",
		"-1*(dense)":              "layers -1 times",
		"99999999*(dense)":        "layers 99999999 times",
		"flatten 3":               "flatten has no settings",
		"x*(dense)":               `"x" is no number of times`,
		strings.Repeat("2*(", 30): "nested more than",
	} {
		if _, err := ntk.Parse(text, style); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %s", text, err, want)
		}
	}
}

// No text makes Parse panic, and what it gives compiles or is an error.
func FuzzParse(f *testing.F) {
	for _, text := range []string{"dense", "2*(conv 3x3 same; relu); flatten; dense", "sum(dense|relu;dense 3)", "residual(", "layernorm eps", "avgpool 2x2/1 pad 1 inside"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		l, err := ntk.Parse(text, ntk.Style{SigmaW: 1, Width: 4, Outputs: 2, Repeats: 1})
		if err != nil || len(l.String()) > 2000 {
			return
		}
		n := ntk.Network{Input: ntk.Shape{C: 2, H: 3, W: 3}, Layers: l}
		_, _ = n.Kernel(nil)
	})
}
