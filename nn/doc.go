// Package nn holds the operations of neural networks, each with the rules that
// second-order measurements need, and compiles graphs of them into plans.
//
// For an operation y = f(x, w), with tangents written ẋ and adjoints x̄:
//
//	value         y = f(x, w)
//	tangent       ẏ = ∂x f·ẋ + ∂w f·ẇ
//	adjoint       x̄ = (∂x f)ᵀ ȳ,  w̄ = (∂w f)ᵀ ȳ
//	second order  the tangent of the adjoint along (ẋ, ẇ): the adjoint of ȳ's
//	              tangent, plus the second-order terms, the tangents of ∂x f and
//	              ∂w f applied to ȳ
//
// and, if there are parameters, the gradient of each example. From these the
// plan makes the gradient, Jv, Jᵀu, the Hessian-vector product, the Gauss-Newton
// product and the Gram matrix of per-example gradients.
//
// A [Batch] has any number of inputs, of numbers or integers, and targets for the
// outputs, which a [Loss] compares with them row by row: an output that is a vector
// has one row for each example, a sequence one for each step.
//
// Laws:
//
//   - Activations are channels-last (T, H, W, C) float32; inputs and parameters
//     come and go in PyTorch's layouts (T, C, H, W; [out, in, kh, kw]; [out, in]).
//   - The parameters of a network are one flat vector in the order of
//     [Network.Params], each tensor row-major. Gradients are dense, as it is.
//   - A [Plan] owns all its buffers: after compilation nothing is allocated.
//     A plan is used by one goroutine at a time; it uses all cores itself.
//   - What a pass writes stays for later passes if one of them reads it and
//     the plan's [Settings] ask for that pass: Gradient leaves nothing behind,
//     Adjoints what products with H or single examples need. A pass that would read
//     what belongs to other parameters, another batch or another scale panics.
//   - The batch is cut into fixed shards of examples: results do not depend on
//     the number of cores.
//   - Passes can be told to stop, before each piece of their work: see
//     [Plan.SetStop].
//   - ReLU'(0) = 0; max-pooling gives the gradient to the first maximum in
//     row-major order.
//   - What lies past the end of an example's sequence changes neither its loss nor
//     a derivative, if operations over time and losses are all that reads it.
//   - Wrong shapes panic with "nn: ...".
package nn
