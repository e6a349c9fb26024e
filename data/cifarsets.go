package data

import "strings"

const (
	cifarURL  = "https://www.cs.toronto.edu/~kriz/"
	cifarCite = "A. Krizhevsky: Learning Multiple Layers of Features from Tiny Images, 2009"
)

var cifar10 = Info{
	Name:  "cifar10",
	Doc:   "60,000 colour images of ten kinds of animals and vehicles, 32×32.",
	Shape: [3]int{3, 32, 32}, Classes: 10, Train: 50000, Test: 10000,
	ClassNames: []string{"airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"},
	Mean:       []float64{0.4914, 0.4822, 0.4465}, Std: []float64{0.2470, 0.2435, 0.2616},
	Licence: "none stated by its authors", Source: cifarURL + "cifar.html",
	Cite: cifarCite,
	Files: []File{
		{Name: "cifar-10-binary.tar.gz", Size: 170052171, MD5: "c32a1d4ab5d03f1284b67883e8d87530", SHA256: "c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd", URL: cifarURL + "cifar-10-binary.tar.gz"},
	},
	// The authors publish the archive's checksum only. These are the checksums that
	// several public loaders use.
	Members: []File{
		{Name: "data_batch_1.bin", Size: 30730000, MD5: "5dd7e06a14cb22eb9f671a540d1b7c25"},
		{Name: "data_batch_2.bin", Size: 30730000, MD5: "5ea93a67294ea407fff1d09f752e9692"},
		{Name: "data_batch_3.bin", Size: 30730000, MD5: "942cd6a4bcdd0dd3c604fbe906cb4421"},
		{Name: "data_batch_4.bin", Size: 30730000, MD5: "ae636b3ba5c66a11e91e8cb52e771fcb"},
		{Name: "data_batch_5.bin", Size: 30730000, MD5: "53f37980c15c3d472c316c40844f3f0d"},
		{Name: "test_batch.bin", Size: 30730000, MD5: "803d5f7f4d78ea53de84dbe85f74fb6d"},
	},
	folders: []string{"", "cifar-10", "cifar-10-batches-bin"},
	open:    openCIFAR, verify: verifyCIFAR,
	cifar: cifar{folder: "cifar-10-batches-bin", python: []string{"cifar-10-batches-py", "cifar-10-python.tar.gz", "data_batch_1"}},
}

var cifar100 = Info{
	Name:  "cifar100",
	Doc:   "60,000 colour images of a hundred kinds of things, 32×32; the labels are the fine ones.",
	Shape: [3]int{3, 32, 32}, Classes: 100, Train: 50000, Test: 10000,
	ClassNames: strings.Fields(`
		apple aquarium_fish baby bear beaver bed bee beetle bicycle bottle bowl boy bridge bus butterfly camel can castle
		caterpillar cattle chair chimpanzee clock cloud cockroach couch crab crocodile cup dinosaur dolphin elephant flatfish
		forest fox girl hamster house kangaroo keyboard lamp lawn_mower leopard lion lizard lobster man maple_tree motorcycle
		mountain mouse mushroom oak_tree orange orchid otter palm_tree pear pickup_truck pine_tree plain plate poppy porcupine
		possum rabbit raccoon ray road rocket rose sea seal shark shrew skunk skyscraper snail snake spider squirrel streetcar
		sunflower sweet_pepper table tank telephone television tiger tractor train trout tulip turtle wardrobe whale willow_tree
		wolf woman worm`),
	Mean: []float64{0.5071, 0.4865, 0.4409}, Std: []float64{0.2673, 0.2564, 0.2762},
	Licence: "none stated by its authors", Source: cifarURL + "cifar.html", Cite: cifarCite,
	Files: []File{
		{Name: "cifar-100-binary.tar.gz", Size: 168513733, MD5: "03b5dce01913d631647c71ecec9e9cb8", SHA256: "58a81ae192c23a4be8b1804d68e518ed807d710a4eb253b1f2a199162a40d8ec", URL: cifarURL + "cifar-100-binary.tar.gz"},
	},
	// As for CIFAR-10.
	Members: []File{
		{Name: "train.bin", Size: 153700000, MD5: "6172c7755cfe09b2fe270c85cebc1b15"},
		{Name: "test.bin", Size: 30740000, MD5: "4499cfba6c016c1be1438163640a0898"},
	},
	Parts:   true,
	folders: []string{"", "cifar-100", "cifar-100-binary"},
	open:    openCIFAR, verify: verifyCIFAR,
	cifar: cifar{folder: "cifar-100-binary", coarse: 20, python: []string{"cifar-100-python", "cifar-100-python.tar.gz"}},
}
