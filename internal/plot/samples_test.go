package plot

import (
	"fmt"
	"math"
	"slices"

	"breakeven/rng"
)

// trajectory is a made-up run: a curve that rises to a peak and falls.
func trajectory(n int, peak, at float64, r *rng.Stream) Series {
	var s Series
	for i := range n {
		t := float64(i) / float64(n-1)
		v := peak*math.Exp(-math.Pow(math.Log((t+0.01)/at), 2)/1.2) + 0.02*peak
		v *= 1 + 0.12*r.NormFloat64()
		s.X = append(s.X, 20*t)
		s.Y = append(s.Y, v)
		s.Lo = append(s.Lo, v*0.85)
		s.Hi = append(s.Hi, v*1.15)
	}
	return s
}

// samples are the pictures that the tests draw.
func samples() map[string]Picture {
	r := rng.New(1, "samples")
	var runs []Series
	for i, lr := range []string{"0.1", "0.03", "0.01"} {
		s := trajectory(60, 3*math.Pow(3, float64(i)), 0.05+0.08*float64(i), r)
		s.Name = "learning rate " + lr
		for i := range s.Y {
			near := s.Y[max(0, i-2):min(len(s.Y), i+3)]
			s.Line = append(s.Line, slices.Max(near)/2+slices.Min(near)/2)
		}
		runs = append(runs, s)
	}
	gap := runs[1]
	gap.Y = append([]float64(nil), gap.Y...)
	for i := 20; i < 26; i++ {
		gap.Y[i] = math.NaN()
	}
	gap.Y[23] = 7
	gap.Y[40] = math.Inf(1)
	curves := Curves{Title: "Variance of the gradient along the trajectory", X: "epoch", Y: "λ_K¹",
		Series: []Series{runs[0], gap, runs[2]},
		Marks: []Mark{{At: 1.2, Name: "break-even", Colour: 1}, {At: 2.9, Name: "break-even", Colour: 2},
			{At: 3.1, Name: "60 % accuracy"}, {At: 25, Name: "2/η", Level: true, Colour: 3}}}
	log := curves
	log.Title, log.LogY, log.Marks = "The same, logarithmic", true, curves.Marks[:2]
	m := map[string]Picture{
		"curves": curves, "curves-log": log,
		"density": densitySample(r), "gram": gramSample(r, 25, true), "gram-positive": gramSample(r, 200, false),
		"empty": Curves{Title: "A run without records", X: "epoch", Y: "loss"},
		"many":  manySample(r),
	}
	m["plane"] = planeSample(r)
	m["panels"] = Panels{Title: "SimpleCNN, two learning rates", Columns: 2,
		Pictures: []Picture{curves, log, m["density"], m["gram"]}}
	return m
}

func planeSample(r *rng.Stream) Plane {
	p := Plane{Title: "Predictions along two runs", X: "first", Y: "second", Unit: "λ_K¹ (nat²)", Log: true}
	for k, name := range []string{"η = 0.01", "η = 0.1"} {
		path := Path{Name: name}
		for i := range 12 {
			path.X = append(path.X, float64(i)+0.2*r.NormFloat64())
			path.Y = append(path.Y, float64(1-2*k)*math.Sqrt(float64(i)))
			path.Values = append(path.Values, math.Exp(0.3*float64(i)))
		}
		path.Values[3], path.X[7] = math.NaN(), math.NaN()
		p.Paths = append(p.Paths, path)
	}
	return p
}

func densitySample(r *rng.Stream) Density {
	bumps := [][3]float64{{0, 0.12, 1}, {0.3, 0.3, 0.1}, {1.5, 0.05, 1e-3}, {2.6, 0.05, 2e-5}, {4.1, 0.05, 1e-5}, {5.7, 0.05, 8e-6}, {8.4, 0.05, 5e-6}, {-1, 0.2, 1e-3}}
	var a, b Series
	for i := range 700 {
		x := -3 + 13*float64(i)/699
		var y, z float64
		for _, c := range bumps {
			y += c[2] / c[1] * math.Exp(-math.Pow((x-c[0])/c[1], 2)/2)
			z += c[2] / c[1] * math.Exp(-math.Pow((x-0.6*c[0])/c[1], 2)/2)
		}
		a.X, a.Y = append(a.X, x), append(a.Y, y)
		b.X, b.Y = append(b.X, x), append(b.Y, z)
	}
	a.Name, b.Name = "learning rate 0.01", "learning rate 0.1"
	return Density{Title: "Spectrum of the Hessian at epoch 4", X: "eigenvalue", Y: "density", Series: []Series{a, b},
		Marks: []Mark{{At: 8.4, Name: "λ_H¹", Colour: 1}}}
}

func gramSample(r *rng.Stream, n int, signed bool) HeatMap {
	g := make([][]float64, n)
	for i := range g {
		g[i] = make([]float64, n)
		for j := range i + 1 {
			v := 0.25 * r.NormFloat64()
			if i == j {
				v = 1 + 0.3*r.NormFloat64()
			}
			if !signed {
				v = math.Exp(-math.Abs(float64(i-j)) / 30)
			}
			g[i][j], g[j][i] = v, v
		}
	}
	g[3][5] = math.NaN()
	return HeatMap{Title: "Gram matrix of minibatch gradients", X: "minibatch", Y: "minibatch", Unit: "⟨gᵢ, gⱼ⟩ / L", Values: g}
}

func manySample(r *rng.Stream) Curves {
	c := Curves{Title: "Many runs with long names, and a title that is much longer than the picture is wide, so that it is cut", X: "step", Y: "training loss"}
	for i := range 9 {
		s := trajectory(2000, 2, 0.1+0.02*float64(i), r)
		s.Lo, s.Hi = nil, nil
		for j := range s.X {
			s.X[j] *= 5000
		}
		s.Name = fmt.Sprintf("run-2024-%03d_lr_0.%d_batch_128", i, i)
		c.Series = append(c.Series, s)
	}
	return c
}
