// Package trial turns a spec into records: everything that takes time is a trial, a
// [Job] of one of the [Kinds]. It knows no store and no terminal, which stand behind
// [Sink].
//
// Laws:
//
//   - Same spec, same instruction set, same bits, whatever the number of cores
//     and whether or not the run was interrupted, or cut into segments.
//   - A record is handed to the sink, which makes it durable, before the next
//     measurement starts.
//   - Divergence is a result: status run.Diverged and no error.
//   - Nothing large is allocated before Run, so that Memory can be asked for first.
package trial
