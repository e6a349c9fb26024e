// Package store keeps runs on disk: their specs, their records and their last
// checkpoints. It knows package run and files, and no network.
//
// A store is a folder:
//
//	breakeven.db                              SQLite: runs, records, places of checkpoints
//	lock                                      held by the one process that writes
//	runs/<run>/checkpoint-<step>.safetensors  the last two checkpoints of each run
//
// # Laws
//
//   - When Save has returned, its record and its checkpoint are on disk. Both
//     are there or neither is: one transaction holds them.
//   - A process killed at any moment leaves a store that opens. What it had
//     not finished is gone at the next Open: files without a row, and rows
//     without a commit.
//   - A record is written once. Saving it again, as a resumed run does between
//     its checkpoint and the place where it was killed, changes nothing if the
//     numbers are the same bits, and is ErrDiffers if they are not. So a
//     resumed run has neither a gap nor a double, and records are never taken
//     back.
//   - One process writes, found by a lock on the folder that dies with the
//     process. Any number of processes read meanwhile, each transaction of
//     theirs seeing a consistent state.
//   - The format has a version. Open brings an older store up to date, in a
//     transaction for each version, and refuses a newer one.
//
// The history of the format is in docs/formats.md.
package store
