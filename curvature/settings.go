package curvature

import "breakeven/nn"

// Settings of a [Problem]. The zero value means all defaults.
type Settings struct {
	// Loss is the loss. Nil means nn.CrossEntropy.
	Loss nn.Loss
	// Decay is λ of weight decay: (λ/2)‖θ‖² is a part of the loss of each example, so that gradients have
	// λθ besides, H and G λI, and K is as it was. Zero means none. Factors, ExampleCovariance and what is
	// propagated from outputs are without it.
	Decay float64
	// Chunk is the number of examples computed at a time. Zero means 128, the
	// minibatch of Jastrzębski et al. 2020.
	Chunk int
	// Covariance and BatchCurvature are the most examples that a minibatch of these
	// has. Zero means that it has no more than a chunk, and than the set.
	Covariance, BatchCurvature int
	// Nodes is the size of the graph that the examples are nodes of: each batch has all of
	// them. Zero means that there is none.
	Nodes int
	// Keep is the memory, in bytes, that chunks may take to stay on tapes
	// between products. Zero means 1 GiB.
	Keep int64
	// Inference makes batch norm use its running statistics.
	Inference bool
	// Factors adds the memory that Problem.Factors reads.
	Factors bool
	// Metrics are summed over the rows of the set beside the loss.
	Metrics []Metric
	// Gradients leaves out what only the curvature of the set needs, the memory of its
	// adjoints and tangents and all tapes but one: no products with H and G, and no
	// curvatures or slopes. For minibatches, BatchCurvature has to say how large they are.
	Gradients bool
}

// A Metric is a number of each row of an output of a network.
type Metric struct {
	Of     func(nn.Row) float64
	Output int
}

func (s Settings) withDefaults() Settings {
	if s.Chunk == 0 {
		s.Chunk = 128
	}
	if s.Keep == 0 {
		s.Keep = 1 << 30
	}
	return s
}

// plan returns the settings of the plan for a set of n examples.
func (s Settings) plan(net *nn.Network, n int) nn.Settings {
	chunk := min(n, s.Chunk)
	if s.Nodes > 0 {
		n, chunk = s.Nodes, s.Nodes
		if s.BatchCurvature > 0 {
			s.BatchCurvature = s.Nodes
		}
	}
	p := nn.Settings{Batch: max(chunk, s.Covariance, s.BatchCurvature), Loss: s.Loss, Inference: s.Inference, Factors: s.Factors}
	p.Tangents, p.Curved = s.BatchCurvature > 0, s.BatchCurvature
	if s.Gradients {
		return p
	}
	p.Tangents, p.Curved = true, max(chunk, s.BatchCurvature)
	one := net.Memory(p)
	p.Tapes = 2
	tape := net.Memory(p) - one
	chunks := (n + chunk - 1) / chunk
	p.Tapes = int(min(int64(chunks), 1+max(0, (s.Keep-one)/max(1, tape))))
	if p.Tapes == chunks {
		p.Last = n - (chunks-1)*chunk
	}
	return p
}

// Memory returns the bytes that a Problem with n examples needs.
func Memory(net *nn.Network, n int, s Settings) int64 {
	s = s.withDefaults()
	return net.Memory(s.plan(net, n)) + 4*int64(net.Dim())
}

// BatchMemory returns the bytes that BatchCurvature and BatchGaussNewton keep for their next
// call, SlopeMemory, which is a part of them, those of BatchSlope.
func BatchMemory(net *nn.Network) int64 {
	if net.Couples() { // the product besides the gradient
		return 2 * SlopeMemory(net)
	}
	return SlopeMemory(net)
}

// SlopeMemory returns the bytes that BatchSlope keeps for its next call.
func SlopeMemory(net *nn.Network) int64 { return 4 * int64(net.Dim()) }
