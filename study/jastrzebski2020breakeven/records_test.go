package jastrzebski2020breakeven

import (
	"math"

	"breakeven/run"
	"breakeven/study"
)

var nan = math.NaN()

// at returns a record made up of pairs of key and value; an [2]float64 is a
// value with its error.
func at(step int, pairs ...any) run.Record {
	r := run.Record{Step: step, Epoch: float64(step) / 100}
	for i := 0; i < len(pairs); i += 2 {
		v := run.Value{Key: pairs[i].(string)}
		switch x := pairs[i+1].(type) {
		case float64:
			v.Value = x
		case int:
			v.Value = float64(x)
		case [2]float64:
			v.Value, v.Error = x[0], x[1]
		}
		r.Values = append(r.Values, v)
	}
	return r
}

// lefts returns records with these left sides of Eq. 1, ten steps apart.
func lefts(values ...float64) []run.Record {
	var records []run.Record
	for i, x := range values {
		records = append(records, at(10*i, "stability", x, "loss", 2.3, "h_max", float64(i+1)))
	}
	return records
}

func spec(eta float64, S int) run.Spec {
	s := run.Default()
	s.LR, s.Batch = eta, S
	return s
}

// trajectory makes up a run that follows the one-dimensional model: λ_H¹ rises
// until Eq. 1 is at its limit, and falls off after; accuracy rises all along.
// K follows with λ_K¹ = α λ_H¹, and Tr K / λ_K¹ rises after break-even.
func trajectory(eta float64, S int) study.Run {
	const N, M, alpha, psi2, points = 6000, 128, 40.0, 3.0, 24
	r := study.Run{Spec: spec(eta, S), Status: run.Finished, Train: N}
	limit := min(HAtBreakEven(eta, alpha, psi2, S, N), 90)
	for i := range points {
		t := float64(i) / (points - 1)
		h := 3 + (1.05*limit-3)*math.Sin(math.Pi*math.Pow(t, 0.7))
		k := BatchK(alpha*h, M, N)
		s2 := alpha * h / psi2
		rank := 6 + 60*t*eta*(1-0.5*t) + 4*t*(1.4-t)
		r.Records = append(r.Records, at(47*i,
			"loss", 2.3*math.Exp(-2*t), "accuracy", 0.1+0.85*t,
			"h_max", [2]float64{h, 0.005 * h}, "h_trace", [2]float64{h * (2 + t*(1.5-t)), 0.1},
			"k_max", [2]float64{k, 0.01 * k}, "k_trace", [2]float64{k * rank, 0.01 * k}, "k_rank", [2]float64{rank, 0.05},
			"k_condition", [2]float64{0.02 * rank, 0.001}, "k_example_max", alpha*h,
			"curvature_variance", s2, "alignment", 0.9, "step_margin", 2/(eta*h)+0.5,
			"stability", [2]float64{LeftSide(eta, h, s2, S, N), 0.01},
			"predicted_h_max", HAtBreakEven(eta, alpha, psi2, S, N),
		))
	}
	return r
}
