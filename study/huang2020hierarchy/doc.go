// Package huang2020hierarchy is the study of Huang and Yau, "Dynamics of Deep Neural
// Networks and Neural Tangent Hierarchy" (ICML 2020, arXiv 1909.08156). The paper proves and
// has no experiments; this is a measurement of what it proves.
//
// # How it is tested
//
// A trial draws networks of one width on the same points, computes their kernels K^(r),
// integrates the hierarchy truncated at levels p = 2, 3, 4, and compares it with gradient
// flow of the same network. Trials that differ in the width alone make a series. For each
// width the median over networks is taken, with the interval of 95 % that its order
// statistics give, and for a series the slope of log median against log width, by least
// squares, with the error that the medians' intervals give it. A slope confirms an exponent
// if it lies within 0.35 of it, and its interval tells it from the next whole number: bounds
// of the paper have logarithms of m, and small widths have corrections.
//
// # What is cut or added
//
//   - The theorems bound sizes up to constants and logarithms that they do not name. What can
//     be tested is how sizes scale; the conditions on time and width stand beside the errors
//     with all constants set to 1.
//   - Theorem 2.6 is for even p; level 3 is measured too.
//   - Beyond the paper: averages of f K^(3) and K^(4) beside the theory of first order in 1/m,
//     the largest eigenvalue of the kernel along the flow, orthogonal weights, and how much
//     of the difference between a trained network and regression with its initial kernel the
//     hierarchy explains on images.
//
// The statements of the theorems are those that other texts quote; of the paper itself the
// beginning was at hand.
package huang2020hierarchy
