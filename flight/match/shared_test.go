package match

import (
	"encoding/json"
	"errors"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"testing"
	"time"

	"breakeven/data/table"
	"breakeven/flight"
	"breakeven/flight/sample"
	"breakeven/flight/weather"
	"breakeven/internal/testenv"
)

// shared returns the name of a file of ../shared/data, or skips the test.
func shared(t testing.TB, name string) string {
	t.Helper()
	name = filepath.Join("../../../shared/data", name)
	if _, err := os.Stat(name); errors.Is(err, fs.ErrNotExist) {
		t.Skip("needs ../shared/data, which is not here")
	}
	return name
}

func stormsOf2013(t testing.TB) *weather.Storms {
	t.Helper()
	s, err := weather.OpenStorms(weather.Options{}, shared(t, "flights/weather/ncwf_201308_runs.csv.gz"))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// gridPoint returns the point of the storms' grid that a cell of a cube gets.
func (m *Matcher) gridPoint(p *Point, cell int) int32 {
	h, guess := m.square.at(p), 0
	q := m.square.cell(&h, cell)
	at, _ := m.stormIndex.find(&q, &guess)
	return at
}

// The published system's grid points and storms at one point of a flight.
func TestGoldenPoint(t *testing.T) {
	text, err := os.ReadFile(shared(t, "deeptp/golden_match.json"))
	if err != nil {
		t.Fatal(err)
	}
	var want struct {
		Time     string
		Lat, Lon float64
		FL       float64
		Azimuth  float64              `json:"azimuth_deg"`
		Index    [Rows * Cols]int32   `json:"grid_idx"`
		Storm    [Rows * Cols]float32 `json:"wx"`
	}
	if err := json.Unmarshal(text, &want); err != nil {
		t.Fatal(err)
	}
	at, err := time.Parse("2006-01-02 15:04:05", want.Time)
	if err != nil {
		t.Fatal(err)
	}
	p := Point{flight.Fix{Time: float64(at.Unix()), Point: flight.Point{Lat: want.Lat, Lon: want.Lon}, Alt: 100 * want.FL}, want.Azimuth}
	m := New(nil, stormsOf2013(t), Options{Official: true})
	for k := range want.Index {
		if got := m.gridPoint(&p, k); got != want.Index[k] {
			t.Errorf("cell %d: point %d of the grid, want %d", k, got, want.Index[k])
		}
	}
	cube := make([]float32, Size)
	if err := m.MatchTo(cube, []Point{p}); err != nil {
		t.Fatal(err)
	}
	var storm [Rows * Cols]float32
	for k := range storm {
		storm[k] = cube[k*Channels]
	}
	if storm != want.Storm {
		t.Errorf("storms: %v, want %v", storm, want.Storm)
	}
}

// minute returns the whole minute of arc that the table rounds to five digits.
func minute(x float64) float64 {
	if y := math.Round(60*x) / 60; math.Abs(x-y) < 1e-5 {
		return y
	}
	return x
}

// flightsOf2013 returns the points of the published flights.
func flightsOf2013(t testing.TB) []Point {
	t.Helper()
	var id table.Array[string]
	var at, lat, lon, alt table.Array[float64]
	err := table.Read(shared(t, "flights/iah_bos_201308_full.csv.gz"), table.Field{Names: []string{"flight_id"}, Into: &id},
		table.Field{Names: []string{"unix_time_s"}, Into: &at}, table.Field{Names: []string{"lat_deg"}, Into: &lat},
		table.Field{Names: []string{"lon_deg"}, Into: &lon}, table.Field{Names: []string{"altitude_ft"}, Into: &alt})
	if err != nil {
		t.Fatal(err)
	}
	points := make([]Point, id.Len())
	for i := range points {
		p := &points[i]
		p.Fix = flight.Fix{Time: at.Data[i], Point: flight.Point{Lat: minute(lat.Data[i]), Lon: minute(lon.Data[i])}, Alt: alt.Data[i]}
		p.Azimuth = 1e-6
		if i > 0 && id.Data[i] == id.Data[i-1] {
			p.Azimuth = onGlobe(points[i-1].Point, p.Point)
		}
	}
	return points
}

// onGlobe returns the direction at a of the great circle to b on a sphere, in degrees. The
// reference values were made with it; on the ellipsoid directions differ by up to 0.2 degrees.
func onGlobe(a, b flight.Point) float64 {
	sinA, cosA := math.Sincos(a.Lat * degree)
	sinB, cosB := math.Sincos(b.Lat * degree)
	sin, cos := math.Sincos((b.Lon - a.Lon) * degree)
	return math.Atan2(sin*cosB, cosA*sinB-sinA*cosB*cos) / degree
}

// The published system's matching at all points of August 2013: the direction, the grid points of
// the first and last cell, and how many cells have storms.
func TestGoldenFlights(t *testing.T) {
	testenv.Slow(t)
	points := flightsOf2013(t)
	var azimuth, cells, first, last table.Array[float64]
	err := table.Read(shared(t, "flights/weather/iah_bos_201308_wx_match.csv.gz"), table.Field{Names: []string{"azimuth_deg"}, Into: &azimuth},
		table.Field{Names: []string{"wx_cells"}, Into: &cells}, table.Field{Names: []string{"idx0"}, Into: &first}, table.Field{Names: []string{"idx399"}, Into: &last})
	if err != nil {
		t.Fatal(err)
	}
	m := New(nil, stormsOf2013(t), Options{Official: true})
	cubes := make([]float32, len(points)*Size)
	if err := m.MatchTo(cubes, points); err != nil {
		t.Fatal(err)
	}
	for i := range points {
		if math.Abs(math.Remainder(points[i].Azimuth-azimuth.Data[i], 360)) > 0.00006 {
			t.Errorf("point %d: azimuth %g, want %g", i, points[i].Azimuth, azimuth.Data[i])
		}
		if from, to := m.gridPoint(&points[i], 0), m.gridPoint(&points[i], Rows*Cols-1); float64(from) != first.Data[i] || float64(to) != last.Data[i] {
			t.Errorf("point %d: from grid point %d to %d, want %g to %g", i, from, to, first.Data[i], last.Data[i])
		}
		n := 0.0
		for k := range Rows * Cols {
			n += float64(cubes[i*Size+k*Channels])
		}
		if n != cells.Data[i] {
			t.Errorf("point %d: %g cells with storms, want %g", i, n, cells.Data[i])
		}
	}
}

// The storms of the embedded sample are those that its flights have in their cubes.
func TestSample(t *testing.T) {
	few := sample.Storms()
	var points []Point
	for _, f := range sample.Flights().Flights {
		points = Along(points, &f, false)
	}
	got, want := match(t, New(nil, few, Options{}), points), match(t, New(nil, stormsOf2013(t), Options{}), points)
	n, differ := 0, 0
	for i := 0; i < len(got); i += Channels {
		n += int(want[i])
		if got[i] != want[i] {
			differ++
		}
	}
	if n == 0 || differ > 0 {
		t.Errorf("of %d cells with storms %d differ", n, differ)
	}
}

// BenchmarkMatch makes the cubes of 100,000 points: of storms alone, and of the air on another grid
// too.
func BenchmarkMatch(b *testing.B) {
	all := flightsOf2013(b)
	points := make([]Point, 100000)
	for i := range points {
		points[i] = all[i%len(all)]
	}
	storms := stormsOf2013(b)
	air, err := weather.Open(weather.Options{}, shared(b, "flights/weather/eraint_monthly_uv_namerica.csv.gz"))
	if err != nil {
		b.Fatal(err)
	}
	const some = 10000 // at a time, to spare memory
	cubes := make([]float32, some*Size)
	for _, c := range []struct {
		name string
		air  *weather.Atmosphere
	}{{"storms", nil}, {"both", air}} {
		b.Run(c.name, func(b *testing.B) {
			m := New(c.air, storms, Options{})
			for b.Loop() {
				for i := 0; i < len(points); i += some {
					if err := m.MatchTo(cubes, points[i:i+some]); err != nil {
						b.Fatal(err)
					}
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*len(points)), "ns/point")
		})
	}
}
