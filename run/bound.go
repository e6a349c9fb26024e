package run

// Bound returns the largest eigenvalue of P⁻¹H at which a method is stable on a quadratic loss
// with the Hessian H, the full batch and the learning rate η, P what it divides gradients by,
// held fixed: 2/η for gradient descent, 2(1+β)/η for heavy ball and 2(1+β)/(η(1+2β)) for Nesterov's
// method in PyTorch's form; 38/η for Adam, whose momentum is a mean: (2+2β₁)/((1−β₁)η) with
// β₁ = 0.9 (Cohen et al. 2022, "Adaptive gradient methods at the edge of stability", Eq. 3). It
// reports whether the method is known.
func Bound(method string, eta, beta float64) (bound float64, ok bool) {
	switch method {
	case "sgd":
		return 2 / eta, true
	case "momentum":
		return 2 * (1 + beta) / eta, true
	case "nesterov":
		return 2 * (1 + beta) / (1 + 2*beta) / eta, true
	case "adam":
		return 38 / eta, true
	}
	return 0, false
}
