// Package ntk computes the kernels of infinitely wide networks, in float64: the
// covariance K of their outputs before training (NNGP) and the tangent kernel Θ
// that they learn with (NTK); and what such networks become in training, in closed
// form. Weights may be normal, orthogonal by taps, or delta-orthogonal.
//
// A [Network] is a value: layers composed as a network is. [Network.Kernel]
// compiles it, and the [Kernel] is applied to data.
//
// # Promise
//
// A kernel is exact but for rounding: closed forms where there are any, else series
// and integrals to 1e-12 ([Function]). Nothing is sampled. Equal inputs have equal
// variances and covariances to the bit, so that a diagonal loses nothing where
// the dual of a kink's derivative has an infinite slope; and a correlation is taken
// as ±1 where it is so but for 32 roundings. Close to that a relative error ε of a
// covariance is one of up to √ε/4 in E[φ′φ′] of ReLU, here as everywhere.
//
// # Laws
//
//   - The bits do not depend on the number of cores, on the memory allowed, on the
//     blocks in which a kernel is computed, nor on the other examples.
//   - Memory is bounded ([Settings]); what does not fit is an error before it
//     starts. A kernel that is too large for memory comes by blocks ([Kernel.Each]).
//   - What has no limit of many channels, or none that is known, is an error that
//     names the layer. NaN in data is an error that names the example.
//   - Matrices are gonum's, an example is a row. A wrong size panics with "ntk: …".
//
// # Recursions
//
// K and Θ are covariances of pixel a of x with pixel b of x′; a vector has one pixel.
// The input has K = x_a·x′_b / C over its C channels, and Θ = 0. Then, with A the
// mean over the taps β of a window, A[M](a, b) = Σ_β M(a+β, b+β) / k, where pixels
// outside the image are 0,
//
//	Dense, Conv        K′ = σ_w² A[K] + σ_b²        Θ′ = K′ + σ_w² A[Θ]
//	  delta-orthogonal K′ = σ_w² K + σ_b²           Θ′ = σ_w² A[K] + σ_b² + σ_w² Θ
//	  standard         K′ as above                  Θ′ = n k A[K] + 1 + σ_w² A[Θ]
//	activation         K′ = E[φ(u)φ(v)]             Θ′ = E[φ′(u)φ′(v)] Θ
//	AvgPool            means of K and Θ over all pairs of taps of two outputs
//	GlobalAvgPool      means of K and Θ over all pairs of pixels
//	Flatten            means over pixels a = b
//	LayerNorm          K and Θ by √(K_aa + ε) √(K_bb + ε)
//	Sum                sums of K and Θ
//
// where u and v are normal with the variances K_aa of x and K_bb of x′ and the
// covariance K; n is the width of the layer before, and 1 stands only where there
// are biases. Orthogonal weights of scale √max(in, out) have the kernels of normal
// ones (Huang, Du and Xu 2021). Of delta-orthogonal ones (Xiao et al. 2018) only the
// central tap carries the signal at the start, but all taps train: so the window's
// mean remains in Θ and leaves K.
//
// # Conventions
//
// The same as in neural-tangents, whose numbers these are to 1e-15 (TestPeer), but
// for these: images lie channel by channel, as in PyTorch; a SigmaB of 0 means no
// bias (b_std=None), and ZeroBias is b_std=0; padding is Valid, Same, Circular or a
// number of zeros; tanh and other functions need no degree of quadrature; branches
// of a sum that are not independent are an error. Where both arguments of a kink are
// 0 its slope is the mean of those on either side, in neural-tangents too.
//
// The loss of a [Regression] is a sum, with ½; [Loss] has the scales of means.
//
// # How it is computed
//
// Convolutions take pairs of pixels to pairs of the same displacement b − a. So the
// covariances of two images are kept by displacement: a network that ends in Flatten
// needs one displacement of an image of H×W pixels, one with a pooling in between as
// many as a window has, and only GlobalAvgPool all (2H−1)(2W−1). All layers up to
// a pooling are applied to one displacement after the other, in a few kilobytes.
package ntk
