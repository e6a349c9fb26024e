package weather

import (
	"errors"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"testing"

	"breakeven/data/table"
)

// shared returns the name of a file with real weather, or skips the test.
func shared(t testing.TB, name string) string {
	t.Helper()
	name = filepath.Join("../../../shared/data/flights/weather", name)
	if _, err := os.Stat(name); errors.Is(err, fs.ErrNotExist) {
		t.Skip("needs ../shared/data/flights/weather, which is not here")
	}
	return name
}

// The two real GRIB2 files have the values that another reader found in them, which are rounded to
// the digits of the tables: at every point of these, temperature, and the wind to the east and
// north.
func TestRealGRIB(t *testing.T) {
	for _, c := range []struct {
		grib, table         string
		away, wind, degrees float64 // half of the last digit; the table's winds were turned at rounded longitudes
	}{
		{"raw/nam.t00z.awp21100.tm00.grib2", "nam211_20180917T00Z.csv.gz", 0.0051, 0.0055, 0.00051},
		{"raw/gfs.t00z.pgrb2.2p50.f000", "gfs2p5_20170322T00Z_namerica.csv.gz", 2e-5, 2e-5, 1e-9},
	} {
		a, err := Open(Options{}, shared(t, c.grib))
		if err != nil {
			t.Fatal(err)
		}
		if len(a.Times) != 1 {
			t.Fatalf("%s has %d times", c.grib, len(a.Times))
		}
		name := shared(t, c.table)
		if when, err := timeInName(name); err != nil || when != a.Times[0].Unix {
			t.Errorf("%s is for %g, the table for %g, %v", c.grib, a.Times[0].Unix, when, err)
		}
		at := map[[2]int]int{}
		key := func(lat, lon float64) [2]int { return [2]int{int(math.Round(lat * 1e3)), int(math.Round(lon * 1e3))} }
		for i, p := range a.Grid.Points {
			at[key(p.Lat, p.Lon)] = i
		}
		var level, lat, lon, k, u, v table.Array[float64]
		if err := table.Read(name, table.Field{Names: []string{"level_hpa"}, Into: &level}, table.Field{Names: []string{"lat_deg"}, Into: &lat},
			table.Field{Names: []string{"lon_deg"}, Into: &lon}, table.Field{Names: []string{"t_k"}, Into: &k},
			table.Field{Names: []string{"u_ms"}, Into: &u}, table.Field{Names: []string{"v_ms"}, Into: &v}); err != nil {
			t.Fatal(err)
		}
		layers := map[float64]*Layer{}
		var worst [5]float64
		for i := range level.Data {
			l := layers[level.Data[i]]
			if l == nil {
				l = new(Layer)
				n := a.Times[0].Level(level.Data[i])
				if a.Times[0].Levels[n] != level.Data[i] {
					t.Fatalf("%s has no level %g", c.grib, level.Data[i])
				}
				if err := a.Read(0, n, l); err != nil {
					t.Fatal(err)
				}
				layers[level.Data[i]] = l
			}
			g, ok := at[key(lat.Data[i], lon.Data[i])]
			if !ok {
				t.Fatalf("%s has no point %g, %g", c.grib, lat.Data[i], lon.Data[i])
			}
			p := a.Grid.Points[g]
			for q, d := range []float64{p.Lat - lat.Data[i], p.Lon - lon.Data[i], float64(l.Temperature[g]) - k.Data[i],
				float64(l.East[g]) - u.Data[i], float64(l.North[g]) - v.Data[i]} {
				worst[q] = max(worst[q], math.Abs(d))
			}
		}
		t.Logf("%s: %s, %d levels, %d values; farthest apart %.3g", c.grib, a.Grid.Name, len(layers), 3*level.Len(), worst)
		if worst[0] > c.degrees || worst[1] > c.degrees || worst[2] > c.away || worst[3] > c.wind || worst[4] > c.wind {
			t.Errorf("%s differs from the table by %.3g", c.grib, worst)
		}
	}
}
