package store

import (
	"database/sql"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"
)

// maxName bounds the name of a run, in letters.
const maxName = 60

// CheckName returns an error unless name can be that of a run: a line of at most 60 letters
// that cannot be taken for an ID, for "last", for a flag or for STORE:RUN.
func CheckName(name string) error {
	switch {
	case name == "" || name != strings.TrimSpace(name):
		return errors.New("a name begins and ends with a letter that can be seen")
	case utf8.RuneCountInString(name) > maxName:
		return fmt.Errorf("a name has at most %d letters", maxName)
	case strings.ContainsFunc(name, func(r rune) bool { return !unicode.IsPrint(r) }) || !utf8.ValidString(name):
		return errors.New("a name is one line of text")
	case strings.HasPrefix(name, "-") || strings.Contains(name, ":"):
		return errors.New("a name does not begin with - and has no colon in it, which stands between a store and a run")
	case strings.EqualFold(name, last) || idForm.MatchString(name):
		return fmt.Errorf("%q has another meaning: a name is no ID, and not %q", name, last)
	}
	return nil
}

// tagForm is the form of a tag. It is compiled when it is needed: that takes milliseconds and more than a megabyte.
var tagForm = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[\pL\pN][\pL\pN_.=+-]{0,39}$`) })

// CheckTag returns an error unless tag can be one.
func CheckTag(tag string) error {
	if !tagForm().MatchString(tag) {
		return fmt.Errorf("%.50q is no tag: a word of at most 40 letters, digits and the signs _ . = + -, which begins with a letter or a digit", tag)
	}
	return nil
}

// SetName gives a run a name, which no other run of the store may have in whatever case; ""
// takes its name away.
func (s *Store) SetName(id, name string) error {
	err := s.transact(func(tx *sql.Tx) error {
		if err := CheckName(name); name != "" && err != nil {
			return err
		}
		var other string
		err := tx.QueryRow("SELECT CAST(id AS TEXT) FROM runs WHERE lower(name) = lower($1) AND name <> '' AND id <> $2", name, id).Scan(&other)
		switch {
		case err == nil:
			return fmt.Errorf("%q is the name of run %.60s", name, other)
		case !errors.Is(err, sql.ErrNoRows):
			return err
		}
		return touched(tx.Exec("UPDATE runs SET name = $1 WHERE id = $2", name, id))
	})
	return explain(s.dir, "run "+id, err)
}

// Tag adds tags to a run. Those that it has stay as they are.
func (s *Store) Tag(id string, tags ...string) error {
	return s.tag(id, "INSERT INTO tags (run, tag) VALUES ($1, $2) ON CONFLICT DO NOTHING", tags)
}

// Untag takes tags away from a run, if it has them.
func (s *Store) Untag(id string, tags ...string) error {
	return s.tag(id, "DELETE FROM tags WHERE run = $1 AND lower(tag) = lower($2)", tags)
}

func (s *Store) tag(id, statement string, tags []string) error {
	err := s.transact(func(tx *sql.Tx) error {
		if ours, err := known(tx, id); err != nil || !ours {
			return errors.Join(err, ErrNotFound)
		}
		for _, tag := range tags {
			if err := CheckTag(tag); err != nil {
				return err
			}
			if _, err := tx.Exec(statement, id, tag); err != nil {
				return err
			}
		}
		return nil
	})
	return explain(s.dir, "run "+id, err)
}

// tagsOf returns the tags of the runs that the condition selects, in alphabetical order. What is no tag is
// left out.
func tagsOf(db querier, where string, args ...any) (map[string][]string, error) {
	rows, err := db.Query("SELECT CAST(run AS TEXT), CAST(tag AS TEXT) FROM tags WHERE true"+among(where)+" ORDER BY run, lower(tag)", args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	tags := map[string][]string{}
	for rows.Next() {
		var run, tag string
		if err := rows.Scan(&run, &tag); err != nil {
			return nil, err
		}
		if CheckTag(tag) == nil {
			tags[run] = append(tags[run], tag)
		}
	}
	return tags, rows.Err()
}
