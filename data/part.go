package data

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"
	"unicode"

	"breakeven/internal/regular"
)

// A source says which file a part is the beginning of.
type source struct {
	URL    string `json:"url"`
	Size   int64  `json:"size"`
	SHA256 string `json:"sha256"`
	// Version is what the server calls the file's contents: a strong ETag, or
	// the date of the last change. Empty, it says nothing, and no part is kept.
	Version string `json:"version"`
}

// A part is a file under download: what has come of it, in NAME.part, and its
// source beside that, in NAME.part.source. Nothing is a part without a source:
// such a beginning is thrown away, whatever it is.
type part struct {
	path string
	file *os.File
	have int64 // bytes that have come
	source
}

func sourceOf(path string) string { return path + ".source" }

// openPart opens the part at path, or begins it. What is there is kept if it is
// the beginning of want, under whichever version.
func openPart(path string, want File) (*part, error) {
	if info, err := os.Lstat(path); err == nil && !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s is not a regular file; remove it and run the same again", path)
	}
	w, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o644)
	if err != nil {
		return nil, fmt.Errorf("%w; give a folder that can be written to with --data-dir", err)
	}
	p := &part{path: path, file: w, source: readSource(sourceOf(path))}
	if p.have, err = w.Seek(0, io.SeekEnd); err != nil {
		return nil, errors.Join(err, w.Close())
	}
	known := source{want.URL, want.Size, want.SHA256, p.Version}
	if p.Version != "" && p.source == known && p.have <= want.Size {
		return p, nil
	}
	p.source = known
	if err := p.begin(""); err != nil {
		return nil, errors.Join(err, p.close())
	}
	return p, nil
}

// readSource reads what stands beside a part. Whatever is not that says nothing.
func readSource(path string) (s source) {
	text, err := regular.Read(path, 1<<14)
	if err != nil || json.Unmarshal(text, &s) != nil || strings.ContainsFunc(s.Version, unicode.IsControl) {
		return source{} // a version goes into a line of a request
	}
	return s
}

// begin empties the part, for contents of the given version.
func (p *part) begin(version string) error {
	if err := p.file.Truncate(0); err != nil {
		return err
	}
	if _, err := p.file.Seek(0, io.SeekStart); err != nil {
		return err
	}
	p.have, p.Version = 0, version
	if version == "" {
		return p.forget()
	}
	text, err := json.Marshal(p.source)
	if err != nil {
		return err
	}
	return os.WriteFile(sourceOf(p.path), text, 0o644)
}

// forget removes the source.
func (p *part) forget() error {
	if err := os.Remove(sourceOf(p.path)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// Write adds to the part.
func (p *part) Write(b []byte) (int, error) {
	n, err := p.file.Write(b)
	p.have += int64(n)
	return n, err
}

// close brings the part to disk. One that could not be gone on with is removed.
func (p *part) close() error {
	whole := p.have == p.Size
	if p.have == 0 || p.Version == "" && !whole {
		return errors.Join(p.file.Close(), p.discard())
	}
	return errors.Join(p.file.Sync(), p.file.Close())
}

// discard removes the part and its source.
func (p *part) discard() error { return errors.Join(os.Remove(p.path), p.forget()) }

// state says, for a message, what became of what had come.
func (p *part) state() string {
	switch {
	case p.have == 0:
		return "run the same again"
	case p.Version == "":
		return "what came was thrown away, since the server does not say of which version of the file it is; run the same again"
	}
	return "run the same again to go on from there"
}
