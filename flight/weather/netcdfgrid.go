package weather

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"breakeven/flight"
	"breakeven/flight/weather/netcdf"
)

// netcdfPoints bounds the points of a grid.
const netcdfPoints = 1 << 23

// horizontal finds the points of the last two dimensions of a variable. All variables must have the
// same.
func (d *dataset) horizontal(v *netcdf.Variable) error {
	outer, inner := v.Dims[len(v.Dims)-2], v.Dims[len(v.Dims)-1]
	if d.plane == [2]*netcdf.Dim{outer, inner} {
		return nil
	}
	if outer.Len > netcdfPoints/max(inner.Len, 1) {
		return fmt.Errorf("a grid of %d × %d points, more than the %d that are read", outer.Len, inner.Len, netcdfPoints)
	}
	points, turn, err := d.points(v, outer, inner)
	if err != nil {
		return err
	}
	g := &Grid{Name: fmt.Sprintf("latitude and longitude, %d × %d points", outer.Len, inner.Len), Points: points}
	if d.grid != nil && !d.grid.equal(g) {
		return errors.New("its grid differs from that of another variable")
	}
	d.grid, d.turn, d.curved, d.plane = g, turn, turn != nil, [2]*netcdf.Dim{outer, inner}
	return nil
}

// points returns the points of a grid. If latitudes and longitudes have two dimensions each, it
// returns the angles of its x, too.
func (d *dataset) points(v *netcdf.Variable, outer, inner *netcdf.Dim) ([]flight.Point, []float32, error) {
	first, err := d.axis(v, outer)
	if err != nil {
		return nil, nil, err
	}
	second, err := d.axis(v, inner)
	if err != nil {
		return nil, nil, err
	}
	if first.kind == 'a' && second.kind == 'o' || first.kind == 'o' && second.kind == 'a' {
		return product(first, second), nil, nil
	}
	lat, lon := d.surface(v, 'a'), d.surface(v, 'o')
	if lat == nil || lon == nil {
		return nil, nil, fmt.Errorf("its last dimensions %s and %s are not latitude and longitude, by their units (degrees_north, degrees_east), and no variables have these for its points", bareName(outer.Name), bareName(inner.Name))
	}
	lats, err := d.still(lat)
	if err != nil {
		return nil, nil, err
	}
	lons, err := d.still(lon)
	if err != nil {
		return nil, nil, err
	}
	points := make([]flight.Point, len(lats))
	for i := range points {
		points[i] = flight.Point{Lat: lats[i], Lon: lons[i]}
	}
	turn := turns(points, inner.Len)
	falls, err := d.falls(v, inner)
	if falls {
		for i := range turn {
			turn[i] += math.Pi
		}
	}
	return points, turn, err
}

// falls reports whether the coordinates of a dimension fall, so that its x goes backward.
func (d *dataset) falls(of *netcdf.Variable, dim *netcdf.Dim) (bool, error) {
	v := d.coordinate(of, dim)
	if v == nil || dim.Len < 2 {
		return false, nil
	}
	x := make([]float64, dim.Len)
	err := v.Read(d.r, x)
	return x[len(x)-1] < x[0], err
}

// product returns the points of an axis of latitudes and one of longitudes, in either order.
func product(outer, inner axis) []flight.Point {
	points := make([]flight.Point, 0, len(outer.values)*len(inner.values))
	for _, a := range outer.values {
		for _, b := range inner.values {
			if outer.kind == 'a' {
				points = append(points, flight.Point{Lat: a, Lon: b})
			} else {
				points = append(points, flight.Point{Lat: b, Lon: a})
			}
		}
	}
	return points
}

// place returns 'a' for a variable of latitudes, 'o' for one of longitudes, and else 0.
func (d *dataset) place(v *netcdf.Variable) byte {
	unit := strings.ToLower(d.text(v, "units"))
	if !strings.HasPrefix(unit, "degree") {
		return 0
	}
	switch name := d.text(v, "standard_name"); {
	case strings.Contains(unit, "north"), name == "latitude":
		return 'a'
	case strings.Contains(unit, "east"), name == "longitude":
		return 'o'
	}
	return 0
}

// surface returns the variable that has the latitudes or longitudes of the points of another: the one
// that this names (its attribute coordinates), or the first. It may have a dimension before those
// of the points, as WRF's have one of time. Nil: there is none.
func (d *dataset) surface(of *netcdf.Variable, kind byte) *netcdf.Variable {
	named := strings.Fields(d.text(of, "coordinates"))
	plane := of.Dims[len(of.Dims)-2:]
	var found *netcdf.Variable
	for _, v := range d.Vars {
		n := len(v.Dims)
		if n != 2 && n != 3 || !slices.Equal(v.Dims[n-2:], plane) || d.place(v) != kind {
			continue
		}
		if slices.Contains(named, v.Name) {
			return v
		}
		if found == nil {
			found = v
		}
	}
	return found
}

// still reads the values of a surface, which must be the same at all times.
func (d *dataset) still(v *netcdf.Variable) ([]float64, error) {
	if len(v.Dims) == 2 {
		values := make([]float64, v.Len(0))
		return values, v.Read(d.r, values)
	}
	values, other := make([]float64, v.Len(1)), make([]float64, v.Len(1))
	for i := range v.Dims[0].Len {
		if err := v.Read(d.r, other, i); err != nil {
			return nil, err
		}
		if i == 0 {
			copy(values, other)
		} else if !slices.Equal(values, other) {
			return nil, fmt.Errorf("the grid of %s is another one at time %d, and a grid that moves is not read", v.Name, i+1)
		}
	}
	return values, nil
}

// turns returns the angle from the x of a grid to the east at each of its points, in radians, of
// rows with so many points: x goes from the point before to the next one.
func turns(points []flight.Point, columns int) []float32 {
	turn := make([]float32, len(points))
	for k, p := range points {
		i := k % columns
		before, after := onSphere(points[k-min(i, 1)]), onSphere(points[k+min(columns-1-i, 1)])
		sinLat, cosLat := math.Sincos(p.Lat * math.Pi / 180)
		sinLon, cosLon := math.Sincos(p.Lon * math.Pi / 180)
		x, y, z := after[0]-before[0], after[1]-before[1], after[2]-before[2]
		east, north := y*cosLon-x*sinLon, z*cosLat-(x*cosLon+y*sinLon)*sinLat
		turn[k] = float32(-math.Atan2(north, east))
	}
	return turn
}

// onSphere returns a point of the unit sphere.
func onSphere(p flight.Point) [3]float64 {
	sinLat, cosLat := math.Sincos(p.Lat * math.Pi / 180)
	sinLon, cosLon := math.Sincos(p.Lon * math.Pi / 180)
	return [3]float64{cosLat * cosLon, cosLat * sinLon, sinLat}
}

// ambiguous is the error for a wind on a grid whose x is not the east, if it does not say which of
// the two it is along.
func (d *dataset) ambiguous(v *netcdf.Variable, quantity int) error {
	return fmt.Errorf("its grid is turned, and nothing says whether it is along the grid or to the east and north; give it the standard_name %s or %s, as with: ncatted -a standard_name,%s,o,c,%s FILE",
		along[quantity][0], names[quantity][0], bareName(v.Name), along[quantity][0])
}
