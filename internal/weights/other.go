package weights

import (
	"bytes"
	"encoding/binary"
	"strings"
	"unicode"
	"unicode/utf8"

	"breakeven/internal/foreign"
)

// asSafetensors is what to do about weights in a pickle.
const asSafetensors = `; write it anew with safetensors.torch.save_file(torch.load(FILE, map_location="cpu", weights_only=True), "weights.safetensors")`

// signatures are the first bytes of files in which other programs keep weights.
var signatures = []struct{ begin, what string }{
	{"\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19.", "a file of PyTorch in the form before version 1.6, which is not read; write it anew with torch.save(torch.load(FILE, map_location=\"cpu\", weights_only=True), \"weights.pt\")"},
	{"GGUF", "a GGUF file, of quantised weights; get the model's weights as safetensors"},
	{"\x93NUMPY", "an array of NumPy; save the arrays under the names of the model with safetensors.numpy.save_file"},
	{"\x89HDF\r\n\x1a\n", "an HDF5 file, as Keras writes; save its arrays under the names of the model with safetensors.numpy.save_file"},
	{"\x1f\x8b", "compressed by gzip; unpack it"},
}

// otherFile returns what a file is that begins with head and is not in the format of this
// package, with what to do, or "".
func otherFile(head []byte) string {
	for _, s := range signatures {
		if bytes.HasPrefix(head, []byte(s.begin)) {
			return s.what
		}
	}
	switch {
	case bytes.HasPrefix(head, []byte("PK\x03\x04")):
		return archive(firstMember(head))
	case head[0] == 0x80 && head[1] >= 2 && head[1] <= 5:
		return "a pickle of Python, which can hold a program; if PyTorch wrote it" + asSafetensors
	case head[0] == '{':
		return "JSON, perhaps the index of a model in several files; give the files with the weights"
	case head[0] == 8 && head[1] < 32 && head[2] == 0x12:
		return "a model in ONNX, whose weights stand under other names; export them from the program that made it"
	}
	if name := foreign.Name(head); name != "" || !isText(head) {
		return name
	}
	return "text, such as a table; weights are in safetensors, or in what torch.save wrote"
}

// isText reports whether a file begins with lines of text.
func isText(head []byte) bool {
	return !bytes.ContainsFunc(head, func(r rune) bool {
		return r != '\n' && r != '\r' && r != '\t' && !unicode.IsPrint(r) || r == utf8.RuneError
	})
}

// archive says what a zip archive is by the name of its first file.
func archive(first string) string {
	switch {
	case strings.HasSuffix(first, ".npy"):
		return "an npz archive of NumPy; save the arrays under the names of the model with safetensors.numpy.save_file"
	}
	if first == "" {
		return "a zip archive that is cut off; get it again"
	}
	return "a zip archive; unpack it"
}

// firstMember returns the name of the first file of a zip archive.
func firstMember(head []byte) string {
	const fixed = 30 // bytes before the name
	if len(head) < fixed {
		return ""
	}
	end := min(len(head), fixed+int(binary.LittleEndian.Uint16(head[26:])))
	return string(head[fixed:end])
}
