package report

import (
	"fmt"
	"math"

	"breakeven/rng"
	"breakeven/run"
	"breakeven/study"
)

// An example is a made-up run with what was found in it.
type example struct {
	Run
	Marks   []study.Mark
	Finding study.Section
}

// headings are those of a made-up study.
var headings = []study.Heading{
	{Title: "Break-even", Panels: []study.Panel{
		{Keys: []string{"stability"}, Title: "Left side of Eq. 1", Level: 1, Mark: "1", Caption: "Below 1 a step is stable."},
		{Keys: []string{"h_max"}, Title: "Sharpness λ_H¹", LevelOf: func(s run.Spec) float64 { return 2 / s.LR }, Mark: "2/η", Log: true, Caption: "2/η is its limit."},
		{Keys: []string{"step_margin"}, Title: "Step margin α*", Level: 2, Mark: "2", Log: true, Caption: "Near 2 the step is mirrored."},
		{Keys: []string{"batch_sharpness"}, Title: "Batch sharpness", Caption: "Of minibatches."},
	}},
	{Title: "Gradient noise", Panels: []study.Panel{
		{Keys: []string{"k_max"}, Title: "Largest eigenvalue of K, λ_K¹", Caption: "Its peak."},
		{Keys: []string{"k_condition"}, Title: "Conditioning λ_K* / λ_K¹", Caption: "Larger is better."},
		{Keys: []string{"k_trace"}, Title: "Total variance Tr K", Caption: "In all directions."},
		{Keys: []string{"k_rank"}, Title: "Effective rank Tr K / λ_K¹", Caption: "How many directions."},
		{Keys: []string{"k_min"}, Title: "Smallest eigenvalue of K, λ_K*", Caption: "Not zero."},
		{Keys: []string{"noise_scale"}, Title: "Gradient noise scale", Caption: "In examples."},
	}},
	{Title: "Curvature", Spectrum: true, Panels: []study.Panel{
		{Keys: []string{"h_trace"}, Title: "Trace of the Hessian, Tr H", Caption: "Total curvature."},
		{Keys: []string{"alignment", "alignment_example"}, Title: "Alignment of H and K", Caption: "Of top eigenvectors."},
	}},
	{Title: "Training", Panels: []study.Panel{
		{Keys: []string{"loss", "valid_loss"}, Title: "Loss", Caption: "Dashed: validation."},
		{Keys: []string{"accuracy", "valid_accuracy"}, Title: "Accuracy", Caption: "Dashed: validation."},
	}},
}

// pageOf returns the page of examples.
func pageOf(examples ...example) Page {
	var p Page
	var runs []study.Run
	for _, s := range examples {
		p.Runs = append(p.Runs, s.Run)
		p.Analysis.Runs = append(p.Analysis.Runs, study.Finding{Name: s.Name, Section: s.Finding})
		runs = append(runs, s.Run.Run)
	}
	p.Analysis.Groups = study.Draw(headings, study.Trajectories(runs, func(i int) []study.Mark { return examples[i].Marks }))
	return p
}

// madeUp makes up a run in the shape of the paper's curves: λ_K¹ and λ_H¹ peak
// early, the lower the larger the learning rate, and the left side of Eq. 1
// rises past 1 before them.
func madeUp(name string, eta float64, n int) example {
	r := rng.New(1, "report sample "+name)
	spec := run.Default()
	spec.LR, spec.Batch, spec.Probes = eta, 32, []string{"loss", "k", "h"}
	s := example{
		Run:   Run{Run: study.Run{Name: name, Spec: spec, Status: run.Finished, Train: 6000}, Message: "all steps are done", Params: 361898},
		Marks: []study.Mark{{At: 1.25, Name: "break-even"}, {At: 2.5, Name: "60 % accuracy", Minor: true}},
		Finding: study.Section{
			Badge: "break-even at step 188–235",
			Lines: []string{"λ_K¹ was largest at step 235: 3.0 ± 0.2."},
			More:  []string{"The step margin α* lay between 1.4 and 60."},
			Notes: []string{"1 measurement was not finite."},
			Open:  []string{"The maximum of Tr H."},
		},
	}
	how := run.How{Probe: "h", Method: "Lanczos", Error: "residual bound", Examples: 500, L: 25, M: 128, Products: 14, Tolerance: 0.01, Seconds: 0.7}
	peak := 0.9 * math.Pow(0.1/eta, 0.5)
	for i := range n {
		t := float64(i) / 23
		hump := peak * math.Exp(-math.Pow(math.Log((t+0.02)/0.25), 2)) * (1 + 0.05*r.NormFloat64())
		rec := run.Record{Step: 47 * i, Epoch: 0.25 * float64(i)}
		add := func(key string, v, e float64) {
			rec.Values = append(rec.Values, run.Value{Key: key, Value: v, Error: e, How: how})
		}
		add("loss", 2.3*math.Exp(-2.2*t), 0)
		add("valid_loss", 0.2+2.1*math.Exp(-2.4*t), 0)
		add("accuracy", 0.95-0.85*math.Exp(-3*t), 0)
		add("valid_accuracy", 0.9-0.8*math.Exp(-3*t), 0)
		add("k_max", hump+0.02, 0.12*hump)
		add("k_trace", (hump+0.02)*(7+6*t), 0.1*hump)
		add("k_rank", 7+6*t, 0.4)
		add("k_condition", 0.01*(7+6*t), 0.002)
		add("h_max", 22*hump/peak/eta/10+2, 0.01)
		add("stability", 0.4+hump/peak*0.7, 0.02)
		add("step_margin", 1.2/(hump/peak+0.02), 0)
		add("batch_sharpness", 16*hump/peak/eta/10+1, 0.5)
		add("alignment", 0.5+0.4*t, 0)
		add("h_trace", 60*hump+5, 2)
		add("ggn_max", 20*hump/peak/eta/10+2, 0)
		if i == n-1 {
			d := run.Value{Key: "h_density", How: how}
			for x := -2.0; x < 20; x += 0.05 {
				d.Vector = append(d.Vector, x, math.Exp(-x*x*4)+1e-4*math.Exp(-math.Pow((x-12)/0.3, 2)))
			}
			rec.Values = append(rec.Values, d)
		}
		s.Records = append(s.Records, rec)
	}
	return s
}

// pages are the states of a page.
func pages() map[string]Page {
	small, large := madeUp("η = 0.01, S = 32", 0.01, 24), madeUp("η = 0.1, S = 32", 0.1, 24)
	two := pageOf(small, large)
	two.Program, two.ISA = "breakeven 1.0", "avx512"
	two.Analysis.Sections = []study.Section{{
		Title: "Conjecture 1, variance reduction", Badge: "held", Tone: "good",
		Lines: []string{"It says: the maximum of λ_K¹ is smaller for a larger learning rate."},
		Head:  []string{"maximum of", "η = 0.01", "η = 0.1", ""},
		Rows:  [][]string{{"λ_K¹", "3.01 ± 0.20", "0.87 ± 0.08", "held"}},
		Notes: []string{"One seed at a setting: an observation, not a test."},
	}}
	two.Analysis.Summary = study.Table{Title: "Break-even and maxima", Head: []string{"", "a", "b"}, Rows: [][]string{{"max λ_K¹", "3.01", "0.87"}}}
	two.Analysis.Tables = []study.Table{
		{Title: "Closed form", Head: []string{"setting", "λ_H¹"}, Rows: [][]string{{"η = 0.2", "9.6"}}, Note: "It takes e_H¹ = ±e_K¹."},
		{Title: "Empty table", Head: []string{"a"}},
	}
	two.Analysis.Footnotes = []string{"Assumptions of the model."}

	diverged := madeUp("η = 3", 3, 7)
	diverged.Status, diverged.Message = run.Diverged, "the loss became NaN at step 300"
	bad := run.Record{Step: 300, Epoch: 1.6}
	for i, v := range []float64{math.NaN(), math.Inf(1), math.Inf(-1)} {
		bad.Values = append(bad.Values, run.Value{Key: []string{"loss", "k_max", "h_max"}[i], Value: v, Error: math.NaN()})
	}
	diverged.Records = append(diverged.Records, bad)

	half := madeUp("half", 0.1, 5)
	half.Status, half.Message, half.Marks, half.Finding = run.Running, "", nil, study.Section{}

	none := example{Run: Run{Run: study.Run{Name: "nothing yet", Spec: run.Default(), Status: run.Running}}}

	hostile := madeUp(`<script>alert("x")</script>`, 0.1, 6)
	hostile.Message, hostile.Spec.Model = "</p><img src=x onerror=alert(1)>", "<b>model</b>"
	hostile.Records[5].Values[0].How.Note = "<iframe src='http://example.org'>"
	hostile.Records[0].Values = append(hostile.Records[0].Values, run.Value{Key: "unknown", Value: 1}, run.Value{Key: "h_density", Vector: []float64{1, 2, 3}})

	var many []example
	for i := range 9 {
		many = append(many, madeUp(fmt.Sprintf("run %d with a long name, seed %d, η = 0.%d", i, i, i+1), 0.1*float64(i+1), 24))
	}
	constant := madeUp("constant", 0.1, 3)
	for i := range constant.Records {
		for j := range constant.Records[i].Values {
			constant.Records[i].Values[j].Value = 0
		}
		constant.Records[i].Epoch = 0
	}
	bare := example{Run: Run{Run: study.Run{Name: "bad", Spec: run.Default(), Status: run.Diverged, Records: []run.Record{bad}}}}
	evil := pageOf(hostile)
	evil.Title, evil.Source, evil.Notes = "<u>title", "<s>paper", []string{"<i>note"}
	return map[string]Page{
		"empty": {}, "none yet": pageOf(none), "one record": pageOf(madeUp("one", 0.1, 1)),
		"one run": pageOf(large), "two runs": two, "many": pageOf(many...), "half": pageOf(half, large),
		"diverged": pageOf(diverged, large), "hostile": evil, "only bad": pageOf(bare), "constant": pageOf(constant),
	}
}
