// Package store keeps runs: their specs, their records and their last checkpoints, in a folder or on a
// PostgreSQL server that many machines reach. It knows package run, files and databases.
//
// A store in a folder:
//
//	breakeven.db                                       SQLite: runs, records, digests of checkpoints
//	lock                                               held by a process while it opens the store
//	writers/<process>                                  held by each process that writes, as long as it lives
//	runs/<run>/checkpoint-<step>-<digest>.safetensors  the last two checkpoints of each run
//
// A store on a server (see IsAddress) has the same tables, and its checkpoints in one more of them or in
// a folder that all machines share. What differs is an engine, which has the transactions and knows
// which writers live, and an archive, which has the files.
//
// # Laws
//
//   - When Save has returned, its record and its checkpoint are on disk. Both are there or
//     neither is: they are written in one transaction.
//   - A checkpoint is a file and a row with its SHA-256. The file is on disk before the row
//     is committed, and its name contains the digest, so that a file named by a row is never
//     written again. Files are removed after the commit that makes them obsolete.
//   - If a process is killed at any moment, or a disk fails at any moment, the store still
//     opens and its runs go on to the same bits.
//   - A missing row is no reason to remove a file: the database may be new, or an older
//     copy. Only unfinished files are removed, and checkpoints that were replaced by newer
//     ones which are there. All other files that are not on record stay, and Open reports
//     them. A new run never uses an existing folder.
//   - A run is deleted in one transaction that leaves a note, and the note is the reason to
//     remove its checkpoints, at once or when the store is opened the next time.
//   - One row that cannot be read does not affect the others. The contents of a database are
//     not trusted: a text that is not an ID is never used as the name of a file.
//   - A record is written once. Saving it again, as a resumed run does between its checkpoint
//     and the place where it was killed, changes nothing if the numbers are the same bits,
//     and is ErrDiffers if they are not. So a resumed run has neither a gap nor a duplicate,
//     and records are never taken back.
//   - Any number of processes read and write at the same time; each transaction sees a
//     consistent state. A run is written by the one process that has a lease on it. Whether
//     that lives is what the system says of a lock that ends with it, and no question of
//     time. After its end the next process takes the run, and whoever was taken for dead
//     can no longer commit. On a server the living say so every 20 s, and who has been silent
//     for a minute, by the clock of the server, is taken for dead; the attempt, which each
//     transaction checks under the lock of its lease, makes it harmless if that was wrong.
//   - Whatever happens to the connection to a server, a transaction is made once: each writes
//     a mark, from which it is seen whether a commit that was cut off was made.
//   - Files of a run are removed by the process that has it, or while nobody can take it.
//   - The format has a version. Open upgrades an older store, with one transaction for each
//     version, and refuses a newer one.
//
// The history of the format is in docs/formats.md.
package store
