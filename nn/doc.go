// Package nn holds the operations of neural networks, each with the rules that
// second-order measurements need, and compiles graphs of them into plans.
//
// For an operation y = f(x, w), with tangents written ẋ and adjoints x̄:
//
//	value            y = f(x, w)
//	tangent          ẏ = ∂x f·ẋ + ∂w f·ẇ
//	adjoint          x̄ = (∂x f)ᵀ ȳ,  w̄ = (∂w f)ᵀ ȳ
//	adjoint tangent  the derivative of the adjoint along (ẋ, ẇ):
//	                 the adjoint of ȳ's tangent, plus what bends
//
// and, where there are parameters, the gradient of each example. From these the
// plan makes the gradient, Jv, Jᵀu, the Hessian-vector product, the Gauss-Newton
// product and the Gram matrix of per-example gradients.
//
// Laws:
//
//   - Activations are channels-last (H, W, C) float32; inputs and parameters
//     come and go in PyTorch's layouts (C, H, W; [out, in, kh, kw]; [out, in]).
//   - The parameters of a network are one flat vector in the order of
//     [Network.Params], each tensor row-major.
//   - A [Plan] owns all its buffers: after compilation nothing is allocated.
//     A plan is used by one goroutine at a time; it uses all cores itself.
//   - What a pass writes stays for later passes where one of them reads it and
//     the plan's [Settings] ask for that pass: Gradient leaves nothing behind,
//     Adjoints what products with H or single examples need.
//   - The batch is cut into fixed shards of examples: results do not depend on
//     the number of cores.
//   - Passes can be told to stop, before each piece of their work: see
//     [Plan.SetStop].
//   - ReLU'(0) = 0; max-pooling gives the gradient to the first maximum in
//     row-major order.
//   - Wrong shapes panic with "nn: ...".
package nn
