package probe

import (
	"fmt"
	"math"
	"runtime"
	"slices"

	"breakeven/curvature"
	"breakeven/nn"
	"breakeven/run"
	"breakeven/spectrum"
)

// Keys of layers: one number for each. What they are of all parameters has a key of its own.
func layerKey(name, symbol, unit, meaning, definition string) run.Key {
	return run.Key{Name: "layer_" + name, Symbol: symbol, Unit: unit, Meaning: meaning, Vector: true, Max: math.Inf(1), Definition: definition}
}

var layerNoiseProbe = Probe{
	Name: "layernoise", Doc: "gradient and its noise in each layer", Asked: true,
	Keys: []run.Key{
		layerKey("grad_norm", "‖g_l‖", "nat", "norm of the gradient in each layer",
			"‖g_l‖, where g_l are the components of the mean gradient of the measurement set in the parameters of layer l. Their squares sum up to ‖g‖² if the layers are all parameters once. Exact for that set. Sampling error: the deviation of ⟨g_i, g⟩_l / ‖g_l‖ over the minibatch gradients of K."),
		layerKey("k_trace", "Tr K_l", "nat²", "trace of the covariance of minibatch gradients in each layer",
			"Tr K_l, the diagonal block of K in the parameters of layer l: (1/L) Σ ‖g_i,l − ḡ_l‖² of the minibatch gradients of K. The traces sum up to k_trace if the layers are all parameters once. Error: delete-one jackknife."),
		layerKey("noise_scale", "Tr Σ_l / ‖∇L_l‖²", "example", "gradient noise scale of each layer, without bias",
			"noise_scale_unbiased of the gradients in the parameters of layer l. NaN where ‖∇L_l‖² is not above 0 by its error. Error: delete-one jackknife."),
	},
	With:    "k",
	Batches: true,
	Cost:    ofCovariance(0.1),
	Memory:  covarianceNeed("gradients of K", 0),
	Measure: layerNoise,
}

func layerNoise(s *Subject) ([]run.Value, error) {
	k, err := s.covariance()
	if err != nil {
		return nil, err
	}
	norms := layered{key: "layer_grad_norm", sampling: fmt.Sprintf(ofSlopes, "minibatches")}
	traces, scales := layered{key: "layer_k_trace"}, layered{key: "layer_noise_scale"}
	examples := s.Problem.Set().Len()
	how := run.How{L: k.L, M: k.M, Examples: k.L * k.M, Method: "products of the gradients of different minibatches"}
	for _, l := range s.Layers {
		g := s.Problem.Gradient()
		norm := l.norm(g)
		slopes := scatter{x: k.AlongOf(g, l.Spans), m: k.M}
		norms.add(norm, 0, slopes.error(examples)/norm)
		inner, err := k.InnerOf(l.Spans, s.stop)
		if err != nil {
			return nil, err
		}
		how.Note = ""
		value, dev := ownAndOther(inner, k.L, &how, func(own, other float64) []float64 {
			if own-other <= noiseFloor*own {
				return []float64{0, other, 0}
			}
			return []float64{(own - other) * float64(k.L-1) / float64(k.L), other, float64(k.M) * (own - other) / other}
		})
		if !(value[1] > dev[1]) {
			value[2], dev[2] = math.NaN(), math.NaN()
		}
		traces.add(value[0], dev[0], 0)
		scales.add(value[2], dev[2], 0)
	}
	vs := s.of(norms, run.How{Examples: examples, Method: "mean over the measurement set"})
	return slices.Concat(vs, s.of(traces, how), s.of(scales, how)), nil
}

// noiseFloor is the rounding of gradients: below it, relative to the mean square, they are equal.
const noiseFloor = 1e-12

// layerSigns is how many random vectors the traces of layers are estimated with.
const layerSigns = 50

var layerTraceProbe = Probe{
	Name: "layertrace", Doc: "trace of the Hessian in each layer", Asked: true,
	Keys: []run.Key{
		layerKey("h_trace", "Tr H_l", "nat", "trace of the Hessian in each layer, estimated",
			"Tr H_l, the diagonal block of H in the parameters of layer l, by Hutchinson's method for all layers at once: the mean of Σ_{i∈l} z_i (Hz)_i over 50 vectors of random signs, exact where there are at most 50 parameters in all. Their expectations sum up to Tr H if the layers are all parameters once. Error: standard error over the vectors, which the rest of H, outside of the block, adds to. Sampling error: the deviation of zᵀH_i z over examples, or minibatches where examples are coupled, for one z of random signs in the layer: it is too large rather than too small, as the rest of H_l, off its diagonal, adds to it."),
	},
	Curvature: true,
	Sharp:     (*nn.Network).Couples,
	Cost:      func(s Sizes) float64 { return 2*layerSigns + s.sampledLayers() },
	Memory: func(net *nn.Network, s Sizes) Need {
		return Need{"traces of layers", coupledBatches(net, s), 4 * 2 * int64(net.Dim())}
	},
	Measure: layerTrace,
}

func layerTrace(s *Subject) ([]run.Value, error) {
	h, n := s.Problem.Hessian(), len(s.Theta)
	z, w, r := make([]float32, n), make([]float32, n), s.stream("layers/trace")
	exact := n <= layerSigns
	count := layerSigns
	if exact {
		count = n
	}
	x := make([][]float64, len(s.Layers))
	for k := range count {
		if exact {
			clear(z)
			z[k] = 1
		} else {
			for i := range z {
				z[i] = float32(2*r.IntN(2) - 1)
			}
		}
		if err := h.MulVecTo(w, z); err != nil {
			return nil, err
		}
		for i := range w {
			w[i] *= z[i]
		}
		for i, l := range s.Layers {
			x[i] = append(x[i], l.sum(w))
		}
	}
	how := run.How{Examples: s.Problem.Set().Len(), Products: count, Seed: s.Seed, Error: standardError, Method: "Hutchinson's method, for all layers at once"}
	traces, r := layered{key: "layer_h_trace"}, s.stream("layers/trace/sample")
	for i, l := range s.Layers {
		number, err := spectrum.Average(x[i])
		if exact {
			number, err = number*float64(n), 0
		}
		if number-number != 0 {
			return nil, spectrum.ErrNotFinite
		}
		for i := range w {
			w[i] = float32(2*r.IntN(2) - 1)
		}
		l.restrict(z, w)
		a, fault := s.curvatures(z)
		if fault != nil {
			return nil, fault
		}
		traces.add(number, err, a.error(how.Examples))
		traces.sampling = fmt.Sprintf(ofSigns, a.of)
	}
	if exact {
		how.Method, how.Error = "sum of the diagonal", ""
	}
	return s.of(traces, how), nil
}

// sampledLayers is about the work of the curvatures along one vector for each layer.
func (s Sizes) sampledLayers() float64 {
	each := 2.0
	if s.Coupled {
		each = s.minibatches(3)
	}
	return each * float64(max(1, s.Layers))
}

// layerProducts bounds the products of a search in one layer: the Hessian in some, such as a bias before
// batch norm, is 0, and no search in rounding errors ends by itself.
const layerProducts = 60

var layerHessianProbe = Probe{
	Name: "layerh", Doc: "largest eigenvalue of the Hessian in each layer", Asked: true,
	Keys: []run.Key{
		layerKey("h_max", "λ_H¹ (l)", "nat", "largest eigenvalue of the Hessian in each layer",
			"The largest eigenvalue of H_l, the diagonal block of H in the parameters of layer l: the sharpness along directions of that layer alone, at most λ_H¹. Lanczos, in at most 60 products for each layer. Error: the residual ‖Hv − λv‖ in the layer, a bound of the distance to an eigenvalue, with the measured rounding of the products. Sampling error: the deviation of the curvatures of examples along v, or of minibatches where examples are coupled."),
	},
	Curvature: true,
	Sharp:     (*nn.Network).Couples,
	Cost:      func(s Sizes) float64 { return float64(max(1, s.Layers))*(s.search()+5) + s.sampledLayers() },
	Memory: func(net *nn.Network, s Sizes) Need {
		n := s.Widest
		if n == 0 {
			n = net.Dim()
		}
		return Need{"eigenvectors of layers", coupledBatches(net, s), (&spectrum.Settings{}).Bytes(n) + 3*4*int64(n) + 4*int64(net.Dim()) + curvature.BlockMemory(net.Dim())}
	},
	Measure: layerHessian,
}

func layerHessian(s *Subject) ([]run.Value, error) {
	blocks, how := s.Problem.Hessian().Blocks(), run.How{Examples: s.Problem.Set().Len(), Tolerance: s.Tol, Seed: s.Seed,
		Error: residualBound, Method: "Lanczos in the parameters of each layer"}
	largest, open := layered{key: "layer_h_max"}, 0
	whole := make([]float32, len(s.Theta))
	for _, l := range s.Layers {
		block := blocks.Of(l.Spans)
		set := &spectrum.Settings{Largest: 1, Tol: s.Tol, MaxProducts: layerProducts, Src: s.stream("layers/h/" + l.Name)}
		if rough, ok := block.Rough(); ok {
			set.Rough = rough
		}
		r, err := spectrum.Lanczos(block, set)
		if err != nil {
			return nil, err
		}
		rounding, err := block.Rounding(r.Vectors[0])
		if err != nil {
			return nil, err
		}
		l.embed(whole, r.Vectors[0])
		a, err := s.curvatures(whole)
		if err != nil {
			return nil, err
		}
		largest.add(r.Values[0], r.Residuals[0]+rounding, a.error(how.Examples))
		largest.sampling = fmt.Sprintf(ofCurvatures, a.of)
		how.Rounding, how.Products = max(how.Rounding, rounding), how.Products+r.Products
		if !r.Converged {
			open++
		}
		runtime.GC() // what the search has left behind makes room
	}
	if open > 0 {
		how.Note = "stopped before the tolerance was reached in some layers: see their errors"
	}
	return s.of(largest, how), nil
}
