package store

import "context"

// Kill releases the lock of a store, as the system does when its process is killed.
func Kill(s *Store) { _ = s.writer.(*fileWriter).file.Close() }

// Silence ends the beat of a store on a server, and makes it one that was seen last an hour ago.
func Silence(s *Store) {
	b := s.writer.(*beat)
	b.end()
	<-b.over
	if _, err := b.db.Exec("UPDATE writers SET seen = seen - interval '1 hour' WHERE id = $1", b.id); err != nil {
		panic(err)
	}
}

// Beat says that a store on a server lives.
func Beat(s *Store) { s.writer.(*beat).beat(context.Background()) }

// Impatiently lets a store on a server wait for nothing.
func Impatiently(s *Store) { s.engine.(*remote).patience = 0 }

// Impatient lets nobody wait for a server until the function that it returns is called.
func Impatient() func() {
	before := startPatience
	startPatience = 0
	return func() { startPatience = before }
}
