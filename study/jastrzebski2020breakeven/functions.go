package jastrzebski2020breakeven

import (
	"fmt"
	"math"
	"strconv"

	"breakeven/internal/digits"
	"breakeven/internal/embed"
	"breakeven/run"
	"breakeven/study"
)

// fewForUMAP is how many points have no neighbourhoods: there are principal components alone.
const fewForUMAP = 16

// early is how far beyond the accuracy line Figure 1 follows a run.
const early = 0.05

// functionSpace draws the trajectories in the space of functions, as Figure 1 of the paper: what each
// network on the way predicts for the same examples, laid out in the plane by UMAP and by principal
// components. It has no figure unless there are three points with predictions of equal length.
func functionSpace(ts []study.Trajectory) []study.Figure {
	var paths []path
	var points [][]float64
	for _, t := range ts {
		p := path{of: t, first: len(points)}
		for _, rec := range t.Records {
			if figure(rec, "accuracy").Value > AccuracyLine(t.Spec)+early {
				break
			}
			v, ok := rec.Get("predictions")
			if !ok || len(points) > 0 && len(v.Vector) != len(points[0]) || !allFinite(v.Vector) {
				continue
			}
			p.records, points = append(p.records, rec), append(points, v.Vector)
		}
		if len(p.records) > 0 {
			paths = append(paths, p)
		}
	}
	if len(points) < 3 {
		return nil
	}
	caption := fmt.Sprintf("Each point is a network on the way, by what it predicts for the same %s numbers of validation examples, up to %.0f %% training accuracy; the last point of a run is large.",
		digits.Thousands(len(points[0])), 100*(AccuracyLine(paths[0].of.Spec)+early))
	pca, share := embed.PCA(points)
	components := fmt.Sprintf("%s The axes hold %.0f and %.0f %% of the variance.", caption, 100*share[0], 100*share[1])
	byNoise := inPlane(paths, pca, "functions-pca-k_max", "Trajectories of predictions, and λ_K¹", components, "component 1", "component 2", "k_max")
	if len(points) < fewForUMAP {
		return []study.Figure{byNoise, inPlane(paths, pca, "functions-pca-accuracy", "Trajectories of predictions, and accuracy", components, "component 1", "component 2", "accuracy")}
	}
	umap := embed.UMAP(points, embed.Settings{})
	byNoise.Title = "Trajectories of predictions, principal components"
	return []study.Figure{
		inPlane(paths, umap, "functions-umap-k_max", "Trajectories of predictions, and λ_K¹", caption+" UMAP keeps neighbours together; distances mean nothing.", "UMAP 1", "UMAP 2", "k_max"),
		inPlane(paths, umap, "functions-umap-accuracy", "Trajectories of predictions, and accuracy", caption, "UMAP 1", "UMAP 2", "accuracy"),
		byNoise,
	}
}

// A path is the records of a trajectory that have predictions, and the place of the first among all
// points.
type path struct {
	of      study.Trajectory
	records []run.Record
	first   int
}

// inPlane draws paths whose points are coloured by a key.
func inPlane(paths []path, plane [][2]float64, name, title, caption, x, y, key string) study.Figure {
	f := study.Figure{Name: name, Title: title, Caption: caption, X: x, Y: y, Scale: study.Axis(key),
		Numbers: study.Table{Head: []string{"run", "step", x, y, key}}}
	low, high := math.Inf(1), 0.0
	for _, p := range paths {
		c := study.Curve{Name: p.of.Name, Run: p.of.Place}
		for i, rec := range p.records {
			at, v := plane[p.first+i], figure(rec, key).Value
			c.X, c.Y, c.Values = append(c.X, at[0]), append(c.Y, at[1]), append(c.Values, v)
			if v > 0 {
				low, high = min(low, v), max(high, v)
			}
			text := func(x float64) string { return strconv.FormatFloat(x, 'g', 6, 64) }
			f.Numbers.Rows = append(f.Numbers.Rows, []string{p.of.Name, strconv.Itoa(rec.Step), text(at[0]), text(at[1]), text(v)})
		}
		f.Curves = append(f.Curves, c)
	}
	f.LogScale = high > 30*low
	return f
}

func allFinite(x []float64) bool {
	for _, v := range x {
		if !finite(v) {
			return false
		}
	}
	return len(x) > 0
}
