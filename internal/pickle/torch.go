package pickle

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"

	"breakeven/internal/numpy"
	"breakeven/internal/regular"
)

const (
	// maxMembers bounds the files in an archive: one a tensor, and a few.
	maxMembers = 1 << 17
	// maxProgram bounds the pickle in an archive, which describes the tensors.
	maxProgram = 64 << 20
)

// storages are the kinds of memory that tensors are views of.
var storages = map[string]string{
	"torch.FloatStorage": "<f4", "torch.DoubleStorage": "<f8", "torch.HalfStorage": "<f2", "torch.BFloat16Storage": "bfloat16",
	"torch.LongStorage": "<i8", "torch.IntStorage": "<i4", "torch.ShortStorage": "<i2", "torch.CharStorage": "|i1",
	"torch.ByteStorage": "|u1", "torch.BoolStorage": "|b1",
}

// tensors are the names that a file of PyTorch may use beside Collections and
// NumPy.
var tensors = Classes{
	"torch._utils._rebuild_tensor_v2": rebuildTensor,
	"torch._utils._rebuild_tensor":    rebuildTensor,
	"torch._utils._rebuild_parameter": func(args []any) (any, error) {
		if len(args) == 0 {
			return nil, errors.New("a parameter without a tensor")
		}
		return args[0], nil
	},
	"torch.Size": func(args []any) (any, error) {
		items, err := itemsOf(args)
		return Tuple(items), err
	},
}

func init() {
	for name := range storages {
		tensors[name] = nil
	}
}

// A storage is memory that tensors are views of.
type storage struct {
	typ  numpy.DType
	data []byte
}

// rebuildTensor makes a view of a storage: where it begins, its shape and its
// strides. What follows says how it was trained.
func rebuildTensor(args []any) (any, error) {
	if len(args) < 4 {
		return nil, fmt.Errorf("a tensor of %d parts", len(args))
	}
	s, ok := args[0].(*storage)
	offset, isInt := args[1].(int64)
	if !ok || !isInt || offset < 0 || offset > int64(len(s.data)) {
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
	a, err := numpy.View(s.typ, shape, strides, int(offset), s.data)
	if err != nil {
		return nil, err
	}
	return &Array{*a}, nil
}

// TorchFile is Torch for a file. Errors name it.
func TorchFile(name string) (any, error) {
	f, size, err := regular.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	v, err := Torch(f, size)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return v, nil
}

// Torch reads what torch.save wrote into a zip archive, as it does since version
// 1.6. Tensors become *Array; they share the memory that they shared there. Of
// other classes than tensors, arrays and Python's own nothing is read.
func Torch(r io.ReaderAt, size int64) (any, error) {
	z, err := zip.NewReader(r, size)
	if err != nil {
		return nil, notZip(r, err)
	}
	t := &torch{members: map[string]*zip.File{}, storages: map[string][]byte{}, size: uint64(size)}
	if err := t.open(z); err != nil {
		return nil, err
	}
	program, err := t.member("data.pkl", maxProgram)
	if err != nil {
		return nil, err
	}
	loader := &Loader{Classes: Join(Collections, NumPy, tensors), Persistent: t.storage}
	return loader.Load(program)
}

// notZip says what a file is that is no zip archive.
func notZip(r io.ReaderAt, err error) error {
	head := make([]byte, 16)
	n, _ := r.ReadAt(head, 0)
	switch head = head[:n]; {
	case bytes.HasPrefix(head, []byte("\x80\x02\x8a\x0al\xfc\x9cF\xf9 j\xa8P\x19")):
		return errors.New("of the form that PyTorch wrote before version 1.6; load it in PyTorch and save it again")
	case bytes.HasPrefix(head, []byte("PK\x03\x04")):
		return fmt.Errorf("a damaged or truncated file of PyTorch (%w)", err)
	}
	return errors.New("not a file of PyTorch, which would be a zip archive")
}

// torch is an archive of PyTorch.
type torch struct {
	root     string // the folder in it
	members  map[string]*zip.File
	storages map[string][]byte // those that were read, by their keys
	size     uint64            // of the archive
}

// open finds the folder of the archive, and what is in it.
func (t *torch) open(z *zip.Reader) error {
	if len(z.File) > maxMembers {
		return fmt.Errorf("%d files in it, more than the %d that are read", len(z.File), maxMembers)
	}
	found := false
	for _, f := range z.File {
		if _, ok := t.members[f.Name]; ok {
			return fmt.Errorf("two files in it are called %s", label(f.Name))
		}
		t.members[f.Name] = f
		if root, ok := strings.CutSuffix(f.Name, "/data.pkl"); ok && !strings.Contains(root, "/") {
			if found {
				return errors.New("two pickles are in it")
			}
			t.root, found = root+"/", true
		}
	}
	if !found {
		return errors.New("not a file of PyTorch: its archive has no data.pkl")
	}
	if _, ok := t.members[t.root+"constants.pkl"]; ok {
		return errors.New("a program of TorchScript; save its state dict: torch.save(model.state_dict(), …)")
	}
	if _, ok := t.members[t.root+"byteorder"]; ok {
		order, err := t.member("byteorder", 16)
		if err != nil {
			return err
		}
		if string(order) != "little" {
			return fmt.Errorf("written with the order of bytes %s; only little is read", label(string(order)))
		}
	}
	return nil
}

// member returns what a file of the archive holds.
func (t *torch) member(name string, most uint64) ([]byte, error) {
	f, ok := t.members[t.root+name]
	if !ok {
		return nil, fmt.Errorf("damaged: %s is missing in it", label(t.root+name))
	}
	n := f.UncompressedSize64
	switch {
	case f.Method != zip.Store:
		return nil, fmt.Errorf("%s in it is packed, as PyTorch never does", label(f.Name))
	case n != f.CompressedSize64 || n > t.size:
		return nil, fmt.Errorf("damaged: %s in it has %d bytes, and the archive %d", label(f.Name), n, t.size)
	case n > most:
		return nil, fmt.Errorf("%s in it has %d bytes, more than the %d that are read", label(f.Name), n, most)
	}
	r, err := f.Open()
	if err != nil {
		return nil, fmt.Errorf("%s in it: %w", label(f.Name), err)
	}
	defer r.Close()
	b := make([]byte, n)
	if _, err := io.ReadFull(r, b); err != nil {
		return nil, fmt.Errorf("damaged: %s in it: %w", label(f.Name), err)
	}
	// At its end it is held against its checksum.
	if k, err := io.Copy(io.Discard, r); err != nil || k > 0 {
		return nil, fmt.Errorf("damaged: the checksum of %s in it is wrong", label(f.Name))
	}
	return b, nil
}

// storage returns the memory that a persistent id stands for: the word storage,
// its kind, its key, where it was, and how many values it has.
func (t *torch) storage(id any) (any, error) {
	parts, ok := id.(Tuple)
	if !ok || len(parts) != 5 {
		return nil, fmt.Errorf("it needs something that lies outside of it (%s)", Describe(id))
	}
	kind, isKind := parts[1].(*Global)
	key, isKey := Text(parts[2])
	n, isCount := parts[4].(int64)
	if word, _ := Text(parts[0]); word != "storage" || !isKind || !isKey || !isCount {
		return nil, errors.New("it needs something that lies outside of it and is no storage")
	}
	descr, ok := storages[kind.Name]
	if !ok {
		return nil, fmt.Errorf("a storage of the kind %s, which is not read", kind.Name)
	}
	typ, err := numpy.BFloat16, error(nil)
	if descr != "bfloat16" {
		typ, err = numpy.ParseDType(descr)
	}
	if err != nil {
		return nil, err
	}
	data, ok := t.storages[key]
	if !ok {
		if data, err = t.member("data/"+key, t.size); err != nil {
			return nil, err
		}
		t.storages[key] = data
	}
	if n < 0 || n > int64(len(data)) || n*int64(typ.Size) != int64(len(data)) {
		return nil, fmt.Errorf("damaged: storage %s has %d bytes, and %d values", label(key), len(data), n)
	}
	return &storage{typ, data}, nil
}

// A Tensor is a tensor with its name.
type Tensor struct {
	Name string
	*Array
}

// Tensors returns the tensors of a state dict, in its order. Those of a dict in a
// dict have both names, with a point between them: model.fc.weight. What is no
// tensor is left out: it is for the caller to know what it wants.
func Tensors(v any) ([]Tensor, error) {
	const most, depth = 1 << 17, 32
	var list []Tensor
	dicts := 0
	var walk func(prefix string, d *Dict, deep int) error
	walk = func(prefix string, d *Dict, deep int) error {
		if dicts++; deep > depth || dicts > most {
			return errors.New("dictionaries within dictionaries without an end")
		}
		for i, k := range d.Keys {
			name, ok := Text(k)
			if !ok {
				continue
			}
			switch v := d.Values[i].(type) {
			case *Array:
				if len(list) == most {
					return fmt.Errorf("more than %d tensors", most)
				}
				list = append(list, Tensor{prefix + name, v})
			case *Dict:
				if err := walk(prefix+name+".", v, deep+1); err != nil {
					return err
				}
			}
		}
		return nil
	}
	d, ok := v.(*Dict)
	if !ok {
		return nil, fmt.Errorf("%s, where a state dict is wanted; save it with torch.save(model.state_dict(), …)", Describe(v))
	}
	return list, walk("", d, 0)
}
