// Package trojan hides networks in a network, and says what can be found out about one: the method of
// Guo, Wu and Weinberger, "On Hiding Neural Networks Inside Neural Networks" (arXiv 2002.10078). One
// set of weights is used by a carrier as it is, and by each secret network in an order that a key
// decides.
//
// # Laws
//
//   - A key, a task and the name and size of a weight tensor decide a permutation, for ever: a change
//     of the algorithm would be another [Version], and golden values pin this one.
//   - A key is never printed: its formatted form is a placeholder.
//   - Nothing is said to be found or not found: tests give p-values, and say what they cannot see.
package trojan
