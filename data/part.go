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

// A source identifies the file that a part belongs to.
type source struct {
	URL    string `json:"url"`
	Size   int64  `json:"size"`
	SHA256 string `json:"sha256"`
	// Version identifies the file's contents on the server: a strong ETag, or the date of
	// the last change. If it is empty the version is unknown and the part is not kept.
	Version string `json:"version"`
}

// A part is a file during its download: the bytes so far, in NAME.part, and their source, in
// NAME.part.source. A part without a source is removed.
type part struct {
	path string
	file *os.File
	have int64 // bytes so far
	source
}

func sourceOf(path string) string { return path + ".source" }

// openPart opens the part at path, or begins it. An existing part is kept if it belongs to
// want, whichever its version.
func openPart(path string, want File) (*part, error) {
	if info, err := os.Lstat(path); err == nil && !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s is not a regular file; remove it and fetch it again", path)
	}
	w, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o644)
	if err != nil {
		return nil, fmt.Errorf("%w; %w", err, ErrFolder)
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

// readSource reads the source of a part. If the file is not a source the result is empty.
func readSource(path string) (s source) {
	text, err := regular.Read(path, 1<<14)
	if err != nil || json.Unmarshal(text, &s) != nil || strings.ContainsFunc(s.Version, unicode.IsControl) {
		return source{} // a version is sent in a header line
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

// close syncs the part to disk. A part that cannot be continued is removed.
func (p *part) close() error {
	whole := p.have == p.Size
	if p.have == 0 || p.Version == "" && !whole {
		return errors.Join(p.file.Close(), p.discard())
	}
	return errors.Join(p.file.Sync(), p.file.Close())
}

// discard removes the part and its source.
func (p *part) discard() error { return errors.Join(os.Remove(p.path), p.forget()) }

// state says, for a message, whether the bytes so far were kept.
func (p *part) state() string {
	switch {
	case p.have == 0:
		return "fetch it again"
	case p.Version == "":
		return "the bytes so far were thrown away, since the server does not say which version of the file they are from; fetch it again"
	}
	return "fetch it again to go on from there"
}
