package embed

import (
	"math"
	"slices"
	"testing"

	"breakeven/rng"
)

// An ellipse in a plane of five dimensions: its axes are the components.
func TestPCA(t *testing.T) {
	u, v := []float64{1, 0, 0, 0, 0}, []float64{0, 0.6, 0, 0.8, 0}
	var points [][]float64
	const n = 40
	for i := range n {
		s, c := math.Sincos(2 * math.Pi * float64(i) / n)
		p := make([]float64, 5)
		for k := range p {
			p[k] = 7 + 3*c*u[k] + 2*s*v[k]
		}
		points = append(points, p)
	}
	plane, share := PCA(points)
	for i, p := range plane {
		s, c := math.Sincos(2 * math.Pi * float64(i) / n)
		if math.Abs(math.Abs(p[0])-3*math.Abs(c)) > 1e-9 || math.Abs(math.Abs(p[1])-2*math.Abs(s)) > 1e-9 {
			t.Fatalf("point %d lies at %v, want ±%v, ±%v", i, p, 3*c, 2*s)
		}
	}
	if math.Abs(share[0]-9.0/13) > 1e-9 || math.Abs(share[1]-4.0/13) > 1e-9 {
		t.Errorf("shares %v of the variance, want 9/13 and 4/13", share)
	}
}

func TestFewPoints(t *testing.T) {
	for _, points := range [][][]float64{nil, {{1, 2}}, {{1, 2}, {1, 2}}, {{1}, {3}}, {{0, 0}, {0, 0}, {0, 0}, {0, 0}}, {{1}, {2}, {3}}} {
		plane, _ := PCA(points)
		other := UMAP(points, Settings{})
		if len(plane) != len(points) || len(other) != len(points) {
			t.Errorf("%v: %d and %d points", points, len(plane), len(other))
		}
		for _, p := range slices.Concat(plane, other) {
			if !(math.Abs(p[0]) < 1e3) || !(math.Abs(p[1]) < 1e3) {
				t.Errorf("%v: a point at %v", points, p)
			}
		}
	}
	if plane, _ := PCA([][]float64{{1}, {3}}); plane[0][0]*plane[1][0] != -1 {
		t.Errorf("two points a distance of 2 apart lie at %v", plane)
	}
}

func TestPanics(t *testing.T) {
	for name, points := range map[string][][]float64{"ragged": {{1, 2}, {1}}, "NaN": {{1, 2}, {math.NaN(), 1}}, "nothing": {{}, {}}} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s: no panic", name)
				}
			}()
			PCA(points)
		}()
	}
}

// The membership curve has the values of the reference implementation for a least distance of 0.1.
func TestCurve(t *testing.T) {
	if a, b := curve(0.1); math.Abs(a-1.5769) > 2e-3 || math.Abs(b-0.8951) > 1e-3 {
		t.Errorf("a = %v, b = %v, want 1.5769 and 0.8951", a, b)
	}
}

// Memberships of a point's neighbours sum to log₂ k, and the nearest has 1.
func TestMemberships(t *testing.T) {
	var near []edge
	for j := range 15 {
		near = append(near, edge{0, j + 1, 1 + 0.3*float64(j)})
	}
	m, sum := memberships(near), 0.0
	for _, v := range m {
		sum += v
	}
	if m[1] != 1 || math.Abs(sum-math.Log2(15)) > 1e-9 {
		t.Errorf("nearest %v, sum %v, want 1 and log₂ 15 = %v", m[1], sum, math.Log2(15))
	}
}

// blobs returns points around centres far apart, in 20 dimensions.
func blobs(centres, each int) (points [][]float64, of []int) {
	stream := rng.New(1, "blobs")
	for c := range centres {
		for range each {
			p := make([]float64, 20)
			for k := range p {
				p[k] = stream.NormFloat64()
			}
			p[c] += 15
			points, of = append(points, p), append(of, c)
		}
	}
	return points, of
}

// Points of one group stay together: the nearest in the plane is one of them.
func TestUMAPKeepsNeighbours(t *testing.T) {
	points, of := blobs(4, 40)
	plane := UMAP(points, Settings{Epochs: 200})
	wrong := 0
	for i, p := range plane {
		best, at := math.Inf(1), 0
		for j, q := range plane {
			if d := math.Hypot(p[0]-q[0], p[1]-q[1]); j != i && d < best {
				best, at = d, j
			}
		}
		if of[at] != of[i] {
			wrong++
		}
	}
	if wrong > 0 {
		t.Errorf("the nearest point of %d of %d belongs to another group", wrong, len(points))
	}
	if again := UMAP(points, Settings{Epochs: 200}); !slices.Equal(plane, again) {
		t.Error("the same points give another plane")
	}
	if other := UMAP(points, Settings{Epochs: 200, Seed: 1}); slices.Equal(plane, other) {
		t.Error("the seed changes nothing")
	}
}

// A curve stays a curve: points that follow each other in 50 dimensions are near in the plane.
func TestUMAPKeepsATrajectory(t *testing.T) {
	var points [][]float64
	const n = 60
	for i := range n {
		p := make([]float64, 50)
		for k := range p {
			p[k] = math.Sin(0.03 * float64(i) * (1 + 0.1*float64(k)))
		}
		points = append(points, p)
	}
	plane := UMAP(points, Settings{})
	near := 0
	for i := range n - 1 {
		step := math.Hypot(plane[i][0]-plane[i+1][0], plane[i][1]-plane[i+1][1])
		closer := 0
		for j := range n {
			if j != i && j != i+1 && math.Hypot(plane[i][0]-plane[j][0], plane[i][1]-plane[j][1]) < step {
				closer++
			}
		}
		if closer <= 8 {
			near++
		}
	}
	if near < n-6 {
		t.Errorf("the next point is among the nine nearest for %d of %d", near, n-1)
	}
}
