package main

import (
	"io"
	"math"
	"path/filepath"
	"strings"

	"breakeven/flight/score"
	"breakeven/internal/plot"
)

// pictureFormat returns what draws a picture, by the end of its file's name.
func pictureFormat(name string) (func(plot.Picture, int, int) ([]byte, error), error) {
	switch strings.ToLower(filepath.Ext(name)) {
	case ".svg":
		return plot.Picture.SVG, nil
	case ".png":
		return plot.Picture.PNG, nil
	}
	return nil, usagef("--calibration: the name %q does not end in .svg or .png", filepath.Base(name))
}

// calibration shows how many points lie within the ellipses, and the ranges of altitude, of each probability.
func (e evaluation) calibration() plot.Curves {
	c := plot.Curves{Title: "Calibration (dashed: altitude)", X: "probability", Y: "share of the points within",
		Series: []plot.Series{{Name: "as predicted", X: []float64{0, 1}, Y: []float64{0, 1}, Alone: true}}}
	for i, m := range e.Methods {
		horizontal := plot.Series{Name: m.Name, Colour: i + 2}
		vertical := plot.Series{Name: m.Name + ", altitude", Unlisted: true, Colour: i + 2, Dashed: true}
		for _, l := range m.Summary.Calibration {
			addLevel(&horizontal, l, l.Horizontal)
			addLevel(&vertical, l, l.Vertical)
		}
		for _, s := range []plot.Series{horizontal, vertical} {
			if len(s.X) > 0 {
				c.Series = append(c.Series, s)
			}
		}
	}
	return c
}

// addLevel adds a share, if it is known.
func addLevel(s *plot.Series, l score.Level, share float64) {
	if !math.IsNaN(share) {
		s.X, s.Y = append(s.X, l.Probability), append(s.Y, share)
	}
}

// drawCalibration writes it to a file.
func (a *app) drawCalibration(name string, e evaluation) error {
	draw, err := pictureFormat(name)
	if err != nil {
		return err
	}
	picture, err := draw(e.calibration(), 480, 400)
	if err != nil {
		return err
	}
	return a.writeTo(name, func(w io.Writer) error { _, err := w.Write(picture); return err })
}
