// Package huang2021orthogonal is the study of Huang, Du and Xu, "On the Neural
// Tangent Kernel of Deep Networks with Orthogonal Initialization", IJCAI 2021
// (arXiv 2004.05867): networks with normal and with orthogonal initial weights have
// the same tangent kernel at infinite width and learn alike in that regime; outside of
// it deep networks learn faster with orthogonal weights.
//
// Numbers of the paper are those of its released data; where these say nothing of a
// setting, only slopes are compared.
package huang2021orthogonal
