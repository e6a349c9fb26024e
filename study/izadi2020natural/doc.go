// Package izadi2020natural is the study of Izadi, Fang, Stevenson and Lin, "Optimization of
// Graph Neural Networks with Natural Gradient Descent", IEEE BigData 2020 (arXiv 2008.09624):
// graph convolution networks whose gradients are preconditioned by Kronecker factors, and whose
// unlabelled nodes count with predicted labels.
//
// What it asks beyond the paper is what comes from curvature. Two controls answer that: predicted
// labels without factors, and the lengths of the factors' steps without their directions.
//
// Of the paper only the accuracies that Papers with Code lists are at hand, for the method that
// it calls SSP, and not the settings behind each. Its network has 64 hidden features here.
package izadi2020natural
