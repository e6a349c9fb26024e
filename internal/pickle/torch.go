package pickle

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
)

const (
	// maxMembers bounds the files in an archive: one a tensor, and a few.
	maxMembers = 1 << 17
	// maxProgram bounds the pickle in an archive, which describes the tensors.
	maxProgram = 64 << 20
)

// Torch reads what torch.save wrote into a zip archive, as it does since version
// 1.6. Tensors become *Tensor, which say where in r their values lie: none of these
// is read. Classes of Python that are not known become *Object, and their names,
// in the order in which they came, are the second result.
func Torch(r io.ReaderAt, size int64) (v any, unknown []string, err error) {
	z, err := zip.NewReader(r, size)
	if err != nil {
		return nil, nil, notZip(r, err)
	}
	t := &torch{members: map[string]*zip.File{}, storages: map[string]*Storage{}, size: uint64(size)}
	if err := t.open(z); err != nil {
		return nil, nil, err
	}
	program, err := t.member("data.pkl", maxProgram)
	if err != nil {
		return nil, nil, err
	}
	loader := &Loader{Classes: Join(Collections, NumPy, tensors), Persistent: t.storage}
	loader.Unknown = func(name string) { unknown = append(unknown, name) }
	v, err = loader.Load(program)
	return v, unknown, err
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
	storages map[string]*Storage // those that were mentioned, by their keys
	size     uint64              // of the archive
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
	f, err := t.find(name)
	if err != nil {
		return nil, err
	}
	if f.UncompressedSize64 > most {
		return nil, fmt.Errorf("%s in it has %d bytes, more than the %d that are read", label(f.Name), f.UncompressedSize64, most)
	}
	b := bytes.NewBuffer(make([]byte, 0, f.UncompressedSize64+bytes.MinRead))
	return b.Bytes()[:f.UncompressedSize64], copyMember(b, f)
}

// find returns a file of the archive, which lies in it as it is.
func (t *torch) find(name string) (*zip.File, error) {
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
	}
	return f, nil
}

// copyMember copies a file of the archive, which at its end is held against its checksum.
func copyMember(w io.Writer, f *zip.File) error {
	r, err := f.Open()
	if err != nil {
		return fmt.Errorf("%s in it: %w", label(f.Name), err)
	}
	defer r.Close()
	switch _, err := io.Copy(w, r); {
	case errors.Is(err, zip.ErrChecksum):
		return fmt.Errorf("damaged, or saved without checksums: that of %s in it is wrong", label(f.Name))
	case err != nil:
		return fmt.Errorf("damaged: %s in it: %w", label(f.Name), err)
	}
	return nil
}
