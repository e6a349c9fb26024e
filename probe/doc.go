// Package probe says what is measured along a trajectory: each [Probe] has a
// name, the record keys that it makes, and how. Definitions and estimators are
// those of Jastrzębski et al. 2020 and of the literature named at each key.
//
// Laws:
//
//   - Probes read a [Subject] and change nothing that training depends on.
//   - All examples and random vectors come from the run's seed and the step:
//     the same spec measures the same bits. The measurement sets are drawn
//     once per run, so that differences along a trajectory are not sampling
//     noise.
//   - Every value says how it was made and carries its error: residual bounds
//     for eigenvalues, jackknife or standard errors for sampled quantities.
//   - What is not defined for a network (per-example quantities under batch
//     norm, a batch-norm scale without batch norm) is left out, not invented.
package probe
