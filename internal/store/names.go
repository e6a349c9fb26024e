package store

import (
	"fmt"
	"regexp"
	"strconv"

	"breakeven/run"
)

// idForm is the form of a run's ID: that of its spec (without the letter before format 2 of specs)
// and, if the spec was run again, the number of the repetition. IDs become names of folders, and a
// database may come from anywhere.
var idForm = regexp.MustCompile(`^r?[0-9a-f]{12}(-[1-9][0-9]{0,8})?$`)

// checkID returns an error unless id has the form of an ID.
func checkID(id string) error {
	if !idForm.MatchString(id) {
		return fmt.Errorf("%w: %s is no name of a run", ErrNotFound, printable(id))
	}
	return nil
}

// printable quotes a text that is not an ID, for a message.
func printable(id string) string {
	const enough = 40
	if len(id) > enough {
		return strconv.Quote(id[:enough]) + "…"
	}
	return strconv.Quote(id)
}

// freeID returns an ID for a new run of a spec. Neither a run nor a folder has it: a folder may hold
// the remains of a run that the database has lost.
func (s *Store) freeID(db querier, spec run.Spec) (string, error) {
	var before int
	if err := db.QueryRow("SELECT count(*) FROM runs WHERE spec_id = $1", spec.ID()).Scan(&before); err != nil {
		return "", err
	}
	for n := before + 1; ; n++ {
		id := spec.ID()
		if n > 1 {
			id = fmt.Sprintf("%s-%d", id, n)
		}
		taken, err := known(db, id)
		if err != nil {
			return "", err
		}
		if !taken && !s.files.remains(id) {
			return id, nil
		}
	}
}

// known reports whether the database has a run of the given ID.
func known(db querier, id string) (ok bool, err error) {
	err = db.QueryRow("SELECT EXISTS (SELECT 1 FROM runs WHERE id = $1)", id).Scan(&ok)
	return ok, err
}

// The names in the folder of a store.
const (
	database   = "breakeven.db"
	logFile    = database + "-wal" // what SQLite has not yet copied into the database
	lockName   = "lock"
	runsFolder = "runs"

	writersFolder = "writers"
)

// writerForm is the form of the file names of writers.
var writerForm = regexp.MustCompile(`^[0-9]+-[0-9]+$`)

// sumForm is the form of the SHA-256 in a checkpoint's row.
var sumForm = regexp.MustCompile(`^[0-9a-f]{64}$`)

// digits is how many hexadecimal digits of a checkpoint's SHA-256 are in its file name. With them
// two checkpoints of one step, before its measurement and after it, are two files, and neither
// overwrites the other.
const digits = 16

func (r checkpointRow) name() string {
	return fmt.Sprintf("checkpoint-%d-%.*s.safetensors", r.step, digits, r.sum)
}

// oldName is the file name in stores of format 1.
func (r checkpointRow) oldName() string { return fmt.Sprintf("checkpoint-%d.safetensors", r.step) }

// fileForm is the form of the file names of checkpoints, including those of format 1.
var fileForm = regexp.MustCompile(`^checkpoint-([0-9]+)(?:-[0-9a-f]{16})?\.safetensors$`)

// checkpointStep returns the step in the file name of a checkpoint, and whether it is one.
func checkpointStep(name string) (step int, ok bool) {
	m := fileForm.FindStringSubmatch(name)
	if m == nil {
		return 0, false
	}
	step, err := strconv.Atoi(m[1])
	return step, err == nil
}
