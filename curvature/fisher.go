package curvature

import (
	"breakeven/nn"
	"breakeven/rng"
	"breakeven/tensor"
)

// FisherTrace estimates the trace of the Fisher matrix of the model, Jᵀ(∂²ℓ/∂z²)J, averaged over the
// examples of one batch, by one gradient: n·‖g‖² for the gradient g of the mean over the batch of losses
// whose labels are drawn from the model (Jastrzębski et al. 2021), with random signs in place of
// labels, which have the same second moments. A field decides the signs by the draw. Its mean over draws
// is the trace. A batch has no more examples than Settings say.
func (p *Problem) FisherTrace(b Set, signs rng.Field, draw int) (float64, error) {
	p.lend(b.N)
	p.plan.Forward(b)
	g := p.vector(&p.own)
	p.plan.FisherGradient(g, nn.Sampled, 0, 1/p.net.Weight(b), signs, draw)
	return tensor.Dot(g, g), p.stopped()
}
