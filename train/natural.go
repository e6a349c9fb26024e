package train

import (
	"breakeven/curvature"
	"breakeven/nn"
)

// Natural says how gradients are preconditioned by Kronecker factors, whatever the method that
// follows (Martens & Grosse 2015). The gradient of each block of the network (see [nn.Block]) is
// multiplied by the inverse of its damped factors; other gradients stay as they are.
type Natural struct {
	// Eigen corrects the eigenvalues (EKFAC, George et al. 2018).
	Eigen bool
	// StepsOnly is a control without directions: of the inverse only the mean of its diagonal is
	// left, one number for the weights of each block and one for its bias. Not with Eigen.
	StepsOnly bool
	// Released scales factors as the code of Izadi et al. 2020 does, instead of as a Fisher
	// matrix: with n = n̄ + λ·(examples without label), A = Σ a aᵀ/n over all examples and
	// S = Out² Σ δδᵀ/n with the adjoints of the mean loss.
	Released bool
	Factors  curvature.FactorSettings // of which only Sharing means something if Released
	Damping  curvature.Damping
	Every    int     // steps between inverses
	Average  float64 // α of the moving average (1−α)·old + α·new; 1: there is none
}

// fixedInputs reports whether the inputs of a block are the same at each step, and enter in the
// same way: those of all nodes of a graph.
func (n Natural) fixedInputs(net *nn.Network, b nn.Block) bool {
	return n.Released && b.FromInput && net.OnGraph() && !n.Damping.Corrected
}

// Bytes returns the memory that a loop takes for it.
func (n Natural) Bytes(net *nn.Network) int64 {
	blocks, largest, moments := net.Blocks(), int64(0), int64(0)
	for _, b := range blocks {
		largest = max(largest, int64(b.Inputs), int64(b.Out))
		moments += 4 * int64(b.Inputs) * int64(b.Out)
	}
	factors := curvature.FactorsBytes(blocks)
	bytes := curvature.FactorSumsBytes(blocks) + 2*factors
	if n.Average < 1 {
		bytes += factors
	}
	if n.Eigen { // and the eigenvectors of one factor, with what finds them
		return bytes + moments + curvature.MomentsBytes(blocks) + 24*largest*largest
	}
	return bytes + curvature.InverterBytes(int(largest))
}
