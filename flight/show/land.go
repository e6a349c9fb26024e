package show

import (
	"bytes"
	"compress/gzip"
	_ "embed"
	"encoding/binary"
	"io"
	"math"
	"strconv"
	"strings"
	"sync"

	"breakeven/flight"
	"breakeven/flight/geodesy"
)

// landFile has coastlines and borders of Natural Earth 4.1, 1:50m, which is in the public domain
// (naturalearthdata.com), to a fiftieth of a degree. gen makes it.
//
//go:embed land.bin.gz
var landFile []byte

// land returns closed rings with the land to their left, and lines between countries.
var land = sync.OnceValues(func() (rings, borders [][]flight.Point) {
	z, err := gzip.NewReader(bytes.NewReader(landFile))
	if err != nil {
		panic("show: the embedded coastlines: " + err.Error())
	}
	all, err := io.ReadAll(z)
	if err != nil {
		panic("show: the embedded coastlines: " + err.Error())
	}
	next := func() int {
		x, n := binary.Varint(all)
		all = all[n:]
		return int(x)
	}
	lines := func() [][]flight.Point {
		list := make([][]flight.Point, next())
		for i := range list {
			list[i] = make([]flight.Point, next())
			x, y := 0, 0
			for j := range list[i] {
				x += next()
				y += next()
				list[i][j] = flight.Point{Lat: float64(y) / 50, Lon: float64(x) / 50}
			}
		}
		return list
	}
	rings = lines()
	return rings, lines()
})

// A ground is what lies under a map, as paths of SVG; Land is filled by the rule "evenodd".
type ground struct {
	Land    string `json:"land"`
	Coast   string `json:"coast"`
	Borders string `json:"borders"`
}

// ground draws land and borders in a rectangle of the plane.
func (p plane) ground(low, high xy) ground {
	rings, borders := land()
	var area, coast, lines strings.Builder
	for _, ring := range rings {
		points := p.all(ring)
		if p.opposite(ring) {
			continue
		}
		if p.inverted(ring, points) {
			write(&area, []xy{low, {high[0], low[1]}, high, {low[0], high[1]}}, true)
		}
		if part := clipBox(points[:len(points)-1], low, high); len(part) > 2 {
			write(&area, part, true)
		}
		inside(&coast, points, low, high)
	}
	for _, line := range borders {
		inside(&lines, p.all(line), low, high)
	}
	return ground{area.String(), coast.String(), lines.String()}
}

// all projects a line.
func (p plane) all(line []flight.Point) []xy {
	points := make([]xy, len(line))
	for i, q := range line {
		points[i] = p.at(q)
	}
	return points
}

// opposite reports whether all of a ring lies where points are moved away from the one that is opposite to
// the centre.
func (p plane) opposite(ring []flight.Point) bool {
	for _, q := range ring {
		if p.height(q) >= edge {
			return false
		}
	}
	return true
}

// inverted reports whether what a ring encloses, land or a lake, holds the point opposite to the centre.
// Then the map has it outside of the ring, and the ring runs the other way round. In a path that is filled by the
// rule "evenodd" a rectangle around all turns that round again.
func (p plane) inverted(ring []flight.Point, points []xy) bool {
	flat := make([]xy, len(ring))
	lon := ring[0].Lon
	for i, q := range ring {
		lon = geodesy.Near(q.Lon, lon)
		flat[i] = xy{lon, -q.Lat}
	}
	land := math.Abs(lon-ring[0].Lon) > 180 || enclosed(flat) < 0 // Antarctica goes around; y is down
	return land != (enclosed(points) < 0)
}

// enclosed returns twice the area of a closed ring, with the sign of its turn.
func enclosed(ring []xy) float64 {
	sum := 0.0
	for i := range ring[1:] {
		sum += ring[i][0]*ring[i+1][1] - ring[i+1][0]*ring[i][1]
	}
	return sum
}

// inside writes the parts of a line that lie in a rectangle, with one point beyond it on either side.
func inside(to *strings.Builder, line []xy, low, high xy) {
	in := func(q xy) bool { return q[0] >= low[0] && q[0] <= high[0] && q[1] >= low[1] && q[1] <= high[1] }
	begin := -1
	end := func(i int) {
		if begin >= 0 && i-begin > 1 {
			write(to, line[begin:i], false)
		}
		begin = -1
	}
	for i := 1; i < len(line); i++ {
		drawn := in(line[i-1]) || in(line[i])
		if drawn && begin < 0 {
			begin = i - 1
		}
		if !drawn {
			end(i)
		}
	}
	end(len(line))
}

// write appends a path, to a tenth of a mile.
func write(to *strings.Builder, line []xy, closed bool) {
	for i, q := range line {
		to.WriteByte("ML"[min(i, 1)])
		to.WriteString(strconv.FormatFloat(math.Round(q[0]*10)/10, 'f', -1, 64))
		to.WriteByte(' ')
		to.WriteString(strconv.FormatFloat(math.Round(q[1]*10)/10, 'f', -1, 64))
	}
	if closed {
		to.WriteByte('Z')
	}
}
