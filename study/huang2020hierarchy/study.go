package huang2020hierarchy

import (
	"breakeven/study"
)

// Study is the entry of the catalogue.
var Study = study.Study{
	Name:  "huang2020hierarchy",
	Title: "Dynamics of Deep Neural Networks and Neural Tangent Hierarchy",
	Paper: "Huang and Yau, ICML 2020 (arXiv 1909.08156)",
	Doc: "Computes kernels of higher order of networks of finite width, integrates the tangent hierarchy truncated at levels 2, 3 and 4 beside exact gradient " +
		"flow, and says how the errors and the kernels scale with width and time. The paper has no experiments.",
	Claims: []study.Claim{
		{Text: "Theorem 2.6: outputs and tangent kernel of the hierarchy truncated at an even level p are off by order m^(−p/2): slopes −1 in width at level 2 " +
			"and −2 at level 4. Level 3 gains no power of m over level 2."},
		{Text: "Theorem 2.6: in time these errors grow at most as (1+t) t^(p−1) min{t, n/λ} for outputs and (1+t) t^(p−1) for the kernel."},
		{Text: "Corollary 2.4: along the flow the tangent kernel drifts by order (1+t) t/m."},
		{Text: "Theorem 2.3: K^(3) and K^(4) are of order 1/m, K^(5) and K^(6) of order 1/m²."},
		{Text: "The theorems hold for times up to √(λm/n) and m^(p*/(2(p*+1))), up to constants and logarithms, and widths above (n/λ)³ (Corollary 2.5)."},
	},
	Kinds:   []string{kind},
	Scales:  scales,
	Analyze: analysis,
}

// kind is that of the study's trials.
const kind = "hierarchy"
