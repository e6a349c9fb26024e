package data

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"time"
)

// fetcher downloads files.
type fetcher struct {
	client   *http.Client
	stall    time.Duration // gives up when nothing arrives for so long
	tries    int           // for each file, after faults that may pass
	pause    time.Duration // before the second try; twice as long before each further one
	progress func(file string, done, total int64)
}

// Fetch downloads the files of the named set from their public addresses into folder dir (""
// is DefaultDir), unless they are there already. A file is downloaded as NAME.part. When it is
// complete and has the published sha256 it is renamed, replacing a file of that name with
// another checksum. After a fault that may pass, such as a broken connection, Fetch tries a few
// more times. If it is called again after an interruption it continues where it stopped if the
// server still has the same version of the file, and begins again if not. progress, which may
// be nil, is called as bytes arrive, and once with done = total for a file that is complete.
func Fetch(ctx context.Context, name, dir string, progress func(file string, done, total int64)) error {
	in, err := Lookup(name)
	if err != nil {
		return err
	}
	if dir, err = folder(&in, dir); err != nil {
		return err
	}
	return newFetcher(progress).all(ctx, &in, dir)
}

// newFetcher returns a fetcher for the public addresses; progress may be nil.
func newFetcher(progress func(file string, done, total int64)) fetcher {
	if progress == nil {
		progress = func(string, int64, int64) {}
	}
	return fetcher{client: http.DefaultClient, stall: time.Minute, tries: 5, pause: time.Second, progress: progress}
}

// all downloads the files of a set to where Open finds them below dir.
func (f fetcher) all(ctx context.Context, in *Info, dir string) error {
	for _, file := range in.Files {
		if err := f.file(ctx, file, filepath.Join(dir, in.home)); err != nil {
			return fmt.Errorf("data: fetch %s: %w", in.Name, err)
		}
	}
	return nil
}

// file downloads one file into dir.
func (f fetcher) file(ctx context.Context, file File, dir string) error {
	path := filepath.Join(dir, file.Name)
	if file.compare(path) == nil {
		_ = os.Remove(sourceOf(path + ".part")) // left by a process that was killed at the very end
		f.progress(file.Name, file.Size, file.Size)
		return nil
	}
	if info, err := os.Lstat(path); err == nil && info.IsDir() {
		return fmt.Errorf("%s is a folder; move it away, or %w", path, ErrFolder)
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("%w; %w", err, ErrFolder)
	}
	p, err := openPart(path+".part", file)
	if err != nil {
		return err
	}
	if err := errors.Join(f.download(ctx, file, p), p.close()); err != nil {
		return err
	}
	if err := file.compare(p.path); err != nil {
		return fmt.Errorf("%s: %w; it was thrown away: try again, and if it happens again get %s from elsewhere and put it into %s",
			file.URL, errors.Join(err, p.discard()), file.Name, dir)
	}
	if err := os.Rename(p.path, path); err != nil {
		return err
	}
	syncDir(dir)
	return p.forget()
}

// download adds the missing bytes of file to p, with several tries.
func (f fetcher) download(ctx context.Context, file File, p *part) error {
	if p.have == file.Size {
		f.progress(file.Name, file.Size, file.Size)
	}
	for try := 1; p.have < file.Size; try++ {
		err := f.get(ctx, file, p)
		var again passing
		if err == nil || !errors.As(err, &again) || try >= f.tries {
			return err
		}
		if p.Version == "" { // the part cannot be continued
			if err := p.begin(""); err != nil {
				return err
			}
		}
		if wait(ctx, f.pause<<(try-1)) != nil {
			return p.stopped(ctx.Err())
		}
	}
	return nil
}

// wait waits for the pause, or until ctx ends.
func wait(ctx context.Context, pause time.Duration) error {
	t := time.NewTimer(pause)
	defer t.Stop()
	select {
	case <-t.C:
	case <-ctx.Done():
	}
	return ctx.Err()
}

// get asks the server once for the bytes that p lacks.
func (f fetcher) get(ctx context.Context, file File, p *part) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	idle := time.AfterFunc(f.stall, func() { cancel(fmt.Errorf("nothing arrived for %v", f.stall)) })
	defer idle.Stop()

	req, err := http.NewRequestWithContext(ctx, http.MethodGet, file.URL, nil)
	if err != nil {
		return err
	}
	p.ask(req)
	resp, err := f.client.Do(req)
	if err == nil {
		defer resp.Body.Close()
		var body io.Reader
		if body, err = p.accept(resp); err != nil {
			return err
		}
		// Reading one byte more than the file has detects a body that is too long.
		_, err = io.Copy(writer{p, func() {
			idle.Reset(f.stall)
			f.progress(file.Name, min(p.have, file.Size), file.Size)
		}}, io.LimitReader(body, file.Size-p.have+1))
	}
	var local *fs.PathError
	switch {
	case errors.As(err, &local):
		return p.stopped(err) // the disk is full, or worse
	case ctx.Err() != nil: // a stalled server, or a user who stops, which also ends the next pause
		return passing{p.stopped(context.Cause(ctx))}
	case err != nil:
		return passing{p.stopped(err)}
	case p.have < file.Size:
		return passing{p.stopped(io.ErrUnexpectedEOF)}
	case p.have > file.Size:
		return errors.Join(fmt.Errorf("%s: more comes than the %d bytes of the published file; it was thrown away", file.URL, file.Size), p.begin(""))
	}
	return nil
}

// stopped adds to an error how far the download came, and what to do.
func (p *part) stopped(err error) error {
	return fmt.Errorf("%s: stopped after %d of %d bytes (%w); %s", p.URL, p.have, p.Size, err, p.state())
}

// writer calls arrived after each write.
type writer struct {
	w       io.Writer
	arrived func()
}

func (w writer) Write(b []byte) (int, error) {
	n, err := w.w.Write(b)
	w.arrived()
	return n, err
}

// syncDir makes a rename in dir survive a crash. If a folder cannot be synced, as on Windows,
// nothing can be done.
func syncDir(dir string) {
	if d, err := os.Open(dir); err == nil {
		_ = d.Sync()
		d.Close()
	}
}
