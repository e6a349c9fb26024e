package data

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"io/fs"
	"path/filepath"

	"breakeven/tensor"
)

const svhnURL = "http://ufldl.stanford.edu/housenumbers/"

// svhn is the street view house numbers, cropped to single digits, without the further images
// that are called extra.
var svhn = Info{
	Name:  "svhn",
	Doc:   "99,289 colour images of digits of house numbers, 32×32.",
	Shape: [3]int{3, 32, 32}, Classes: 10, Train: 73257, Test: 26032,
	ClassNames: []string{"0", "1", "2", "3", "4", "5", "6", "7", "8", "9"},
	Mean:       []float64{0.4377, 0.4438, 0.4728}, Std: []float64{0.1980, 0.2010, 0.1970},
	Licence: "non-commercial use", Source: svhnURL,
	Cite: "Y. Netzer, T. Wang, A. Coates, A. Bissacco, B. Wu, A. Y. Ng: Reading Digits in Natural Images with Unsupervised Feature Learning, 2011",
	Files: []File{
		{Name: "train_32x32.mat", Size: 182040794, MD5: "e26dedcc434d2e4c54c9b2d4a06d8373", SHA256: "435e94d69a87fde4fd4d7f3dd208dfc32cb6ae8af2240d066de1df7508d083b8", URL: svhnURL + "train_32x32.mat"},
		{Name: "test_32x32.mat", Size: 64275384, MD5: "eb5a983be6a315427106f1b164d9cef3", SHA256: "cdce80dfb2a2c4c6160906d0bd7c68ec5a99d7ca4831afa54f09182025b6a75b", URL: svhnURL + "test_32x32.mat"},
	},
	Upright: true,
	home:    "svhn", folders: []string{"", "svhn"},
	open: openSVHN, verify: verifySVHN,
}

// openSVHN reads the two MAT files, which must be the published ones.
func openSVHN(in *Info, dir string) (train, test *Set, warnings []string, err error) {
	var paths, lacks []string
	for _, f := range in.Files {
		path, err := in.locate(dir, f.Name)
		if err != nil {
			return nil, nil, nil, err
		}
		if path == "" {
			lacks = append(lacks, f.Name)
		}
		paths = append(paths, path)
	}
	if len(lacks) > 0 {
		return nil, nil, nil, in.missing(dir, list(lacks))
	}
	sets, errs := []*Set{in.newSet(in.Train), in.newSet(in.Test)}, make([]error, len(paths))
	tensor.Parallel(len(paths), func(i int) { errs[i] = in.readDigits(paths[i], in.Files[i], sets[i]) })
	for _, err := range errs {
		if err != nil {
			return nil, nil, nil, in.again(err)
		}
	}
	return sets[0], sets[1], nil, nil
}

// readDigits reads a MAT file with two arrays: X of [height, width, channels, examples] and y of
// [examples, 1], in which 10 means the digit 0.
func (in *Info) readDigits(path string, published File, s *Set) error {
	f, err := published.open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	h := sha256.New()
	r := io.TeeReader(io.LimitReader(f, published.Size+1), h) // even if it grows meanwhile
	err = readMAT(r, []matArray{
		{name: "X", dims: []int{in.Shape[1], in.Shape[2], in.Shape[0], s.Len()}, dst: s.Pixels},
		{name: "y", dims: []int{s.Len(), 1}, dst: s.Labels},
	})
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	if sum := hex.EncodeToString(h.Sum(nil)); sum != published.SHA256 {
		return fmt.Errorf("%s: its sha256 is %s, not the published %s", path, sum, published.SHA256)
	}
	for i := range s.Len() {
		transpose(s.image(i), in.Shape)
		if s.Labels[i] == 10 {
			s.Labels[i] = 0
		}
	}
	if err := checkLabels(s.Labels, in.Classes); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return nil
}

// transpose makes rows of the columns of each channel of a square image.
func transpose(img []byte, shape [3]int) {
	side := shape[1]
	for c := range shape[0] {
		plane := img[c*side*side : (c+1)*side*side]
		for i := range side {
			for j := range i {
				plane[i*side+j], plane[j*side+i] = plane[j*side+i], plane[i*side+j]
			}
		}
	}
}

// verifySVHN compares the two files.
func verifySVHN(in *Info, dir string) (checks []Check) {
	for _, f := range in.Files {
		path, err := in.locate(dir, f.Name)
		if path != "" && err == nil {
			checks = append(checks, verifyFile(f, path))
			continue
		}
		if err == nil {
			err = fs.ErrNotExist
		}
		checks = append(checks, Check{File: f.Name, Path: filepath.Join(dir, f.Name)}.Failed(err))
	}
	return checks
}
