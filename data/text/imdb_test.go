package text

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"breakeven/data"

	"github.com/google/go-cmp/cmp"
)

// reviews are the files of a tiny set, as in the archive.
func reviews() map[string]string {
	return map[string]string{
		"train/neg/10_1.txt": "bad ten", "train/neg/9_2.txt": "bad nine", "train/neg/0_3.txt": "bad zero",
		"train/pos/2_9.txt": "good two", "train/pos/11_10.txt": "good eleven",
		"test/neg/0_2.txt": "awful", "test/pos/0_10.txt": "fine\ttwo\nlines",
		"train/unsup/0_0.txt": "no label", "train/labeledBow.feat": "9 0:9", "README": "read me",
	}
}

var (
	wantTrain = &Set{Name: "imdb", Classes: []string{"neg", "pos"}, Labels: []int32{0, 1, 0, 1, 0},
		Texts: []string{"bad zero", "good two", "bad nine", "good eleven", "bad ten"}}
	wantTest = &Set{Name: "imdb", Classes: []string{"neg", "pos"}, Labels: []int32{0, 1},
		Texts: []string{"awful", "fine\ttwo\nlines"}}
)

// put writes a file.
func put(t testing.TB, dir, name, content string) {
	t.Helper()
	path := filepath.Join(dir, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
}

// archive returns a gzipped tar of files in an arbitrary order.
func archive(t testing.TB, files map[string]string) string {
	t.Helper()
	var buf bytes.Buffer
	z := gzip.NewWriter(&buf)
	w := tar.NewWriter(z)
	names := slices.Sorted(maps.Keys(files))
	slices.Reverse(names)
	for _, name := range names {
		if err := w.WriteHeader(&tar.Header{Name: rootFolder + "/" + name, Typeflag: tar.TypeReg, Mode: 0o644, Size: int64(len(files[name]))}); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write([]byte(files[name])); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(w.Close(), z.Close()); err != nil {
		t.Fatal(err)
	}
	return buf.String()
}

// tiny describes the tiny set, with b as its published archive.
func tiny(b string) *data.Info {
	in := IMDB
	in.Train, in.Test = 5, 2
	in.Files = []data.File{{Name: IMDB.Files[0].Name, Size: int64(len(b)), SHA256: fmt.Sprintf("%x", sha256.Sum256([]byte(b))), URL: "https://example.com/a"}}
	return &in
}

// The archive, and the folder it unpacks to, give the same set wherever they lie.
func TestForms(t *testing.T) {
	b := archive(t, reviews())
	in := tiny(b)
	for name, lay := range map[string]func(dir string){
		"archive":             func(dir string) { put(t, dir, "aclImdb_v1.tar.gz", b) },
		"archive in imdb":     func(dir string) { put(t, dir, "imdb/aclImdb_v1.tar.gz", b) },
		"folder":              func(dir string) { lie(t, dir, "", reviews()) },
		"folder in aclImdb":   func(dir string) { lie(t, dir, "aclImdb", reviews()) },
		"folder in imdb":      func(dir string) { lie(t, dir, "imdb", reviews()) },
		"folder in both":      func(dir string) { lie(t, dir, "imdb/aclImdb", reviews()) },
		"archive before TSV":  func(dir string) { put(t, dir, "imdb/aclImdb_v1.tar.gz", b); put(t, dir, "train.tsv", "neg\tx\n") },
		"a folder before TSV": func(dir string) { lie(t, dir, "imdb", reviews()); put(t, dir, "train.tsv", "neg\tx\n") },
	} {
		dir := t.TempDir()
		lay(dir)
		train, test, warnings, err := open(in, dir)
		if err != nil || len(warnings) > 0 {
			t.Errorf("%s: error %v, warnings %q", name, err, warnings)
			continue
		}
		if diff := cmp.Diff([]*Set{wantTrain, wantTest}, []*Set{train, test}); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

// lie writes files below a folder.
func lie(t *testing.T, dir, folder string, files map[string]string) {
	for name, content := range files {
		put(t, filepath.Join(dir, folder), name, content)
	}
}

func TestTSV(t *testing.T) {
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	fmt.Fprint(z, "pos\tfine\n")
	z.Close()
	for _, names := range [][2]string{{"imdb/train.tsv", "imdb/test.tsv.gz"}, {"imdb_train.tsv", "imdb_test.tsv.gz"}, {"imdb/imdb_train.tsv", "imdb/imdb_test.tsv.gz"}} {
		dir := t.TempDir()
		put(t, dir, names[0], "pos\tgood, \"very\" good\r\nneg\tbad # '\n")
		put(t, dir, names[1], packed.String())
		train, test, warnings, err := OpenIMDB(dir)
		if err != nil {
			t.Fatal(err)
		}
		want := []*Set{
			{Name: "imdb", Classes: []string{"neg", "pos"}, Texts: []string{`good, "very" good`, "bad # '"}, Labels: []int32{1, 0}},
			{Name: "imdb", Classes: []string{"neg", "pos"}, Texts: []string{"fine"}, Labels: []int32{1}},
		}
		if diff := cmp.Diff(want, []*Set{train, test}); diff != "" {
			t.Error(diff)
		}
		folder := filepath.Dir(filepath.Join(dir, names[0]))
		wantWarning := "imdb: results are of the reviews in " + folder + ", not of the published set: 2 for training and 1 for the test, published 25000 and 25000"
		if !slices.Equal(warnings, []string{wantWarning}) {
			t.Errorf("warnings %q, want %q", warnings, wantWarning)
		}
	}
}

func TestErrors(t *testing.T) {
	b := archive(t, reviews())
	change := func(name, content string) map[string]string {
		files := reviews()
		files[name] = content
		return files
	}
	without := reviews()
	delete(without, "test/pos/0_10.txt")
	for want, lay := range map[string]func(in *data.Info, dir string){
		"sha256 is ":                    func(in *data.Info, dir string) { in.Files[0].SHA256 = "0123"; put(t, dir, "aclImdb_v1.tar.gz", b) },
		"it is a web page":              func(in *data.Info, dir string) { put(t, dir, "aclImdb_v1.tar.gz", "<html>moved</html>") },
		"bytes, the published archive ": func(in *data.Info, dir string) { put(t, dir, "aclImdb_v1.tar.gz", b+"x") },
		"not a gzip file": func(in *data.Info, dir string) {
			*in = *tiny("something")
			put(t, dir, "aclImdb_v1.tar.gz", "something")
		},
		"corrupt or truncated archive": func(in *data.Info, dir string) {
			cut := b[:len(b)/2]
			*in = *tiny(cut)
			put(t, dir, "aclImdb_v1.tar.gz", cut)
		},
		"is a folder; give the name of a file": func(in *data.Info, dir string) { put(t, dir, "aclImdb_v1.tar.gz/x", "") },
		"two reviews in train/neg have the number 9": func(in *data.Info, dir string) {
			lie(t, dir, "", change("train/neg/9_4.txt", "again"))
		},
		"no reviews in test/pos": func(in *data.Info, dir string) {
			other := archive(t, without)
			*in = *tiny(other)
			put(t, dir, "aclImdb_v1.tar.gz", other)
		},
		"5_5.txt: not UTF-8 text": func(in *data.Info, dir string) { lie(t, dir, "", change("train/neg/5_5.txt", "\xff")) },
		"more than the 1048576 that are read": func(in *data.Info, dir string) {
			lie(t, dir, "", change("train/neg/5_5.txt", strings.Repeat("x", maxReview+1)))
		},
		"a review of 1048577 bytes, more than": func(in *data.Info, dir string) {
			long := archive(t, change("train/neg/5_5.txt", strings.Repeat("x", maxReview+1)))
			*in = *tiny(long)
			put(t, dir, "aclImdb_v1.tar.gz", long)
		},
		"train.tsv is there, and no test.tsv (or test.tsv.gz) beside it": func(in *data.Info, dir string) { put(t, dir, "train.tsv", "neg\tx\n") },
		`train.tsv:2: the first column is "good"; it must be neg or pos`: func(in *data.Info, dir string) {
			put(t, dir, "train.tsv", "neg\tx\ngood\ty\n")
			put(t, dir, "test.tsv", "neg\tx\n")
		},
		"train.tsv: 3 columns; a line has neg or pos, a tab, and the text": func(in *data.Info, dir string) {
			put(t, dir, "train.tsv", "neg\tx\ty\n")
			put(t, dir, "test.tsv", "neg\tx\n")
		},
		"train.tsv:2: column 2: empty, where a value is needed": func(in *data.Info, dir string) {
			put(t, dir, "train.tsv", "neg\tx\npos\t\n")
			put(t, dir, "test.tsv", "neg\tx\n")
		},
		"train.tsv is a web page": func(in *data.Info, dir string) {
			put(t, dir, "train.tsv", "<!DOCTYPE html>")
			put(t, dir, "test.tsv", "neg\tx\n")
		},
		"has no aclImdb_v1.tar.gz, no folder aclImdb and no train.tsv": func(in *data.Info, dir string) {},
	} {
		in, dir := tiny(b), t.TempDir()
		lay(in, dir)
		_, _, _, err := open(in, dir)
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("error %v, want %q", err, want)
		}
	}
	for _, dir := range []string{t.TempDir(), filepath.Join(t.TempDir(), "none")} {
		if _, _, _, err := OpenIMDB(dir); !errors.Is(err, fs.ErrNotExist) || !strings.Contains(err.Error(), "fetch the set") {
			t.Errorf("nothing there: error %v", err)
		}
	}
}

// Archive members with other names than those of reviews are ignored.
func TestArchiveNames(t *testing.T) {
	files := reviews()
	for _, name := range []string{"../train/neg/77_1.txt", "train/neg/x.txt", "train/neg/-1_1.txt", "train/neg/1234567890_1.txt", "train/neg/78_1.text", "train/other/0_1.txt", "train/neg/deep/0_1.txt"} {
		files[name] = "from elsewhere"
	}
	b := archive(t, files)
	dir := t.TempDir()
	put(t, dir, "aclImdb_v1.tar.gz", b)
	train, _, _, err := open(tiny(b), dir)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(wantTrain, train); diff != "" {
		t.Error(diff)
	}
}

// The vocabulary of the whole set is that of Keras, except for the order of rare words.
func TestWhole(t *testing.T) {
	dir := filepath.Join("..", "..", "..", "shared", "data")
	if _, err := os.Stat(filepath.Join(dir, "imdb")); err != nil {
		t.Skip("needs ../shared/data/imdb, which is not here")
	}
	train, test, warnings, err := OpenIMDB(dir)
	if err != nil || len(warnings) > 0 {
		t.Fatal(err, warnings)
	}
	for _, s := range []*Set{train, test} {
		good := 0
		for _, l := range s.Labels {
			good += int(l)
		}
		if s.Len() != 25000 || good != 12500 {
			t.Errorf("%d reviews, %d of them good", s.Len(), good)
		}
	}
	v := NewVocabulary(train.Texts, 20000)
	if len(v.Words()) != 19996 {
		t.Errorf("%d words", len(v.Words()))
	}
	// The numbers of the most frequent words in the well-known word index of this set,
	// and the first review of Keras's imdb.npz as its documentation prints it.
	if got := strings.Join(v.Words()[:16], " "); got != "the and a of to is br in it i this that was as for with" {
		t.Errorf("the most frequent words: %s", got)
	}
	want := []int32{1, 14, 22, 16, 43, 530, 973, 1622, 1385, 65, 458, 4468, 66, 3941, 4, 173, 36, 256, 5, 25, 100, 43, 838, 112, 50, 670}
	at := slices.IndexFunc(train.Texts, func(s string) bool { return strings.HasPrefix(s, "this film was just brilliant,casting,location") })
	if at < 0 {
		t.Fatal("the first review of Keras's set is missing")
	}
	got := v.Append(nil, train.Texts[at])
	if len(got) != 218 || train.Labels[at] != 1 {
		t.Errorf("it has %d numbers and label %d", len(got), train.Labels[at])
	}
	for i, n := range want {
		if off := max(got[i]-n, n-got[i]); n < 500 && off > 0 || off > n/100 {
			t.Errorf("number %d of it is %d, Keras's %d", i, got[i], n)
		}
	}
	if s := v.Sequences(train.Texts[at:at+1], 80, Before); !slices.Equal(s.Tokens, got[138:]) || s.Lengths[0] != 80 {
		t.Error("the last 80 numbers are others")
	}
}
