// Package run holds the two types that stand between the science and the
// plumbing: a Spec, which says everything that decides a trajectory, and a
// Record, which is what was measured at one step of it.
//
// The package imports nothing of this module. Networks, probes and optimizers
// produce records and take specs; stores, reports, queues and exports read
// them and never meet a network.
//
// # Laws
//
//   - The canonical text of a Spec (String) is the identity of its run: same
//     text, same instruction set, same bits. Parse reads it back exactly, and
//     the text is valid YAML for a configuration file.
//   - Validate reports every fault of a Spec at once, each with its field, so
//     that a loader can say where in a file each of them stands.
//   - A Value carries its error and how it was made. The JSON of a Value
//     reads back to the same bits of value, vector and error; NaN and the
//     infinities, which JSON lacks, are the strings "NaN", "+Inf" and "-Inf".
//     The numbers of How are finite.
//   - Keys lists every record key with symbol, unit and meaning. Help, report,
//     export and documentation read this one table.
package run
