// Package weights reads and writes state dicts: named float32 tensors in the
// safetensors format, under PyTorch's names and in its layouts.
//
// # Laws
//
//   - A file is hostile until it has been read. Its header is judged first, on
//     its own and against the size of the file; Load holds it against the
//     tensors wanted, too. Only then is memory taken, or filled, for tensors.
//     No file makes the package panic.
//   - A file that contradicts itself is refused: a name that stands twice, bytes
//     that belong to two tensors or to none, a shape that does not take the
//     bytes it has. So is text that is not Unicode.
//   - Read returns the tensors in the order of their bytes in the file; Write
//     puts them down in the order given. What was written reads back to the
//     same bits.
//   - F32 is read as it is. F64, F16 and BF16 become float32, and a note says
//     so; an F64 number beyond float32 is a fault. PyTorch's counter
//     num_batches_tracked, an integer that takes no part in any computation of
//     ours, is passed over.
//
// The format: 8 bytes with the length of the header, little-endian; the
// header, a JSON object from tensor name to dtype, shape and place, padded
// with spaces to a multiple of 8; then the tensors' bytes without gaps.
// https://huggingface.co/docs/safetensors
//
// The header is read token by token: the package of others that reads this
// format decodes it into a map, which hides a name that stands twice. It
// checks this one in the tests.
package weights

import "breakeven/run"

// A File is what was read of a safetensors file.
type File struct {
	Tensors []run.Tensor
	Meta    map[string]string // the entry __metadata__; nil if there is none
	Notes   []string          // conversions that a user should know of
}
