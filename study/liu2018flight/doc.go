// Package liu2018flight is the study of Liu and Hansen, "Predicting Aircraft Trajectories: A Deep
// Generative Convolutional Recurrent Neural Networks Approach", 2018 (arXiv 1812.11670): how far off
// are tracks that a network predicts from its own predictions, what does it take to lower that, and
// what do the curvature and the noise of the loss do along such a training.
//
// Twenty flights are inside the program, where the paper had 1,679, so that its numbers are not
// those of this study: docs/results/flights.md has what was found on 169 flights.
package liu2018flight
