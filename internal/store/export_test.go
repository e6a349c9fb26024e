package store

// Kill releases the lock of a store, as the system does when its process is killed.
func Kill(s *Store) { _ = s.writer.file.Close() }
