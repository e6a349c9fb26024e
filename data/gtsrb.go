package data

import (
	"encoding/csv"
	"errors"
	"fmt"
	"image"
	"io/fs"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"breakeven/internal/regular"
	"breakeven/rng"
	"breakeven/tensor"

	"golang.org/x/image/draw"
)

// gtsrb is the traffic signs. Their authors publish no checksums. Mean and deviation are those in
// use for images of this size.
var gtsrb = Info{
	Name: "gtsrb",
	Doc: "39,209 German traffic signs of 43 kinds, resized to 32×32; a fifth of the tracks of each kind, which are up to 30 images " +
		"of one sign, are for the test.",
	Shape: [3]int{3, 32, 32}, Classes: 43, Train: 31919, Test: 7290,
	ClassNames: []string{
		"20 km/h", "30 km/h", "50 km/h", "60 km/h", "70 km/h", "80 km/h", "end of 80 km/h", "100 km/h", "120 km/h", "no passing",
		"no passing for lorries", "right of way", "priority road", "yield", "stop", "no vehicles", "no lorries", "no entry", "danger",
		"bend to the left", "bend to the right", "double bend", "uneven road", "slippery road", "road narrows", "road works",
		"traffic signals", "pedestrians", "children", "bicycles", "ice or snow", "wild animals", "end of limits", "turn right", "turn left",
		"ahead only", "ahead or right", "ahead or left", "keep right", "keep left", "roundabout", "end of no passing", "end of no passing for lorries",
	},
	Mean: []float64{0.3337, 0.3064, 0.3171}, Std: []float64{0.2672, 0.2564, 0.2629},
	Licence: "none stated by its authors", Source: "https://benchmark.ini.rub.de/gtsrb_dataset.html",
	Cite:   "J. Stallkamp, M. Schlipsing, J. Salmen, C. Igel: Man vs. Computer: Benchmarking Machine Learning Algorithms for Traffic Sign Recognition, 2012",
	ByHand: "the folder GTSRB of GTSRB_Final_Training_Images.zip", Parts: true, Upright: true,
	folders: []string{"", "gtsrb", "gtsrb32"},
	open:    openGTSRB, verify: verifyGTSRB,
}

// A signTrack is some images of one sign, which a camera took as it came nearer.
type signTrack struct {
	class int
	paths []string
}

// openGTSRB reads the traffic signs: from the folder that their authors' archive unpacks to or, of a
// part of the set, from files of records.
func openGTSRB(in *Info, dir string) (train, test *Set, warnings []string, err error) {
	parts, err := in.recordFiles(dir)
	if err != nil {
		return nil, nil, nil, err
	}
	if parts != nil {
		return in.openRecords(parts)
	}
	folder, err := in.signFolder(dir)
	if err != nil {
		return nil, nil, nil, err
	}
	if folder == "" {
		return nil, nil, nil, in.missing(dir, signFolders[0])
	}
	trainTracks, testTracks, err := in.signTracks(folder)
	if err != nil {
		return nil, nil, nil, in.again(err)
	}
	if train, err = in.readSigns(trainTracks); err != nil {
		return nil, nil, nil, in.again(err)
	}
	if test, err = in.readSigns(testTracks); err != nil {
		return nil, nil, nil, in.again(err)
	}
	if train.Len()+test.Len() != in.Train+in.Test {
		warnings = []string{in.partly(folder, train.Len(), test.Len())}
	}
	return train, test, warnings, nil
}

// signFolders are where the folders of the classes are: in the authors' archive, with and without its
// outer folder, and in that of torchvision.
var signFolders = []string{"GTSRB/Final_Training/Images", "Final_Training/Images", "GTSRB/Training"}

// signFolder returns the folder of the folders of the classes; "" if there is none.
func (in *Info) signFolder(dir string) (string, error) { return in.locate(dir, signFolders...) }

// signTracks returns the tracks of all classes. In each class the first fifth of the tracks is for
// the test, as in the code of Guo et al. (2020). The order is one random order of the tracks, the same always:
// that of the files is by class, and any cut of it would be of some classes alone.
func (in *Info) signTracks(folder string) (train, test []signTrack, err error) {
	for class := range in.Classes {
		tracks, err := readTracks(folder, class)
		if err != nil {
			return nil, nil, err
		}
		n := max(1, len(tracks)/5)
		if len(tracks) < 2 {
			return nil, nil, fmt.Errorf("%s: class %d has one track of images, and both halves of the set need one", filepath.Join(folder, fmt.Sprintf("%05d", class)), class)
		}
		test, train = append(test, tracks[:n]...), append(train, tracks[n:]...)
	}
	for _, half := range [][]signTrack{train, test} {
		rng.New(0, "gtsrb").Shuffle(len(half), func(i, j int) { half[i], half[j] = half[j], half[i] })
	}
	return train, test, nil
}

var signName = regexp.MustCompile(`^[0-9]{5}_[0-9]{5}\.ppm$`)

// readTracks returns the tracks of a class in the order of their numbers, as its list GT-000NN.csv
// says. A line names an image, TTTTT_FFFFF.ppm with track and frame, its width and height, the region of
// the sign in it, and the class. The whole image is read, and not the region alone.
func readTracks(folder string, class int) (tracks []signTrack, err error) {
	name := fmt.Sprintf("%05d", class)
	list := filepath.Join(folder, name, "GT-"+name+".csv")
	text, err := regular.Read(list, 1<<20)
	if err != nil {
		return nil, err
	}
	r := csv.NewReader(strings.NewReader(string(text)))
	r.Comma = ';'
	lines, err := r.ReadAll()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", list, err)
	}
	if len(lines) < 2 || lines[0][0] != "Filename" || lines[0][len(lines[0])-1] != "ClassId" {
		return nil, fmt.Errorf("%s: not a list of images: its first line must begin with Filename and end with ClassId, and others follow", list)
	}
	lines = lines[1:]
	slices.SortStableFunc(lines, func(a, b []string) int { return strings.Compare(a[0], b[0]) })
	for i, line := range lines {
		switch {
		case !signName.MatchString(line[0]):
			return nil, fmt.Errorf("%s: %q is no name of an image, which is TTTTT_FFFFF.ppm", list, line[0])
		case line[len(line)-1] != fmt.Sprint(class):
			return nil, fmt.Errorf("%s: %s is of class %q, in the list of class %d", list, line[0], line[len(line)-1], class)
		case i > 0 && line[0] == lines[i-1][0]:
			return nil, fmt.Errorf("%s: %s is in it twice", list, line[0])
		case i == 0 || line[0][:5] != lines[i-1][0][:5]:
			tracks = append(tracks, signTrack{class: class})
		}
		t := &tracks[len(tracks)-1]
		t.paths = append(t.paths, filepath.Join(folder, name, line[0]))
	}
	return tracks, nil
}

// readSigns reads the images of tracks one after another.
func (in *Info) readSigns(tracks []signTrack) (*Set, error) {
	var paths []string
	var labels []uint8
	for _, t := range tracks {
		paths = append(paths, t.paths...)
		labels = append(labels, slices.Repeat([]uint8{uint8(t.class)}, len(t.paths))...)
	}
	if most := in.Train + in.Test; len(paths) > most {
		return nil, fmt.Errorf("the lists name %d images, more than the %d of the set", len(paths), most)
	}
	s, errs := in.newSet(len(paths)), make([]error, len(paths))
	copy(s.Labels, labels)
	tensor.Parallel(len(paths), func(i int) { errs[i] = readSign(paths[i], s.image(i), in.Shape[1], in.Shape[2]) })
	for _, err := range errs {
		if err != nil {
			return nil, err
		}
	}
	return s, nil
}

// readSign reads an image and resizes it to dst, bilinearly; where it becomes smaller, over as many
// pixels as become one.
func readSign(path string, dst []byte, height, width int) error {
	b, err := regular.Read(path, maxPPM)
	if err != nil {
		return err
	}
	m, err := decodePPM(b)
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	small := image.NewRGBA(image.Rect(0, 0, width, height))
	draw.BiLinear.Scale(small, small.Bounds(), m, m.Bounds(), draw.Src, nil)
	plane := width * height
	for i := range plane {
		for c := range 3 {
			dst[c*plane+i] = small.Pix[4*i+c]
		}
	}
	return nil
}

// verifyGTSRB checks that the traffic signs can be read and are as many as were published.
func verifyGTSRB(in *Info, dir string) []Check {
	if parts, _ := in.recordFiles(dir); parts != nil {
		return in.checkRecords(parts)
	}
	folder, err := in.signFolder(dir)
	c := Check{File: signFolders[0], Path: folder, State: Good, Detail: "it has as many images as were published, whose checksums are not"}
	if folder == "" {
		c.Path = filepath.Join(dir, signFolders[0])
		if err == nil {
			err = fs.ErrNotExist
		}
		return []Check{c.Failed(err)}
	}
	_, _, warnings, err := in.open(in, dir)
	if len(warnings) > 0 {
		err = errors.New(strings.TrimPrefix(warnings[0], in.Name+": "))
	}
	return []Check{c.Failed(err)}
}
