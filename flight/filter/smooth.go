package filter

// Smooth replaces the filtered states of successive steps, backward from the last, by their
// distributions given the measurements of all steps (Rauch, Tung and Striebel 1965):
//
//	C_t = P_t Aᵀ (P⁻_{t+1})⁻¹
//	xˢ_t = x_t + C_t (xˢ_{t+1} − x⁻_{t+1})
//	Pˢ_t = P_t + C_t (Pˢ_{t+1} − P⁻_{t+1}) C_tᵀ
//
// where x⁻ and P⁻ are what the filter predicted.
func (f *Filter) Smooth(steps []Step) {
	for t := len(steps) - 2; t >= 0; t-- {
		f.smooth(&steps[t].Filtered, &steps[t+1].Predicted, &steps[t+1].Filtered)
	}
}

// SmoothByOne does what the released code does under the name of smoothing: it corrects each
// state by the filtered state after it, not by the smoothed one, takes the rates for degrees per
// ten minutes, and forgets about manoeuvres.
func (f *Filter) SmoothByOne(steps []Step) {
	mistaken := Filter{Step: f.Step / 600, Noise: f.Noise}
	mistaken.Noise[3] *= 600 * 600
	mistaken.Noise[4] *= 600 * 600
	for t := range len(steps) - 1 {
		var next Gaussian
		mistaken.predict(&next, &steps[t].Filtered, 1)
		mistaken.smooth(&steps[t].Filtered, &next, &steps[t+1].Filtered)
	}
}

// smooth corrects x, after which next was predicted, by what the next state is known to be.
func (f *Filter) smooth(x, predicted, next *Gaussian) {
	pa := x.Cov // P Aᵀ
	for i := range pa {
		f.move(&pa[i])
	}
	var c, difference, correction Matrix
	divide(&c, &pa, &predicted.Cov)
	for i := range Dim {
		for j := range Dim {
			x.Mean[i] += c[i][j] * (next.Mean[j] - predicted.Mean[j])
			difference[i][j] = next.Cov[i][j] - predicted.Cov[i][j]
		}
	}
	congruence(&correction, &c, &difference)
	for i := range Dim {
		for j := range Dim {
			x.Cov[i][j] += correction[i][j]
		}
	}
}
