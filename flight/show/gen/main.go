// Gen makes the embedded coastlines and borders of Natural Earth (public domain, 1:50m) from the
// TopoJSON that the npm package world-atlas 2.0.2 has them in.
//
//	go run ./flight/show/gen -from countries-50m.json -to flight/show/land.bin.gz
package main

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"encoding/json"
	"flag"
	"fmt"
	"math"
	"os"
	"slices"
)

// fine is how many units a degree has: a unit is a nautical mile or so.
const fine = 50

func main() {
	from := flag.String("from", "countries-50m.json", "TopoJSON file with the objects countries and land")
	to := flag.String("to", "land.bin.gz", "file to write")
	flag.Parse()
	if err := run(*from, *to); err != nil {
		fmt.Fprintln(os.Stderr, "gen:", err)
		os.Exit(1)
	}
}

// A topology is what is used of TopoJSON. Lines that two countries have in common are there once.
type topology struct {
	Transform struct{ Scale, Translate [2]float64 }
	Arcs      [][][2]int // each point is relative to the one before
	Objects   struct {
		Countries, Land struct {
			Geometries []struct {
				Type string
				Arcs json.RawMessage
			}
		}
	}
}

func run(from, to string) error {
	text, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	var t topology
	if err := json.Unmarshal(text, &t); err != nil {
		return err
	}
	land, err := t.land()
	if err != nil {
		return err
	}
	borders, err := t.borders()
	if err != nil {
		return err
	}
	var packed bytes.Buffer
	z, err := gzip.NewWriterLevel(&packed, gzip.BestCompression)
	if err != nil {
		return err
	}
	if _, err := z.Write(encode(encode(nil, land), borders)); err != nil {
		return err
	}
	if err := z.Close(); err != nil {
		return err
	}
	fmt.Printf("%d rings of land, %d borders, %d bytes\n", len(land), len(borders), packed.Len())
	return os.WriteFile(to, packed.Bytes(), 0o666)
}

// arc returns the points of an arc; those of the negative number ^i are those of i in reverse.
func (t *topology) arc(i int) [][2]int {
	if i < 0 {
		points := t.arc(^i)
		slices.Reverse(points)
		return points
	}
	var points [][2]int
	at := [2]int{}
	for _, step := range t.Arcs[i] {
		at[0], at[1] = at[0]+step[0], at[1]+step[1]
		p := [2]int{}
		for axis := range p {
			p[axis] = int(math.Round(fine * (float64(at[axis])*t.Transform.Scale[axis] + t.Transform.Translate[axis])))
		}
		if len(points) == 0 || points[len(points)-1] != p {
			points = append(points, p)
		}
	}
	return points
}

// polygons returns the polygons of a geometry: rings of numbers of arcs.
func polygons(kind string, arcs json.RawMessage) (list [][][]int, err error) {
	switch kind {
	case "MultiPolygon":
		err = json.Unmarshal(arcs, &list)
	case "Polygon":
		list = make([][][]int, 1)
		err = json.Unmarshal(arcs, &list[0])
	}
	return list, err
}

// land returns closed rings with the land to their left.
func (t *topology) land() (rings [][][2]int, err error) {
	for _, g := range t.Objects.Land.Geometries {
		list, err := polygons(g.Type, g.Arcs)
		if err != nil {
			return nil, err
		}
		for _, polygon := range list {
			for i, numbers := range polygon {
				var ring [][2]int
				for _, n := range numbers {
					arc := t.arc(n)
					if len(ring) > 0 {
						arc = arc[1:]
					}
					ring = append(ring, arc...)
				}
				area := area(ring)
				if area == 0 {
					continue
				}
				if area > 0 != (i == 0) {
					slices.Reverse(ring)
				}
				rings = append(rings, ring)
			}
		}
	}
	return rings, nil
}

// area returns twice the area of a ring, positive if it runs counterclockwise. It may cross the
// antimeridian. That around the south pole has to be closed there.
func area(ring [][2]int) int {
	const turn = 360 * fine
	at, sum := ring[0][0], 0
	for i := range ring[1:] {
		a, b := ring[i], ring[i+1]
		step := b[0] - a[0]
		switch {
		case step > turn/2:
			step -= turn
		case step < -turn/2:
			step += turn
		}
		sum += at*b[1] - (at+step)*a[1]
		at += step
	}
	if end, lat := at-ring[0][0], ring[0][1]; end != 0 {
		const pole = -90 * fine
		for _, edge := range [][4]int{{at, lat, at, pole}, {at, pole, ring[0][0], pole}, {ring[0][0], pole, ring[0][0], lat}} {
			sum += edge[0]*edge[3] - edge[2]*edge[1]
		}
	}
	return sum
}

// borders returns the arcs that two countries share.
func (t *topology) borders() (lines [][][2]int, err error) {
	uses := make([]int, len(t.Arcs))
	for _, g := range t.Objects.Countries.Geometries {
		list, err := polygons(g.Type, g.Arcs)
		if err != nil {
			return nil, err
		}
		for _, polygon := range list {
			for _, ring := range polygon {
				for _, n := range ring {
					uses[max(n, ^n)]++
				}
			}
		}
	}
	for i, n := range uses {
		if n > 1 {
			lines = append(lines, t.arc(i))
		}
	}
	return lines, nil
}

// encode appends the number of lines, and for each the number of its points and their differences.
func encode(to []byte, lines [][][2]int) []byte {
	to = binary.AppendVarint(to, int64(len(lines)))
	for _, line := range lines {
		to = binary.AppendVarint(to, int64(len(line)))
		at := [2]int{}
		for _, p := range line {
			to = binary.AppendVarint(to, int64(p[0]-at[0]))
			to = binary.AppendVarint(to, int64(p[1]-at[1]))
			at = p
		}
	}
	return to
}
