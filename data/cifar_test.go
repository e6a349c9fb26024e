package data

import (
	"archive/tar"
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"breakeven/internal/testenv"
	"breakeven/rng"
)

func TestOpenCIFARFolder(t *testing.T) {
	in, wantTrain, wantTest, entries := tinyCIFAR(t)
	for _, sub := range []string{"", "cifar-10", "cifar-10-batches-bin"} {
		dir := t.TempDir()
		for _, e := range entries[2:] {
			put(t, filepath.Join(dir, sub), filepath.Base(e.name), e.body)
		}
		train, test, warnings, err := in.open(&in, dir)
		if err != nil || len(warnings) > 0 {
			t.Fatalf("in %q: %v, %v", sub, err, warnings)
		}
		same(t, "training", train, wantTrain)
		same(t, "test", test, wantTest)
		if checks := in.verify(&in, dir); len(checks) != 6 || checks[0].State != Good || checks[5].State != Good {
			t.Errorf("verify: %+v", checks)
		}
	}
}

// A folder that differs from the published files is read, with a warning.
func TestCIFARFolderDiffers(t *testing.T) {
	in, wantTrain, _, entries := tinyCIFAR(t)
	dir := t.TempDir()
	for i, e := range entries[2:] {
		b := bytes.Clone(e.body)
		if i == 1 || i == 3 {
			b[100]++
		}
		put(t, dir, filepath.Base(e.name), b)
	}
	train, _, warnings, err := in.open(&in, dir)
	if err != nil || len(warnings) != 1 {
		t.Fatal(err, warnings)
	}
	for _, w := range []string{"cifar10", dir, "2 of 6", "data_batch_2.bin (md5", " and data_batch_4.bin", "published " + in.Members[1].MD5[:8]} {
		if !strings.Contains(warnings[0], w) {
			t.Errorf("warning %q lacks %q", warnings[0], w)
		}
	}
	if strings.Contains(warnings[0], "data_batch_1") {
		t.Errorf("warning %q names a file that does not differ", warnings[0])
	}
	if train.image(4)[99] != wantTrain.image(4)[99]+1 {
		t.Error("the changed pixel was not read")
	}
	for i, c := range in.verify(&in, dir) {
		if want := i == 1 || i == 3; (c.State == Differs) != want {
			t.Errorf("verify: %+v", c)
		}
	}
}

// The version for Python is recognised, and the message says which one to get instead.
func TestCIFARForPython(t *testing.T) {
	for _, name := range []string{"cifar-10-batches-py/data_batch_1", "data_batch_1", "cifar-10-python.tar.gz", "cifar-10/cifar-10-python.tar.gz"} {
		in, _, _, _ := tinyCIFAR(t)
		dir := t.TempDir()
		put(t, filepath.Join(dir, filepath.Dir(name)), filepath.Base(name), []byte("\x80\x02}"))
		_, _, _, err := in.open(&in, dir)
		complains(t, err, "has no data_batch_1.bin", strings.SplitN(name, "/data_", 2)[0], "is the version for Python, of pickles, which is not read: cifar-10-binary.tar.gz is; fetch the set")
		if !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s: %v is not that of a missing file", name, err)
		}
	}
}

func TestCIFARFolderHostile(t *testing.T) {
	for _, c := range []struct {
		what   string
		damage func(b []byte) []byte
		words  []string
	}{
		{"empty", func([]byte) []byte { return nil }, []string{"truncated", "0 of 12292"}},
		{"truncated", func(b []byte) []byte { return b[:12000] }, []string{"truncated", "12000 of 12292"}},
		{"a record too many", func(b []byte) []byte { return append(bytes.Clone(b), b[:3073]...) }, []string{"too long"}},
		{"web page", func([]byte) []byte { return []byte("<!doctype html>") }, []string{"it is a web page"}},
		{"label", func(b []byte) []byte { b = bytes.Clone(b); b[2*3073] = 77; return b }, []string{"example 2 has label 77"}},
	} {
		t.Run(c.what, func(t *testing.T) {
			in, _, _, entries := tinyCIFAR(t)
			dir := t.TempDir()
			for _, e := range entries[2:] {
				b := e.body
				if strings.HasSuffix(e.name, "data_batch_3.bin") {
					b = c.damage(b)
				}
				put(t, dir, filepath.Base(e.name), b)
			}
			_, _, _, err := in.open(&in, dir)
			complains(t, err, append(c.words, filepath.Join(dir, "data_batch_3.bin"), "fetch it again")...)
		})
	}
}

func TestCIFARMissing(t *testing.T) {
	in, _, _, entries := tinyCIFAR(t)
	dir := t.TempDir()
	_, _, _, err := in.open(&in, dir)
	complains(t, err, dir, "data_batch_1.bin", "cifar-10-binary.tar.gz", "fetch the set")
	if !errors.Is(err, fs.ErrNotExist) {
		t.Error("error is not fs.ErrNotExist")
	}
	if checks := in.verify(&in, dir); len(checks) != 1 || checks[0].State != Missing {
		t.Errorf("verify: %+v", checks)
	}
	for _, e := range entries[2:7] {
		put(t, dir, filepath.Base(e.name), e.body)
	}
	_, _, _, err = in.open(&in, dir)
	complains(t, err, filepath.Join(dir, "test_batch.bin"), "fetch it again")
	if !errors.Is(err, fs.ErrNotExist) {
		t.Error("error is not fs.ErrNotExist")
	}
	if checks := in.verify(&in, dir); len(checks) != 6 || checks[5].State != Missing {
		t.Errorf("verify: %+v", checks)
	}
}

func TestOpenCIFARArchive(t *testing.T) {
	in, wantTrain, wantTest, entries := tinyCIFAR(t)
	dotted := slices.Clone(entries)
	for i := range dotted {
		dotted[i].name = "./" + dotted[i].name
	}
	slices.Reverse(dotted)
	for what, list := range map[string][]entry{"as published": entries, "dotted names, other order": dotted} {
		dir := t.TempDir()
		archive := tarred(t, list)
		in.publish(archive)
		put(t, dir, "cifar-10-binary.tar.gz", archive)
		train, test, warnings, err := in.open(&in, dir)
		if err != nil || len(warnings) > 0 {
			t.Fatalf("%s: %v, %v", what, err, warnings)
		}
		same(t, "training", train, wantTrain)
		same(t, "test", test, wantTest)
		if checks := in.verify(&in, dir); len(checks) != 1 || checks[0].State != Good {
			t.Errorf("verify: %+v", checks)
		}
	}
}

// Archives with the expected size and checksum but wrong contents.
func TestCIFARArchiveHostile(t *testing.T) {
	in, _, _, entries := tinyCIFAR(t)
	with := func(i int, e entry) []entry {
		list := slices.Clone(entries)
		list[i] = e
		return list
	}
	batch := entries[4]
	badLabel := bytes.Clone(batch.body)
	badLabel[3073] = 200
	for _, c := range []struct {
		what    string
		archive []byte
		words   []string
	}{
		{"not gzip", []byte("this is no archive at all"), []string{"not a gzip file"}},
		{"not tar", zipped(t, bytes.Repeat([]byte("no tar "), 1000)), []string{"corrupt or truncated archive"}},
		{"empty tar", tarred(t, nil), []string{"data_batch_1.bin, data_batch_2.bin", "and test_batch.bin missing"}},
		{"cut", zipped(t, unzipped(t, tarred(t, entries))[:20000]), []string{"truncated"}},
		{"gzip cut", tarred(t, entries)[:9000], []string{"after"}},
		{"one missing", tarred(t, slices.Delete(slices.Clone(entries), 4, 5)), []string{"data_batch_3.bin missing from the archive"}},
		{"twice", tarred(t, append(slices.Clone(entries), batch)), []string{"data_batch_3.bin is in it twice"}},
		{"short member", tarred(t, with(4, entry{batch.name, tar.TypeReg, batch.body[:100]})), []string{"data_batch_3.bin", "100 bytes", "12292"}},
		{"label", tarred(t, with(4, entry{batch.name, tar.TypeReg, badLabel})), []string{"data_batch_3.bin", "example 1 has label 200"}},
		{"path upwards", tarred(t, with(4, entry{"../../" + batch.name, tar.TypeReg, batch.body})), []string{"data_batch_3.bin missing"}},
		{"path upwards inside", tarred(t, with(4, entry{"cifar-10-batches-bin/../data_batch_3.bin", tar.TypeReg, batch.body})), []string{"data_batch_3.bin missing"}},
		{"absolute path", tarred(t, with(4, entry{"/" + batch.name, tar.TypeReg, batch.body})), []string{"data_batch_3.bin missing"}},
		{"symbolic link", tarred(t, with(4, entry{batch.name, tar.TypeSymlink, []byte("/etc/passwd")})), []string{"data_batch_3.bin missing"}},
		{"bomb", tarred(t, append([]entry{{"zeros", tar.TypeReg, make([]byte, 20<<20)}}, entries...)), []string{"unpacks to more than"}},
	} {
		t.Run(c.what, func(t *testing.T) {
			dir := t.TempDir()
			put(t, dir, "cifar-10-binary.tar.gz", c.archive)
			in.publish(c.archive)
			_, _, _, err := in.open(&in, dir)
			complains(t, err, append(c.words, filepath.Join(dir, "cifar-10-binary.tar.gz"), "fetch it again")...)
			if left, _ := os.ReadDir(dir); len(left) != 1 {
				t.Errorf("reading left %v in the folder", left)
			}
		})
	}
}

// An archive whose size or checksum is not the published one is refused.
func TestCIFARArchiveDiffers(t *testing.T) {
	in, _, _, entries := tinyCIFAR(t)
	dir := t.TempDir()
	put(t, dir, "cifar-10-binary.tar.gz", tarred(t, entries))
	in.Files[0].SHA256 = strings.Repeat("0", 64)
	_, _, _, err := in.open(&in, dir)
	complains(t, err, "sha256", "published", "give the folder")
	in.Files[0].Size++
	_, _, _, err = in.open(&in, dir)
	complains(t, err, "cifar-10-binary.tar.gz: truncated: it has")
	if checks := in.verify(&in, dir); checks[0].State != Differs {
		t.Errorf("verify: %+v", checks)
	}
}

// The sizes of files are checked before memory is allocated for their contents.
func TestCIFARSizesFirst(t *testing.T) {
	in, err := Lookup("cifar10")
	if err != nil {
		t.Fatal(err)
	}
	for _, size := range []int64{10, 1 << 40} {
		dir := t.TempDir()
		for _, m := range in.Members[:6] {
			put(t, dir, m.Name, nil)
			if err := os.Truncate(filepath.Join(dir, m.Name), m.Size); err != nil {
				t.Fatal(err)
			}
		}
		if err := os.Truncate(filepath.Join(dir, "test_batch.bin"), size); err != nil {
			t.Skip("no sparse file of 1 TB: ", err)
		}
		var err error
		taken := testenv.Allocated(func() { _, _, _, err = in.open(&in, dir) })
		complains(t, err, filepath.Join(dir, "test_batch.bin"))
		if taken > 1<<20 {
			t.Errorf("%d bytes were taken", taken)
		}
	}
}

// No damage to an archive makes the reader panic.
func TestCIFARArchiveDamage(t *testing.T) {
	in, train, test, entries := tinyCIFAR(t)
	plain := unzipped(t, tarred(t, entries))
	s := rng.New(2, "test/damage")
	for range 200 {
		b := bytes.Clone(plain)
		for range 1 + s.IntN(4) {
			// Half of the damage goes to the first headers.
			b[s.IntN(min(len(b), []int{1536, len(b)}[s.IntN(2)]))] = byte(s.IntN(256))
		}
		_ = in.unpack(bytes.NewReader(zipped(t, b)), train, test)
	}
}

func unzipped(t testing.TB, b []byte) []byte {
	r, _, err := plain(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if _, err := out.ReadFrom(r); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// The whole set, if it is in the usual folder.
func TestWholeCIFAR(t *testing.T) {
	train, test, warnings, err := Open("cifar10", "")
	if errors.Is(err, fs.ErrNotExist) {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	for _, w := range warnings {
		t.Log(w)
	}
	usual(t, train, 5000, 1e-4)
	usual(t, test, 1000, 0.01)
}
