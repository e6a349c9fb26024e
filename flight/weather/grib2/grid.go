package grib2

import (
	"encoding/binary"
	"fmt"
	"math"
)

// A Grid says where the points of a field lie. Grids of the same points compare equal.
type Grid struct {
	Cols, Rows int  // points along x and along y
	Turned     bool // winds are along x and y, not to the east and the north

	fault    string // why it is not read
	scan     uint8  // table 3.4
	lambert  Lambert
	lat, lon [2]float64 // of the first and the last point, where the grid is one of latitudes and longitudes
}

// Len returns the number of points.
func (g *Grid) Len() int { return g.Cols * g.Rows }

// String describes the grid in a few words.
func (g *Grid) String() string {
	switch {
	case g.fault != "":
		return g.fault
	case g.lambert.Radius > 0:
		return fmt.Sprintf("Lambert conformal, %d × %d points", g.Cols, g.Rows)
	}
	return fmt.Sprintf("latitude and longitude, %d × %d points", g.Cols, g.Rows)
}

// Bits of the scanning mode, table 3.4.
const (
	westward  = 0x80 // along −x
	northward = 0x40 // along +y
	columns   = 0x20 // neighbours along y stand together
	zigzag    = 0x10 // every second row runs backwards
	offsets   = 0x0f
)

// position returns the column and row of point k in the file's order, counted from the first
// point as it is scanned.
func (g *Grid) position(k int) (i, j int) {
	if g.scan&columns != 0 {
		if i, j = k/g.Rows, k%g.Rows; g.scan&zigzag != 0 && i%2 == 1 {
			j = g.Rows - 1 - j
		}
		return i, j
	}
	if i, j = k%g.Cols, k/g.Cols; g.scan&zigzag != 0 && j%2 == 1 {
		i = g.Cols - 1 - i
	}
	return i, j
}

// Point returns the latitude and longitude of point k in degrees, in the order of the values.
// Longitudes are between −180 and 180.
func (g *Grid) Point(k int) (lat, lon float64) {
	i, j := g.position(k)
	if g.lambert.Radius > 0 {
		return g.lambert.Point(g.sign(westward)*float64(i), -g.sign(northward)*float64(j))
	}
	lat, lon = g.lat[0], g.lon[0]
	if g.Rows > 1 {
		lat += (g.lat[1] - g.lat[0]) * float64(j) / float64(g.Rows-1)
	}
	if g.Cols > 1 {
		lon += (g.lon[1] - g.lon[0]) * float64(i) / float64(g.Cols-1)
	}
	return lat, wrap(lon)
}

// sign returns −1 if a bit of the scanning mode is set, else 1.
func (g *Grid) sign(bit uint8) float64 {
	if g.scan&bit != 0 {
		return -1
	}
	return 1
}

// Turn returns the angle in radians from the grid's x to the east at a longitude in degrees,
// by which winds along x and y are turned: east = u cos a + v sin a, north = v cos a − u sin a.
func (g *Grid) Turn(lon float64) float64 {
	if !g.Turned || g.lambert.Radius <= 0 {
		return 0
	}
	return g.lambert.Turn(lon)
}

// wrap returns a longitude between −180 and 180.
func wrap(lon float64) float64 {
	if lon >= -180 && lon <= 180 {
		return lon
	}
	return lon - 360*math.Round(lon/360)
}

// gridOf reads section 3.
func gridOf(b []byte) Grid {
	refuse := func(format string, args ...any) Grid { return Grid{fault: fmt.Sprintf(format, args...)} }
	template := binary.BigEndian.Uint16(b[12:])
	switch {
	case b[5] != 0:
		return refuse("a grid of the originating centre (source %d), which the file does not describe", b[5])
	case b[10] != 0:
		return refuse("a grid whose rows have different numbers of points")
	case template != 0 && template != 30:
		return refuse("grid template 3.%d, where 3.0 (latitude and longitude) and 3.30 (Lambert) are read", template)
	case len(b) < map[uint16]int{0: 72, 30: 81}[template]:
		return refuse("a grid section of %d bytes, too short for template 3.%d", len(b), template)
	}
	u := func(octet int) uint32 { return binary.BigEndian.Uint32(b[octet-1:]) }
	cols, rows, points := u(31), u(35), u(7)
	if cols == 0 || rows == 0 || uint64(cols)*uint64(rows) > MaxPoints || cols*rows != points {
		return refuse("a grid of %d × %d points and a field of %d; they must agree, and at most %d points are read", cols, rows, points, MaxPoints)
	}
	g := Grid{Cols: int(cols), Rows: int(rows)}
	if template == 30 {
		g.fault = g.takeLambert(b)
	} else {
		g.fault = g.takeDegrees(b)
	}
	if g.fault == "" && g.scan&offsets != 0 {
		g.fault = fmt.Sprintf("scanning mode %#02x, whose rows are offset", g.scan)
	}
	return g
}

// micro returns the degrees at an octet of a section, which has millionths of them.
func micro(b []byte, octet int) float64 { return float64(signed(b[octet-1:octet+3])) / 1e6 }

// takeDegrees reads template 3.0. Points are placed between the first and the last one, since the
// file's increments are rounded.
func (g *Grid) takeDegrees(b []byte) (fault string) {
	if basic := binary.BigEndian.Uint32(b[38:]); basic != 0 && basic != math.MaxUint32 {
		return fmt.Sprintf("angles in units of their own (basic angle %d)", basic)
	}
	g.scan = b[71]
	g.lat = [2]float64{micro(b, 47), micro(b, 56)}
	g.lon = [2]float64{micro(b, 51), micro(b, 60)}
	for i := range 2 {
		if math.Abs(g.lat[i]) > 90 || math.Abs(g.lon[i]) > 720 {
			return fmt.Sprintf("a grid from %g, %g to %g, %g degrees", g.lat[0], g.lon[0], g.lat[1], g.lon[1])
		}
	}
	span := math.Mod(math.Mod(g.lon[1]-g.lon[0], 360)+360, 360)
	if g.scan&westward != 0 && span > 0 {
		span -= 360
	}
	g.lon[1] = g.lon[0] + span
	if g.Cols > 1 && span == 0 || g.Rows > 1 && g.lat[0] == g.lat[1] {
		return "a grid whose first and last point have the same latitude or longitude"
	}
	return ""
}

// takeLambert reads template 3.30.
func (g *Grid) takeLambert(b []byte) (fault string) {
	radius, known := radiusOf(b)
	if !known {
		return fmt.Sprintf("a Lambert grid on an earth of shape %d, where spheres are read", b[14])
	}
	if b[63]&0x40 != 0 {
		return "a bipolar Lambert grid"
	}
	g.scan = b[64]
	g.Turned = b[46]&0x08 != 0
	metres := func(octet int) float64 { return float64(binary.BigEndian.Uint32(b[octet-1:])) / 1000 }
	var err error
	g.lambert, err = NewLambert(Lambert{
		Radius: radius, Lat: micro(b, 39), Lon: wrap(micro(b, 43)), Central: wrap(micro(b, 52)),
		Dx: metres(56), Dy: metres(60), Parallels: [2]float64{micro(b, 66), micro(b, 70)},
	})
	if err != nil {
		return err.Error()
	}
	return ""
}

// radiusOf returns the radius in metres of a spherical earth, by table 3.2.
func radiusOf(b []byte) (radius float64, known bool) {
	switch b[14] {
	case 0:
		return 6367470, true
	case 1:
		radius = float64(binary.BigEndian.Uint32(b[16:])) * math.Pow10(-int(signed(b[15:16])))
		return radius, radius > 1e6 && radius < 1e8
	case 6:
		return 6371229, true
	case 8:
		return 6371200, true
	}
	return 0, false
}
