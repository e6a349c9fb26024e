package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"

	"breakeven/internal/store"
	"breakeven/run"
)

// The kinds of events.
const (
	begun    = "begun"
	going    = "going" // with Part and Text
	ended    = "ended" // with Status and Text
	failed   = "failed"
	lost     = "lost" // another process has the trial now
	warning  = "warning"
	logged   = "logged"    // with Line
	givingUp = "giving up" // the worker, for a reason that is not its trial's
)

// An event is what a worker says of its trial. Between processes it is a line of JSON.
type event struct {
	Kind   string          `json:"kind"`
	Place  int             `json:"place,omitempty"` // of the trial
	Run    string          `json:"run,omitempty"`
	Part   float64         `json:"part,omitempty"` // of the trial that is done
	Status run.Status      `json:"status,omitempty"`
	Text   string          `json:"text,omitempty"`
	Line   json.RawMessage `json:"line,omitempty"` // of a log of records
}

func (e event) title(w store.Sweep) string { return fmt.Sprintf("%d of %d", e.Place, w.Trials) }

// print says in a line what happened. The label names the trial, if it is known.
func (e event) print(out io.Writer, w store.Sweep, label string) {
	title := e.title(w)
	if label != "" {
		title += ": " + label
	}
	switch e.Kind {
	case begun:
		fmt.Fprintf(out, "%s, run %s%s\n", title, e.Run, e.Text)
	case ended:
		fmt.Fprintf(out, "%s, run %s is %s: %s\n", title, e.Run, e.Status, e.Text)
	case failed, lost, warning:
		fmt.Fprintf(out, "%s, run %s: %s: %s\n", title, e.Run, e.Kind, e.Text)
	}
}

// eventLog makes an event of each line of a log of records.
type eventLog func(event)

func (tell eventLog) Write(line []byte) (int, error) {
	tell(event{Kind: logged, Line: line})
	return len(line), nil
}

// readEvents reads what a worker in another process says.
func readEvents(from io.Reader, tell func(event)) {
	lines := bufio.NewScanner(from)
	lines.Buffer(nil, 1<<26)
	for lines.Scan() {
		var e event
		if json.Unmarshal(lines.Bytes(), &e) == nil {
			tell(e)
		}
	}
}
