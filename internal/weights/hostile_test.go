package weights

import (
	"encoding/binary"
	"errors"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestHostileFiles(t *testing.T) {
	good := encode([]Tensor{{"a", []int{2}, []float32{1, 2}}, {"b", []int{1}, []float32{3}}}, nil)
	huge := func(n uint64) []byte { return binary.LittleEndian.AppendUint64(nil, n) }
	one := func(entry string, n int) []byte { return raw(`{"a":`+entry+`}`, make([]byte, n)) }
	for name, test := range map[string]struct {
		content []byte
		want    string
	}{
		"empty":             {nil, "not a safetensors file: it has 0 bytes"},
		"no header":         {huge(10), "truncated, or not a safetensors file: a header of 10 bytes, and 0 bytes are there"},
		"largest header":    {huge(math.MaxUint64), "not a safetensors file: a header of 18446744073709551615 bytes"},
		"large header":      {huge(maxHeader + 1), "not a safetensors file: a header of 16777217 bytes"},
		"truncated":         {good[:len(good)-1], "truncated: the header names 12 bytes of tensors, and 11 are there"},
		"no tensors":        {good[:len(good)-12], "truncated: the header names 12 bytes of tensors, and 0 are there"},
		"cut in the header": {good[:20], "truncated, or not a safetensors file"},
		"too long":          {append(slices.Clone(good), 0), "damaged: the header names 12 bytes of tensors, and 13 are there"},
		"no JSON":           {raw(`{"a":`, nil), "not a safetensors file: "},
		"a list":            {raw(`[]`, nil), "not a safetensors file: "},
		"deep":              {raw(strings.Repeat(`{"a":`, 1<<20), nil), "not a safetensors file: "},
		"negative offset":   {one(`{"dtype":"F32","shape":[1],"data_offsets":[-4,0]}`, 4), "not a safetensors file: "},
		"backward":          {one(`{"dtype":"F32","shape":[1],"data_offsets":[4,0]}`, 4), "damaged: "},
		"gap":               {one(`{"dtype":"F32","shape":[1],"data_offsets":[4,8]}`, 8), "damaged: "},
		"far":               {one(`{"dtype":"F32","shape":[1],"data_offsets":[18446744073709551612,18446744073709551615]}`, 4), "truncated: "},
		"overlap":           {raw(`{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"b":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}`, make([]byte, 4)), "damaged: "},
		"overflow":          {one(`{"dtype":"F32","shape":[4294967296,4294967296,4294967297],"data_offsets":[0,4]}`, 4), "damaged: "},
		"overflow to fit":   {one(`{"dtype":"F32","shape":[4611686018427387905],"data_offsets":[0,4]}`, 4), "damaged: "},
		"empty but wide":    {one(`{"dtype":"F32","shape":[0,9223372036854775807],"data_offsets":[0,0]}`, 0), `tensor "a": dimension of 9223372036854775807`},
		"size":              {one(`{"dtype":"F32","shape":[3],"data_offsets":[0,4]}`, 4), "damaged: "},
		"fraction":          {one(`{"dtype":"F32","shape":[1.5],"data_offsets":[0,4]}`, 4), "not a safetensors file: "},
		"dtype":             {one(`{"dtype":"F13","shape":[1],"data_offsets":[0,4]}`, 4), "not a safetensors file: "},
		"integers":          {one(`{"dtype":"I32","shape":[1],"data_offsets":[0,4]}`, 4), `tensor "a": dtype I32 is not read; save it as F32`},
		"missing field":     {one(`{"dtype":"F32","shape":[1]}`, 4), "not a safetensors file: "},
		"metadata":          {raw(`{"__metadata__":{"a":3}}`, nil), "not a safetensors file: "},
		"tensor null":       {raw(`{"a":null}`, nil), "not a safetensors file: "},
	} {
		_, err := Decode(test.content)
		if err == nil || !strings.HasPrefix(err.Error(), test.want) {
			t.Errorf("%s: error %v, want %s", name, err, test.want)
		}
	}
}

func TestReadFileErrors(t *testing.T) {
	dir := t.TempDir()
	if _, err := ReadFile(dir); err == nil || !strings.Contains(err.Error(), "is not a file") {
		t.Errorf("a folder: error %v", err)
	}
	if _, err := ReadFile(filepath.Join(dir, "missing")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("missing: error %v", err)
	}
	name := filepath.Join(dir, "short")
	if err := os.WriteFile(name, []byte("short"), 0o666); err != nil {
		t.Fatal(err)
	}
	if _, err := ReadFile(name); err == nil || !strings.HasPrefix(err.Error(), "weights: "+name+": not a safetensors file") {
		t.Errorf("short: error %v", err)
	}
	if err := os.Truncate(name, maxFile+1); err != nil {
		t.Skip("no sparse file of 2 GB: ", err)
	}
	if _, err := ReadFile(name); err == nil || !strings.Contains(err.Error(), "more than the") {
		t.Errorf("huge: error %v", err)
	}
}

func FuzzDecode(f *testing.F) {
	f.Add(encode([]Tensor{{"a", []int{2}, []float32{1, 2}}, {"b", []int{}, []float32{3}}}, map[string]string{"k": "v"}))
	f.Add(raw(`{"a":{"dtype":"BF16","shape":[1],"data_offsets":[0,2]},"n.num_batches_tracked":{"dtype":"I64","shape":[],"data_offsets":[2,10]}}`, make([]byte, 10)))
	f.Fuzz(func(t *testing.T, content []byte) {
		file, err := Decode(content)
		if err != nil {
			return
		}
		bytes := 0
		for _, tensor := range file.Tensors {
			if size(tensor.Shape) != len(tensor.Data) {
				t.Errorf("tensor %q: shape %v, %d elements", tensor.Name, tensor.Shape, len(tensor.Data))
			}
			bytes += 2 * len(tensor.Data)
		}
		if bytes > len(content) {
			t.Errorf("%d bytes of tensors from %d bytes", bytes, len(content))
		}
	})
}
