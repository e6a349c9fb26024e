package weather

import (
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"

	"breakeven/flight/weather/netcdf"
)

// names are the standard names (CF conventions) and the usual names of what is read, in the order
// of a Layer.
var names = [3][]string{
	{"air_temperature", "t", "ta", "air", "temperature", "temp", "tmp"},
	{"eastward_wind", "u", "ua", "uwnd", "u_component_of_wind", "ugrd"},
	{"northward_wind", "v", "va", "vwnd", "v_component_of_wind", "vgrd"},
}

// along are the standard names of winds along the axes of a grid, in the same order.
var along = [3][]string{nil, {"x_wind", "grid_eastward_wind"}, {"y_wind", "grid_northward_wind"}}

// readNetCDF lists the variables that have a dimension of pressure and two that make a grid. Winds
// along the axes of the grid count if there are none to the east and the north.
func readNetCDF(name string, r io.ReaderAt, size int64) (*contents, error) {
	f, err := netcdf.Open(r, size)
	if err != nil {
		return nil, err
	}
	d := &dataset{File: f, r: r, name: name}
	for _, turned := range []bool{false, true} {
		for _, v := range f.Vars {
			q, onGrid, ok := d.quantity(v)
			if !ok || onGrid != turned || onGrid && d.winds {
				continue
			}
			if err := d.take(v, q, onGrid); err != nil {
				return nil, fmt.Errorf("variable %s: %w", v.Name, err)
			}
		}
	}
	if d.grid == nil {
		d.grid = &Grid{}
	}
	return &d.contents, nil
}

// quantity returns which of the numbers of a Layer a variable has, and whether it is a wind along
// the axes of the grid.
func (d *dataset) quantity(v *netcdf.Variable) (quantity int, onGrid, ok bool) {
	name := strings.ToLower(d.text(v, "standard_name"))
	for q := range names {
		switch {
		case slices.Contains(along[q], name):
			return q, true, true
		case slices.Contains(names[q], name), name == "" && slices.Contains(names[q], strings.ToLower(v.Name)):
			return q, false, true
		}
	}
	return 0, false, false
}

// A dataset is a NetCDF file while its contents are listed.
type dataset struct {
	*netcdf.File
	contents
	r      io.ReaderAt
	name   string
	plane  [2]*netcdf.Dim // of the grid
	curved bool           // its latitudes and longitudes have two dimensions each
	winds  bool           // some are to the east or the north
}

// text returns an attribute of a variable.
func (d *dataset) text(v *netcdf.Variable, name string) string {
	a, _ := v.Attr(name)
	return strings.TrimRight(a.Text, " \x00")
}

// An axis is a dimension with the kind of its coordinates.
type axis struct {
	kind   byte // 't'ime, 'p'ressure, l'a'titude, l'o'ngitude, 'm'onth, or 0
	values []float64
}

// take lists the fields of a variable; onGrid says that it is a wind along the axes of the grid.
func (d *dataset) take(v *netcdf.Variable, quantity int, onGrid bool) error {
	n := len(v.Dims) - 2
	if n < 1 {
		return nil // on no level
	}
	axes := make([]axis, n)
	at := map[byte]int{}
	for i := range axes {
		var err error
		if axes[i], err = d.axis(v, v.Dims[i]); err != nil {
			return err
		}
		if axes[i].kind == 0 && v.Dims[i].Len != 1 {
			return fmt.Errorf("dimension %s is neither time nor pressure, by its units", bareName(v.Dims[i].Name))
		}
		at[axes[i].kind] = i
	}
	pressure, ok := at['p']
	if !ok {
		return nil
	}
	if err := d.horizontal(v); err != nil {
		return err
	}
	if quantity > 0 && !onGrid {
		if d.curved && d.text(v, "standard_name") == "" {
			return d.ambiguous(v, quantity)
		}
		d.winds = true
	}
	factor, offset, err := conversion(quantity, d.text(v, "units"))
	if err != nil {
		return err
	}
	when, timed := at['t']
	if month, ok := at['m']; ok {
		when, timed, d.climate = month, true, true
	}
	times := []float64{0}
	if timed {
		times = axes[when].values
	} else if times[0], err = timeInName(d.name); err != nil {
		return errors.New("it has no dimension of time, and no time is in the file's name; name it as in wind_20180917T00Z.nc")
	}
	for i, t := range times {
		for j, level := range axes[pressure].values {
			index := make([]int, n)
			index[pressure] = j
			if timed {
				index[when] = i
			}
			d.fields = append(d.fields, field{quantity, t, level, cell{turned: onGrid, read: d.reader(v, index, factor, offset)}})
		}
	}
	return nil
}

// reader returns a function that reads one field.
func (d *dataset) reader(v *netcdf.Variable, index []int, factor, offset float64) func(dst []float32) error {
	return func(dst []float32) error {
		values := make([]float64, len(dst))
		err := opened(d.name, func(r io.ReaderAt) error { return v.Read(r, values, index...) })
		for i, x := range values {
			dst[i] = float32(x*factor + offset)
		}
		return err
	}
}

// conversion returns how values in a unit become K or m/s.
func conversion(quantity int, unit string) (factor, offset float64, err error) {
	switch strings.ToLower(unit) {
	case "k", "kelvin", "degk", "m/s", "m s-1", "m s**-1", "m s^-1", "ms-1", "m.s-1", "meters/second", "":
		return 1, 0, nil
	case "c", "degc", "celsius", "degrees_c", "degree_celsius":
		if quantity == 0 {
			return 1, 273.15, nil
		}
	case "knots", "knot", "kt", "kts":
		if quantity > 0 {
			return 1852.0 / 3600, 0, nil
		}
	}
	return 0, 0, fmt.Errorf("its unit %q is not known; give temperatures in K and winds in m/s", unit)
}

// axis reads the coordinates of a dimension of a variable.
func (d *dataset) axis(of *netcdf.Variable, dim *netcdf.Dim) (axis, error) {
	v := d.coordinate(of, dim)
	if v == nil {
		return axis{}, nil
	}
	unit := strings.ToLower(d.text(v, "units"))
	kind, factor, offset := byte(0), 1.0, 0.0
	switch {
	case d.place(v) != 0:
		kind = d.place(v)
	case slices.Contains([]string{"hpa", "millibars", "millibar", "mbar", "mb"}, unit):
		kind = 'p'
	case unit == "pa":
		kind, factor = 'p', 0.01
	case strings.Contains(unit, " since "):
		var err error
		if factor, offset, err = since(unit, d.text(v, "calendar")); err != nil {
			return axis{}, err
		}
		kind = 't'
	case strings.EqualFold(dim.Name, "month"):
		kind, factor, offset = 'm', year/12, -year/24
	default:
		return axis{}, nil
	}
	a := axis{kind, make([]float64, dim.Len)}
	if err := v.Read(d.r, a.values); err != nil {
		return axis{}, err
	}
	for i := range a.values {
		x := a.values[i]*factor + offset
		if !(math.Abs(x) < 1e11) || kind == 'p' && !(x > 0 && x < 1e5) || kind == 'm' && !(x > 0 && x < year) {
			return axis{}, fmt.Errorf("coordinate %d of dimension %s is %g", i+1, bareName(dim.Name), a.values[i])
		}
		a.values[i] = x
	}
	return a, nil
}

// bareName quotes a name of a file where that is needed.
func bareName(name string) string { return strings.Trim(fmt.Sprintf("%q", name), `"`) }

// coordinate returns the variable that has the coordinates of a dimension: the one of its name, or
// one that a variable names as such (its attribute coordinates). Nil: there is none.
func (d *dataset) coordinate(of *netcdf.Variable, dim *netcdf.Dim) *netcdf.Variable {
	named := strings.Fields(d.text(of, "coordinates"))
	var found *netcdf.Variable
	for _, v := range d.Vars {
		switch {
		case len(v.Dims) != 1 || v.Dims[0] != dim:
		case v.Name == dim.Name:
			return v
		case found == nil && slices.Contains(named, v.Name):
			found = v
		}
	}
	return found
}
