package text

import (
	"archive/tar"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"breakeven/data"
	"breakeven/internal/foreign"
	"breakeven/internal/regular"
)

const (
	// maxReview bounds one review. The longest has 14 kB.
	maxReview = 1 << 20
	// maxTexts bounds all texts of half a set. Those of IMDB have 33 MB.
	maxTexts = 1 << 30
	// maxArchive bounds what the archive unpacks to, which is 0.5 GB.
	maxArchive = 2 << 30
)

// halves are the folders of a set.
var halves = []string{"train", "test"}

// A review is a text with the number in its file name.
type review struct {
	number int
	text   string
}

// pile are reviews by half and by label, in any order.
type pile struct {
	in    *data.Info
	parts [][][]review
	bytes int64
}

func newPile(in *data.Info) *pile {
	p := &pile{in: in}
	for range halves {
		p.parts = append(p.parts, make([][]review, in.Classes))
	}
	return p
}

// add puts a review onto the pile.
func (p *pile) add(half, label, number int, text []byte) error {
	if !utf8.Valid(text) {
		return errors.New("not UTF-8 text")
	}
	if p.bytes += int64(len(text)); p.bytes > maxTexts {
		return fmt.Errorf("more than %d bytes of reviews", maxTexts)
	}
	p.parts[half][label] = append(p.parts[half][label], review{number, string(text)})
	return nil
}

// set returns half of the set: the reviews of each label sorted by number, with labels
// alternating.
func (p *pile) set(half int) (*Set, error) {
	s := newSet(p.in)
	most := 0
	for label, list := range p.parts[half] {
		slices.SortFunc(list, func(a, b review) int { return a.number - b.number })
		for i, r := range list {
			if i > 0 && r.number == list[i-1].number {
				return nil, fmt.Errorf("two reviews in %s/%s have the number %d", halves[half], p.in.ClassNames[label], r.number)
			}
		}
		if len(list) == 0 {
			return nil, fmt.Errorf("no reviews in %s/%s", halves[half], p.in.ClassNames[label])
		}
		most = max(most, len(list))
	}
	for i := range most {
		for label, list := range p.parts[half] {
			if i < len(list) {
				s.Texts = append(s.Texts, list[i].text)
				s.Labels = append(s.Labels, int32(label))
			}
		}
	}
	return s, nil
}

// sets returns both halves.
func (p *pile) sets() (train, test *Set, err error) {
	if train, err = p.set(0); err != nil {
		return nil, nil, err
	}
	test, err = p.set(1)
	return train, test, err
}

// reviewNumber reads the number in the file name of a review: 123 in 123_8.txt. The rest is the
// number of stars.
func reviewNumber(name string) (int, bool) {
	stem, isText := strings.CutSuffix(name, ".txt")
	number, _, _ := strings.Cut(stem, "_")
	n, err := strconv.Atoi(number)
	return n, isText && err == nil && n >= 0 && len(number) <= 9
}

// findFolder returns the folder that has the folders train and test.
func findFolder(in *data.Info, dir string) ([]string, error) {
	path, err := data.Locate(dir, folders, filepath.Join(halves[0], in.ClassNames[0]))
	if path == "" || err != nil {
		return nil, err
	}
	return []string{filepath.Dir(path)}, nil
}

// readFolder reads a folder with one file for each review.
func readFolder(in *data.Info, paths []string) (train, test *Set, err error) {
	root := filepath.Dir(paths[0])
	p := newPile(in)
	for half, name := range halves {
		for label, class := range in.ClassNames {
			if err := p.addFolder(filepath.Join(root, name, class), half, label); err != nil {
				return nil, nil, err
			}
		}
	}
	if train, test, err = p.sets(); err != nil {
		return nil, nil, fmt.Errorf("%s: %w", root, err)
	}
	return train, test, nil
}

func (p *pile) addFolder(folder string, half, label int) error {
	files, err := os.ReadDir(folder)
	if err != nil {
		return err
	}
	for _, f := range files {
		number, ok := reviewNumber(f.Name())
		if !ok {
			continue
		}
		name := filepath.Join(folder, f.Name())
		text, err := regular.Read(name, maxReview)
		if err != nil {
			return err
		}
		if err := p.add(half, label, number, text); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	return nil
}

// findArchive returns the path of the published archive.
func findArchive(in *data.Info, dir string) ([]string, error) {
	path, err := data.Locate(dir, folders, in.Files[0].Name)
	if path == "" || err != nil {
		return nil, err
	}
	return []string{path}, nil
}

// readArchive reads the published tar.gz, which must have the published size and checksum. It
// reads a stream and writes nothing to disk.
func readArchive(in *data.Info, paths []string) (train, test *Set, err error) {
	f, size, err := regular.Open(paths[0])
	if err != nil {
		return nil, nil, err
	}
	defer f.Close()
	p := newPile(in)
	if want := in.Files[0].Size; size != want {
		err = fmt.Errorf("it has %d bytes, the published archive %d", size, want)
		if head, readErr := foreign.Head(f); readErr == nil && foreign.Name(head) != "" {
			err = fmt.Errorf("it is %s", foreign.Name(head))
		}
	} else {
		err = p.addArchive(f)
	}
	if err == nil {
		train, test, err = p.sets()
	}
	if err != nil {
		return nil, nil, fmt.Errorf("%s: %w; get it again from %s", paths[0], err, in.Files[0].URL)
	}
	return train, test, nil
}

// addArchive adds the reviews of an archive and verifies its checksum.
func (p *pile) addArchive(f io.Reader) error {
	h := sha256.New()
	packed := io.TeeReader(f, h)
	if err := p.unpack(packed); err != nil {
		return err
	}
	if _, err := io.Copy(io.Discard, packed); err != nil {
		return err
	}
	if sum := hex.EncodeToString(h.Sum(nil)); sum != p.in.Files[0].SHA256 {
		return fmt.Errorf("its sha256 is %s, not the published %s (to use it as it is, unpack it and give the folder)", sum, p.in.Files[0].SHA256)
	}
	return nil
}

func (p *pile) unpack(packed io.Reader) error {
	z, err := gzip.NewReader(packed)
	if err != nil {
		return fmt.Errorf("not a gzip file (%w)", err)
	}
	limited := &io.LimitedReader{R: z, N: maxArchive}
	archive := tar.NewReader(limited)
	for {
		head, err := archive.Next()
		if errors.Is(err, io.EOF) && limited.N > 0 {
			return nil
		}
		if limited.N == 0 {
			return fmt.Errorf("it unpacks to more than %d bytes; it is not the published archive", maxArchive)
		}
		if err != nil {
			return fmt.Errorf("corrupt or truncated archive (%w)", err)
		}
		if err := p.addMember(head, archive); err != nil {
			return fmt.Errorf("%.200q in it: %w", head.Name, err)
		}
	}
}

// addMember adds the archive's current entry, if it is a review.
func (p *pile) addMember(head *tar.Header, r io.Reader) error {
	parts := strings.Split(strings.TrimPrefix(head.Name, "./"), "/")
	if head.Typeflag != tar.TypeReg || len(parts) != 4 || parts[0] != rootFolder {
		return nil
	}
	half, label := slices.Index(halves, parts[1]), slices.Index(p.in.ClassNames, parts[2])
	number, ok := reviewNumber(parts[3])
	if half < 0 || label < 0 || !ok {
		return nil
	}
	if head.Size > maxReview {
		return fmt.Errorf("a review of %d bytes, more than the %d that are read", head.Size, maxReview)
	}
	text := make([]byte, head.Size)
	if _, err := io.ReadFull(r, text); err != nil {
		return fmt.Errorf("truncated (%w)", err)
	}
	return p.add(half, label, number, text)
}
