package show

import (
	"bytes"
	"embed"
	"encoding/json"
	"fmt"
	"html/template"
	"io"
	"slices"

	"breakeven/flight"
	"breakeven/flight/weather"
)

// A Page is what a map shows.
type Page struct {
	Title       string // "" means a plain one
	By          string // what predicted, in a few words; may be ""
	Predictions []flight.Prediction
	Air         *weather.Atmosphere // nil if there is none
	Storms      *weather.Storms     // nil if there are none
	Notes       []string            // footnotes
}

//go:embed map.tmpl map.css charts.js map.js steer.js
var files embed.FS

var pageTemplate = template.Must(template.ParseFS(files, "map.tmpl"))

// own returns a file of the program, which is trusted.
func own(name string) string {
	b, err := files.ReadFile(name)
	if err != nil {
		panic("show: " + err.Error())
	}
	return string(b)
}

// HTML writes the page. Weather is read at the times of the flights.
func HTML(w io.Writer, p Page) error {
	v, err := newView(p)
	if err != nil {
		return err
	}
	if p.Air != nil && len(v.WindAt) == 0 && len(v.Flights) > 0 {
		p.Notes = append(slices.Clone(p.Notes), "The wind that was given is of other times than these flights.")
	}
	if p.Storms != nil && len(v.Storms) == 0 && len(v.Flights) > 0 {
		p.Notes = append(slices.Clone(p.Notes), "The storms that were given are of other times than these flights.")
	}
	data, err := json.Marshal(v) // escapes what could end the script
	if err != nil {
		return fmt.Errorf("show: %w", err)
	}
	if p.Title == "" {
		p.Title = "Predicted flights"
	}
	var b bytes.Buffer
	err = pageTemplate.Execute(&b, map[string]any{
		"Page": p, "Style": template.CSS(own("map.css")), "Data": template.JS(data), "Script": template.JS(own("charts.js") + own("map.js") + own("steer.js")),
	})
	if err != nil {
		return fmt.Errorf("show: %w", err)
	}
	_, err = w.Write(b.Bytes())
	return err
}
