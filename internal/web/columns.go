package web

import (
	"cmp"
	"fmt"
	"math"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"breakeven/internal/store"
)

// A row is a run in the table.
type row struct {
	store.Run
	State string
	summary
}

// A column is one of the table of runs.
type column struct {
	name, head string
	text       func(v *server, r row) string
	number     func(v *server, r row) float64 // what it is sorted by; nil: its text
}

// columns are those of the table. The first names the run.
var columns = func() []column {
	list := []column{
		{"run", "run", func(_ *server, r row) string { return cmp.Or(r.Name, r.ID) }, nil},
		{"status", "status", func(_ *server, r row) string { return r.State }, nil},
		field("data", "data", nil), field("model", "model", nil),
		field("lr", "η", func(r row) float64 { return r.Spec.LR }),
		field("batch", "S", func(r row) float64 { return float64(r.Spec.Batch) }),
		{"seed", "seed", func(_ *server, r row) string { return fmt.Sprint(r.Spec.Seed) }, func(_ *server, r row) float64 { return float64(r.Spec.Seed) }},
		{"step", "step", func(_ *server, r row) string { return fmt.Sprint(stepOf(r.Run)) }, func(_ *server, r row) float64 { return float64(stepOf(r.Run)) }},
	}
	for i, x := range shown {
		list = append(list, column{x.key, x.name, func(_ *server, r row) string { return number(r.values[i]) }, func(_ *server, r row) float64 { return r.values[i] }})
	}
	return append(list, column{"begun", "begun (UTC)", func(_ *server, r row) string { return r.Created.UTC().Format("2006-01-02 15:04") },
		func(_ *server, r row) float64 { return float64(r.Created.UnixMilli()) }})
}()

// field is the column of a setting, empty for runs to which it means nothing.
func field(name, head string, of func(row) float64) column {
	c := column{name: name, head: head, text: func(v *server, r row) string {
		if v.Lacks(r.Spec, name) != "" {
			return ""
		}
		return r.Spec.Text(name)
	}}
	if of != nil {
		c.number = func(v *server, r row) float64 {
			if v.Lacks(r.Spec, name) != "" {
				return math.NaN()
			}
			return of(r)
		}
	}
	return c
}

// number writes a value with four digits, and nothing for NaN.
func number(x float64) string {
	if math.IsNaN(x) {
		return ""
	}
	return fmt.Sprintf("%.4g", x)
}

// stepOf is the step to which a run has come; 0 for none.
func stepOf(r store.Run) int { return max(r.LastStep, r.Checkpoint, 0) }

// sorting returns the column that is asked for, and whether it descends; -1 is none.
func sorting(q url.Values) (place int, down bool, err error) {
	name, down := strings.CutPrefix(q.Get("sort"), "-")
	if name == "" {
		return -1, false, nil
	}
	place = slices.IndexFunc(columns, func(c column) bool { return c.name == name })
	if place < 0 {
		return -1, false, failf(http.StatusBadRequest, "The table of runs has no column %.40q.", name)
	}
	return place, down, nil
}

// sort orders rows by a column. Those without a value come last, and those with the same one stay as they are.
func (v *server) sort(rows []row, place int, down bool) {
	c := columns[place]
	sign := 1
	if down {
		sign = -1
	}
	if c.number == nil {
		texts := make(map[string]string, len(rows))
		for _, r := range rows {
			texts[r.ID] = c.text(v, r)
		}
		slices.SortStableFunc(rows, func(a, b row) int { return sign * cmp.Compare(texts[a.ID], texts[b.ID]) })
		return
	}
	slices.SortStableFunc(rows, func(a, b row) int {
		x, y := c.number(v, a), c.number(v, b)
		if none := math.IsNaN(x); none != math.IsNaN(y) {
			if none {
				return 1
			}
			return -1
		}
		return sign * cmp.Compare(x, y)
	})
}

// matches reports whether all words occur in what is said of a run: its ID, name, tags, status, data,
// network and method, and lr=…, batch=…, seed=… and kind=….
func matches(r row, words []string) bool {
	if len(words) == 0 {
		return true
	}
	s := r.Spec
	text := strings.ToLower(strings.Join(append([]string{"", r.ID, r.Name, r.State, s.Data, s.Model, s.Method, "kind=" + s.Kind,
		"lr=" + s.Text("lr"), "batch=" + s.Text("batch"), fmt.Sprintf("seed=%d", s.Seed)}, r.Tags...), " ")) + " "
	return !slices.ContainsFunc(words, func(w string) bool {
		if strings.Contains(w, "=") { // the whole value
			return !strings.Contains(text, " "+w+" ")
		}
		return !strings.Contains(text, w)
	})
}
