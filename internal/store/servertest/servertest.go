// Package servertest starts a PostgreSQL server for tests and measurements: one of its own in a temporary
// folder, with the programs of this machine, which is gone afterwards.
package servertest

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib" // the database driver "pgx"
)

// A Server is a PostgreSQL server without a password, which only this machine reaches.
type Server struct {
	t        testing.TB // nil: of no test
	settings []string
	programs string // folder
	dir      string
	command  *exec.Cmd // runs it, and ends it when its input ends
	input    io.WriteCloser
}

// ErrNone says why there is no server on this machine.
var ErrNone = errors.New("it needs PostgreSQL")

// Start starts a server, which ends with the test, or skips the test with the reason where it cannot.
func Start(t testing.TB) *Server {
	t.Helper()
	s, err := New("fsync=off", "max_connections=200", "shared_buffers=16MB")
	if errors.Is(err, ErrNone) {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	s.t = t
	return s
}

// New starts a server with settings such as "shared_buffers=1GB". The error is ErrNone where it cannot.
func New(settings ...string) (*Server, error) {
	programs, err := find()
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrNone, err)
	}
	// The folder of a test is not open to the user that the server runs as, and its path may be too
	// long for a socket.
	dir, err := os.MkdirTemp("", "pg")
	if err != nil {
		return nil, err
	}
	s := &Server{settings: settings, programs: programs, dir: dir}
	if err := own(dir); err != nil {
		s.Close()
		return nil, fmt.Errorf("%w and a folder that belongs to another user: %w", ErrNone, err)
	}
	out, err := s.program("initdb", "--pgdata", filepath.Join(dir, "data"), "--username", "tester", "--auth", "trust", "--no-sync", "--encoding", "UTF8", "--locale", "C").CombinedOutput()
	if err != nil {
		s.Close()
		return nil, fmt.Errorf("initdb: %w\n%s", err, out)
	}
	if err := s.begin(); err != nil {
		s.Close()
		return nil, err
	}
	return s, nil
}

// Close ends the server and removes its folder.
func (s *Server) Close() {
	s.end("")
	_ = os.RemoveAll(s.dir)
}

// find returns the folder of the server's programs.
func find() (string, error) {
	if !able {
		return "", errors.New("the tests start none on this system")
	}
	if name, err := exec.LookPath("initdb"); err == nil {
		if name, err = filepath.EvalSymlinks(name); err == nil {
			return filepath.Dir(name), nil
		}
	}
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/initdb")
	if len(found) == 0 {
		return "", errors.New("initdb is not in PATH, nor in /usr/lib/postgresql/*/bin")
	}
	return filepath.Dir(found[len(found)-1]), nil
}

// program returns a command of one of the server's programs, as a user who is not root.
func (s *Server) program(name string, args ...string) *exec.Cmd {
	c := exec.Command(filepath.Join(s.programs, name), args...)
	c.Dir = s.dir
	unprivileged(c)
	return c
}

// begin starts the server and waits until it answers.
func (s *Server) begin() error {
	// The shell outlives no test: it ends the server when its input ends, or says how.
	const script = `"$0" "$@" >server.log 2>&1 </dev/null & pid=$!; read how; kill -${how:-INT} $pid; wait $pid`
	args := []string{"-c", script, filepath.Join(s.programs, "postgres"), "-D", filepath.Join(s.dir, "data"), "-k", s.dir, "-p", "5432", "-c", "listen_addresses="}
	for _, setting := range s.settings {
		args = append(args, "-c", setting)
	}
	s.command = exec.Command("/bin/sh", args...)
	s.command.Dir = s.dir
	unprivileged(s.command)
	var err error
	if s.input, err = s.command.StdinPipe(); err == nil {
		err = s.command.Start()
	}
	if err != nil {
		return err
	}
	db, err := sql.Open("pgx", s.Address(nil))
	if err != nil {
		return err
	}
	defer db.Close()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	for err = db.PingContext(ctx); err != nil; err = db.PingContext(ctx) {
		if ctx.Err() != nil {
			text, _ := os.ReadFile(filepath.Join(s.dir, "server.log"))
			return fmt.Errorf("the server does not begin: %w\n%s", err, text)
		}
		time.Sleep(5 * time.Millisecond)
	}
	return nil
}

// end ends the server, by a signal such as INT or QUIT, which is a crash; "" is INT.
func (s *Server) end(signal string) {
	if s.command == nil || s.command.Process == nil {
		return
	}
	_, _ = fmt.Fprintln(s.input, signal) // if it has ended already there is nobody to tell
	_ = s.input.Close()
	_ = s.command.Wait() // the status is that of the signal
	s.command = nil
}

// Restart ends the server of a test, all its connections with it, and starts it anew. A crash leaves what it did
// not write yet to its log.
func (s *Server) Restart(crash bool) {
	s.t.Helper()
	signal := "INT"
	if crash {
		signal = "QUIT"
	}
	s.end(signal)
	if err := s.begin(); err != nil {
		s.t.Fatal(err)
	}
}

// Address returns the address of a database of the server, with fields of its user.
func (s *Server) Address(fields url.Values) string {
	all := url.Values{"host": {s.dir}, "port": {"5432"}}
	for name, values := range fields {
		all[name] = values
	}
	return (&url.URL{Scheme: "postgres", User: url.User("tester"), Path: "/postgres", RawQuery: strings.ReplaceAll(all.Encode(), "+", "%20")}).String()
}

// Socket returns the file at which the server is reached.
func (s *Server) Socket() string { return filepath.Join(s.dir, ".s.PGSQL.5432") }

// Exec runs a statement on the server of a test.
func (s *Server) Exec(statement string) {
	s.t.Helper()
	db, err := sql.Open("pgx", s.Address(nil))
	if err == nil {
		_, err = db.Exec(statement)
	}
	if err = errors.Join(err, db.Close()); err != nil {
		s.t.Fatal(err)
	}
}
