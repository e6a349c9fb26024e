// Package text reads labelled texts and turns them into integers: IMDB, 50,000 film reviews,
// half of them for training and half for the test, and half of each good and half bad; and the
// sentence pairs of MNLI, SICK and RTE, and the sentences of SST-2.
//
// # From a text to integers
//
// The rule is that of Keras, since the break-even paper took its network and data from the
// Keras example imdb_lstm:
//
//   - Letters become lower-case. The characters !"#$%&()*+,-./:;<=>?@[\]^_`{|}~, tabs and
//     line feeds become blanks. Words are separated by blanks; an apostrophe is part of a
//     word. (The tag <br /> leaves the word br.)
//   - Words are numbered by how often they occur in the training texts, the most frequent
//     first, beginning with 4. Of equally frequent words the one with the smaller bytes
//     comes first. (Keras leaves that to the order of the texts, so that it numbers rare
//     words differently.)
//   - 0 is padding, 1 begins a text, 2 is a word without a number, and 3 is not used. A
//     vocabulary of 20,000 has the numbers below 20,000, and so the 19,996 most frequent
//     words.
//   - Of a text longer than 80 numbers the last 80 are kept, since a review has its verdict
//     at the end. A shorter text is padded: at the front as in Keras, or at the end for
//     networks that are given the lengths.
//
// # From a pair to integers
//
// [Pieces] are parts of words, in the numbers of a published vocab.txt: lower-case text without
// accents is cut as transformers' BertTokenizer cuts it, except that special tokens are not read
// from texts. Without a file [BuildPieces] makes a vocabulary.
//
// # Laws
//
//   - The published archive and the folder that it unpacks to give the same texts in the
//     same order: bad and good ones alternate, each sorted by the number in the file name. A
//     TSV keeps its own order.
//   - Files are hostile until read: sizes are bounded, and nothing is unpacked to disk.
//   - An archive without the published checksum is refused. Of a folder or a TSV only the
//     number of texts can be compared with the published set; a difference is a warning.
package text
