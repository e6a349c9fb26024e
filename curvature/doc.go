// Package curvature holds the linear operators of a network with a loss, on a fixed set of
// examples and at fixed parameters. None of these is ever formed:
//
//	H  the Hessian of the mean loss
//	G  its Gauss-Newton part, (1/N) Σ J_iᵀ (∂²loss/∂z²) J_i; for softmax
//	   cross-entropy the Fisher matrix
//	K  the covariance of gradients of minibatches, or of examples, through the
//	   Gram matrix of those gradients
//	Θ  the empirical neural tangent kernel J Jᵀ
//
// Kronecker factors A ⊗ S, which approximate the Fisher matrix block by block, are
// operators whose small factors are formed, and so are their damped inverses: see
// [Factors] and [Corrected].
//
// Laws:
//
//   - Operators are symmetric maps of float32 vectors in the order of
//     [nn.Network.Params]: Dim and MulVecTo.
//   - The examples are cut into chunks of fixed size. Chunks whose values and adjoints
//     fit in the memory allowed stay on tapes between products; the others are
//     recomputed. Both give the same bits.
//   - Under batch norm in training mode a chunk is a batch: losses and derivatives are
//     the mean of those of the chunks, and per-example quantities are not defined.
//   - An operator is valid until the next [Problem.At].
//   - Whatever takes time can be stopped by a function, and returns that function's
//     error: see [Problem.SetStop].
package curvature
