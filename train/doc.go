// Package train updates the parameters of a network: methods of descent, and the loop that
// feeds them batches.
//
// Laws:
//
//   - A step is decided by the parameters, the method's memory and the step number: the
//     batch of step t is a function of seed and t.
//   - A loop's memory is a list of vectors. Together with the parameters they are all that a
//     checkpoint needs.
//   - Divergence is not an error: the caller sees a loss
//     that is NaN or infinite.
package train
