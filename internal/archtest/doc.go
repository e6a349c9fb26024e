// Package archtest holds the rules of the house as a test: which room may
// import which, which library belongs to which room, and what may not be used
// where. It has no code of its own.
//
// Rooms stand in a row, and each imports only what stands left of it:
//
//	tensor, rng → nn → model, data → curvature → train → probe → trial → cmd/breakeven
//
// Beside the row stand spectrum, which works on any operator and knows no
// network; ntk and hierarchy, whose networks are their own, in float64; run, the
// waist between science and plumbing, which imports nothing; the studies, pure
// functions of specs and records; and the plumbing under internal, which knows
// run and never meets a network.
//
// The tables are in rules_test.go. Rules hold for files of every system and
// build tag, since files are parsed and not built. Test files are free, but
// for what only tests may import and what nobody may.
package archtest
