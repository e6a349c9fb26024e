// Package golden holds the engine against reference values: losses, gradients,
// spectra, kernels and training steps of six networks, computed with PyTorch
// in float64. It has tests only.
//
// In testdata are the reference values (MODEL.seed0.json), the 256 images of
// CIFAR-10 that they belong to, and for the smallest network whole arrays. The
// weights are not there: PyTorch's generator is short enough to be written
// again, and the checksum of the file that results is the one of PyTorch's. Texts and
// weights of the lstm are read from the reference files for development, and skipped
// where these are missing.
//
// Laws:
//
//   - Every limit is that of the reference's own table of suggested limits for
//     float32; where that has none, the code says which one is used.
//   - Whatever is compared prints its worst deviation beside its limit (go test
//     -v), so that a loss of accuracy is seen before it is an error.
//   - Eigenpairs of the convolutional networks take many products: they are
//     compared where BREAKEVEN_GOLDEN=all is set.
package golden
