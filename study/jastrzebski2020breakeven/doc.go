// Package jastrzebski2020breakeven is the study of Jastrzębski, Szymczak, Fort, Arpit,
// Tabor, Cho and Geras, "The Break-Even Point on Optimization Trajectories of
// Deep Neural Networks", ICLR 2020 (arXiv 2002.09572). It holds the paper's
// one-dimensional theory, the settings of its runs, and the analysis that turns
// the records of a run into findings. All of it is pure: settings to specs,
// records to findings, findings to words.
//
// K is the centred covariance of gradients, H the Hessian of the training loss,
// λ¹ the largest and λ* the smallest non-zero eigenvalue, η the learning rate, S
// the batch size, N the number of training examples.
//
// # Claims
//
//   - Eq. 1: SGD is stable along e_H¹ if and only if
//     (1-ηλ_H¹)² + s²η²(N-S)/(S(N-1)) ≤ 1, where s² is the variance over
//     examples of the curvature along e_H¹ (Assumption 1; proof in Wu, Ma, E
//     2018). The break-even point is where the left side first reaches 1. See
//     [LeftSide], [Findings] and its BreakEven. The published version of the paper
//     takes it along e_K¹: see [Axis].
//   - With e_H¹ = ±e_K¹ and λ_K¹ = α λ_H¹ (Assumption 2), a larger η or a
//     smaller S reaches it at smaller λ_H¹ and λ_K¹ (App. A). See
//     [HAtBreakEven].
//   - Conjecture 1, variance reduction: the maximum of λ_K¹ and of λ_H¹ along
//     the trajectory is smaller for larger η or smaller S (Figs. 3 and 4).
//   - Conjecture 2, pre-conditioning: the maximum of λ_K*/λ_K¹ and of λ_H*/λ_H¹
//     is larger, that of Tr K and Tr H smaller, for larger η or smaller S (Fig.
//     3). See [Compare] for both.
//   - The maxima of λ_K¹ and λ_H¹ come early, near 60 % training accuracy on
//     CIFAR-10; there α*, the multiple of the step that raises the loss by
//     20 %, is close to 2 (Fig. 2 right, Fig. 3).
//   - Batch norm (Sec. 4.3, Fig. 5): too small an η leaves a network with batch
//     norm as badly conditioned as one without.
//
// # What is reproduced, at what scale
//
//   - Eq. 1 and the closed forms: exactly, against enumeration and simulation
//     of SGD without replacement, in the tests of this package.
//   - Both conjectures over η for SimpleCNN on 6,000 images of Fashion-MNIST
//     (scale demo of [Study]), in a minute; the paper's own Fashion-MNIST run is a
//     different network.
//   - All networks of the paper for a part of their early phase and with few
//     examples (scale small), with stand-ins for DenseNet-121 on ImageNet and BERT
//     on MNLI.
//   - The same as the paper had them, where their data are at hand (scale paper).
//     Learning rates and batch sizes on CIFAR-10 are those of the first author's
//     code for the paper before; those on IMDB are ours but for S = 128 and η = 1,
//     and those of the appendix's networks are ours.
//   - What the largest λ_K¹ depends on besides η and S (scale factor, [Variations]).
//   - Sweeps over η and S for any network and data set of the program are
//     compared by the same function, [Compare].
//
// # What is not
//
//   - ResNet-32 has batch norm; whether the paper's had is not known. Its weight
//     decay is that of the published version. Under batch norm Eq. 1 is not measured.
//   - λ_H* is not measured: it drowns in the bulk of the spectrum. Tr H/λ_H¹,
//     which the paper calls a weaker effect, stands beside Conjecture 2 and does
//     not decide it.
//   - The paper smooths its curves by a moving average of unknown width. Curves
//     here are the measurements, or averages of as many as the reader asks for
//     ([study.Averaged]); maxima are always of the measurements.
//   - Tr H is estimated stochastically; the paper adds the five largest
//     eigenvalues.
//
// # What the settings rest on
//
// The paper has no official code. Claims, Eq. 1, the assumptions and the figure
// numbers are those of the text submitted for review; of the published version
// only the abstract and parts of the introduction were at hand, and no appendix
// of either. Known differences: the published version analyses stability along
// e_K¹ and plots λ_K*/λ_K¹, the submitted one works along e_H¹ and plots Tr
// K/λ_K¹. Both are kept here; break-even without more words is that along e_H¹.
// SimpleCNN, the 45,000/5,000 split, preprocessing and augmentation follow the
// first author's code for the paper before ("On the Relation Between the
// Sharpest Directions of DNN Loss and the SGD Step Length", ICLR 2019). M = 128
// is from the text; L = 25 is not confirmed by any text at hand. All closed
// forms beyond Eq. 1 are our own derivations.
package jastrzebski2020breakeven
