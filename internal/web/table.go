package web

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"breakeven/internal/report"
	"breakeven/internal/store"
)

// A tableView is the table of runs, as its template reads it.
type tableView struct {
	Query, Sort string
	Choices     []choiceView
	Heads       []headView
	Rows        []rowView
	Found, All  int
	First, Last int // rows that are shown, from 1
	Previous    string
	Next        string
	Missing     int // runs whose records were not read yet
	Together    int
}

// A headView is the head of a column: its words, the address that sorts by it, and how it is sorted now.
type headView struct {
	Text any
	Link string
	Sort string // "ascending", "descending" or ""
}

// A choiceView is an order of the table.
type choiceView struct{ Value, Text string }

// choices are all orders by a column.
var choices = func() (list []choiceView) {
	for _, c := range columns {
		list = append(list, choiceView{c.name, c.head + ", upwards"}, choiceView{"-" + c.name, c.head + ", downwards"})
	}
	return list
}()

// A rowView is a run in a table.
type rowView struct {
	ID, Name string
	State    string
	Damage   string
	Tags     []string
	Cells    []cellView // of the columns after the run and its status
}

// A cellView is a cell with the head of its column, which stands beside it on a telephone.
type cellView struct{ Head, Text any }

func (v *server) runs(w http.ResponseWriter, r *http.Request) error {
	q, err := query(r, "q", "sort", "page")
	if err != nil {
		return err
	}
	place, down, err := sorting(q)
	if err != nil {
		return err
	}
	list, err := v.feed.now()
	if err != nil {
		return err
	}
	rows := v.found(list.runs, strings.Fields(strings.ToLower(q.Get("q"))))
	page, first, end, err := pageOf(q, len(rows))
	if err != nil {
		return err
	}
	t := tableView{Query: q.Get("q"), Sort: q.Get("sort"), Found: len(rows), All: len(list.runs), First: first + 1, Last: end, Together: together, Choices: choices}
	if place >= 0 {
		if isExtreme(columns[place].name) {
			t.Missing = v.summarise(rows)
		}
		v.sort(rows, place, down)
	}
	rows = rows[first:end]
	t.Missing = max(t.Missing, v.summarise(rows))
	for i, c := range columns {
		h := headView{Text: report.Formula(c.head), Link: tableLink(q, c.name, 1)}
		if i == place {
			h.Sort = "ascending"
			if down {
				h.Sort = "descending"
			} else {
				h.Link = tableLink(q, "-"+c.name, 1)
			}
		}
		t.Heads = append(t.Heads, h)
	}
	for _, r := range rows {
		t.Rows = append(t.Rows, v.rowView(r))
	}
	if page > 1 {
		t.Previous = tableLink(q, t.Sort, page-1)
	}
	if end < t.Found {
		t.Next = tableLink(q, t.Sort, page+1)
	}
	return v.write(w, "runs", frame{Title: "Runs", Subtitle: v.Store.Dir(), Nav: "runs", Events: "/events", Version: list.version}, t)
}

// found returns the runs that match all words, with their states.
func (v *server) found(runs []store.Run, words []string) (rows []row) {
	for _, r := range runs {
		one := row{Run: r, State: "damaged", summary: none}
		if r.Damage == nil {
			one.State = v.State(r)
		}
		if matches(one, words) {
			rows = append(rows, one)
		}
	}
	return rows
}

// summarise fills in the extremes of rows, and returns of how many they are not known yet.
func (v *server) summarise(rows []row) (missing int) {
	runs := make([]store.Run, len(rows))
	for i, r := range rows {
		runs[i] = r.Run
	}
	list, missing := v.extremes.of(runs)
	for i := range rows {
		rows[i].summary = list[i]
	}
	return missing
}

func (v *server) rowView(r row) rowView {
	x := rowView{ID: r.ID, Name: r.Name, State: r.State, Tags: r.Tags}
	if r.Damage != nil {
		x.Damage = r.Damage.Error()
	}
	for _, c := range columns[2:] {
		cell := cellView{Head: report.Formula(c.head), Text: ""}
		if r.Damage == nil {
			cell.Text = c.text(v, r)
		}
		x.Cells = append(x.Cells, cell)
	}
	return x
}

// tableLink is the address of a page of the table.
func tableLink(q url.Values, sort string, page int) string {
	next := url.Values{}
	if text := q.Get("q"); text != "" {
		next.Set("q", text)
	}
	if sort != "" {
		next.Set("sort", sort)
	}
	if page > 1 {
		next.Set("page", fmt.Sprint(page))
	}
	if len(next) == 0 {
		return "/"
	}
	return "/?" + next.Encode()
}
