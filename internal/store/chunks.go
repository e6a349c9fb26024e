package store

import (
	"bytes"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"io/fs"

	"breakeven/internal/weights"
	"breakeven/run"
)

// chunkSize is the size in bytes of the parts of a file in the database.
const chunkSize = 1 << 20

// chunks are an archive in the tables of PostgreSQL: the rows of a file and the row that makes it count
// are written in one transaction, and go in one.
type chunks struct{ db *sql.DB }

func (k chunks) whole(id string, row checkpointRow) error {
	var there bool
	err := k.db.QueryRow("SELECT EXISTS (SELECT 1 FROM chunks WHERE run = $1 AND sha256 = $2)", id, row.sum).Scan(&there)
	if err == nil && !there {
		err = fs.ErrNotExist
	}
	return err
}

func (k chunks) read(id string, row checkpointRow) (*weights.File, error) {
	rows, err := k.db.Query("SELECT body FROM chunks WHERE run = $1 AND sha256 = $2 ORDER BY part", id, row.sum)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var file bytes.Buffer
	var part sql.RawBytes
	for rows.Next() {
		if err := rows.Scan(&part); err != nil {
			return nil, err
		}
		file.Write(part)
	}
	if err := rows.Err(); err != nil {
		return nil, err
	}
	if sum := sha256.Sum256(file.Bytes()); hex.EncodeToString(sum[:]) != row.sum {
		return nil, errors.New("the SHA-256 of its chunks in the database is not the one on record")
	}
	return weights.Decode(file.Bytes())
}

func (chunks) write(string, checkpointRow, run.Checkpoint) error { return nil }

func (chunks) add(tx *sql.Tx, id string, row checkpointRow, c run.Checkpoint) error {
	tensors, meta := content(id, c)
	w := &chunkWriter{tx: tx, run: id, sum: row.sum}
	if err := weights.Write(w, tensors, meta); err != nil {
		return err
	}
	return w.flush()
}

func (chunks) drop(tx *sql.Tx, id string, row checkpointRow) error {
	_, err := tx.Exec("DELETE FROM chunks WHERE run = $1 AND sha256 = $2", id, row.sum)
	return err
}

func (chunks) remains(string) bool { return false }

// A chunkWriter inserts what is written to it, a chunk at a time.
type chunkWriter struct {
	tx       *sql.Tx
	run, sum string
	part     int
	buffer   []byte
}

func (w *chunkWriter) Write(b []byte) (int, error) {
	n := len(b)
	for len(b) > 0 {
		some := min(len(b), chunkSize-len(w.buffer))
		w.buffer = append(w.buffer, b[:some]...)
		b = b[some:]
		if len(w.buffer) == chunkSize {
			if err := w.flush(); err != nil {
				return 0, err
			}
		}
	}
	return n, nil
}

// flush inserts what there is of a chunk.
func (w *chunkWriter) flush() error {
	if len(w.buffer) == 0 {
		return nil
	}
	_, err := w.tx.Exec("INSERT INTO chunks (run, sha256, part, body) VALUES ($1, $2, $3, $4) ON CONFLICT (run, sha256, part) DO UPDATE SET body = excluded.body",
		w.run, w.sum, w.part, w.buffer)
	w.part, w.buffer = w.part+1, w.buffer[:0]
	return err
}
