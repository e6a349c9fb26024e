package embed

import (
	"cmp"
	"math"
	"slices"

	"gonum.org/v1/gonum/optimize"

	"breakeven/rng"
)

// Settings are those of UMAP; the zero value means those of its paper.
type Settings struct {
	Neighbours int     // k; 0 means 15, fewer if there are not so many points
	MinDist    float64 // least distance of points in the plane; 0 means 0.1
	Epochs     int     // 0 means 500
	Seed       uint64
}

func (s Settings) filled(n int) Settings {
	s.Neighbours = min(cmp.Or(s.Neighbours, 15), n-1)
	s.MinDist = cmp.Or(s.MinDist, 0.1)
	s.Epochs = cmp.Or(s.Epochs, 500)
	return s
}

// UMAP returns points in the plane whose neighbours are those that they have among all points, as far
// as a plane can. It begins with principal components. Fewer than three points are laid out by these
// alone. It panics unless all points have the same number of finite coordinates.
func UMAP(points [][]float64, s Settings) [][2]float64 {
	plane, _ := PCA(points)
	if len(points) < 3 {
		return plane
	}
	s = s.filled(len(points))
	stream := rng.New(s.Seed, "umap")
	start(plane, stream)
	edges := fuzzy(points, s.Neighbours)
	a, b := curve(s.MinDist)
	layout(plane, edges, a, b, s.Epochs, stream)
	return plane
}

// start scales a plane to ±10 and moves points by a ten-thousandth of it, so that no two are equal.
func start(plane [][2]float64, stream *rng.Stream) {
	most := 0.0
	for _, p := range plane {
		most = max(most, math.Abs(p[0]), math.Abs(p[1]))
	}
	for i := range plane {
		for k := range plane[i] {
			if most > 0 {
				plane[i][k] *= 10 / most
			}
			plane[i][k] += 1e-3 * stream.NormFloat64()
		}
	}
}

// An edge joins two points with a weight in (0, 1].
type edge struct {
	from, to int
	weight   float64
}

// fuzzy returns the fuzzy graph of the k nearest neighbours of each point (sec. 3.1 of the paper): the
// membership of j in the neighbourhood of i is exp(−(d_ij − ρ_i)/σ_i), ρ_i the distance of the nearest
// other point and σ_i such that memberships sum to log₂ k; a pair is joined with a + b − ab.
func fuzzy(points [][]float64, k int) []edge {
	n := len(points)
	member := make([]map[int]float64, n)
	for i := range points {
		near := make([]edge, 0, n-1)
		for j := range points {
			if j != i {
				near = append(near, edge{i, j, distance(points[i], points[j])})
			}
		}
		slices.SortFunc(near, func(x, y edge) int { return cmp.Or(cmp.Compare(x.weight, y.weight), cmp.Compare(x.to, y.to)) })
		near = near[:k]
		member[i] = memberships(near)
	}
	var edges []edge
	for i := range n {
		for j := i + 1; j < n; j++ {
			a, b := member[i][j], member[j][i]
			if w := a + b - a*b; w > 0 {
				edges = append(edges, edge{i, j, w})
			}
		}
	}
	return edges
}

// memberships returns those of the neighbours of a point, which are in the order of their distances.
func memberships(near []edge) map[int]float64 {
	rho := 0.0
	for _, e := range near {
		if e.weight > 0 {
			rho = e.weight
			break
		}
	}
	sum := func(sigma float64) (s float64) {
		for _, e := range near {
			s += math.Exp(-max(0, e.weight-rho) / sigma)
		}
		return s
	}
	// The sum rises with σ; it is bisected on a logarithmic scale.
	target := math.Log2(float64(len(near)))
	mean := 0.0
	for _, e := range near {
		mean += e.weight / float64(len(near))
	}
	sigma := 1.0
	if mean > 0 {
		low, high := math.Log(1e-3*mean), math.Log(1e3*mean)
		for range 64 {
			mid := (low + high) / 2
			if sum(math.Exp(mid)) > target {
				high = mid
			} else {
				low = mid
			}
		}
		sigma = math.Exp((low + high) / 2)
	}
	list := map[int]float64{}
	for _, e := range near {
		list[e.to] = math.Exp(-max(0, e.weight-rho) / sigma)
	}
	return list
}

func distance(a, b []float64) float64 {
	s := 0.0
	for k, v := range a {
		s += (v - b[k]) * (v - b[k])
	}
	return math.Sqrt(s)
}

// curve returns a and b of the membership in the plane, 1/(1 + a d^(2b)), fitted to 1 below the least
// distance and exp(−(d − least)) beyond it.
func curve(least float64) (a, b float64) {
	loss := func(p []float64) (s float64) {
		for i := range 300 {
			d := 3 * float64(i) / 299
			want := 1.0
			if d > least {
				want = math.Exp(-(d - least))
			}
			e := 1/(1+math.Exp(p[0])*math.Pow(d, 2*p[1])) - want
			s += e * e
		}
		return s
	}
	r, err := optimize.Minimize(optimize.Problem{Func: loss}, []float64{0.4, 0.9}, nil, &optimize.NelderMead{})
	if err != nil {
		panic("embed: the curve of UMAP does not fit: " + err.Error()) // of a smooth function of two numbers
	}
	return math.Exp(r.X[0]), r.X[1]
}

// negatives is how many points an edge pushes away for each pull.
const negatives = 5

// layout moves the points of a plane: an edge pulls its ends together as often as its weight says, and
// pushes points taken at random away from each (sec. 3.2; the step falls linearly to 0).
func layout(plane [][2]float64, edges []edge, a, b float64, epochs int, stream *rng.Stream) {
	heaviest := 0.0
	for _, e := range edges {
		heaviest = max(heaviest, e.weight)
	}
	due := make([]float64, len(edges)) // when an edge is next to be used
	every := make([]float64, len(edges))
	for i, e := range edges {
		every[i] = heaviest / e.weight
		due[i] = every[i]
	}
	for epoch := 1; epoch <= epochs; epoch++ {
		alpha := 1 - float64(epoch-1)/float64(epochs)
		for i, e := range edges {
			if due[i] > float64(epoch) {
				continue
			}
			due[i] += every[i]
			for _, end := range [2][2]int{{e.from, e.to}, {e.to, e.from}} {
				move(plane, end[0], end[1], alpha, func(d2 float64) float64 {
					return -2 * a * b * math.Pow(d2, b-1) / (1 + a*math.Pow(d2, b))
				}, true)
				for range negatives {
					if other := stream.IntN(len(plane)); other != end[0] {
						move(plane, end[0], other, alpha, func(d2 float64) float64 {
							return 2 * b / ((0.001 + d2) * (1 + a*math.Pow(d2, b)))
						}, false)
					}
				}
			}
		}
	}
}

// move moves point i along its difference from point j, each coordinate by 4 steps at most, and j the
// other way if both move.
func move(plane [][2]float64, i, j int, alpha float64, force func(d2 float64) float64, both bool) {
	dx, dy := plane[i][0]-plane[j][0], plane[i][1]-plane[j][1]
	d2 := dx*dx + dy*dy
	if d2 == 0 {
		return
	}
	f := force(d2)
	for k, d := range [2]float64{dx, dy} {
		step := alpha * min(max(f*d, -4), 4)
		plane[i][k] += step
		if both {
			plane[j][k] -= step
		}
	}
}
