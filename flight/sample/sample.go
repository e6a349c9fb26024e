// Package sample has twenty real flights from Houston to Boston with their plans and the storms on
// their way, embedded. README.md says where they come from.
package sample

import (
	"embed"

	"breakeven/flight/tracks"
)

// Files are the tables: tracks.csv.gz, plans.csv.gz, plan_of.csv.gz and storms.csv.gz, with their
// licence.
//
//go:embed *.gz LICENSE README.md
var Files embed.FS

// Storms is the name of the table of storms in Files.
const Storms = "storms.csv.gz"

// Flights returns the flights, five of which are marked as test data.
func Flights() *tracks.Set {
	s, err := tracks.ReadFS(Files, tracks.Files{Tracks: "tracks.csv.gz", Plans: "plans.csv.gz", PlanOf: "plan_of.csv.gz"}, tracks.Options{})
	if err != nil {
		panic("sample: " + err.Error()) // the files are part of the program
	}
	return s
}
