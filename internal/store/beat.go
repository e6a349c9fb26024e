package store

import (
	"context"
	"database/sql"
	"os"
	"strconv"
	"time"
)

// lives says of a writer whether it counts as living: it was seen at most a minute ago, by the clock of the
// server. One that was seen later than now is seen again soon if it lives; the clock was set back.
// beatEvery is how often a writer says that it lives.
const (
	lives     = "seen BETWEEN clock_timestamp() - interval '60 seconds' AND clock_timestamp() + interval '60 seconds'"
	beatEvery = 20 * time.Second
)

// A beat is a writer of a store on a server: a row with the time at which it was seen last. One that is
// cut off for longer than a minute may lose its runs to others, and then cannot commit.
type beat struct {
	db   *sql.DB
	id   int64
	host string
	end  context.CancelFunc
	over chan struct{}
}

// join adds this process to the writers, as long as it lives. The rows of those that are long dead go.
func (e *remote) join() (*beat, error) {
	ctx, end := context.WithCancel(context.Background())
	b := &beat{db: e.db, end: end, over: make(chan struct{})}
	b.host, _ = os.Hostname() // else ""
	err := e.db.QueryRow(`WITH w AS (INSERT INTO writers (host, pid) VALUES ($1, $2) RETURNING id)
		INSERT INTO marks (writer, mark) SELECT id, 0 FROM w RETURNING writer`, b.host, os.Getpid()).Scan(&b.id)
	e.writer = b.id
	for _, statement := range []string{
		"DELETE FROM writers WHERE clock_timestamp() - seen > interval '1 day'",
		"DELETE FROM marks WHERE writer NOT IN (SELECT id FROM writers)",
	} {
		if err == nil {
			_, err = e.db.Exec(statement)
		}
	}
	if err != nil {
		end()
		return nil, err
	}
	go b.keep(ctx)
	return b, nil
}

func (b *beat) name() string { return strconv.FormatInt(b.id, 10) }

// keep says from time to time that the writer lives.
func (b *beat) keep(ctx context.Context) {
	defer close(b.over)
	tick := time.NewTicker(beatEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			b.beat(ctx)
		}
	}
}

// beat says that the writer lives. If that cannot be said now, it is the next time.
func (b *beat) beat(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, beatEvery/2)
	defer cancel()
	_, _ = b.db.ExecContext(ctx, `INSERT INTO writers (id, host, pid) VALUES ($1, $2, $3)
		ON CONFLICT (id) DO UPDATE SET seen = clock_timestamp()`, b.id, b.host, os.Getpid())
}

// leave takes the writer off the list.
func (b *beat) leave() error {
	b.end()
	<-b.over
	ctx, cancel := context.WithTimeout(context.Background(), beatEvery/2)
	defer cancel()
	_, err := b.db.ExecContext(ctx, "DELETE FROM writers WHERE id = $1", b.id)
	return err
}
