// Package store keeps runs on disk: their specs, their records and their last
// checkpoints. It knows package run and files, and no network.
//
// A store is a folder:
//
//	breakeven.db                                       SQLite: runs, records, digests of checkpoints
//	lock                                               held by the one process that writes
//	runs/<run>/checkpoint-<step>-<digest>.safetensors  the last two checkpoints of each run
//
// # Laws
//
//   - When Save has returned, its record and its checkpoint are on disk. Both
//     are there or neither is: one transaction holds them.
//   - A checkpoint is a file and a row with its SHA-256. The file is on disk
//     before the row is committed, and its name holds the digest, so that a file
//     that a row names is never written again. Files are removed after the
//     commit that makes them useless.
//   - A process killed at any moment, and a disk that fails at any moment, leave
//     a store that opens and runs that go on to the same bits.
//   - Absence of a row is no licence to remove: the database may be new, or an
//     older copy. Only unfinished files go, and checkpoints of a run on record
//     in whose place the ones that are kept are there. What else is not on
//     record is left as it is, and Open says so. A new run takes no folder that
//     is there.
//   - One row that cannot be read hides no other. What a database holds is not
//     trusted: what is no ID becomes the name of no file.
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
