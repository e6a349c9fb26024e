package show

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"encoding/xml"
	"io"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"breakeven/flight"
	"breakeven/flight/tracks"
)

// The table of predictions is a table of tracks as well.
func TestCSVIsRead(t *testing.T) {
	whole := made(`a,"b`, flight.Point{Lat: 52, Lon: 165}, 80, 60)
	whole.Alternatives = whole.Alternatives[:1]
	file := filepath.Join(t.TempDir(), "p.csv")
	var b bytes.Buffer
	if err := CSV(&b, []flight.Prediction{whole}); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, b.Bytes(), 0o666); err != nil {
		t.Fatal(err)
	}
	s, err := tracks.Read(tracks.Files{Tracks: file}, tracks.Options{})
	if err != nil || len(s.Warnings) > 0 || len(s.Flights) != 1 || s.Flights[0].ID != whole.ID {
		t.Fatalf("%v, %v", s, err)
	}
	for i, got := range s.Flights[0].Fixes {
		want := fixesOf(whole.Alternatives[0])[i]
		if got.Time != want.Time || math.Abs(got.Lat-want.Lat) > 1e-6 || math.Abs(got.Lon-want.Lon) > 1e-6 || got.Alt != want.Alt {
			t.Fatalf("fix %d is read as %v, and was %v", i, got, want)
		}
	}
}

// Every row has all columns; what is unknown is empty.
func TestCSV(t *testing.T) {
	var b bytes.Buffer
	if err := CSV(&b, cases()); err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(&b).ReadAll()
	if err != nil || len(rows) != 1+40*2+30*2+30+30*2 {
		t.Fatalf("%d rows, %v", len(rows), err)
	}
	if got := strings.Join(rows[0], " "); got != "flight_id alternative score unix_time_s utc ahead_s lat_deg lon_deg altitude_ft lat_rate_deg_s lon_rate_deg_s "+
		"cov_lat_lat cov_lat_lon cov_lon_lon cov_lat_alt cov_lon_alt cov_alt_alt cov_lat_lat_rate cov_lon_lat_rate cov_alt_lat_rate cov_lat_rate_lat_rate "+
		"cov_lat_lon_rate cov_lon_lon_rate cov_alt_lon_rate cov_lat_rate_lon_rate cov_lon_rate_lon_rate" {
		t.Errorf("the head is %q", got)
	}
	cell := func(row []string, name string) string {
		for i := range row {
			if rows[0][i] == name {
				return row[i]
			}
		}
		return "no column"
	}
	first := rows[1]
	if cell(first, "utc") != "2013-08-01T08:20:00Z" || cell(first, "ahead_s") != "120" || cell(first, "cov_lat_lon") != "0.0003125" || cell(first, "cov_lon_lon") != "0.00125" {
		t.Errorf("the first row is %q", first)
	}
	for _, row := range rows {
		if row[0] == "bare" && (cell(row, "altitude_ft") != "" || cell(row, "cov_lat_lat") != "") {
			t.Errorf("unknown numbers in %q", row)
		}
	}
}

// A geo is GeoJSON as another program reads it.
type geo struct {
	Type     string
	Features []struct {
		Type     string
		Geometry struct {
			Type        string
			Coordinates json.RawMessage
		}
		Properties map[string]any
	}
}

// numbersIn collects pairs of coordinates from nested lists, ring by ring or line by line.
func numbersIn(t *testing.T, raw json.RawMessage, depth int) (lines [][][]float64) {
	t.Helper()
	if depth == 1 {
		var line [][]float64
		if err := json.Unmarshal(raw, &line); err != nil {
			t.Fatal(err)
		}
		return [][][]float64{line}
	}
	var list []json.RawMessage
	if err := json.Unmarshal(raw, &list); err != nil {
		t.Fatal(err)
	}
	for _, item := range list {
		lines = append(lines, numbersIn(t, item, depth-1)...)
	}
	return lines
}

var depths = map[string]int{"LineString": 1, "MultiLineString": 2, "Polygon": 2, "MultiPolygon": 3}

// GeoJSON keeps to RFC 7946: positions on the globe, no step of more than half of it, areas
// counterclockwise and closed.
func TestGeoJSON(t *testing.T) {
	all := cases()
	for _, p := range seams() {
		all = append(all, p)
	}
	var b bytes.Buffer
	if err := GeoJSON(&b, all); err != nil {
		t.Fatal(err)
	}
	var g geo
	if err := json.Unmarshal(b.Bytes(), &g); err != nil || g.Type != "FeatureCollection" {
		t.Fatalf("%q, %v", g.Type, err)
	}
	count, named := map[string]int{}, 0
	for _, f := range g.Features {
		part, _ := f.Properties["part"].(string)
		count[part+" "+f.Geometry.Type]++
		if f.Properties["flight"] == hostile {
			named++
		}
		for _, line := range numbersIn(t, f.Geometry.Coordinates, depths[f.Geometry.Type]) {
			var ring []xy
			for i, p := range line {
				ring = append(ring, xy{p[0], p[1]})
				if math.Abs(p[0]) > 180 || math.Abs(p[1]) > 90 || i > 0 && math.Abs(p[0]-line[i-1][0]) > 180 {
					t.Fatalf("%s of %v goes to %v", part, f.Properties["flight"], p)
				}
			}
			if part == "ellipse" && (enclosed(ring) <= 0 || ring[0] != ring[len(ring)-1]) {
				t.Errorf("an ellipse of %v is clockwise or open", f.Properties["flight"])
			}
		}
	}
	if named != 3+2+3*6 || count["ellipse MultiPolygon"] == 0 || count["known LineString"] != 9 || count["truth MultiLineString"] == 0 || count["plan LineString"] == 0 {
		t.Errorf("%d features of the second flight; in all %v", named, count)
	}
}

// The ellipse of n deviations is where package score has it: at the distance of n deviations.
func TestEllipse(t *testing.T) {
	s := flight.State{Mean: [5]float64{40, -70}}
	s.Cov[0][0], s.Cov[0][1], s.Cov[1][0], s.Cov[1][1] = 4, 1, 1, 2
	det := 4*2 - 1.0
	for n := 1.0; n <= 3; n++ {
		for _, p := range ellipse(s, n) {
			x, y := p.Lat-40, p.Lon+70
			if got := math.Sqrt((2*x*x - 2*x*y + 4*y*y) / det); math.Abs(got-n) > 1e-9 {
				t.Fatalf("a point at %g deviations, not %g", got, n)
			}
		}
	}
	for name, cov := range map[string][2]float64{"none": {0, 0}, "not positive": {1, -1}, "around the earth": {1, 1e5}, "not a number": {math.NaN(), 1}} {
		s.Cov = [5][5]float64{}
		s.Cov[0][0], s.Cov[1][1] = cov[0], cov[1]
		if e := ellipse(s, 1); e != nil {
			t.Errorf("%s: an ellipse through %v", name, e[0])
		}
	}
}

// KML is XML whatever flights are called, has each part once, and a time for each point.
func TestKML(t *testing.T) {
	all := append(cases(), made("control \x01 and \xff", flight.Point{}, 90, 30))
	var b bytes.Buffer
	if err := KML(&b, all); err != nil {
		t.Fatal(err)
	}
	var got struct {
		Document struct {
			Folder []struct {
				Name  string `xml:"name"`
				Place []struct {
					Name  string   `xml:"name"`
					When  []string `xml:"Track>when"`
					Coord []string `xml:"Track>coord"`
					Rings []string `xml:"MultiGeometry>Polygon>outerBoundaryIs>LinearRing>coordinates"`
				} `xml:"Placemark"`
			}
		}
	}
	if err := xml.Unmarshal(b.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	if len(got.Document.Folder) != len(all) || got.Document.Folder[1].Name != hostile {
		t.Fatalf("%d folders", len(got.Document.Folder))
	}
	count := map[string]int{}
	for _, p := range got.Document.Folder[0].Place {
		count[p.Name]++
		if len(p.When) != len(p.Coord) {
			t.Errorf("%s has %d times for %d points", p.Name, len(p.When), len(p.Coord))
		}
		for _, c := range p.Coord {
			if height, err := strconv.ParseFloat(strings.Fields(c)[2], 64); err != nil || height < 9000 || height > 9500 {
				t.Errorf("%s at %s, not in metres", p.Name, c)
			}
		}
	}
	for _, name := range []string{"plan", "known", "truth", "prediction", "alternative 2", "20 min, 3 σ"} {
		if count[name] != 1 {
			t.Errorf("%d of %q in %v", count[name], name, count)
		}
	}
}

// Nothing is written without an error where the writer has one.
func TestWriterFails(t *testing.T) {
	for name, write := range map[string]func(io.Writer, []flight.Prediction) error{
		"csv": CSV, "geojson": GeoJSON, "kml": KML, "html": func(w io.Writer, p []flight.Prediction) error { return HTML(w, Page{Predictions: p}) },
	} {
		if err := write(full{}, cases()); err == nil {
			t.Errorf("%s: no error from a full disk", name)
		}
		var b bytes.Buffer
		if err := write(&b, nil); err != nil || b.Len() == 0 {
			t.Errorf("%s: of no flights %d bytes, %v", name, b.Len(), err)
		}
	}
}

type full struct{}

func (full) Write([]byte) (int, error) { return 0, io.ErrShortWrite }
