// Package report writes what runs have shown as one page of HTML: findings in
// words, curves, tables, how each number was made, and the settings.
//
// The page is a struct ([Page]), a template and a style, all in the program. It
// knows runs and their records, and draws what an analysis hands over: sections,
// tables, and figures with their curves, marks and captions. It knows no study by
// name and meets no network.
//
// # Laws
//
//   - The page stands alone: no script, no font, picture or style from
//     elsewhere, nothing to load. It reads on paper and on a telephone.
//   - Same Page, same bytes: no dates but those of the records, which are not
//     shown.
//   - No record is too bad to be shown. NaN and infinite values are gaps in a
//     curve and words in a table; runs without records, diverged and half-done
//     runs have their place.
//   - Every number that is drawn also stands in the page as text, with its
//     error, to be copied; and the page says how it was made.
package report
