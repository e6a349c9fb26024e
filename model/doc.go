// Package model constructs the networks of the papers from operations of
// package nn, with PyTorch's parameter names and layouts, so that a state_dict
// fits as it is.
//
// A model is decided by its name, the shape of its input and the number of
// classes; it holds no numbers.
package model
