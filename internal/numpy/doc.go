// Package numpy reads the values of arrays as NumPy writes them into files: in
// npy and npz files, and in pickles. It knows the types and the order of values
// and nothing of the files. And it writes npz files of float64 ([Writer]), also of
// arrays that are never whole in memory.
//
// # Laws
//
//   - A type that cannot be read is described in words, and not an error until
//     its values are asked for. What is no type at all is an error.
//   - An array is judged when it is made: its bytes are what its shape takes.
//   - Values are converted when they are asked for. An array itself takes no
//     memory beside the bytes that it was made of.
package numpy
