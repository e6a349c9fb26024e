package web

import (
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"unicode/utf8"
)

// What a request may ask for.
const (
	longest  = 200 // characters of a parameter
	together = 12  // runs that are compared
	perPage  = 200 // rows of a table
)

func failf(code int, format string, args ...any) error {
	return failure{code, fmt.Sprintf(format, args...)}
}

// plain returns the list of runs for a request that has no parameters.
func (v *server) plain(r *http.Request) (*listing, error) {
	if _, err := query(r); err != nil {
		return nil, err
	}
	return v.feed.now()
}

// query returns the parameters of a request: those of the given names, once each; and run, if it is
// among them, up to so often as runs are compared.
func query(r *http.Request, names ...string) (url.Values, error) {
	all, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return nil, failf(http.StatusBadRequest, "The parameters of this address cannot be read: %v.", err)
	}
	most := map[string]int{}
	for _, name := range names {
		most[name] = 1
		if name == "run" {
			most[name] = together
		}
	}
	for name, list := range all {
		if len(list) > most[name] {
			if most[name] == 0 {
				return nil, failf(http.StatusBadRequest, "This page has no parameter %.40q.", name)
			}
			return nil, failf(http.StatusBadRequest, "The parameter %s may stand in the address %d times at most.", name, most[name])
		}
		for _, text := range list {
			if !utf8.ValidString(text) || utf8.RuneCountInString(text) > longest {
				return nil, failf(http.StatusBadRequest, "The parameter %s is longer than %d characters, or no text.", name, longest)
			}
		}
	}
	return all, nil
}

// pageOf returns the place of the first and behind the last of n rows on the page that is asked for.
func pageOf(q url.Values, n int) (page, first, end int, err error) {
	page = 1
	if text := q.Get("page"); text != "" {
		if page, err = strconv.Atoi(text); err != nil || page < 1 {
			return 0, 0, 0, failf(http.StatusBadRequest, "The page must be a number from 1, and is %.40q.", text)
		}
	}
	if page > pages(n) {
		return 0, 0, 0, failf(http.StatusNotFound, "There is no page %d; the last one is %d.", page, pages(n))
	}
	return page, (page - 1) * perPage, min(page*perPage, n), nil
}

// pages is on how many pages n rows stand.
func pages(n int) int { return max(1, (n+perPage-1)/perPage) }
