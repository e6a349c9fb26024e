package pickle

import (
	"archive/zip"
	"errors"
	"fmt"
	"io"
	"math"
	"strings"

	"breakeven/internal/numpy"
)

// storages are the kinds of memory that tensors are views of: their types as the
// safetensors format calls them, and the bytes of a value.
var storages = map[string]struct {
	dtype string
	size  int64
}{
	"torch.FloatStorage": {"F32", 4}, "torch.DoubleStorage": {"F64", 8}, "torch.HalfStorage": {"F16", 2}, "torch.BFloat16Storage": {"BF16", 2},
	"torch.LongStorage": {"I64", 8}, "torch.IntStorage": {"I32", 4}, "torch.ShortStorage": {"I16", 2}, "torch.CharStorage": {"I8", 1},
	"torch.ByteStorage": {"U8", 1}, "torch.BoolStorage": {"BOOL", 1},
	"torch.ComplexFloatStorage": {"C64", 8}, "torch.ComplexDoubleStorage": {"C128", 16},
}

// tensors are the names that a file of PyTorch may use beside Collections and
// NumPy.
var tensors = Classes{
	"torch._utils._rebuild_tensor_v2":            rebuildTensor,
	"torch._utils._rebuild_tensor":               rebuildTensor,
	"torch._utils._rebuild_tensor_v3":            rebuildOther,
	"torch._utils._rebuild_parameter":            first,
	"torch._utils._rebuild_parameter_with_state": first,
	"torch._tensor._rebuild_from_type_v2":        rebuildKind,
	"torch.nn.parameter.Parameter":               first,
	"torch.nn.parameter.Buffer":                  first,
	"torch.device":                               first, // a text
	"torch.strided":                              nil,
	"torch.Size": func(args []any) (any, error) {
		items, err := itemsOf(args)
		return Tuple(items), err
	},
}

func init() {
	for name := range storages {
		tensors[name] = nil
	}
	for _, dtype := range []string{"float32", "float64", "float16", "bfloat16", "int64", "int32", "int16", "int8", "uint8", "bool",
		"uint16", "uint32", "uint64", "complex64", "float8_e4m3fn", "float8_e5m2"} {
		tensors["torch."+dtype] = nil
	}
}

// A Storage is memory that tensors are views of: a part of their file.
type Storage struct {
	DType string // F32, BF16, I64, …: as the safetensors format calls it
	Start int64  // of its bytes in the file
	Len   int64  // values

	file *zip.File
}

// Check reads the storage and holds it against its checksum. The file must still be open.
func (s *Storage) Check() error { return copyMember(io.Discard, s.file) }

// A Tensor is a view of a storage: the value at index i is number Offset + Σ i_d Strides_d
// of it. All of them lie in it.
type Tensor struct {
	*Storage
	Shape, Strides []int
	Offset         int64
}

// rebuildTensor makes a view of a storage: where it begins, its shape and its
// strides. What follows says how it was trained.
func rebuildTensor(args []any) (any, error) {
	if len(args) < 4 {
		return nil, fmt.Errorf("a tensor of %d parts", len(args))
	}
	s, ok := args[0].(*Storage)
	offset, isInt := args[1].(int64)
	if !ok || !isInt || offset < 0 || offset > s.Len {
		return nil, fmt.Errorf("a tensor of %s from %s on", Describe(args[0]), Describe(args[1]))
	}
	shape, err := dimensions(args[2])
	if err != nil {
		return nil, err
	}
	strides, err := dimensions(args[3])
	if err != nil {
		return nil, err
	}
	t := &Tensor{s, shape, strides, offset}
	return t, t.judge()
}

// rebuildOther makes a tensor of a type that has no kind of storage: nobody reads its values.
func rebuildOther(args []any) (any, error) {
	if len(args) < 7 {
		return nil, fmt.Errorf("a tensor of %d parts", len(args))
	}
	s, ok := args[0].(*Storage)
	dtype, isName := args[6].(*Global)
	if !ok || !isName {
		return nil, fmt.Errorf("a tensor of %s, of the type %s", Describe(args[0]), Describe(args[6]))
	}
	shape, err := dimensions(args[2])
	if err != nil {
		return nil, err
	}
	_, err = numpy.Elements(shape)
	other := *s
	other.DType = strings.TrimPrefix(dtype.Name, "torch.")
	return &Tensor{&other, shape, make([]int, len(shape)), 0}, err
}

// judge returns an error if the tensor has values outside of its storage.
func (t *Tensor) judge() error {
	n, err := numpy.Elements(t.Shape)
	if err != nil {
		return err
	}
	if len(t.Strides) != len(t.Shape) {
		return fmt.Errorf("a shape of %v and strides of %v", t.Shape, t.Strides)
	}
	if n == 0 {
		return nil
	}
	last := t.Offset
	for d, stride := range t.Strides {
		if steps := int64(t.Shape[d] - 1); steps > 0 {
			if int64(stride) > (t.Len-last)/steps {
				return fmt.Errorf("a shape of %v at strides of %v from value %d on, of %d values", t.Shape, t.Strides, t.Offset, t.Len)
			}
			last += steps * int64(stride)
		}
	}
	if last >= t.Len {
		return fmt.Errorf("a shape of %v at strides of %v from value %d on, of %d values", t.Shape, t.Strides, t.Offset, t.Len)
	}
	return nil
}

// first returns what something is made of that is only that here.
func first(args []any) (any, error) {
	if len(args) == 0 {
		return nil, errors.New("it is made of nothing")
	}
	return args[0], nil
}

// rebuildKind makes a tensor of a kind of its own, or one with attributes: of the function that
// makes a plain one, the kind, and the arguments of the function.
func rebuildKind(args []any) (any, error) {
	if len(args) >= 3 {
		g, isGlobal := args[0].(*Global)
		parts, isTuple := args[2].(Tuple)
		if isGlobal && isTuple && g.Name != "torch._tensor._rebuild_from_type_v2" {
			return g.New(parts)
		}
	}
	return nil, errors.New("a tensor that no function makes")
}

// storage returns the memory that a persistent id stands for: the word storage,
// its kind, its key, where it was, and how many values it has.
func (t *torch) storage(id any) (any, error) {
	parts, ok := id.(Tuple)
	if !ok || len(parts) != 5 {
		return nil, fmt.Errorf("it needs something that lies outside of it (%s)", Describe(id))
	}
	global, isKind := parts[1].(*Global)
	key, isKey := Text(parts[2])
	n, isCount := parts[4].(int64)
	if word, _ := Text(parts[0]); word != "storage" || !isKind || !isKey || !isCount {
		return nil, errors.New("it needs something that lies outside of it and is no storage")
	}
	f, err := t.find("data/" + key)
	if err != nil {
		return nil, err
	}
	kind, ok := storages[global.Name]
	if !ok { // bytes, or what is not known
		kind.dtype, kind.size = strings.TrimPrefix(global.Name, "torch."), 1
		n = int64(f.UncompressedSize64)
	}
	if size := int64(f.UncompressedSize64); n < 0 || n > math.MaxInt64/kind.size || n*kind.size != size {
		return nil, fmt.Errorf("damaged: storage %s has %d bytes, and %d values", label(key), size, n)
	}
	if s, ok := t.storages[key]; ok && s.DType == kind.dtype {
		return s, nil
	}
	at, err := f.DataOffset()
	if err != nil {
		return nil, fmt.Errorf("damaged: %s in it: %w", label(f.Name), err)
	}
	s := &Storage{DType: kind.dtype, Start: at, Len: n, file: f}
	t.storages[key] = s
	return s, nil
}
