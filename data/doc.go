// Package data provides the examples: real data sets, read from the files that their authors
// published, checked, cut into splits, preprocessed, and put in an order.
//
// Its promise: the same set, preprocessing, augmentation and seed give the same
// batches to the bit, for every step, asked for in any order. There is nothing
// to save in a checkpoint and nothing to replay on resuming.
//
// Its laws:
//
//   - A Set holds the bytes as published: unsigned bytes, channels first, in the order of
//     the files. Nothing is shuffled, cropped or scaled before it is asked for. Traffic signs are
//     the exception: they are published in many sizes and sorted by class.
//   - Preprocessing is evaluated in float64 and rounded once to float32.
//   - The order of examples is a value (Order), decided by seed and epoch. Augmentation is
//     decided by seed, epoch and position in the epoch, and therefore does not depend on
//     the batch size.
//   - Files are hostile until read: sizes are known beforehand and never taken from a
//     header, archives are never unpacked to disk, and every failure is one error that says
//     what is wrong, where, and what to do.
//   - A partial download is kept only together with a record of the file and the version
//     that it belongs to, and it becomes the file only if its checksum is the published
//     one.
//   - A named set has the published contents. A file with another checksum is an error,
//     with exceptions: for unpacked files of CIFAR-10 and CIFAR-100, for which the authors publish
//     no checksums, it is a warning, and so is a part of a set that says by its name that it is one.
//
// The sets are described by Sets. Open reads one; Verify and Fetch check and
// download its files.
package data
