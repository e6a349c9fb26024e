// Package train moves the parameters of a network: methods of descent, and the
// loop that feeds them.
//
// Laws:
//
//   - A step is decided by the parameters, the method's memory and the step
//     number: the batch of step t is a function of seed and t.
//   - A method's memory is a list of vectors as long as the parameters, so that
//     a checkpoint of them and the parameters is all there is.
//   - The learning rate is constant. Divergence is not an error: the caller sees
//     a loss that is not a number.
package train
