package main

import (
	"cmp"
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// A probe sees what a server does. It keeps the first error.
type probe struct {
	db     *sql.DB
	parent int // process of the server
	err    error
}

// newProbe looks at the server at an address, which is on this machine.
func newProbe(address string) (*probe, error) {
	db, err := sql.Open("pgx", address)
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(1)
	p := &probe{db: db}
	var pid int
	p.query(&pid, "SELECT pg_backend_pid()")
	if stat, ok := processOf(strconv.Itoa(pid)); ok {
		p.parent = stat.parent
	}
	return p, p.err
}

func (p *probe) query(to any, statement string) {
	p.err = cmp.Or(p.err, p.db.QueryRow(statement).Scan(to))
}

func (p *probe) version() (text string) {
	p.query(&text, "SELECT 'PostgreSQL ' || current_setting('server_version')")
	return text
}

// counts are what a server has done.
type counts struct {
	transactions float64
	log          float64 // bytes
	seconds      float64 // of processors; 0 where that is not known
}

func (c counts) minus(d counts) counts {
	return counts{c.transactions - d.transactions, c.log - d.log, c.seconds - d.seconds}
}

// count returns what the server has done; no probe has seen nothing.
func (p *probe) count() (c counts, err error) {
	if p == nil {
		return c, nil
	}
	p.query(&c.transactions, "SELECT xact_commit + xact_rollback FROM pg_stat_database WHERE datname = current_database()")
	p.query(&c.log, "SELECT pg_current_wal_lsn() - '0/0'::pg_lsn")
	processes, _ := filepath.Glob("/proc/[0-9]*")
	for _, name := range processes {
		switch stat, ok := processOf(filepath.Base(name)); {
		case !ok || p.parent == 0:
		case filepath.Base(name) == strconv.Itoa(p.parent):
			c.seconds += stat.seconds + stat.children
		case stat.parent == p.parent:
			c.seconds += stat.seconds
		}
	}
	return c, p.err
}

// A process is what Linux says of one.
type process struct {
	parent            int
	seconds, children float64 // of processors: its own, and those of its children that have ended
}

// processOf reads /proc; see proc(5).
func processOf(pid string) (p process, ok bool) {
	text, err := os.ReadFile("/proc/" + pid + "/stat")
	if err != nil {
		return p, false
	}
	fields := strings.Fields(string(text[strings.LastIndexByte(string(text), ')')+1:])) // from the third one, the state
	if len(fields) < 15 {
		return p, false
	}
	number := func(i int) float64 {
		x, _ := strconv.ParseFloat(fields[i-3], 64) // Linux writes numbers there
		return x
	}
	const ticks = 100 // a second
	return process{int(number(4)), (number(14) + number(15)) / ticks, (number(16) + number(17)) / ticks}, true
}

// printSizes prints the rows and bytes of each table, with its indexes.
func (p *probe) printSizes() error {
	rows, err := p.db.Query(`SELECT relname, pg_total_relation_size(oid) FROM pg_class
		WHERE relkind = 'r' AND relnamespace = 'breakeven'::regnamespace AND pg_total_relation_size(oid) > 1e5 ORDER BY 2 DESC`)
	if err != nil {
		return err
	}
	sizes := map[string]float64{}
	var names []string
	for rows.Next() {
		var name string
		var bytes float64
		if err := rows.Scan(&name, &bytes); err != nil {
			return err
		}
		names = append(names, name)
		sizes[name] = bytes
	}
	if err := rows.Close(); err != nil {
		return err
	}
	fmt.Print("| table | rows | bytes | bytes of a row |\n|---|---|---|---|\n")
	for _, name := range names {
		var n float64
		p.query(&n, "SELECT count(*) FROM breakeven."+name)
		fmt.Printf("| `%s` | %.0f | %.0f MB | %.0f |\n", name, n, sizes[name]/1e6, sizes[name]/max(1, n))
	}
	return p.err
}
