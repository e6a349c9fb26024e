// Package task turns what a spec says of data, network and loss into a learning
// problem. Whoever adds a task gets training, every probe, checkpoints, reports and
// comparisons for it.
//
// # Laws
//
//   - Batch k of a training run is a function of the data, the seed, the size and k.
//     Batches may be asked for in any order, and nothing about them is in a
//     checkpoint.
//   - What the examples are is part of a run's identity: by the name of a data set
//     if its files have published checksums, else by [Task.Digest].
//   - Examples for measurements are never augmented, and are read in the order of the
//     numbers that they are asked for by.
//   - A task is named by its data: a data set, or a file, belongs to one [Family].
package task
