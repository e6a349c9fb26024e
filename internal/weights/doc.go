// Package weights reads and writes state dicts: named float32 tensors under PyTorch's
// names and in its layouts. It writes the safetensors format, and reads it, the zip
// archives of torch.save, and the indices of models in several such files.
//
// # Laws
//
//   - A file is hostile until it has been read. First its header is checked, by itself and
//     against the size of the file; Load also compares it with the tensors wanted. Only then
//     is memory allocated, or filled, for tensors. No file makes the package panic.
//   - A file of PyTorch holds a pickle, which is a program. It is not run: package pickle
//     takes from it where the tensors lie. What it names besides is reported and not made.
//     Of several state dicts in a file the one that fits is taken, and a note says which.
//   - An index of a model in several files stands for all of them: they lie in its folder, and each
//     tensor that it names is taken from the file where it says, or the first that is missing is named.
//   - A file that contradicts itself is refused: a name that occurs twice, bytes that belong
//     to two tensors or to none, a shape that does not fit its bytes. So is text that is not
//     Unicode.
//   - Read returns the tensors in the order of their bytes in the file; Write writes them in
//     the order given. What was written reads back to the same bits.
//   - F32 is read as it is. F64, F16 and BF16 become float32, and a note says so; an F64
//     number beyond float32 is a fault. PyTorch's counter num_batches_tracked, an integer
//     that none of our computations uses, is ignored.
//   - Another file is named if it is known by its first bytes: one of PyTorch's old form, a
//     pointer of Git LFS, a web page.
//
// The safetensors format: 8 bytes with the length of the header, little-endian; the
// header, a JSON object from tensor name to dtype, shape and place, padded
// with spaces to a multiple of 8; then the tensors' bytes without gaps.
// https://huggingface.co/docs/safetensors
//
// The header is parsed token by token. The other package that reads this format decodes it into
// a map, in which a name that occurs twice goes unnoticed. That package checks this one in the
// tests.
package weights

import "breakeven/run"

// A File is the contents of a file.
type File struct {
	Tensors []run.Tensor
	Meta    map[string]string // the entry __metadata__; nil if there is none
	Notes   []string          // conversions that a user should know about
}
