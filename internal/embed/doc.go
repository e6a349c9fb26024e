// Package embed lays points of many dimensions out in the plane, so that trajectories of a network's
// predictions can be drawn: by principal components, which are fast and linear, or by UMAP, which keeps
// neighbours together.
//
// # Laws
//
//   - The same points give the same plane, to the bit: what is drawn by chance comes from a named stream.
//   - Distances in the plane of UMAP mean nothing, its neighbourhoods do. Those of principal components
//     are distances of projections.
//   - Each function takes all points at once: planes of two calls cannot be held against each other.
//
// UMAP is that of McInnes, Healy and Melville 2018 (arXiv 1802.03426) for some thousands of points: neighbours
// are found by comparing all pairs. It is our own, since no library in pure Go could be had.
package embed
