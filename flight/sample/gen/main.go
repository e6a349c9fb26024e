// Gen makes the embedded sample of flights from Houston to Boston: the first 20 of August 2013, their
// plans, and the storms within an hour of any of their fixes.
//
//	go run ./flight/sample/gen -from DIR -to flight/sample
package main

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/csv"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// kept is how many flights are kept.
const kept = 20

func main() {
	from := flag.String("from", ".", "folder with the tables of the flights")
	to := flag.String("to", ".", "folder to write the sample to")
	flag.Parse()
	if err := run(*from, *to); err != nil {
		fmt.Fprintln(os.Stderr, "gen:", err)
		os.Exit(1)
	}
}

func run(from, to string) error {
	flights, plans, hours := map[string]bool{}, map[string]bool{}, map[int64]bool{}
	for _, part := range []struct {
		in, out string
		keep    func(row []string) bool
	}{
		{"iah_bos_201308_full.csv.gz", "tracks.csv.gz", func(row []string) bool {
			if len(flights) < kept {
				flights[row[0]] = true
			}
			if flights[row[0]] {
				for _, near := range []int64{-3600, 0, 3600} {
					hours[(whole(row[1])+near)/3600] = true
				}
			}
			return flights[row[0]]
		}},
		{"iah_bos_flight_to_plan.csv", "plan_of.csv.gz", func(row []string) bool {
			if flights[row[0]] {
				plans[row[1]] = true
			}
			return flights[row[0]]
		}},
		{"iah_bos_plans.csv", "plans.csv.gz", func(row []string) bool { return plans[row[0]] }},
		{"weather/ncwf_201308_runs.csv.gz", "storms.csv.gz", func(row []string) bool { return hours[whole(row[0])/3600] }},
	} {
		if err := filter(filepath.Join(from, part.in), filepath.Join(to, part.out), part.keep); err != nil {
			return fmt.Errorf("%s: %w", part.in, err)
		}
	}
	return nil
}

// filter copies the header and some rows of a table.
func filter(in, out string, keep func(row []string) bool) error {
	f, err := os.Open(in)
	if err != nil {
		return err
	}
	defer f.Close()
	var r io.Reader = f
	if strings.HasSuffix(in, ".gz") {
		if r, err = gzip.NewReader(f); err != nil {
			return err
		}
	}
	rows, err := csv.NewReader(r).ReadAll()
	if err != nil {
		return err
	}
	var text, packed bytes.Buffer
	for i, row := range rows {
		if i == 0 || keep(row) {
			fmt.Fprintln(&text, strings.Join(row, ","))
		}
	}
	fmt.Printf("%x  %s\n", sha256.Sum256(text.Bytes()), strings.TrimSuffix(filepath.Base(out), ".gz"))
	z, err := gzip.NewWriterLevel(&packed, gzip.BestCompression)
	if err != nil {
		return err
	}
	if _, err := z.Write(text.Bytes()); err != nil {
		return err
	}
	if err := z.Close(); err != nil {
		return err
	}
	return os.WriteFile(out, packed.Bytes(), 0o666)
}

// whole returns the whole part of a number of seconds.
func whole(text string) int64 {
	x, err := strconv.ParseFloat(text, 64)
	if err != nil {
		panic(err)
	}
	return int64(x)
}
