// Package nn holds the operations of neural networks, each with the rules that
// second-order measurements need, and compiles graphs of them into plans.
//
// For an operation y = f(x, w), with tangents written ẋ and adjoints x̄:
//
//	forward       y = f(x, w)
//	tangent       ẏ = ∂x f·ẋ + ∂w f·ẇ
//	adjoint       x̄ = (∂x f)ᵀ ȳ,  w̄ = (∂w f)ᵀ ȳ
//	second order  the tangent of the adjoint along (ẋ, ẇ): the adjoint rule applied
//	              to the tangent of ȳ, plus the second-order terms, which are the
//	              tangents of ∂x f and ∂w f applied to ȳ
//
// and, if there are parameters, the gradient of each example. From these the plan makes
// the gradient, Jv, Jᵀu, the Hessian-vector product, the Gauss-Newton product and the
// Gram matrix of per-example gradients.
//
// A [Batch] has any number of inputs, float or integer, and targets for the outputs. A
// [Loss] compares an output with its target row by row: an output that is a vector has
// one row for each example, a sequence one for each step.
//
// Laws:
//
//   - Activations are channels-last (T, H, W, C) float32; inputs and parameters are in
//     PyTorch's layouts (T, C, H, W; [out, in, kh, kw]; [out, in]).
//   - The parameters of a network are one flat vector in the order of
//     [Network.Params], each tensor row-major. Gradients are dense vectors of the same
//     length.
//   - A [Plan] owns all its buffers: after compilation nothing is allocated.
//     A plan is used by one goroutine at a time; it uses all cores itself.
//   - The result of a pass is kept if a later pass reads it and the plan's
//     [Settings] ask for that pass: Gradient keeps nothing, Adjoints keeps what
//     products with H and functions of single examples need. A pass that would read
//     results of other parameters, another batch or another scale panics.
//   - The batch is cut into fixed shards of examples: results do not depend on the
//     number of cores.
//   - A pass asks whether to stop before each piece of its work: see [Plan.SetStop].
//   - ReLU'(0) = 0; max-pooling gives the gradient to the first maximum in
//     row-major order.
//   - Steps past the end of an example's sequence change neither its loss nor a
//     derivative, if only operations over time and losses read them.
//   - Wrong shapes panic with "nn: ...".
package nn
