// Package weights reads and writes state dicts: named float32 tensors in the
// safetensors format, under PyTorch's names and in its layouts.
//
// # Laws
//
//   - A file is hostile until it has been read: every length, offset, shape
//     and product in it is checked against the size of the file before memory
//     is taken for it. No file makes the package panic.
//   - Read returns the tensors in the order of their bytes in the file; Write
//     puts them down in the order given. What was written reads back to the
//     same bits.
//   - F32 is read as it is. F64, F16 and BF16 become float32, and File.Notes
//     says so. PyTorch's counter num_batches_tracked, an integer that takes no
//     part in any computation of ours, is passed over.
//
// The format: 8 bytes with the length of the header, little-endian; the
// header, a JSON object from tensor name to dtype, shape and place, padded
// with spaces to a multiple of 8; then the tensors' bytes without gaps.
// https://huggingface.co/docs/safetensors
package weights

// A Tensor is a named row-major array.
type Tensor struct {
	Name  string
	Shape []int // no dimension is negative; the empty shape is a scalar
	Data  []float32
}

// A Param is the name and the shape of a tensor that somebody wants.
type Param struct {
	Name  string
	Shape []int
}

// A File is what was read from a safetensors file.
type File struct {
	Name    string // where it was read from, for messages
	Tensors []Tensor
	Meta    map[string]string // the entry __metadata__; nil if there is none
	Notes   []string          // conversions that a user should know of
}
