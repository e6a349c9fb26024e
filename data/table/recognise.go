package table

import (
	"bytes"
	"fmt"
	"io"
	"strings"

	"breakeven/internal/foreign"
)

// signatures are the first bytes of files. The first match decides: a format that is read, or a
// description of one that is not.
var signatures = []struct {
	begin  string
	format string
	other  string // what it is, and what to do
}{
	{"\x93NUMPY", "npy", ""},
	{"PK\x03\x04", "npz", ""},
	{"PK\x05\x06", "npz", ""}, // an empty archive
	{"PAR1", "Parquet", ""},
	{"\x1f\x8b", "gzip", ""},

	{"PARE", "", "an encrypted Parquet file; decrypt it first"},
	{"\x89HDF\r\n\x1a\n", "", "an HDF5 file (as .h5 and newer .mat files are); save its arrays as npz"},
	{"MATLAB 5.0 MAT-file", "", "a MATLAB file; save its arrays as npz"},
	{"SQLite format 3\x00", "", "an SQLite database; export a table from it as CSV"},
	{"ARROW1", "", "an Arrow file (Feather); save it as Parquet"},
	{"FEA1", "", "a Feather file; save it as Parquet"},
	{"ORC", "", "an ORC file; save it as Parquet"},
	{"Obj\x01", "", "an Avro file; save it as Parquet"},
	{"\xd0\xcf\x11\xe0", "", "an old Excel workbook; save its sheet as CSV"},
	{"\xff\xfe", "", "text in UTF-16; save it as UTF-8"},
	{"\xfe\xff", "", "text in UTF-16; save it as UTF-8"},
}

// An otherFile is the error for a file that is not a table.
type otherFile string

func (e otherFile) Error() string { return "is " + string(e) }

// recognise returns the format of a file by its first bytes: npy, npz, Parquet,
// gzip or text.
func recognise(r io.ReaderAt, size int64) (string, error) {
	head, err := foreign.Head(r)
	if err != nil {
		return "", err
	}
	if size == 0 || len(head) == 0 {
		return "", otherFile("empty")
	}
	return formatOf(head)
}

// formatOf returns the format of what begins with head.
func formatOf(head []byte) (string, error) {
	for _, s := range signatures {
		if bytes.HasPrefix(head, []byte(s.begin)) {
			if s.other != "" {
				return "", otherFile(s.other)
			}
			return s.format, nil
		}
	}
	if what := foreign.Name(head); what != "" {
		return "", otherFile(what)
	}
	trimmed := strings.ToLower(string(bytes.TrimSpace(bytes.TrimPrefix(head, bom))))
	switch {
	case head[0] == 0x80 && len(head) > 1 && head[1] >= 2 && head[1] <= 5:
		return "", otherFile("a pickle of Python, which can hold a program and is not read; save its arrays with numpy.savez")
	case len(head) > 8 && head[8] == '{' && head[7] == 0 && head[6] == 0 && head[5] == 0:
		return "", otherFile("a safetensors file, of weights; as a table it is not read")
	case strings.HasPrefix(trimmed, "<?xml"):
		return "", otherFile("XML; save it as CSV")
	case strings.HasPrefix(trimmed, "{") || strings.HasPrefix(trimmed, "[{") || strings.HasPrefix(trimmed, "[["):
		return "", otherFile("JSON; save it as CSV")
	case bytes.IndexByte(head, 0) >= 0:
		return "", otherFile("a binary file of an unknown kind; what is read is CSV, TSV, npy, npz and Parquet")
	}
	return "text", nil
}

// bom is the mark that some programs write before UTF-8 text.
var bom = []byte("\xef\xbb\xbf")

// zipKind returns an error that says what kind of archive holds these names, if no arrays.
func zipKind(names []string) error {
	for _, name := range names {
		switch {
		case strings.HasSuffix(name, "data.pkl"):
			return otherFile("a file of PyTorch, which holds a pickle; as a table it is not read: save its arrays with numpy.savez")
		case name == "[Content_Types].xml":
			return otherFile("a workbook or document of an office program; save its sheet as CSV")
		case strings.HasSuffix(name, ".csv") || strings.HasSuffix(name, ".tsv"):
			return otherFile(fmt.Sprintf("a zip archive with %s in it; unpack it, or pack that with gzip", bare(name)))
		}
	}
	return otherFile("a zip archive without arrays (its files have no names that end in .npy)")
}
