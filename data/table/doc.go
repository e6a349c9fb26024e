// Package table reads tables and arrays that somebody else wrote: CSV and TSV, gzipped or not,
// npy and npz, and Parquet. Every task of the program that takes such files reads them here.
//
// A caller says what it wants: the names that a column may have, and an Array of the type it
// needs. Values are read straight into that type, so that little more memory is used than the
// result takes.
//
//	var id table.Array[string]
//	var lat, alt table.Array[float64]
//	err := table.Read("flights.csv.gz",
//		table.Field{Names: []string{"flight_id"}, Into: &id},
//		table.Field{Names: []string{"lat_deg", "latitude", "lat"}, Into: &lat},
//		table.Field{Names: []string{"altitude_ft", "altitude"}, Into: &alt, Optional: true, Missing: true})
//
// # Laws
//
//   - The format of a file is recognised by its first bytes. Text is separated by commas if
//     the file's name ends in .csv, and by tabs if it ends in .tsv. Nothing else is guessed,
//     and a file that is not a table (a web page, a pickle, a pointer of Git LFS, a
//     workbook) is refused with its kind.
//   - Every value is read, or there is an error that says where: file, line and column, or
//     the index in the array. Reading as a float rounds once, to the nearest; reading as an
//     integer is exact: 3.0 is an integer, 3.5 is not.
//   - A missing value is an error too, unless the field allows it. Missing values are null
//     in Parquet, NaN in any format and, in text, an empty cell and NA, N/A, NaN, null and
//     none. In a column of strings only the empty cell is missing.
//   - Files are hostile until read. Before memory is allocated, claimed sizes are compared
//     with the size of the file and with Options.Most. Nothing in a file is ever executed.
//   - Text is UTF-8, with a header. In CSV a field may be quoted as in RFC 4180; in TSV
//     quotes are part of the field. All rows have as many fields as the header. Empty lines
//     are allowed only at the end of a file.
//   - Times without a zone are in UTC.
package table
