package tracks

import (
	"slices"
	"strings"

	"breakeven/data/table"
)

// Is reports whether a file is a table of tracks, as far as its columns say: names of flights,
// times, latitudes and longitudes.
func Is(name string) bool {
	f, err := table.Open(name, nil)
	if err != nil {
		return false
	}
	defer f.Close()
	has := func(names []string) bool {
		return slices.ContainsFunc(f.Columns(), func(c table.Column) bool { return slices.Contains(names, strings.ToLower(c.Name)) })
	}
	return has(slices.Concat(idColumns, aircraftColumns, callsignColumns)) && has(timeColumns) && has(latColumns) && has(lonColumns)
}
