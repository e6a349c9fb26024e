package store

import (
	"database/sql"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"strings"

	"breakeven/internal/objects"
	"breakeven/internal/weights"
	"breakeven/run"
)

// A bucket is a depot in an object storage. Its objects have the names that files in a folder have, so
// that whoever copies them can use one for the other.
type bucket struct{ objects *objects.Bucket }

func (b bucket) String() string { return b.objects.String() }

func (b bucket) key(id, name string) string { return path.Join(runsFolder, id, name) }

func (b bucket) whole(id string, row checkpointRow) error {
	_, err := b.objects.Size(b.key(id, row.name()))
	return err
}

func (b bucket) read(id string, row checkpointRow) (*weights.File, error) {
	content, err := b.objects.Get(b.key(id, row.name()), row.sum)
	if err != nil {
		return nil, err
	}
	return weights.Decode(content)
}

func (b bucket) write(id string, row checkpointRow, c run.Checkpoint) error {
	tensors, meta := content(id, c)
	_, size := digest(id, c)
	return b.objects.Put(b.key(id, row.name()), size, func(w io.Writer) error { return weights.Write(w, tensors, meta) })
}

func (bucket) add(*sql.Tx, string, checkpointRow, run.Checkpoint) error { return nil }

func (bucket) drop(*sql.Tx, string, checkpointRow) error { return nil }

// remains does not look: a new run of an old ID is not hindered by objects of the old one, and would
// have to wait for the answer while it is alone.
func (bucket) remains(string) bool { return false }

func (b bucket) place(id string) string { return fmt.Sprintf("%s of %s", b.key(id, ""), b) }

func (b bucket) list(id string) (list []filed, err error) {
	found, err := b.objects.List(b.key(id, ""))
	for _, o := range found {
		list = append(list, filed{o.Name, o.Size})
	}
	return list, err
}

func (b bucket) remove(id, name string) error { return b.objects.Remove(b.key(id, name)) }

func (b bucket) clear(id string) error {
	list, err := b.list(id)
	for _, f := range list {
		if _, ours := checkpointStep(f.name); ours && err == nil {
			err = b.remove(id, f.name)
		}
	}
	return err
}

func (b bucket) owner() (string, error) {
	found, err := b.objects.Text(markFile)
	if errors.Is(err, fs.ErrNotExist) {
		err = nil
	}
	return strings.TrimSpace(found), err
}

func (b bucket) own(store string) error {
	return b.objects.Put(markFile, int64(len(store)), func(w io.Writer) error {
		_, err := io.WriteString(w, store)
		return err
	})
}
