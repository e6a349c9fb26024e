package data

import (
	"fmt"
	"slices"
	"strings"
)

// Info describes a data set.
type Info struct {
	Name       string
	Doc        string // one sentence
	Shape      [3]int // channels, height, width
	Classes    int
	ClassNames []string
	Train      int       // examples of the training file
	Test       int       // examples of the test file
	Mean, Std  []float64 // of each channel, of pixels in [0,1]: the usual constants of preprocessing "channel"
	Licence    string
	Source     string // home page
	Cite       string
	Files      []File // what Fetch downloads, with the checksums of the published files
	Members    []File // the same unpacked, with the checksums of their contents
	// ByHand names the files that users get themselves from Source, because their authors
	// publish no checksums that a download could be compared with. Empty for other sets.
	ByHand string
	// Parts reports that Open also reads a part of the set, so that there may be fewer examples.
	Parts bool
	// Upright images mean something else when they are mirrored, as letters and signs do.
	Upright bool

	home    string   // where Fetch puts its files, below the data folder
	folders []string // where Open looks for them, below the data folder
	open    func(in *Info, dir string) (train, test *Set, warnings []string, err error)
	verify  func(in *Info, dir string) []Check
	cifar   cifar
}

// Embedded reports whether the set is inside the program.
func (in *Info) Embedded() bool { return len(in.Files) == 0 && in.ByHand == "" }

// A File is one published file. At least one of its checksums is given.
type File struct {
	Name   string
	Size   int64 // bytes
	SHA256 string
	MD5    string
	URL    string // empty for a file that is unpacked from another
}

// Sets returns the descriptions of all data sets.
func Sets() []Info { return slices.Clone(registry) }

// Names returns the names of all data sets.
func Names() []string {
	var names []string
	for i := range registry {
		names = append(names, registry[i].Name)
	}
	return names
}

// Lookup returns the description of the named data set.
func Lookup(name string) (Info, error) {
	for _, in := range registry {
		if in.Name == name {
			return in, nil
		}
	}
	return Info{}, fmt.Errorf("data: no data set is called %q; there are %s", name, strings.Join(Names(), ", "))
}

// Bytes returns the memory that the set takes when it is open: Set.Bytes of both
// its halves.
func (in *Info) Bytes() int64 { return int64(in.Train+in.Test) * int64(in.size()+1) }

// newSet returns an empty set of n examples of in.
func (in *Info) newSet(n int) *Set {
	return &Set{
		Name: in.Name, Shape: in.Shape, Classes: in.Classes,
		Pixels: make([]byte, n*in.size()), Labels: make([]uint8, n),
	}
}

func (in *Info) size() int { return in.Shape[0] * in.Shape[1] * in.Shape[2] }

// again wraps an error of files that are not the published ones.
func (in *Info) again(err error) error { return &FilesError{Set: in.Name, Err: err} }

var fashionClasses = []string{"t-shirt/top", "trouser", "pullover", "dress", "coat", "sandal", "shirt", "sneaker", "bag", "ankle boot"}

const (
	fashionSource = "https://github.com/zalandoresearch/fashion-mnist"
	fashionURL    = "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/"
	fashionCite   = "H. Xiao, K. Rasul, R. Vollgraf: Fashion-MNIST: a Novel Image Dataset for Benchmarking Machine Learning Algorithms, 2017, arXiv:1708.07747"
)

var registry = []Info{
	{
		Name:  "fashion-mnist-sample",
		Doc:   "The first 6,000 training and first 1,000 test images of Fashion-MNIST, embedded in the program.",
		Shape: [3]int{1, 28, 28}, Classes: 10, ClassNames: fashionClasses, Train: 6000, Test: 1000,
		Mean: []float64{0.2860}, Std: []float64{0.3530},
		Licence: "MIT", Source: fashionSource, Cite: fashionCite,
		Members: []File{
			{Name: "train-images-idx3-ubyte", Size: 4704016, SHA256: "6dded81672539b5d148c1a85358069d1808c316dc6f6c0abfd12ba3ced5dd394"},
			{Name: "train-labels-idx1-ubyte", Size: 6008, SHA256: "d7c464914ae4b919728c5c99c3cdde5a0259febf1e99ddc6927a15768731d7dc"},
			{Name: "t10k-images-idx3-ubyte", Size: 784016, SHA256: "7a6d8e07ea021ec5bc73135ebd0a5770799557ec6f8242d8749c4f32a3cf4643"},
			{Name: "t10k-labels-idx1-ubyte", Size: 1008, SHA256: "b40abac7ec8228f434940f579deb7cf7b6e3103b5274cb91d1545771f5ef1c8b"},
		},
		open: openSample, verify: verifySample,
	},
	{
		Name:  "fashion-mnist",
		Doc:   "70,000 grey images of articles of clothing, 28×28.",
		Shape: [3]int{1, 28, 28}, Classes: 10, ClassNames: fashionClasses, Train: 60000, Test: 10000,
		Mean: []float64{0.2860}, Std: []float64{0.3530},
		Licence: "MIT", Source: fashionSource, Cite: fashionCite,
		Files: []File{
			{Name: "train-images-idx3-ubyte.gz", Size: 26421880, MD5: "8d4fb7e6c68d591d4c3dfef9ec88bf0d", SHA256: "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84", URL: fashionURL + "train-images-idx3-ubyte.gz"},
			{Name: "train-labels-idx1-ubyte.gz", Size: 29515, MD5: "25c81989df183df01b3e8a0aad5dffbe", SHA256: "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845", URL: fashionURL + "train-labels-idx1-ubyte.gz"},
			{Name: "t10k-images-idx3-ubyte.gz", Size: 4422102, MD5: "bef4ecab320f06d8554ea6380940ec79", SHA256: "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073", URL: fashionURL + "t10k-images-idx3-ubyte.gz"},
			{Name: "t10k-labels-idx1-ubyte.gz", Size: 5148, MD5: "bb300cfdad3c16e7a12a480ee83cd310", SHA256: "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5", URL: fashionURL + "t10k-labels-idx1-ubyte.gz"},
		},
		Members: []File{
			{Name: "train-images-idx3-ubyte", Size: 47040016, SHA256: "c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888"},
			{Name: "train-labels-idx1-ubyte", Size: 60008, SHA256: "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9"},
			{Name: "t10k-images-idx3-ubyte", Size: 7840016, SHA256: "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b"},
			{Name: "t10k-labels-idx1-ubyte", Size: 10008, SHA256: "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34"},
		},
		home: "fashion-mnist", folders: []string{"", "fashion-mnist", "raw", "FashionMNIST/raw"}, // the last two are torchvision's
		open: openFashion, verify: verifyFashion,
	},
	cifar10, cifar100, gtsrb, svhn,
}
