package data

import (
	"archive/tar"
	"compress/gzip"
	"crypto/md5"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"breakeven/tensor"
)

// A cifar is what distinguishes the two sets of this name.
type cifar struct {
	folder string   // inside the archive
	coarse int      // classes of the label that stands before the label; 0: there is none
	python []string // what the version for Python consists of
}

// openCIFAR reads the binary version of CIFAR-10 or CIFAR-100: from a folder with its files, from
// the published archive or, of a part of the set, from files of records.
func openCIFAR(in *Info, dir string) (train, test *Set, warnings []string, err error) {
	batches, err := in.batchFolder(dir)
	if err != nil {
		return nil, nil, nil, err
	}
	if batches != "" {
		return in.readBatches(batches)
	}
	archive, err := in.locate(dir, in.Files[0].Name)
	if err != nil {
		return nil, nil, nil, err
	}
	if archive != "" {
		if train, test, err = in.readArchive(archive); err != nil {
			return nil, nil, nil, in.again(err)
		}
		return train, test, nil, nil
	}
	parts, err := in.recordFiles(dir)
	if err != nil {
		return nil, nil, nil, err
	}
	if parts == nil {
		return nil, nil, nil, in.missing(dir, in.Members[0].Name+" and no "+in.Files[0].Name+in.pickled(dir))
	}
	return in.openRecords(parts)
}

// pickled says that the folder has the set as pickles of Python, or returns "".
func (in *Info) pickled(dir string) string {
	for _, name := range in.cifar.python {
		if path, err := in.locate(dir, name); path != "" && err == nil {
			return fmt.Sprintf("; %s is the version for Python, of pickles, which is not read: %s is", path, in.Files[0].Name)
		}
	}
	return ""
}

// batchFolder returns the first folder that holds any of the unpacked files.
func (in *Info) batchFolder(dir string) (string, error) {
	for _, m := range in.Members {
		path, err := in.locate(dir, m.Name)
		if err != nil || path != "" {
			return filepath.Dir(path), err
		}
	}
	return "", nil
}

// readBatches reads the unpacked files in folder, in parallel. It warns of files whose
// checksums differ from the published ones. It checks the sizes of all files before it
// allocates memory for any.
func (in *Info) readBatches(folder string) (train, test *Set, warnings []string, err error) {
	files := make([]*os.File, len(in.Members))
	for i, m := range in.Members {
		if files[i], err = m.open(filepath.Join(folder, m.Name)); err != nil {
			return nil, nil, nil, in.again(err)
		}
		defer files[i].Close()
	}
	train, test = in.newSet(in.Train), in.newSet(in.Test)
	sums, errs := make([]string, len(in.Members)), make([]error, len(in.Members))
	tensor.Parallel(len(in.Members), func(i int) {
		sums[i], errs[i] = in.readBatch(files[i], i, train, test)
	})
	var differ []string
	for i, m := range in.Members {
		if errs[i] != nil {
			return nil, nil, nil, in.again(fmt.Errorf("%s: %w", files[i].Name(), errs[i]))
		}
		if sums[i] != m.MD5 {
			differ = append(differ, fmt.Sprintf("%s (md5 %.8s…, published %.8s…)", m.Name, sums[i], m.MD5))
		}
	}
	if len(differ) > 0 {
		warnings = []string{fmt.Sprintf("%s: results are of the files in %s, not of the published set: %d of %d files differ from the published ones: %s",
			in.Name, folder, len(differ), len(in.Members), list(differ))}
	}
	return train, test, warnings, nil
}

// readBatch reads the file Members[i] into its place in train or test and
// returns its md5.
func (in *Info) readBatch(f io.Reader, i int, train, test *Set) (sum string, err error) {
	h := md5.New()
	if err := in.place(i, io.TeeReader(f, h), train, test); err != nil {
		return "", err
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// place reads the records of Members[i], all that r holds, and puts each in its place. The last
// member is the test set; the others follow one another in the training set.
func (in *Info) place(i int, r io.Reader, train, test *Set) error {
	n := int(in.Members[i].Size / in.record())
	if i == len(in.Members)-1 {
		return in.readRecords(r, test.Slice(0, n))
	}
	return in.readRecords(r, train.Slice(i*n, (i+1)*n))
}

// readArchive reads the published tar.gz, which must have the published size and sha256. It
// reads a stream and writes nothing to disk, so names in the archive that point elsewhere do no
// harm.
func (in *Info) readArchive(path string) (train, test *Set, err error) {
	f, err := in.Files[0].open(path)
	if err != nil {
		return nil, nil, err
	}
	defer f.Close()
	h := sha256.New()
	packed := io.TeeReader(io.LimitReader(f, in.Files[0].Size+1), h) // even if it grows meanwhile
	train, test = in.newSet(in.Train), in.newSet(in.Test)
	if err := in.unpack(packed, train, test); err != nil {
		return nil, nil, fmt.Errorf("%s: %w", path, err)
	}
	if _, err := io.Copy(io.Discard, packed); err != nil {
		return nil, nil, err
	}
	if sum := hex.EncodeToString(h.Sum(nil)); sum != in.Files[0].SHA256 {
		return nil, nil, fmt.Errorf("%s: its sha256 is %s, not the published %s (to use it as it is, unpack it and give the folder)", path, sum, in.Files[0].SHA256)
	}
	return train, test, nil
}

// unpack reads the members from a gzipped tar stream.
func (in *Info) unpack(packed io.Reader, train, test *Set) error {
	z, err := gzip.NewReader(packed)
	if err != nil {
		return fmt.Errorf("not a gzip file (%w)", err)
	}
	most := int64(1 << 20) // for the readme, the names of the classes and the headers
	for _, m := range in.Members {
		most += m.Size
	}
	return in.untar(&io.LimitedReader{R: z, N: most}, most, train, test)
}

// untar reads the members from a tar stream of at most the given number of bytes.
func (in *Info) untar(limited *io.LimitedReader, most int64, train, test *Set) error {
	archive := tar.NewReader(limited)
	seen := make([]bool, len(in.Members))
	for {
		head, err := archive.Next()
		if errors.Is(err, io.EOF) && limited.N > 0 {
			return in.allSeen(seen)
		}
		if limited.N == 0 {
			return fmt.Errorf("it unpacks to more than %d bytes; it is not the published archive", most)
		}
		if err != nil {
			return fmt.Errorf("corrupt or truncated archive (%w)", err)
		}
		i := in.memberOf(head)
		if i < 0 {
			continue
		}
		if seen[i] {
			return fmt.Errorf("%s is in it twice", head.Name)
		}
		seen[i] = true
		if err := in.unpackMember(i, head, archive, train, test); err != nil {
			return fmt.Errorf("%s in it: %w", head.Name, err)
		}
	}
}

// memberOf returns the number of the member that an entry is, or -1. A member is a regular file
// with the right name in the archive's own folder.
func (in *Info) memberOf(head *tar.Header) int {
	for i, m := range in.Members {
		if head.Typeflag == tar.TypeReg && strings.TrimPrefix(head.Name, "./") == in.cifar.folder+"/"+m.Name {
			return i
		}
	}
	return -1
}

// unpackMember reads Members[i] from the archive's current entry.
func (in *Info) unpackMember(i int, head *tar.Header, archive *tar.Reader, train, test *Set) error {
	want := in.Members[i].Size
	if head.Size != want {
		return fmt.Errorf("it has %d bytes, the published file %d", head.Size, want)
	}
	return in.place(i, archive, train, test)
}

// allSeen returns an error that names the members an archive lacks.
func (in *Info) allSeen(seen []bool) error {
	var lacks []string
	for i, m := range in.Members {
		if !seen[i] {
			lacks = append(lacks, m.Name)
		}
	}
	if len(lacks) > 0 {
		return fmt.Errorf("%s missing from the archive", list(lacks))
	}
	return nil
}
