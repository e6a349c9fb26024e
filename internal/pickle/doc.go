// Package pickle reads what Python's pickle module wrote, protocols 0 to 5, into
// plain values of Go: the matrices of the Planetoid graphs, and what PyTorch saves
// of networks.
//
// A pickle is a program for a small machine, which can call any function of
// Python. This machine calls none: a name in a pickle is looked up in a table
// that its caller gives, of the few constructors that make values.
//
//	loader := pickle.Loader{Classes: pickle.Join(pickle.Collections, pickle.NumPy, pickle.SciPy)}
//	x, err := loader.File("ind.cora.x")
//	m, ok := x.(*pickle.CSR)
//
// # Laws
//
//   - Nothing that is not in the table is made, and nothing is run. A name that
//     is not in it is refused by name, even if the value would be thrown away; in
//     checkpoints of PyTorch, which hold all sorts of things, it is reported
//     instead, and stands for an Object, which only holds what was handed to it.
//   - Memory is bounded by the length of the pickle: every step of the machine
//     costs a byte of it at least, and makes one small value at most. Arrays
//     stay bytes of the pickle until their values are asked for, and a tensor only
//     says where its values lie in the file.
//   - A pickle is read to its end or is an error, which says at which byte.
//   - Lists and dictionaries can hold themselves, as in Python. Nothing in here
//     follows a value inward without a bound; callers that do must bound it too.
//
// # Values
//
//	None                     nil
//	bool, float              bool, float64
//	int                      int64, or *big.Int beyond it
//	str                      string
//	bytes, bytearray         Bytes
//	str of Python 2          Old: it holds bytes, and mostly Latin-1 text
//	tuple                    Tuple
//	list, set, frozenset     *List, *Set, *Set
//	dict and its kinds       *Dict, in its order
//	what Classes make        what they say: *Array, *CSR, *Tensor, …
//	of an unknown class      *Object, if the Loader allows it
package pickle
