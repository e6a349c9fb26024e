package sample

import (
	"compress/gzip"
	"crypto/sha256"
	"fmt"
	"io"
	"strings"
	"testing"
)

// The README tells the checksums of what is embedded, and it is small.
func TestChecksums(t *testing.T) {
	readme, err := Files.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	entries, err := Files.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	size := int64(0)
	for _, e := range entries {
		info, err := e.Info()
		if err != nil {
			t.Fatal(err)
		}
		size += info.Size()
		name, packed := strings.CutSuffix(e.Name(), ".gz")
		if !packed {
			continue
		}
		f, err := Files.Open(e.Name())
		if err != nil {
			t.Fatal(err)
		}
		z, err := gzip.NewReader(f)
		if err != nil {
			t.Fatal(err)
		}
		hash := sha256.New()
		if _, err := io.Copy(hash, z); err != nil {
			t.Fatal(err)
		}
		if line := fmt.Sprintf("%x  %s\n", hash.Sum(nil), name); !strings.Contains(string(readme), line) {
			t.Errorf("the README does not have %q", line)
		}
	}
	if size > 150_000 {
		t.Errorf("%d bytes are embedded", size)
	}
}

func TestFlights(t *testing.T) {
	s := Flights()
	if len(s.Flights) != 20 || len(s.Test) != 5 || !s.Vertical || len(s.Warnings) > 0 {
		t.Errorf("%d flights, %d for tests, warnings %q", len(s.Flights), len(s.Test), s.Warnings)
	}
	for _, f := range s.Flights {
		if len(f.Plan) < 4 || len(f.Fixes) < 80 {
			t.Errorf("flight %s has %d fixes and %d waypoints", f.ID, len(f.Fixes), len(f.Plan))
		}
	}
}

func ExampleFlights() {
	f := Flights().Flights[0]
	fmt.Println(f.ID, len(f.Fixes), "fixes", len(f.Plan), "waypoints")
	// Output: 20130801438231 99 fixes 13 waypoints
}
