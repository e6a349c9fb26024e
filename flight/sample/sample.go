// Package sample has twenty real flights from Houston to Boston with their plans and the storms on
// their way, embedded. README.md says where they come from.
package sample

import (
	"bytes"
	"embed"

	"breakeven/flight/tracks"
	"breakeven/flight/weather"
)

// Files are the tables: tracks.csv.gz, plans.csv.gz, plan_of.csv.gz and storms.csv.gz, with their
// licence.
//
//go:embed *.gz LICENSE README.md
var Files embed.FS

// Flights returns the flights, five of which are marked as test data.
func Flights() *tracks.Set {
	s, err := tracks.ReadFS(Files, tracks.Files{Tracks: "tracks.csv.gz", Plans: "plans.csv.gz", PlanOf: "plan_of.csv.gz"}, tracks.Options{})
	if err != nil {
		panic("sample: " + err.Error()) // the files are part of the program
	}
	return s
}

// Storms returns the storms on their way.
func Storms() *weather.Storms {
	s, err := storms()
	if err != nil {
		panic("sample: " + err.Error())
	}
	return s
}

func storms() (*weather.Storms, error) {
	const name = "storms.csv.gz"
	b, err := Files.ReadFile(name)
	if err != nil {
		return nil, err
	}
	return weather.ReadStorms(weather.Options{}, name, bytes.NewReader(b), int64(len(b)))
}
