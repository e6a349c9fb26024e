package weights

import (
	"archive/zip"
	"bytes"
	"slices"
	"strings"
	"testing"

	"breakeven/run"
)

// zipped returns an archive whose first file has the given name.
func zipped(t *testing.T, name string) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	w, err := z.Create(name)
	if err == nil {
		_, err = w.Write([]byte("x"))
	}
	if err != nil || z.Close() != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// Files of other programs, and what may lie in place of a file, are recognised, and the
// error says what to do.
func TestOtherFiles(t *testing.T) {
	long := func(head string) []byte { return append([]byte(head), make([]byte, 600)...) }
	for name, test := range map[string]struct {
		content []byte
		want    string
	}{
		"torch.save, old": {long("\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19.\x80\x02M\xe9\x03."), "it is a file of PyTorch in the form before version 1.6"},
		"pickle":          {long("\x80\x04\x95\x10\x00\x00\x00\x00\x00\x00\x00}"), "it is a pickle of Python, which can hold a program"},
		"short pickle":    {[]byte("\x80\x03}q\x00.\x00\x00"), "it is a pickle of Python"},
		"npz":             {zipped(t, "conv1.weight.npy"), "it is an npz archive of NumPy"},
		"zip":             {zipped(t, "readme.txt"), "it is a zip archive; unpack it"},
		"cut-off zip":     {zipped(t, "a/data.pkl")[:8], "it is a zip archive that is cut off; get it again"},
		"CSV":             {[]byte("a,b\n1,2\n3,4\n"), "it is text, such as a table"},
		"8 letters":       {[]byte("grüßen"), "it is text"},
		"npy":             {long("\x93NUMPY\x01\x00"), "it is an array of NumPy"},
		"GGUF":            {long("GGUF\x03\x00\x00\x00"), "it is a GGUF file"},
		"Keras":           {long("\x89HDF\r\n\x1a\n"), "it is an HDF5 file"},
		"ONNX":            {long("\x08\x07\x12\x07pytorch"), "it is a model in ONNX"},
		"index":           {[]byte(`{"metadata": {"total_size": 10}, "weight_map": {}}`), "it is JSON, and no index of a model in several files: it has no weight_map that names files"},
		"LFS":             {[]byte("version https://git-lfs.github.com/spec/v1\noid sha256:0123\nsize 12345\n"), "it is a pointer of Git LFS, in place of the file; get the file with: git lfs pull"},
		"HTML":            {[]byte("<!DOCTYPE html>\n<html><head><title>404</title></head></html>"), "it is a web page, perhaps what a server said"},
		"gzip":            {long("\x1f\x8b\x08"), "it is compressed by gzip; unpack it"},
	} {
		path := file(t, test.content)
		want := "weights: " + path + ": not a safetensors file: " + test.want
		for _, read := range []func() error{
			func() error { _, err := Load(path, nil, nil); return err },
			func() error { _, err := ReadFile(path); return err },
			func() error { _, err := Check(path, nil, nil, Dialect{}); return err },
		} {
			if err := read(); err == nil || !strings.HasPrefix(err.Error(), want) {
				t.Errorf("%s: error\n%v\nwant\n%s", name, err, want)
			}
		}
	}
	// A header whose length has the same bytes as the beginning of a pickle is still a
	// header.
	text := `{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}`
	if _, err := Decode(raw(text+strings.Repeat(" ", 0x280-len(text)), make([]byte, 4))); err != nil {
		t.Error(err)
	}
}

// A prefix that all names share is removed if the names are the wanted ones without it.
func TestLoadPrefix(t *testing.T) {
	tensor := func(name string, x ...float32) run.Tensor {
		return run.Tensor{Name: name, Shape: []int{len(x)}, Data: x}
	}
	want := func(names ...string) (list []run.Tensor) {
		for _, name := range names {
			list = append(list, blank(run.Tensor{Name: name, Shape: []int{1}})...)
		}
		return list
	}
	for _, test := range []struct {
		file, want []string
		prefix     string // "-": refused
	}{
		{[]string{"a.w", "b.w"}, []string{"a.w", "b.w"}, ""},
		{[]string{"module.a.w", "module.b.w"}, []string{"a.w", "b.w"}, "module."},
		{[]string{"_orig_mod.a.w", "_orig_mod.b.w"}, []string{"a.w", "b.w"}, "_orig_mod."},
		{[]string{"_orig_mod.module.a.w", "_orig_mod.module.b.w"}, []string{"a.w", "b.w"}, "_orig_mod.module."},
		{[]string{"model.a.w", "model.a.b"}, []string{"a.w", "a.b"}, "model."},
		{[]string{"model.a.w", "model.b.w"}, []string{"model.a.w", "model.b.w"}, ""},
		{[]string{"model.model.a.w", "model.model.b.w"}, []string{"model.a.w", "model.b.w"}, "model."},
		{[]string{"module.a.w", "b.w"}, []string{"a.w", "b.w"}, "-"},
		{[]string{"modulea.w", "moduleb.w"}, []string{"a.w", "b.w"}, "-"},
		{[]string{"ema.a.w", "module.b.w"}, []string{"a.w", "b.w"}, "-"},
		{[]string{"module.a.w", "state/momentum"}, []string{"a.w"}, "module."},
		{[]string{"a.w", "state/a.w", "state/theta"}, []string{"a.w"}, ""},
		{[]string{"state/a.w"}, []string{"a.w"}, "-"},
		{nil, []string{"a.w"}, "-"},
	} {
		var tensors []run.Tensor
		for i, name := range test.file {
			tensors = append(tensors, tensor(name, float32(i+1)))
		}
		path, into := file(t, encode(tensors, nil)), want(test.want...)
		notes, err := Load(path, into, nil)
		if _, checked := Check(path, into, nil, Dialect{}); (checked == nil) != (err == nil) {
			t.Errorf("%q: Load gives %v, Check %v", test.file, err, checked)
		}
		if test.prefix == "-" {
			if err == nil || !strings.Contains(err.Error(), "does not fit the model: missing: ") {
				t.Errorf("%q: error %v", test.file, err)
			}
			continue
		}
		var wantNotes []string
		if test.prefix != "" {
			wantNotes = []string{path + `: all names begin with "` + test.prefix + `", which was taken off`}
		}
		if err != nil || !slices.Equal(notes, wantNotes) {
			t.Errorf("%q: notes %q, error %v", test.file, notes, err)
		}
		for i := range into {
			if into[i].Data[0] != float32(i+1) {
				t.Errorf("%q: %s is %v", test.file, into[i].Name, into[i].Data)
			}
		}
	}
}
