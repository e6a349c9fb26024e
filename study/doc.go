// Package study says what a study of a paper is: what the paper claims, which
// trials test it, and what their records show. A study is a value, [Study],
// that one entry of package [breakeven/study/catalog] makes known. From then on
// the program lists it, shows it, runs it and draws its report.
//
// A study is pure: settings to specs, records to findings. It imports this
// package and [breakeven/run], and no other study. It never opens a file and
// never meets a network.
//
// What an analysis finds is data ([Analysis]): sections in words, tables, and
// figures with their curves, error bands, axes, marks and captions. Whoever
// shows it, on a page or in a terminal, knows no study. [Draw] makes the figures
// that most studies need: record keys along the trajectories of runs.
package study
