// Package tensor holds the dense float32 arithmetic that networks are made of:
// vectors, packed matrix products, convolutions of channels-last images, and the one
// place that runs work on several cores. [Product64] is the matrix product in float64,
// for kernels and orthogonal weights.
//
// Laws:
//
//   - Data are plain row-major slices: []float64 for Product64, []float32 for all
//     else. A function writes only to the slice named dst, c, y or dx, and keeps no
//     reference to any argument.
//   - Destination and sources must not overlap, unless a function says that it works
//     in place.
//   - A wrong length is a bug of the caller and panics with "tensor: ..." or, if a
//     kernel finds it, "kernel: ...".
//   - Every sum has one fixed order: results do not depend on the number of
//     cores, only on the instruction set and on whether the compiler fuses
//     products and sums ([ISA]).
//   - Only constructors allocate.
package tensor
