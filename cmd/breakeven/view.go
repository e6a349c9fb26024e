package main

import (
	"fmt"
	"io"
	"math"
	"os"
	"sync"
	"time"

	"breakeven/run"
	"breakeven/trial"

	"github.com/mattn/go-isatty"
	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"
	"golang.org/x/term"
)

// A view shows how a command gets on: bars on a terminal, else a line now and
// then, or nothing where the user wants none.
type view struct {
	lines io.Writer     // for what is said on the way; io.Discard when quiet
	news  io.Writer     // for plain progress lines; nil with bars or when quiet
	bars  *mpb.Progress // nil without a terminal
}

// newView returns a view on the streams of a. Close it.
func (a *app) newView() *view {
	switch {
	case a.json || a.quiet:
		return &view{lines: io.Discard}
	case !terminal(a.stderr):
		return &view{lines: a.stdout, news: a.stderr}
	}
	v := &view{lines: a.stdout, bars: mpb.New(mpb.WithOutput(a.stderr), mpb.WithRefreshRate(200*time.Millisecond))}
	if terminal(a.stdout) {
		v.lines = v.bars // prints above the bars
	}
	return v
}

func terminal(w io.Writer) bool {
	f, ok := file(w)
	return ok && (isatty.IsTerminal(f.Fd()) || isatty.IsCygwinTerminal(f.Fd()))
}

// widthOf returns the characters of a line of the terminal that w writes to, at least 40; 0 if
// it is none.
func widthOf(w io.Writer) int {
	f, ok := file(w)
	if !ok {
		return 0
	}
	width, _, err := term.GetSize(int(f.Fd()))
	if err != nil || width == 0 {
		return 0
	}
	return max(width, 40)
}

// file returns the file that a stream of the program writes to.
func file(w io.Writer) (*os.File, bool) {
	if o, ok := w.(*output); ok {
		w = o.Writer
	}
	f, ok := w.(*os.File)
	return f, ok
}

// say prints a line that is no result.
func (v *view) say(text string) {
	switch {
	case v.bars != nil:
		fmt.Fprintln(v.bars, "\r"+text) // the terminal has echoed ^C
	case v.news != nil:
		fmt.Fprintln(v.news, text)
	}
}

// close waits until the bars are drawn for the last time.
func (v *view) close() {
	if v.bars != nil {
		v.bars.Wait()
	}
}

// A meter shows the progress of one piece of work.
type meter struct {
	view  *view
	name  string
	bar   *mpb.Bar
	begun time.Time
	every time.Duration // between plain lines

	mu    sync.Mutex
	text  string  // what is going on
	part  float64 // done, 0…1
	first float64 // done when the work began
	shown time.Time

	whole    *meter // the meter that shows this one, if it has no bar of its own
	from, to float64
}

// meterScale is the total of a bar.
const meterScale = 10000

// meter begins a piece of work of which the given part is done already.
func (v *view) meter(name string, part float64) *meter {
	m := &meter{view: v, name: name, begun: time.Now(), every: 30 * time.Second, part: part, first: part}
	m.shown = m.begun
	if v.bars == nil {
		return m
	}
	m.bar = v.bars.New(meterScale, mpb.BarStyle().Rbound("]").Lbound("["),
		mpb.BarWidth(30),
		mpb.PrependDecorators(decor.Name(name+" ")),
		mpb.AppendDecorators(decor.Percentage(decor.WC{W: 5}), decor.Any(func(decor.Statistics) string { return "  " + m.state() })),
	)
	return m
}

// share returns a meter for the part from … to of the work of m, which shows it
// under the given name.
func (m *meter) share(name string, from, to float64) *meter {
	return &meter{name: name, whole: m, from: from, to: to}
}

// set says how far the work is, and what is going on.
func (m *meter) set(part float64, text string) {
	if m.whole != nil {
		m.whole.set(m.from+(m.to-m.from)*part, m.name+": "+text)
		return
	}
	m.mu.Lock()
	m.part, m.text = part, text
	now := time.Now()
	due := now.Sub(m.shown) >= m.every || m.bar != nil && now.Sub(m.shown) >= 50*time.Millisecond
	if due {
		m.shown = now
	}
	m.mu.Unlock()
	switch {
	case !due:
	case m.bar != nil:
		m.bar.SetCurrent(min(int64(part*meterScale), meterScale-1))
	case m.view.news != nil:
		fmt.Fprintf(m.view.news, "%s: %.0f %%, %s\n", m.name, 100*part, m.state())
	}
}

// state is what is going on, and the time left.
func (m *meter) state() string {
	m.mu.Lock()
	defer m.mu.Unlock()
	s := m.text
	if done := m.part - m.first; done > 0 && m.part < 1 {
		left := time.Duration(float64(time.Since(m.begun)) * (1 - m.part) / done)
		if s != "" {
			s += ", "
		}
		s += duration(left) + " left"
	}
	return s
}

// end ends the work; done says whether it was brought to its end.
func (m *meter) end(done bool) {
	if m.bar == nil { // that of the whole goes on
		return
	}
	m.mu.Lock()
	m.text = ""
	if done {
		m.part = 1
	}
	m.mu.Unlock()
	if done {
		m.bar.SetCurrent(meterScale)
		return
	}
	m.bar.Abort(false)
}

// A runView shows one run: a meter, and a line for each record.
type runView struct {
	meter *meter
	table liveTable
	after int // steps up to this one have been shown by an earlier process
}

func (v *view) run(name string, after int, part float64) *runView {
	return &runView{meter: v.meter(name, part), table: liveByStep(v.lines), after: after}
}

func (v *runView) progress(p trial.Progress) { v.meter.set(p.Part, progressText(p)) }

// progressText says how far a run is.
func progressText(p trial.Progress) string {
	text := fmt.Sprintf("step %d of %d, %s", p.Step, p.Steps, p.Doing)
	if !math.IsNaN(p.Loss) { // there is none before the first step
		text += ", loss " + num(p.Loss)
	}
	return text
}

func (v *runView) record(r run.Record) {
	if r.Step > v.after {
		v.table.add(stepCells(r), r)
	}
}
