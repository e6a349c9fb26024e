package web

import (
	"bytes"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"breakeven/internal/export"
	"breakeven/internal/report"
	"breakeven/internal/store"
)

// tables are the formats of records.
var tables = slices.DeleteFunc(export.Formats(), func(f string) bool { return f == "safetensors" || f == "tensorboard" })

var mediaTypes = map[string]string{"csv": "text/csv; charset=utf-8", "json": "application/json"}

// records is a download of the records of a run.
func (v *server) records(w http.ResponseWriter, r *http.Request) error {
	if _, err := query(r); err != nil {
		return err
	}
	format, ok := strings.CutPrefix(r.PathValue("records"), "records.")
	if !ok || !slices.Contains(tables, format) {
		return failf(http.StatusNotFound, "There is no such file; records are in records.%s.", strings.Join(tables, ", records."))
	}
	found, _, err := v.find(r)
	if err != nil {
		return err
	}
	e := export.Run{ID: found.ID, Spec: found.Spec, Program: found.Origin.Program, ISA: found.Origin.ISA, Numerics: found.Origin.Numerics, Status: found.Status, Message: found.Message}
	if e.Records, err = v.Store.Records(found.ID); err != nil {
		return err
	}
	var b bytes.Buffer
	if err := export.Write(&b, format, e); err != nil {
		return err
	}
	media, ok := mediaTypes[format]
	if !ok {
		media = "application/octet-stream"
	}
	return download(w, found.ID+"."+format, media, b.Bytes())
}

// figure is a download of a figure of a run.
func (v *server) figure(w http.ResponseWriter, r *http.Request) error {
	if _, err := query(r); err != nil {
		return err
	}
	found, _, err := v.find(r)
	if err != nil {
		return err
	}
	p, err := v.Page([]store.Run{found}, nil)
	if err != nil {
		return err
	}
	name, _ := strings.CutSuffix(r.PathValue("figure"), ".svg")
	for _, g := range slices.Concat(p.Analysis.Lead, p.Analysis.Groups) {
		for _, f := range g.Figures {
			if f.Name == name && len(f.Curves) > 0 {
				svg, err := report.SVG(f)
				if err != nil {
					return err
				}
				return download(w, found.ID+"-"+name+".svg", "image/svg+xml", svg)
			}
		}
	}
	return failf(http.StatusNotFound, "The run %s has no figure %.40q.", found.ID, name)
}

func download(w http.ResponseWriter, name, media string, data []byte) error {
	w.Header().Set("Content-Type", media)
	w.Header().Set("Content-Disposition", fmt.Sprintf("attachment; filename=%q", name))
	w.Header().Set("Content-Length", fmt.Sprint(len(data)))
	_, _ = w.Write(data) // the reader may have gone
	return nil
}
