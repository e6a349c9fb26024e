// Package model constructs the networks of the papers from the operations of package nn, with
// PyTorch's parameter names and layouts, so that a state_dict can be loaded as it is.
//
// A model is decided by its name, the shape of its input, the number of classes and the fields
// that it declares. It holds no numbers.
package model
