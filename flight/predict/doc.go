// Package predict continues flights by a trained network: it runs the network over what is known
// of them, and then along the beams of a search.
//
// The network is deeptp of package model, cut into its encoder, which reads the plan, and one step
// of its decoder, so that each beam goes on from the memory of its parent. All beams of a number
// of flights take a step together.
//
// Laws:
//
//   - A flight that cannot be predicted has an error of its own and does not stop the others.
//   - Of a flight's fixes only the known ones are read, and with Features.Forward the one after
//     them, as the released program does.
package predict
