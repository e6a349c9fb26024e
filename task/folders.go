package task

import (
	"fmt"

	"breakeven/data/folder"
	"breakeven/model"
	"breakeven/nn"
	"breakeven/run"
	"breakeven/tensor"
)

// folders are the classification of images that lie in folders, one for each class.
var folders = Family{
	Name:    "folders",
	Doc:     "classification of JPEG and PNG images that lie in folders, one for each class, as those of ImageNet do",
	Files:   folder.Is,
	Fields:  folderFields,
	Lacks:   []string{"preprocess", "measure.augment"},
	Reading: func(run.Spec) int64 { return 0 },
	Open:    openFolders,
}

// The fields that tasks of folders declare.
var (
	imageSize = run.Field{Name: "image_size", Default: 224, Unit: "pixels", Check: run.Between(1, 4096),
		Doc: "height and width to which images in folders are cut and resized"}
	testShare = run.Field{Name: "test_share", Default: 0.1, Check: checkShare,
		Doc: "of the images in folders that is for the test, if there is no folder val or test beside train"}
	maxPixels = run.Field{Name: "max_pixels", Default: 1 << 24, Unit: "pixels", Check: run.Between(1, 1<<30),
		Doc: "most pixels of an image in folders; larger ones are refused before they are decoded"}
)

var folderFields = []run.Field{imageSize, testShare, maxPixels, mean, std}

// The usual mean and deviation of each channel, those of ImageNet, of pixels in [0,1].
var (
	usualMean = []float64{0.485, 0.456, 0.406}
	usualStd  = []float64{0.229, 0.224, 0.225}
)

func checkShare(f run.Field, s run.Spec, _ run.Known) string {
	if x := f.Float(s); x >= 0 && x < 1 {
		return ""
	}
	return fmt.Sprintf("must be at least 0 and less than 1, not %v", f.Float(s))
}

func openFolders(s run.Spec, dir string) (*Task, error) {
	if err := s.Check(folderFields); err != nil {
		return nil, err
	}
	root := place(s.Data, dir)
	set, err := folder.Open(root, testShare.Float(s))
	if err != nil {
		return nil, fmt.Errorf("data: %w", err)
	}
	n := s.Train
	if n == 0 {
		n = len(set.Train) - s.Valid
	}
	if n <= 0 || s.Valid < 0 || s.Valid > len(set.Train)-n {
		return nil, fmt.Errorf("data: %s: %d images for training and %d for validation cannot be cut from its %d; ask for fewer", s.Data, n, s.Valid, len(set.Train))
	}
	train, valid := set.Train[:n], set.Train[len(set.Train)-s.Valid:]
	if s.Valid == 0 {
		valid = set.Test
	}
	m, d := mean.Floats(s), std.Floats(s)
	if len(m) == 0 {
		m, d = usualMean, usualStd
	}
	decoder, err := folder.NewDecoder(root, imageSize.Int(s), maxPixels.Int(s), m, d)
	if err != nil {
		return nil, fmt.Errorf("data: %w", err)
	}
	net, err := model.Of(s, nn.Input{Shape: nn.Shape{C: 3, H: decoder.Side, W: decoder.Side}}, len(set.Classes))
	if err != nil {
		return nil, err
	}
	loss, err := lossOf(s)
	if err != nil {
		return nil, err
	}
	of := func(part []folder.Image) Examples { return files{decoder, part} }
	return &Task{
		Net: net, Loss: loss, Metrics: []Metric{accuracy},
		Train: of(train), Valid: of(valid), Test: of(set.Test),
		Each: int64(4*decoder.Size() + 4), Bytes: set.Bytes(), Digest: set.Digest,
		Batches: func(seed uint64, size int) (Batches, error) {
			l, err := folder.NewLoader(decoder, train, s.Augment, seed, size)
			return fileBatches{l}, err
		},
	}, nil
}

// Files are images that are decoded when they are read.
type files struct {
	decoder *folder.Decoder
	images  []folder.Image
}

func (f files) Len() int { return len(f.images) }

// readAtOnce is how many images are decoded before stop is asked again.
const readAtOnce = 16

func (f files) Read(index []int, stop func() error) (nn.Batch, error) {
	size := f.decoder.Size()
	x, y, errs := make([]float32, len(index)*size), make([]int32, len(index)), make([]error, readAtOnce)
	for lo := 0; lo < len(index); lo += readAtOnce {
		if err := stop(); err != nil {
			return nn.Batch{}, err
		}
		n := min(readAtOnce, len(index)-lo)
		tensor.Parallel(n, func(k int) {
			im := f.images[index[lo+k]]
			y[lo+k] = im.Label
			errs[k] = f.decoder.Middle(x[(lo+k)*size:(lo+k+1)*size], im)
		})
		for _, err := range errs[:n] {
			if err != nil {
				return nn.Batch{}, fmt.Errorf("data: %w", err)
			}
		}
	}
	return nn.Labelled(x, y), nil
}

// fileBatches are the training batches of images that are decoded when they are needed.
type fileBatches struct{ *folder.Loader }

func (b fileBatches) Batch(step int) nn.Batch { return nn.Labelled(b.Loader.Batch(step)) }

// Err returns why a batch could not be read.
func (b fileBatches) Err() error {
	if err := b.Loader.Err(); err != nil {
		return fmt.Errorf("data: %w", err)
	}
	return nil
}
