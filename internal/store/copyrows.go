package store

import (
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"

	"breakeven/run"
)

// runRows are all rows of a run, and what its checkpoints hold once they have been read.
type runRows struct {
	run         [12]string // in the order of runColumns
	held        process    // that works on it
	records     []recordRow
	tags        []string
	checkpoints []checkpointRow
	files       []run.Checkpoint // of these
	notes       []string         // on what is not whole
}

// A recordRow is a record as it is stored.
type recordRow struct {
	step  int
	epoch float64
	body  string
}

// runColumns are the columns of a run, but its number.
const runColumns = "id, spec_id, spec, program, isa, numerics, status, changes, message, created, updated, name"

func (r *runRows) id() string { return r.run[0] }

// rowsOf returns the rows of a run.
func (s *Store) rowsOf(id string) (r *runRows, err error) {
	if err := checkID(id); err != nil {
		return nil, err
	}
	err = s.snapshot(func(tx *sql.Tx) (err error) {
		r = &runRows{}
		if r.held, err = s.readRow(tx, id, &r.run); err != nil {
			return err
		}
		if r.records, err = recordRows(tx, id); err != nil {
			return err
		}
		if version, err := s.engine.version(tx); err != nil {
			return err
		} else if version >= 4 {
			if r.tags, err = texts(tx, "SELECT CAST(tag AS TEXT) FROM tags WHERE run = $1 ORDER BY tag", id); err != nil {
				return err
			}
		}
		r.checkpoints, err = checkpoints(tx, id)
		return err
	})
	return r, explain(s.dir, "run "+id, err)
}

// readRow reads the row of a run, and returns the process that works on it.
func (s *Store) readRow(tx *sql.Tx, id string, row *[12]string) (process, error) {
	version, err := s.engine.version(tx)
	if err != nil {
		return process{}, err
	}
	var columns []string
	var places []any
	for i, name := range strings.Split(runColumns, ", ") {
		missing := map[string]int{"numerics": 3, "changes": 3, "name": 4}[name]
		switch column := "CAST(" + name + " AS TEXT)"; {
		case version >= missing:
			columns = append(columns, column)
		case name == "numerics":
			columns = append(columns, "'0'")
		default:
			columns = append(columns, "''")
		}
		places = append(places, &row[i])
	}
	err = tx.QueryRow("SELECT "+strings.Join(columns, ", ")+" FROM runs WHERE id = $1", id).Scan(places...)
	if errors.Is(err, sql.ErrNoRows) {
		err = ErrNotFound
	}
	if err != nil {
		return process{}, err
	}
	working, err := s.atWork(tx, version, "WHERE id = $1", id)
	if err != nil {
		return process{}, err
	}
	return working(Run{ID: id, Status: run.Status(row[6])}), nil
}

func recordRows(tx *sql.Tx, id string) (list []recordRow, err error) {
	rows, err := tx.Query("SELECT step, epoch, body FROM records WHERE run = $1 ORDER BY step", id)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var r recordRow
		if err := rows.Scan(&r.step, &r.epoch, &r.body); err != nil {
			return nil, err
		}
		list = append(list, r)
	}
	return list, rows.Err()
}

// texts returns the only column of a query.
func texts(db querier, query string, args ...any) (list []string, err error) {
	rows, err := db.Query(query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var text string
		if err := rows.Scan(&text); err != nil {
			return nil, err
		}
		list = append(list, text)
	}
	return list, rows.Err()
}

// readFiles reads the checkpoints of rows. Those that are not whole become notes, and the others have
// the digests that they get when they are written.
func (s *Store) readFiles(r *runRows) error {
	var rows []checkpointRow
	for _, row := range r.checkpoints {
		var c run.Checkpoint
		err := s.engine.read(func() (err error) {
			c, err = s.readCheckpoint(r.id(), row)
			return err
		})
		switch {
		case unknowable(err):
			return explain(s.dir, "run "+r.id(), err)
		case err != nil:
			r.notes = append(r.notes, fmt.Sprintf("run %s: the checkpoint of step %d is not whole and is left out: %v", r.id(), row.step, err))
		default:
			row, _ := digest(r.id(), c)
			rows, r.files = append(rows, row), append(r.files, c)
		}
	}
	r.checkpoints = rows
	return nil
}

// equals returns ErrDiffers, with the first difference, unless two runs are the same. Who made them
// and when, their names and tags are no difference.
func (r *runRows) equals(o *runRows) error {
	for i, name := range strings.Split(runColumns, ", ") {
		switch name {
		case "program", "message", "created", "updated", "name":
			continue
		}
		if r.run[i] != o.run[i] {
			return fmt.Errorf("%w: its %s is %.60q there and %.60q here", ErrDiffers, name, r.run[i], o.run[i])
		}
	}
	if len(r.records) != len(o.records) {
		return fmt.Errorf("%w: it has %d records there and %d here", ErrDiffers, len(r.records), len(o.records))
	}
	for i, one := range r.records {
		other, err := decode(new(run.RecordReader), o.records[i].step, o.records[i].body)
		if err == nil && one.step != other.Step {
			err = fmt.Errorf("%w: it has a record of step %d there and of step %d here", ErrDiffers, one.step, other.Step)
		}
		if err == nil {
			err = compare(one.body, other)
		}
		if err != nil {
			return fmt.Errorf("record of step %d: %w", one.step, err)
		}
	}
	if !slices.Equal(r.checkpoints, o.checkpoints) {
		return fmt.Errorf("%w: its checkpoints are others there", ErrDiffers)
	}
	return nil
}

// insert adds the rows of a run, but not its checkpoints.
func (r *runRows) insert(tx *sql.Tx) error {
	if name := r.run[11]; name != "" {
		taken, err := texts(tx, "SELECT id FROM runs WHERE lower(name) = lower($1)", name)
		if err == nil && len(taken) > 0 {
			err = fmt.Errorf("%w: %q is that of run %s there", errName, name, taken[0])
		}
		if err != nil {
			return err
		}
	}
	var args []any
	for _, text := range r.run {
		args = append(args, text)
	}
	// Texts become the types of their columns.
	if _, err := tx.Exec("INSERT INTO runs ("+runColumns+") VALUES ($1, $2, $3, $4, $5, CAST($6 AS INTEGER), $7, $8, $9, $10, $11, $12)", args...); err != nil {
		return err
	}
	for list := range slices.Chunk(r.records, 100) {
		in := inserter{into: "records (run, step, epoch, body)", args: []any{r.id()}}
		for _, one := range list {
			in.add(one.step, one.epoch, one.body)
		}
		if err := in.exec(tx); err != nil {
			return err
		}
	}
	for _, tag := range r.tags {
		if _, err := tx.Exec("INSERT INTO tags (run, tag) VALUES ($1, $2)", r.id(), tag); err != nil {
			return err
		}
	}
	return nil
}

// An inserter adds several rows, which have the first column in common, with one statement.
type inserter struct {
	into string
	args []any // the first one is that of all rows
	rows []string
}

func (in *inserter) add(values ...any) {
	row := "($1"
	for _, v := range values {
		in.args = append(in.args, v)
		row += fmt.Sprintf(", $%d", len(in.args))
	}
	in.rows = append(in.rows, row+")")
}

func (in *inserter) exec(tx *sql.Tx) error {
	_, err := tx.Exec("INSERT INTO "+in.into+" VALUES "+strings.Join(in.rows, ", "), in.args...)
	return err
}
