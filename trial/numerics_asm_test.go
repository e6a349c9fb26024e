//go:build amd64 && !noasm

package trial

// assembly says of a line of numerics.txt how gonum was built: its sums, which errors of
// eigenvalues come from, are others without its assembly.
const assembly = ""
