// Package hierarchy is the neural tangent hierarchy of Huang and Yau, "Dynamics
// of Deep Neural Networks and Neural Tangent Hierarchy" (ICML 2020, arXiv
// 1909.08156): how the tangent kernel of a network of finite width moves while
// the network learns.
//
// Its promise: kernels K^(r) of every order, exact to rounding, and the truncated
// hierarchy integrated to a tolerance, beside the gradient flow of the same
// network, which is the truth that it approximates.
//
// # The objects
//
// The network is x^(ℓ) = σ(W^(ℓ) x^(ℓ−1))/√m for ℓ = 1…H, f = aᵀx^(H), with σ
// smooth, no biases, and Gaussian weights of variance 1. The loss is L = (1/2n)
// Σ_β (f(x_β) − y_β)² over n training points; all weights move by gradient flow.
// With D_z the derivative along ∇f(z), kernels are
//
//	K^(r)(x_1, …, x_r) = D_{x_r} ⋯ D_{x_3} D_{x_2} f(x_1),
//
// so K^(1) = f, K^(2) is the tangent kernel, and K^(r+1) the derivative of K^(r)
// along the gradient at one more point. K^(r) is symmetric in its first two slots
// and in no others. Along the flow
//
//	df/dt(x) = −(1/n) Σ_β K^(2)(x, x_β) (f(x_β) − y_β),
//	dK^(r)/dt(x_1,…,x_r) = −(1/n) Σ_β K^(r+1)(x_1,…,x_r, x_β) (f(x_β) − y_β).
//
// This holds for any x in the first slot, training point or not (Eq. 22 of the
// paper). The hierarchy truncated at level p keeps K^(p) at its value at time 0
// (K̃^(p) = K_0^(p)). Level 2 is regression with the kernel of the beginning.
//
// What the paper proves, in short, for width m and times that are not too long:
// K^(2) is of order 1, K^(3) and K^(4) of order 1/m, K^(5) and K^(6) of order 1/m²
// (Theorem 2.3); K^(2) drifts by order 1/m (Corollary 2.4); the truncation at an
// even level p errs by order m^(−p/2) in f and K^(2) (Theorem 2.6). So going from
// level 2 to 3 gains a power of t and none of m.
//
// # How to use it
//
// [Draw] makes a network, [Kernels] its kernels, [Truncate] and [Truncated.Flow]
// the truncated hierarchy, [GradientFlow] and [GradientDescent] the truth.
// [Truncate] takes kernels from anywhere: averages over networks, or models that
// are no networks. [Save] writes kernels as npz. [Of] returns K^(2) and K^(3) of any
// smooth network of package nn, with several outputs too. [Expected] is what averages
// over networks of large width should be.
//
// # How it is done
//
//   - Orders 3 and 4 take n² products of Hessians with gradients and no higher
//     derivative ([Products]); other orders nilpotent numbers ([Jets]). Both never
//     make a vector as long as the weights, and agree to rounding.
//   - The truncated system is integrated in iterated integrals: n + … + n^(p−1)
//     numbers move, however many test points there are ([Iterated]). Its twin
//     moves the kernels themselves ([Coupled]). Level 2 has a closed form.
//   - The integrator is Dormand and Prince's, with the error of each step held
//     below a tolerance in f and K^(2).
//
// # Laws
//
//   - Everything is float64, but for [Of], whose networks compute in float32. The same
//     input gives the same bits for any number of cores. Steps of a flow do not depend
//     on the times asked for before the last.
//   - Memory is planned ([Plan]). What is beyond the limit is refused before it
//     begins, with the number of bytes and what would fit; [Stream] gives kernels
//     block by block. A flow takes about twelve copies of what moves besides:
//     12 n^(p−1) numbers for a truncated system, 12 times the weights for exact
//     flow.
//   - K^(2) of a truncated system need not stay positive semi-definite, and then
//     its outputs may grow without bounds. A flow ends there with the time, or
//     notes it in the Path if it was told to go on. So do a tolerance and a
//     number of steps that are not enough.
//   - Bad input is an error that says what and where: NaN, points or labels that
//     do not fit, training points that are the same (Assumption 2.2). An activation
//     that is not smooth is refused by [ActivationNamed] (Assumption 2.1).
//   - An index, a layer or a length out of range is a bug and panics.
//   - What takes long asks Stop whether to end ([Options], [FlowOptions]).
//
// Not here: flows of networks with several outputs or biases, other losses. The
// paper's theorems bound sizes up to constants that it does not name; nothing here
// evaluates them.
package hierarchy
