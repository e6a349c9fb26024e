package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"time"

	"breakeven/internal/regular"
	"breakeven/internal/weights"
	"breakeven/probe"
	"breakeven/run"
)

// A measuredLine is what was measured at one weights file, as a line of JSON.
type measuredLine struct {
	File     string               `json:"file"`
	SHA256   string               `json:"weights_sha256"`
	Settings string               `json:"settings"` // a short name of all that decides what is measured
	Time     time.Time            `json:"time"`
	Values   map[string]run.Value `json:"values"`
	Omitted  []run.Omission       `json:"omitted,omitempty"`
}

// record is the line as a record, its values in the order of all keys.
func (l measuredLine) record() run.Record {
	r := run.Record{Time: l.Time, Omitted: l.Omitted}
	for _, k := range probe.Keys() {
		if v, ok := l.Values[k.Name]; ok {
			r.Values = append(r.Values, v)
		}
	}
	return r
}

// results are what was measured with certain settings at several weights files. They are kept in a file,
// if it has a name, each before the next one is measured.
type results struct {
	settings string
	file     *os.File // nil: none
	lines    []measuredLine
}

// maxResults bounds a file of results, in bytes.
const maxResults = 1 << 30

// openResults reads what is in a file of results, if there is one, and opens it to add to it.
func openResults(name, settings string) (*results, error) {
	r := &results{settings: settings}
	if name == "" {
		return r, nil
	}
	text, err := regular.Read(name, maxResults)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("--results: %w", err)
	}
	for i, row := range bytes.Split(text, []byte("\n")) {
		var line measuredLine
		err := json.Unmarshal(row, &line)
		switch {
		case len(row) == 0:
		case err != nil && bytes.HasPrefix([]byte(`{"file":`), row[:min(len(row), 8)]): // a killed program left it
		case err != nil || line.File == "" || line.SHA256 == "":
			return nil, usagef("--results: line %d of %s is not what measure writes there; name a file of its own", i+1, name)
		case line.Settings != settings:
			return nil, usagef("--results: line %d of %s was measured with other settings, data or network; name another file", i+1, name)
		default:
			r.lines = append(r.lines, line)
		}
	}
	if r.file, err = appendTo(name); err != nil {
		return nil, fmt.Errorf("--results: %w", err)
	}
	return r, nil
}

// line returns what was measured at the weights in a file, or measures it and keeps it.
func (r *results) line(name string, measure func() (run.Record, error)) (measuredLine, error) {
	sum, err := weights.Sum(name)
	if err != nil {
		return measuredLine{}, fmt.Errorf("weights: %w", err)
	}
	if i := slices.IndexFunc(r.lines, func(l measuredLine) bool { return l.SHA256 == sum }); i >= 0 {
		found := r.lines[i]
		found.File = name
		return found, nil
	}
	record, err := measure()
	if err != nil {
		return measuredLine{}, err
	}
	line := measuredLine{name, sum, r.settings, record.Time, record.ByKey(), record.Omitted}
	r.lines = append(r.lines, line)
	if r.file == nil {
		return line, nil
	}
	text, err := json.Marshal(line)
	if err == nil {
		_, err = r.file.Write(append(text, '\n'))
	}
	if err = errors.Join(err, r.file.Sync()); err != nil {
		return line, fmt.Errorf("--results: %w", err)
	}
	return line, nil
}

func (r *results) close() {
	if r.file != nil {
		r.file.Close() // each line was brought to disk
	}
}
