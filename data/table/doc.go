// Package table reads tables and arrays that somebody else wrote: CSV and TSV,
// gzipped or not, npy and npz, and Parquet. Every task of the program that takes
// such files reads them here.
//
// A caller says what it wants: names under which a column may stand, and an Array
// of the type it needs. Values are read straight into that type, so that memory
// is taken for what is wanted, about once.
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
//   - A file is what its first bytes say. Text is separated as the end of its
//     name says: by commas in .csv, by tabs in .tsv. Nothing else is guessed, and
//     what is no table (a web page, a pickle, a pointer of Git LFS, a workbook) is
//     refused by its name.
//   - A value is read or it is an error that says where: file, line and column,
//     or the index in the array. Reading as a float rounds once, to the nearest;
//     reading as an integer is exact. 3.0 is an integer, 3.5 is none.
//   - A missing value is an error too, unless the field allows it. Missing are
//     the null of Parquet, NaN in any format and, in text, an empty cell and NA,
//     N/A, NaN, null and none. For a column of strings only the empty one is.
//   - Files are hostile until read. The sizes that they claim are held against
//     what is there, and against Options.Most, before memory is taken. Nothing
//     that a file holds is ever run.
//   - Text is UTF-8, with a header. In CSV a field may be quoted, as RFC 4180
//     says; in TSV it stands as it is, for quotes are part of it. All rows have
//     as many fields as the header. Empty lines may only end a file.
//   - Times without a zone are of UTC.
package table
