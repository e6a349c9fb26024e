// Package match cuts out of the weather what lies ahead of an aircraft: tree-based matching and feature
// cubes, after Liu and Hansen (arXiv 1812.11670).
//
// A cube is 20 × 20 cells of four numbers: whether there is a storm, the temperature in K, and the
// wind's u and v in m/s. The cells are a square of 2 by 2 degrees of arc with one side centred on
// the aircraft: columns go ahead from 0 to 2 degrees, rows from 1 degree on the right to 1 degree
// on the left. Each cell takes the values of the nearest point of the grid, found by a k-d tree, on
// the level of pressure that is nearest to the aircraft's in the standard atmosphere, at the
// nearest time: within 3 hours for wind and temperature, within 1 hour for storms. A storm counts
// if its top is within 20,000 ft of the altitude, which is rounded down to thousands.
//
// Laws:
//
//   - A Matcher reads a layer of weather once for all points of a call that need it, and keeps it
//     as long as its memory allows. It allocates nothing when it has what it needs.
//   - A cube is the same bits for any number of cores, in whatever calls and order its point
//     comes.
//   - What is not known is NaN: wind and temperature at no known time, without an altitude, or in
//     cells outside the grid. An unknown storm is no storm.
//
// The published system measures in plain degrees, so that the square is narrower to the north, and
// has no outside of a grid. Options.Official does the same, for its numbers.
package match

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"breakeven/flight/weather"
	"breakeven/tensor"
)

const (
	Rows     = 20 // of a cube: from right to left
	Cols     = 20 // of a cube: ahead
	Channels = 4  // of a cell: storm, temperature, u, v
	Size     = Rows * Cols * Channels

	// TimeOfWind and TimeOfStorm are from which time on weather is too far away, in seconds.
	TimeOfWind  = 3 * 3600
	TimeOfStorm = 3600

	storey = 20 // thousands of feet from the altitude to the top of a storm that counts
)

// Options say how a Matcher works.
type Options struct {
	Official bool  // as the published system: see the package
	Memory   int64 // bytes of weather that are kept; 0 means 256 MiB
}

// A Matcher makes cubes. It is for one goroutine at a time.
type Matcher struct {
	air        *weather.Atmosphere
	storms     *weather.Storms
	airIndex   *index
	stormIndex *index // the same, if the grids are
	square     square

	layers cache[layerKey, layer]
	masks  cache[int, mask]
	read   weather.Layer // scratch of loading

	// The call under way.
	dst    []float32
	points []Point
	jobs   []job   // for each point
	order  []int32 // of the points, such that those with the same weather stand together
	next   int     // the first of order that waits
	end    int     // behind the last whose weather is there

	guesses []guess // of each worker
	task    func(task, worker int)
}

// New returns a Matcher. One of the two kinds of weather may be nil; its channels are unknown then.
func New(air *weather.Atmosphere, storms *weather.Storms, o Options) *Matcher {
	m := &Matcher{air: air, storms: storms, square: newSquare(o.Official)}
	memory := o.Memory
	if memory == 0 {
		memory = 256 << 20
	}
	if air != nil {
		m.airIndex = newIndex(air.Grid, o.Official)
		m.layers = newCache[layerKey, layer](memory / 4 * 3 / int64(12*air.Grid.Len()))
	}
	if storms != nil {
		if m.stormIndex = m.airIndex; air == nil || !slices.Equal(air.Grid.Points, storms.Grid.Points) {
			m.stormIndex = newIndex(storms.Grid, o.Official)
		}
		m.masks = newCache[int, mask](memory / 4 / int64(2*storms.Grid.Len()))
	}
	m.task = m.match
	return m
}

// Memory returns the most bytes that a Matcher takes: its trees, and the weather that it keeps.
func (m *Matcher) Memory() int64 {
	bytes := int64(0)
	if m.air != nil {
		layers := 0
		for i := range m.air.Times {
			layers += len(m.air.Times[i].Levels)
		}
		bytes += m.airIndex.tree.bytes() + (1+m.layers.room(layers))*12*int64(m.air.Grid.Len())
	}
	if m.storms != nil {
		if m.stormIndex != m.airIndex {
			bytes += m.stormIndex.tree.bytes()
		}
		bytes += m.masks.room(len(m.storms.Times)) * 2 * int64(m.storms.Grid.Len())
	}
	return bytes
}

// A job is the weather for one point.
type job struct {
	layer layerKey
	storm int    // number of the time, −1 if it is unknown
	tops  uint16 // those that count
	air   layer
	mask  mask
}

// A layerKey is a time and a level by their numbers; the time is −1 if it is unknown.
type layerKey struct{ time, level int }

type (
	layer []float32 // temperature, u and v of each point of the grid in turn
	mask  []uint16  // tops of storms at each point of the grid
)

// MatchTo writes to dst the cubes of the points, Size numbers each.
func (m *Matcher) MatchTo(dst []float32, points []Point) error {
	if len(dst) != len(points)*Size {
		panic(fmt.Sprintf("match: %d numbers for the cubes of %d points", len(dst), len(points)))
	}
	m.dst, m.points = dst, points
	m.plan()
	for i, k := range m.order {
		for {
			ok, err := m.load(&m.jobs[k])
			if err != nil {
				return err
			}
			if ok {
				break
			}
			m.run() // makes room
		}
		m.end = i + 1
	}
	m.run()
	m.dst, m.points = nil, nil
	return nil
}

// plan finds the times and levels of all points, and their order.
func (m *Matcher) plan() {
	m.jobs, m.order = m.jobs[:0], m.order[:0]
	m.next, m.end = 0, 0
	for i := range m.points {
		m.jobs = append(m.jobs, m.jobOf(&m.points[i]))
		m.order = append(m.order, int32(i))
	}
	slices.SortFunc(m.order, func(a, b int32) int {
		x, y := &m.jobs[a], &m.jobs[b]
		return cmp.Or(cmp.Compare(x.layer.time, y.layer.time), cmp.Compare(x.layer.level, y.layer.level), cmp.Compare(x.storm, y.storm), cmp.Compare(a, b))
	})
}

// jobOf returns what weather a point needs.
func (m *Matcher) jobOf(p *Point) job {
	j := job{layer: layerKey{-1, -1}, storm: -1}
	if m.air != nil && !math.IsNaN(p.Alt) {
		if at, away := m.air.Nearest(p.Time); away < TimeOfWind {
			j.layer = layerKey{at, m.air.Times[at].Level(weather.Pressure(p.Alt))}
		}
	}
	if m.storms != nil {
		if at, away := m.storms.Nearest(p.Time); away < TimeOfStorm {
			j.storm, j.tops = at, math.MaxUint16
		}
		if height := math.Floor(p.Alt / 1000); !math.IsNaN(height) {
			j.tops = m.storms.Within(height-storey, height+storey)
		}
	}
	return j
}

// load puts the weather of a job into memory. It returns false if others that wait for theirs fill
// that up.
func (m *Matcher) load(j *job) (ok bool, err error) {
	if j.layer.time >= 0 {
		e, known := m.layers.entry(j.layer)
		if e == nil {
			return false, nil
		}
		if !known {
			if err := m.readLayer(&e.value, j.layer); err != nil {
				m.layers.drop(j.layer)
				return false, err
			}
		}
		j.air = e.value
	}
	if j.storm >= 0 {
		e, known := m.masks.entry(j.storm)
		if e == nil {
			return false, nil
		}
		if !known {
			if e.value == nil {
				e.value = make(mask, m.storms.Grid.Len())
			}
			m.storms.Read(j.storm, e.value)
		}
		j.mask = e.value
	}
	return true, nil
}

// readLayer reads a layer and puts the three numbers of a point together.
func (m *Matcher) readLayer(dst *layer, key layerKey) error {
	if *dst == nil {
		*dst = make(layer, 3*m.air.Grid.Len())
	}
	if err := m.air.Read(key.time, key.level, &m.read); err != nil {
		return err
	}
	for i := range m.read.Temperature {
		(*dst)[3*i], (*dst)[3*i+1], (*dst)[3*i+2] = m.read.Temperature[i], m.read.East[i], m.read.North[i]
	}
	return nil
}

// piece is how many points a worker takes at a time.
const piece = 8

// run makes the cubes of all points whose weather is there.
func (m *Matcher) run() {
	workers := tensor.Workers()
	for len(m.guesses) < workers {
		m.guesses = append(m.guesses, guess{})
	}
	tensor.ParallelOn(workers, (m.end-m.next+piece-1)/piece, m.task)
	m.next = m.end
	m.layers.release()
	m.masks.release()
}

// match makes the cubes of one piece.
func (m *Matcher) match(task, worker int) {
	from := m.next + task*piece
	for _, k := range m.order[from:min(from+piece, m.end)] {
		m.cube(m.dst[int(k)*Size:][:Size], &m.points[k], &m.jobs[k], &m.guesses[worker])
	}
}
