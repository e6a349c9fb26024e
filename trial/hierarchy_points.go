package trial

import (
	"context"
	"fmt"
	"math"

	"breakeven/hierarchy"
	"breakeven/nn"
	"breakeven/rng"
	"breakeven/task"
)

// readPoints draws the points on the sphere or reads them.
func (t *tangents) readPoints(ctx context.Context, dir string) error {
	n, q := tangentPoints.Int(t.spec), tangentTests.Int(t.spec)
	if tangentSource.Word(t.spec) == "data" {
		return t.readData(ctx, dir, n, q)
	}
	stream := rng.New(t.spec.Seed, "hierarchy/points")
	all := make([][]float64, n+q)
	for i := range all {
		all[i] = make([]float64, tangentDimension.Int(t.spec))
		for j := range all[i] {
			all[i][j] = stream.NormFloat64()
		}
		toLength1(all[i])
	}
	t.points = hierarchy.Points{Train: all[:n], Test: all[n:]}
	signs := rng.New(t.spec.Seed, "hierarchy/labels")
	for range n {
		t.y = append(t.y, 1-2*float64(signs.IntN(2)))
	}
	return nil
}

// toLength1 scales a vector to length 1, and reports whether it has a length.
func toLength1(x []float64) bool {
	sum := 0.0
	for _, v := range x {
		sum += v * v
	}
	for i := range x {
		x[i] /= math.Sqrt(sum)
	}
	return sum > 0
}

// noPoints is the error of data without points.
const noPoints = "data: %s: points of the hierarchy are numbers with labels, as images have; use another data set"

// readData takes points of two classes of a data set, alternately, in an order that the
// seed decides.
func (t *tangents) readData(ctx context.Context, dir string, n, q int) error {
	s := t.spec
	if f, ok := task.FamilyOf(s); ok && f.Name != "images" && f.Name != "arrays" {
		return fmt.Errorf(noPoints, s.Data)
	}
	s.Model, s.Preprocess = "mlp", "unit" // any network: only the examples are of interest
	data, err := task.Open(s, dir)
	if err != nil {
		return err
	}
	t.spec.DataSHA256, t.warnings = data.Digest, data.Warnings
	if t.points.Train, t.y, err = t.choose(ctx, data.Train, n, "train"); err != nil {
		return err
	}
	if q == 0 {
		return nil
	}
	t.points.Test, t.labels, err = t.choose(ctx, data.Test, q, "test")
	return err
}

// choose returns the first n examples of the two classes, one of each in turn.
func (t *tangents) choose(ctx context.Context, from task.Examples, n int, what string) (points [][]float64, y []float64, err error) {
	order := make([]int, from.Len())
	rng.New(t.spec.Seed, "hierarchy/"+what).Perm(order)
	classes, want := tangentClasses.Ints(t.spec), [2]int{(n + 1) / 2, n / 2}
	var found [2][][]float64
	for at := 0; at < len(order) && (len(found[0]) < want[0] || len(found[1]) < want[1]); at += 256 {
		b, err := from.Read(order[at:min(at+256, len(order))], ctx.Err)
		if err != nil {
			return nil, nil, err
		}
		if len(b.In) != 1 || b.In[0].F == nil || b.Target[0].Labels == nil {
			return nil, nil, fmt.Errorf(noPoints, t.spec.Data)
		}
		for i, label := range b.Target[0].Labels {
			for k, c := range classes {
				if int(label) == c && len(found[k]) < want[k] {
					if x := centred(b, i); toLength1(x) {
						found[k] = append(found[k], x)
					}
				}
			}
		}
	}
	for k, c := range classes {
		if len(found[k]) < want[k] {
			return nil, nil, fmt.Errorf("classes: %s has %d examples of label %d for the %s points, and %d are asked for: ask for fewer points or other labels",
				t.spec.Data, len(found[k]), c, what, want[k])
		}
	}
	for i := range n {
		points, y = append(points, found[i%2][i/2]), append(y, float64(2*(i%2)-1))
	}
	return points, y, nil
}

// centred returns example i without the mean of its numbers.
func centred(b nn.Batch, i int) []float64 {
	one := b.Slice(i, i+1).In[0].F
	x, mean := make([]float64, len(one)), 0.0
	for _, v := range one {
		mean += float64(v) / float64(len(one))
	}
	for j, v := range one {
		x[j] = float64(v) - mean
	}
	return x
}
