// Package folder reads images that lie in folders, one for each class, as those of ImageNet do:
//
//	photos/train/cat/1.jpg
//	photos/train/dog/a/2.png
//	photos/val/cat/3.jpg
//
// Without the folder train the classes are folders of photos itself, and a share of the images is
// for the test.
//
// # Laws
//
//   - Classes are numbered in the order of their names. Images are in an order that looks like
//     chance and that their names decide, so that any part has images of all classes, and a new
//     image does not move the others.
//   - Files are decoded when they are needed, in the background of what is computed with those
//     before. Their order, crops and flips depend on seed and epoch alone, and the numbers on
//     nothing but the files.
//   - An image is refused by its header, before any of it is decoded, if it has more pixels than
//     [Decoder.MaxPixels]. All images that are decoded at the same time have no more than that
//     together.
//   - A file that cannot be decoded is an error that names it: nothing is left out in silence.
//
// Crops are those of torchvision: a random part of the image for training (RandomResizedCrop with
// its defaults, and a flip), and the middle for measurements (Resize and CenterCrop, 256 to 224).
// Resampling is bilinear with a filter that widens if an image shrinks, as in Pillow. Grey images
// have three equal channels, transparency is ignored, and so is an orientation in Exif.
package folder
