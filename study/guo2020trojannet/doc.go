// Package guo2020trojannet is the study of Guo, Wu and Weinberger, "On Hiding Neural Networks Inside
// Neural Networks" (arXiv 2002.10078): one set of weights that several networks read, each in an order
// of its own.
//
// What it asks beyond the paper is what the permutation is for. Networks that share the weights as
// they are, one beside the other, are the control; other keys than the right one are what an attacker
// has; and curvature and gradient noise are measured along all trajectories.
//
// The paper's tables could not be read, and no number of it is repeated here. At scale small
// Fashion-MNIST stands in place of SVHN, and sets may be parts of the published ones. Traffic signs and
// digits are not mirrored, as the released code mirrors digits. The orders are those of the seed, which are public: they hide nothing here.
package guo2020trojannet
