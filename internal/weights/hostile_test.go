package weights

import (
	"encoding/binary"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/nlpodyssey/safetensors"

	"breakeven/internal/testenv"
	"breakeven/run"
)

func TestHostileFiles(t *testing.T) {
	good := encode([]run.Tensor{{Name: "a", Shape: []int{2}, Data: []float32{1, 2}}, {Name: "b", Shape: []int{1}, Data: []float32{3}}}, nil)
	huge := func(n uint64) []byte { return binary.LittleEndian.AppendUint64(nil, n) }
	two := func(first, second string, n int) []byte {
		return raw(`{"a":{"dtype":"F32","shape":[1],"data_offsets":`+first+`},"b":{"dtype":"F32","shape":[1],"data_offsets":`+second+`}}`, make([]byte, n))
	}
	one := func(entry string, n int) []byte { return raw(`{"a":`+entry+`}`, make([]byte, n)) }
	for name, test := range map[string]struct {
		content []byte
		want    string
	}{
		"empty":             {nil, "it is empty"},
		"no header":         {huge(10), "truncated, or not a safetensors file: a header of 10 bytes, and 0 bytes are there"},
		"zeros":             {make([]byte, 100), "not a safetensors file: no header follows its length, which is 0"},
		"largest header":    {huge(math.MaxUint64), "not a safetensors file: a header of 18446744073709551615 bytes"},
		"length that wraps": {huge(math.MaxUint64 - 7), "not a safetensors file: a header of 18446744073709551608 bytes"},
		"large header":      {huge(maxHeader + 1), "not a safetensors file: a header of 16777217 bytes"},
		"truncated":         {good[:len(good)-1], "truncated: the header names 12 bytes of tensors, and 11 are there"},
		"no tensors":        {good[:len(good)-12], "truncated: the header names 12 bytes of tensors, and 0 are there"},
		"cut in the header": {good[:20], "truncated, or not a safetensors file"},
		"too long":          {append(slices.Clone(good), 0), "damaged: the header names 12 bytes of tensors, and 13 are there"},

		"no JSON":        {raw(`{"a":`, nil), "not a safetensors file: tensor \"a\": want {, found the end of the header"},
		"broken JSON":    {raw(`{"a" 3}`, nil), "not a safetensors file: tensor \"a\": want {, found no JSON at byte"},
		"a list":         {raw(`[]`, nil), "not a safetensors file: no header follows its length, which is 2"},
		"spaces before":  {raw(` {}`, nil), "not a safetensors file: no header follows"},
		"text after":     {raw(`{} {}`, nil), "not a safetensors file: something follows after the header"},
		"not closed":     {raw(`{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}`, make([]byte, 4)), "not a safetensors file: want }, found the end of the header"},
		"deep":           {raw(strings.Repeat(`{"a":`, 1<<20), nil), "not a safetensors file: tensor \"a\": unknown field \"a\""},
		"deep lists":     {one(`{"shape":`+strings.Repeat("[", 1<<20), 4), `not a safetensors file: tensor "a": want a number, found "["`},
		"UTF-8":          {raw("{\"\xff\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}", make([]byte, 4)), "not a safetensors file: its header is not UTF-8 text"},
		"half surrogate": {raw(`{"\ud800":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}`, make([]byte, 4)), "not a safetensors file: \"\ufffd\" is not Unicode text"},
		"long name":      {raw(`{"`+strings.Repeat("x", 1<<20)+`":3}`, nil), "not a safetensors file: tensor \"xxxxx"},

		"name twice":           {raw(`{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}`, make([]byte, 4)), `not a safetensors file: "a" stands there twice`},
		"name twice, escaped":  {raw(`{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"\u0061":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}`, make([]byte, 8)), `not a safetensors file: "a" stands there twice`},
		"field twice":          {one(`{"dtype":"F32","dtype":"F32","shape":[1],"data_offsets":[0,4]}`, 4), `not a safetensors file: tensor "a": "dtype" stands there twice`},
		"metadata twice":       {raw(`{"__metadata__":{},"__metadata__":{}}`, nil), `not a safetensors file: "__metadata__" stands there twice`},
		"entry twice":          {raw(`{"__metadata__":{"k":"v","k":"w"}}`, nil), `not a safetensors file: __metadata__: "k" stands there twice`},
		"field too many":       {one(`{"dtype":"F32","shape":[1],"data_offsets":[0,4],"x":1}`, 4), `not a safetensors file: tensor "a": unknown field "x"`},
		"field missing":        {one(`{"dtype":"F32","shape":[1]}`, 4), `not a safetensors file: tensor "a": want dtype, shape and data_offsets`},
		"field of other case":  {one(`{"DTYPE":"F32","shape":[1],"data_offsets":[0,4]}`, 4), `not a safetensors file: tensor "a": unknown field "DTYPE"`},
		"metadata of a number": {raw(`{"__metadata__":{"a":3}}`, nil), `not a safetensors file: __metadata__: want a text, found "3"`},
		"metadata null":        {raw(`{"__metadata__":null}`, nil), "not a safetensors file: __metadata__: want {, found null"},
		"tensor null":          {raw(`{"a":null}`, nil), `not a safetensors file: tensor "a": want {, found null`},
		"dtype of a number":    {one(`{"dtype":3,"shape":[1],"data_offsets":[0,4]}`, 4), `not a safetensors file: tensor "a": want a text, found "3"`},
		"dtype":                {one(`{"dtype":"F13","shape":[1],"data_offsets":[0,4]}`, 4), `not a safetensors file: tensor "a": dtype "F13" is not known; save it as F32`},
		"integers":             {one(`{"dtype":"I32","shape":[1],"data_offsets":[0,4]}`, 4), `tensor "a": dtype I32 is not read; save it as F32`},

		"negative size":   {one(`{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}`, 4), `not a safetensors file: tensor "a": want a whole number from 0, found "-1"`},
		"fraction":        {one(`{"dtype":"F32","shape":[1.5],"data_offsets":[0,4]}`, 4), `not a safetensors file: tensor "a": want a whole number from 0, found "1.5"`},
		"exponent":        {one(`{"dtype":"F32","shape":[1e0],"data_offsets":[0,4]}`, 4), `not a safetensors file: tensor "a": want a whole number from 0, found "1e0"`},
		"size":            {one(`{"dtype":"F32","shape":[3],"data_offsets":[0,4]}`, 4), `damaged: tensor "a" of shape [3] and dtype F32 has 4 bytes`},
		"overflow":        {one(`{"dtype":"F32","shape":[65536,65536,65536,65536],"data_offsets":[0,0]}`, 0), `damaged: tensor "a" of shape [65536, 65536, 65536, 65536]`},
		"overflow to fit": {one(`{"dtype":"F32","shape":[2147483647,2147483647,4,3],"data_offsets":[0,4]}`, 4), "damaged: "},
		"wide":            {one(`{"dtype":"F32","shape":[4611686018427387905],"data_offsets":[0,4]}`, 4), `not a safetensors file: tensor "a": dimension of 4611686018427387905`},
		"empty but wide":  {one(`{"dtype":"F32","shape":[0,9223372036854775807],"data_offsets":[0,0]}`, 0), `not a safetensors file: tensor "a": dimension of 9223372036854775807`},
		"dimensions":      {one(`{"dtype":"F32","shape":[`+strings.Repeat("1,", maxRank)+`1],"data_offsets":[0,4]}`, 4), `not a safetensors file: tensor "a": a list of more than 64 numbers`},

		"negative offset": {one(`{"dtype":"F32","shape":[1],"data_offsets":[-4,0]}`, 4), `not a safetensors file: tensor "a": want a whole number from 0, found "-4"`},
		"one offset":      {one(`{"dtype":"F32","shape":[1],"data_offsets":[0]}`, 4), `not a safetensors file: tensor "a": data_offsets: want 2 numbers, found 1`},
		"three offsets":   {one(`{"dtype":"F32","shape":[1],"data_offsets":[0,4,8]}`, 4), `not a safetensors file: tensor "a": a list of more than 2 numbers`},
		"backward":        {one(`{"dtype":"F32","shape":[1],"data_offsets":[4,0]}`, 0), `damaged: tensor "a" lies at bytes 4 to 0, and must begin at 0`},
		"far":             {one(`{"dtype":"F32","shape":[1],"data_offsets":[18446744073709551612,18446744073709551615]}`, 4), "truncated: "},
		"beyond uint64":   {one(`{"dtype":"F32","shape":[1],"data_offsets":[0,18446744073709551620]}`, 4), `not a safetensors file: tensor "a": want a whole number from 0, found "18446744073709551620"`},
		"hole first":      {one(`{"dtype":"F32","shape":[1],"data_offsets":[4,8]}`, 8), `damaged: tensor "a" lies at bytes 4 to 8, and must begin at 0`},
		"hole":            {two(`[0,4]`, `[8,12]`, 12), `damaged: tensor "b" lies at bytes 8 to 12, and must begin at 4`},
		"overlap":         {two(`[0,4]`, `[2,6]`, 6), `damaged: tensor "b" lies at bytes 2 to 6, and must begin at 4`},
		"same place":      {two(`[0,4]`, `[0,4]`, 4), `damaged: tensor "b" lies at bytes 0 to 4, and must begin at 4`},
	} {
		_, err := Decode(test.content)
		if err == nil || !strings.HasPrefix(err.Error(), test.want) || len(err.Error()) > 200 {
			t.Errorf("%s: error %v, want %s", name, err, test.want)
		}
	}
}

// No file makes Decode panic or take more memory than its size justifies, and files
// that it accepts are read alike by the external package.
func FuzzDecode(f *testing.F) {
	f.Add(encode([]run.Tensor{{Name: "a", Shape: []int{2}, Data: []float32{1, 2}}, {Name: "b", Shape: []int{}, Data: []float32{3}}}, map[string]string{"k": "v"}))
	f.Add(encode([]run.Tensor{{Name: "a", Shape: []int{0, 3}, Data: nil}, {Name: "λ\"", Shape: []int{1, 1}, Data: []float32{3}}}, nil))
	f.Add(raw(`{"a":{"dtype":"BF16","shape":[1],"data_offsets":[0,2]},"n.num_batches_tracked":{"dtype":"I64","shape":[],"data_offsets":[2,10]}}`, make([]byte, 10)))
	f.Add(raw(`{"a":{"dtype":"F64","shape":[1],"data_offsets":[0,8]},"b":{"dtype":"F16","shape":[2,1],"data_offsets":[8,12]}}  `, make([]byte, 12)))
	f.Add(raw(`{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}`, make([]byte, 4)))
	f.Add(binary.LittleEndian.AppendUint64(nil, 1<<24))
	f.Fuzz(func(t *testing.T, content []byte) {
		var file *File
		var err error
		taken := testenv.Allocated(func() { file, err = Decode(content) })
		if most := Overhead + 64*int64(len(content)); taken > most {
			t.Errorf("%d bytes taken for %d", taken, len(content))
		}
		if err != nil {
			if len(err.Error()) > 1000 {
				t.Errorf("an error of %d characters", len(err.Error()))
			}
			return
		}
		others, err := safetensors.Deserialize(content)
		if err != nil {
			t.Fatalf("the package of others: %v", err)
		}
		for _, tensor := range file.Tensors {
			view, ok := others.Tensor(tensor.Name)
			if !ok || size(tensor.Shape) != len(tensor.Data) || view.DataLen() != view.DType().Size()*uint64(len(tensor.Data)) {
				t.Errorf("tensor %q of shape %v with %d elements: %v %v", tensor.Name, tensor.Shape, len(tensor.Data), ok, view)
			}
		}
	})
}
