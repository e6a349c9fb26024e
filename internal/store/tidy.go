package store

import (
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"breakeven/internal/atomicfile"
)

// tidy removes obsolete files from the folders of all runs that no process works on. It touches
// nothing of a run that is not in the database: the database may be new, or an older copy, or have
// lost its last entries. What the user should know becomes a note.
func (s *Store) tidy() {
	if err := s.clearDeleted(); err != nil {
		s.note("what is left of deleted runs cannot be removed: %v", err)
	}
	folders, err := os.ReadDir(filepath.Join(s.dir, runsFolder))
	if err != nil {
		s.note("what was left unfinished cannot be removed: %v", err)
	}
	var left []string
	for _, f := range folders {
		if !f.IsDir() {
			continue
		}
		files, err := s.tidyFolder(f.Name())
		if err != nil {
			s.note("what was left unfinished in %s cannot be removed: %v", s.depot.place(f.Name()), err)
		}
		for _, name := range files {
			left = append(left, filepath.Join(runsFolder, f.Name(), name))
		}
	}
	if len(left) > 0 {
		s.note("%s: checkpoints that are not on record in %s are left as they are: %s. "+
			"If a process was killed while it saved, going on with the run takes care of them. "+
			"Else %s is new, or has lost entries: bring back a copy of it, or remove what nobody needs",
			s.dir, database, few(left), database)
	}
}

// tidyFolder tidies one folder, and returns the checkpoints left in it that are not on record.
func (s *Store) tidyFolder(id string) (left []string, err error) {
	ours, err := known(s.db, id)
	switch {
	case err != nil:
		return nil, err
	case ours && checkID(id) == nil:
		return s.tidyIdle(id)
	}
	files, err := s.depot.list(id)
	for _, f := range files {
		if _, ok := checkpointStep(f.name); ok {
			left = append(left, f.name)
		}
	}
	return left, err
}

// tidyIdle tidies the folder of a run that is in the database, unless a process works on it. None
// begins to meanwhile.
func (s *Store) tidyIdle(id string) (left []string, err error) {
	if useless, left, err := s.sort(s.db, id, nil); err != nil || len(useless)+len(left) == 0 {
		return nil, err
	}
	err = s.alone(func(tx *sql.Tx) (err error) {
		if err = s.unheld(tx, id); err == nil {
			left, err = s.tidyRun(tx, id, nil)
		}
		return err
	})
	if errors.Is(err, ErrHeld) {
		return nil, nil
	}
	return left, err
}

// tidySaved tidies the folder of a run after a checkpoint was saved. Where leases end with time, nobody
// takes the run meanwhile.
func (s *Store) tidySaved(l Lease, replaced []checkpointRow) {
	if s.depot == nil {
		return
	}
	if s.engine.forUpdate() == "" {
		_, _ = s.tidyRun(s.db, l.Run, replaced)
		return
	}
	_ = s.write(false, func(tx *sql.Tx) error {
		if err := s.holds(tx, l); err != nil {
			return err
		}
		_, err := s.tidyRun(tx, l.Run, replaced)
		return settled(err)
	})
}

// tidyRun tidies the folder of a run that is in the database. Files that a row has just replaced are
// obsolete too.
func (s *Store) tidyRun(db querier, id string, replaced []checkpointRow) (left []string, err error) {
	useless, left, err := s.sort(db, id, replaced)
	for _, name := range useless {
		if err := s.depot.remove(id, name); err != nil {
			return left, err
		}
	}
	return left, err
}

// sort returns the obsolete files in the folder of a run, and the other checkpoints that are not on
// record. Obsolete are unfinished files, replaced ones, and checkpoints for which there are enough
// others on record and in the folder: of the same step or newer.
func (s *Store) sort(db querier, id string, replaced []checkpointRow) (useless, left []string, err error) {
	rows, err := checkpoints(db, id)
	if err != nil {
		return nil, nil, err
	}
	files, err := s.depot.list(id)
	there := map[string]bool{}
	for _, f := range files {
		there[f.name] = true
	}
	for _, f := range files {
		name := f.name
		step, ours := checkpointStep(name)
		recorded := slices.ContainsFunc(rows, func(r checkpointRow) bool { return name == r.name() || name == r.oldName() })
		instead := 0
		for _, r := range rows {
			if r.step >= step && (there[r.name()] || there[r.oldName()]) {
				instead++
			}
		}
		switch {
		case atomicfile.IsTemp(name), slices.ContainsFunc(replaced, func(r checkpointRow) bool { return r.name() == name }), ours && !recorded && instead >= kept:
			useless = append(useless, name)
		case ours && !recorded:
			left = append(left, name)
		}
	}
	return useless, left, err
}

// unrecorded names the checkpoints of a run that are in its folder and not on record, or returns "".
func (s *Store) unrecorded(id string) string {
	if s.depot == nil {
		return ""
	}
	_, left, _ := s.sort(s.db, id, nil)
	if len(left) == 0 {
		return ""
	}
	return fmt.Sprintf("; not on record but there: %s; has %s lost its last entries?", few(left), database)
}

// abandoned returns the checkpoints in a folder without a database.
func abandoned(dir string) []string {
	names, _ := fs.Glob(os.DirFS(dir), runsFolder+"/*/checkpoint-*.safetensors")
	return names
}

// few joins a list of names, or only the first ones if it is long.
func few(names []string) string {
	const enough = 3
	if len(names) <= enough {
		return strings.Join(names, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(names[:enough], ", "), len(names)-enough)
}
