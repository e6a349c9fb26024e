package geodesy

import (
	"math"
	"testing"

	"breakeven/data/table"
	"breakeven/flight"
)

// The pairs are random over the globe, near each other, nearly antipodal, at the poles and across
// the antimeridian; the values are those of GeographicLib 2.1 (Karney).
func TestGeographicLib(t *testing.T) {
	var lat1, lon1, lat2, lon2, metres, azimuth1, azimuth2 table.Array[float64]
	err := table.Read("testdata/geodesics.csv",
		table.Field{Names: []string{"lat1"}, Into: &lat1}, table.Field{Names: []string{"lon1"}, Into: &lon1},
		table.Field{Names: []string{"lat2"}, Into: &lat2}, table.Field{Names: []string{"lon2"}, Into: &lon2},
		table.Field{Names: []string{"metres"}, Into: &metres},
		table.Field{Names: []string{"azimuth1"}, Into: &azimuth1}, table.Field{Names: []string{"azimuth2"}, Into: &azimuth2})
	if err != nil {
		t.Fatal(err)
	}
	for i := range metres.Data {
		a, b := flight.Point{Lat: lat1.Data[i], Lon: lon1.Data[i]}, flight.Point{Lat: lat2.Data[i], Lon: lon2.Data[i]}
		d, az1, az2 := Inverse(a, b)
		if math.Abs(d*NauticalMile-metres.Data[i]) > 1e-3 {
			t.Errorf("%v to %v: %.4f m, want %.4f", a, b, d*NauticalMile, metres.Data[i])
		}
		if d == 0 {
			continue
		}
		p, back := Direct(a, az1, d)
		if off := Distance(p, b) * NauticalMile; off > 2e-3 {
			t.Errorf("%v to %v: Direct misses by %.4f m", a, b, off)
		}
		// An azimuth counts as much as it moves the other end.
		lever := metres.Data[i]
		if lever < major && math.Abs(a.Lat) < 90 && math.Abs(b.Lat) < 90 {
			for _, diff := range []float64{az1 - azimuth1.Data[i], az2 - azimuth2.Data[i], back - azimuth2.Data[i]} {
				if math.Abs(Wrap(diff))*degree*lever > 5e-3 {
					t.Errorf("%v to %v: azimuths %v, %v, %v, want %v, %v", a, b, az1, az2, back, azimuth1.Data[i], azimuth2.Data[i])
				}
			}
		}
	}
}

func TestWrap(t *testing.T) {
	for _, test := range [][2]float64{{0, 0}, {180, -180}, {-180, -180}, {190, -170}, {-190, 170}, {539, 179}, {-541, 179}} {
		if got := Wrap(test[0]); got != test[1] {
			t.Errorf("Wrap(%v) = %v, want %v", test[0], got, test[1])
		}
	}
	if got := Near(-179, 178); got != 181 {
		t.Errorf("Near(−179, 178) = %v", got)
	}
}

func TestAlong(t *testing.T) {
	a := flight.Point{Lat: 40, Lon: -90}
	b, _ := Direct(a, 60, 10)
	along, across := Along(a, b, 30)
	if math.Abs(along-10*math.Cos(math.Pi/6)) > 1e-9 || math.Abs(across-5) > 1e-9 {
		t.Errorf("%v along and %v across", along, across)
	}
	if m := Between(a, b, 0.5); math.Abs(Distance(a, m)-5) > 1e-6 || math.Abs(Distance(m, b)-5) > 1e-6 {
		t.Errorf("the middle is %v", m)
	}
}

func BenchmarkInverse(b *testing.B) {
	p, q := flight.Point{Lat: 30, Lon: -95}, flight.Point{Lat: 30.2, Lon: -94.7}
	for b.Loop() {
		Inverse(p, q)
	}
}
