// Package nntest holds the contract of operations as a test. A new operation
// passes it in three lines:
//
//	func TestConv2D(t *testing.T) {
//		nntest.TestOp(t, nn.Conv2D{Filters: 4, K: 3, Pad: 1}, nn.Shape{C: 3, H: 8, W: 8})
//	}
//
// TestOp builds small networks around the operation: in one it reads the network's input,
// in one its input depends on parameters, in one its input has several readers, so that
// adjoints add up. [TestNetwork] tests a whole network. Both use batches of one example, of
// less and of more than a shard.
//
// The contract:
//
//   - Derivatives: loss and outputs, the gradient, Jv, the Hessian-vector and the
//     Gauss-Newton product agree with a twin of the operation's value in float64 (naive
//     loops over hyper-dual numbers, which carry first and second derivatives exactly; a
//     new operation adds its value to reference.go) and with finite differences of the
//     network itself. TestOp only.
//   - Identities: ⟨u, Jv⟩ = ⟨Jᵀu, v⟩; ⟨w, Hv⟩ = ⟨v, Hw⟩; the Gauss-Newton product
//     is Jᵀ H_L J.
//   - Examples: the gradients of the examples sum to the gradient of the batch, each
//     equals that of a batch of one, and the Gram matrix, the slopes and the curvatures
//     agree with them. If they are not defined, all of these panic.
//   - Plans: acc adds; tapes do not disturb each other; a plan's results do not depend on
//     its capacity, on what it computed before or, to the bit, on the number of cores;
//     the steady state allocates nothing.
package nntest
