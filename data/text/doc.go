// Package text gives the program labelled texts, and turns them into numbers: IMDB,
// 50,000 reviews of films, half for training, half for the test, of which each
// half is good and half bad.
//
// # From a text to numbers
//
// The rule is Keras's, for the break-even paper took its network and data from
// Keras's example imdb_lstm:
//
//   - Letters become lower-case. The characters !"#$%&()*+,-./:;<=>?@[\]^_`{|}~,
//     tabs and line feeds become blanks. What stands between blanks is a word;
//     the apostrophe is part of it. (Of the tag <br /> remains the word br.)
//   - Words get numbers by how often they stand in the texts for training, the
//     most frequent first, from 4 on. Of words that stand equally often the
//     smaller by its bytes comes first. (Keras leaves that to the order of the
//     texts, so that its numbers of rare words are others.)
//   - 0 fills up, 1 begins a text, 2 stands for a word without a number, 3 for
//     nothing. A vocabulary of 20,000 has the numbers below 20,000, and so the
//     19,996 most frequent words.
//   - Of a text longer than 80 numbers the last 80 are kept: the end of a review
//     has its verdict. A shorter one is filled up, before it as in Keras, or
//     behind it for networks that are told the lengths.
//
// # Laws
//
//   - The same set gives the same texts in the same order from the published
//     archive and from the folder that it unpacks to: bad and good ones in turn,
//     each by the number in the name of the file. A TSV keeps its own order.
//   - Files are hostile until read: sizes are bounded, and nothing is unpacked
//     to disk.
//   - The archive has the published checksum, or it is refused. Of a folder or a
//     TSV only the number of texts can be held against the published set; a
//     difference is a warning.
package text
