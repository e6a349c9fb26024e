// Package foreign says what a file is that is none of those which its reader knows: what a
// server or a tool of version control left in place of a file, archives, and the files of other
// programs. It goes by the first bytes, and never by the name.
package foreign

import (
	"bytes"
	"errors"
	"io"
	"strings"
)

// Size is how many of the first bytes of a file Name looks at.
const Size = 512

// signatures are the first bytes of files.
var signatures = []struct{ begin, what string }{
	{"version https://git-lfs", "a pointer of Git LFS, in place of the file; get the file with: git lfs pull"},
	{"SQLite format 3\x00", "an SQLite database"},
	{"\xfd7zXZ\x00", "compressed by xz; unpack it"},
	{"(\xb5/\xfd", "compressed by zstd; unpack it"},
	{"BZh", "compressed by bzip2; unpack it"},
	{"7z\xbc\xaf'\x1c", "a 7-Zip archive; unpack it"},
	{"Rar!", "a RAR archive; unpack it"},
	{"\x89PNG", "a picture"},
	{"\xff\xd8\xff", "a picture"},
	{"%PDF", "a PDF document"},
}

// Name returns what begins with head, in words and with what to do where that is known:
// "a picture", "a 7-Zip archive; unpack it". It returns "" for everything else.
func Name(head []byte) string {
	for _, s := range signatures {
		if bytes.HasPrefix(head, []byte(s.begin)) {
			return s.what
		}
	}
	text := strings.ToLower(string(bytes.TrimSpace(bytes.TrimPrefix(head, []byte("\xef\xbb\xbf")))))
	switch {
	case strings.HasPrefix(text, "<!doctype html"), strings.HasPrefix(text, "<html"), strings.HasPrefix(text, "<head"):
		return "a web page, perhaps what a server said in place of the file; get it again"
	case len(head) > 262 && string(head[257:262]) == "ustar":
		return "a tar archive; unpack it, and give the file in it"
	}
	return ""
}

// Head returns the first bytes of a file, at most Size.
func Head(r io.ReaderAt) ([]byte, error) {
	head := make([]byte, Size)
	n, err := r.ReadAt(head, 0)
	if errors.Is(err, io.EOF) {
		err = nil
	}
	return head[:n], err
}
