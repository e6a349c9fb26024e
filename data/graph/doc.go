// Package graph reads graphs whose nodes have features and labels: the citation graphs of
// Planetoid (Cora, Citeseer, Pubmed), and graphs of a user's own.
//
// # Laws
//
//   - The same graph gives the same Set, whatever the form of its files: the order of edges does
//     not matter, features of a row are in the order of their columns, and parts of a split in the
//     order of nodes. Set.Digest tells whether two are the same.
//   - Edges run both ways unless Options.Directed says otherwise. An edge from a node to itself
//     is left out, and one that is there twice counts once; a warning says how many.
//   - Features are as published. To normalise them is the model's business.
//   - Everything is checked before a Set is made: its network meets no node that does not exist,
//     no label out of range, no feature that is not finite, and no split that overlaps.
//   - Files are hostile until read: sizes are bounded, and no code in a pickle is ever run.
//   - Citeseer has 15 nodes without features and label. They are in no part of the public split.
//     The splits full and complete count them as class 0, as all programs do that published
//     numbers come from; a warning says so.
package graph
