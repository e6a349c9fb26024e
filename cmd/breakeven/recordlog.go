package main

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"breakeven/internal/store"
	"breakeven/run"

	"github.com/spf13/cobra"
)

// jsonLines is the format of a log of records, and how names of files with one end.
const jsonLines = "jsonl"

// A recordLog writes the records of runs for other programs that follow them: lines of JSON, as
// docs/formats.md says. It keeps the first error of writing. The nil one writes nothing.
type recordLog struct {
	out   *output
	sweep string // of all lines; "": none
	trial int    // of it, from 1
}

// The lines of a record log.
type (
	lineHead struct {
		Kind  string    `json:"kind"`
		Run   string    `json:"run"`
		Time  time.Time `json:"time"`            // when what it says happened
		Sweep string    `json:"sweep,omitempty"` // of which the run is a trial
		Trial int       `json:"trial,omitempty"`
	}
	beginLine struct {
		lineHead
		Step int      `json:"step"` // from which it goes on
		Spec run.Spec `json:"spec"`
	}
	recordLine struct {
		lineHead
		Step   int            `json:"step"`
		Epoch  float64        `json:"epoch"`
		Values map[string]any `json:"values"`           // by key: a number, or several
		Errors map[string]any `json:"errors,omitempty"` // by key: as estimates for all examples, where they are known
	}
	endLine struct {
		lineHead
		Status  string `json:"status"`
		Message string `json:"message,omitempty"`
	}
)

// recordKind is the kind of the line of a record.
const recordKind = "record"

// logFlag adds the flag of a record log to a command.
func (a *app) logFlag(c *cobra.Command) {
	c.Flags().StringVar(&a.log, "log", "", "write what is measured as lines of JSON while it runs: jsonl, to standard output, or a file FILE.jsonl")
	completes(c, "log", cobra.FixedCompletions([]string{jsonLines}, cobra.ShellCompDirectiveDefault))
}

// logsRecords reports whether a value of --log asks for records.
func logsRecords(flag string) bool {
	return flag == jsonLines || strings.HasSuffix(flag, "."+jsonLines)
}

// logRecords begins the record log that --log asks for, if it is given. With one on standard output
// everything else goes to standard error. The function that it returns ends the log.
func (a *app) logRecords(own []string) (end func() error, err error) {
	switch {
	case a.log == "":
		return func() error { return nil }, nil
	case !logsRecords(a.log):
		return nil, usagef("--log: %q is neither jsonl, which is standard output, nor a file whose name ends in .jsonl%s", a.log, orOf(own))
	case a.log != jsonLines:
		f, err := appendTo(a.log)
		if err != nil {
			return nil, fmt.Errorf("--log: %w", err)
		}
		a.records = &recordLog{out: &output{Writer: f}}
		return func() error {
			if err := errors.Join(a.records.out.err, f.Close()); err != nil {
				return fmt.Errorf("--log: the runs are kept, and their log is not whole: %w", err)
			}
			return nil
		}, nil
	case a.json:
		return nil, usagef("--log: --json prints its result to standard output, too: write the log to a file, --log FILE.jsonl")
	}
	a.records = &recordLog{out: &output{Writer: a.stdout}}
	a.stdout = a.stderr
	return func() error { return nil }, nil // that standard output could not be written to is said in any case
}

// logging is a command with a record log, or with another log that is one of its own words.
func (a *app) logging(own []string, f func(args []string) error) func(*cobra.Command, []string) error {
	return func(_ *cobra.Command, args []string) error {
		if slices.Contains(own, a.log) {
			return f(args)
		}
		end, err := a.logRecords(own)
		if err != nil {
			return err
		}
		return cmp.Or(f(args), end())
	}
}

// orOf names the other words that a flag has.
func orOf(own []string) string {
	if len(own) == 0 {
		return ""
	}
	return ", nor " + strings.Join(own, " or ")
}

// appendTo opens a file to add lines of JSON to it. What a killed program left of a line is taken away; a last line that
// lacks nothing but its end gets that.
func appendTo(name string) (*os.File, error) {
	f, err := os.OpenFile(name, os.O_RDWR|os.O_CREATE|os.O_APPEND, 0o666)
	if err != nil {
		return nil, err
	}
	info, err := f.Stat()
	if err == nil && info.Mode().IsRegular() {
		err = endLast(f, info.Size())
	}
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}

// endLast makes a file of some size end with a whole line.
func endLast(f *os.File, size int64) error {
	last, err := lastLine(f, size)
	switch {
	case err != nil || len(last) == 0:
		return err
	case last[0] == '{' && !json.Valid(last):
		return f.Truncate(size - int64(len(last)))
	}
	_, err = f.WriteString("\n")
	return err
}

// lastLine returns what follows the last end of a line in a file of some size.
func lastLine(f io.ReaderAt, size int64) (last []byte, err error) {
	for at := size; at > 0; {
		part := make([]byte, min(at, 1<<16))
		at -= int64(len(part))
		if n, err := f.ReadAt(part, at); n < len(part) {
			return nil, err
		}
		end := bytes.LastIndexByte(part, '\n')
		last = append(part[end+1:], last...)
		if end >= 0 {
			break
		}
	}
	return last, nil
}

// of returns the log with lines that name a trial of a sweep.
func (l *recordLog) of(w store.Sweep, place int) *recordLog {
	if l == nil {
		return nil
	}
	return &recordLog{l.out, w.ID, place}
}

func (l *recordLog) head(kind, id string, when time.Time) lineHead {
	return lineHead{kind, id, when.UTC(), l.sweep, l.trial}
}

// write adds a line. A write that fails does not end a run, which is kept in its store.
func (l *recordLog) write(line any) {
	text, err := json.Marshal(line)
	if err == nil {
		_, err = l.out.Write(append(text, '\n'))
	}
	if err != nil && l.out.err == nil {
		l.out.err = err
	}
}

// begin writes that a run begins or goes on, and returns the step of the last record that is there. A program that was killed may have saved its last record and
// not written it here, so that it is repeated.
func (l *recordLog) begin(s *store.Store, id string, from *run.Checkpoint) (last int, err error) {
	if l == nil {
		return -1, nil
	}
	r, err := s.Find(id)
	if err != nil {
		return -1, err
	}
	line := beginLine{lineHead: l.head(begun, id, time.Now()), Spec: r.Spec}
	if from != nil {
		line.Step = from.Step
	}
	l.write(line)
	list, err := s.RecordsAfter(id, r.LastStep-1)
	for _, one := range list {
		l.record(id, one)
	}
	return r.LastStep, err
}

// record writes a record.
func (l *recordLog) record(id string, r run.Record) {
	if l == nil {
		return
	}
	line := recordLine{lineHead: l.head(recordKind, id, r.Time), Step: r.Step, Epoch: r.Epoch, Values: map[string]any{}, Errors: map[string]any{}}
	for _, v := range r.Values {
		line.Values[v.Key] = finite(v.Value)
		if len(v.Vector) > 0 {
			all := make([]any, len(v.Vector))
			for i, x := range v.Vector {
				all[i] = finite(x)
			}
			line.Values[v.Key] = all
		}
		if e := v.Combined(); e != 0 {
			line.Errors[v.Key] = finite(e)
		}
	}
	l.write(line)
}

// finite is a number as JSON has it: NaN and the infinities are texts.
func finite(x float64) any {
	if math.IsNaN(x) || math.IsInf(x, 0) {
		return strconv.FormatFloat(x, 'g', -1, 64)
	}
	return x
}

// end writes how a run ended, or why it stopped.
func (l *recordLog) end(id string, r store.Run, err error) {
	if l == nil {
		return
	}
	line := endLine{lineHead: l.head(ended, id, time.Now()), Status: string(r.Status), Message: r.Message}
	switch {
	case errors.Is(err, store.ErrLost):
		line.Status, line.Message = lost, flat(err.Error())
	case err != nil:
		line.Status, line.Message = string(run.Stopped), flat(err.Error())
	}
	l.write(line)
}
