package data

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// fetcher downloads files.
type fetcher struct {
	client   *http.Client
	stall    time.Duration // gives up when nothing arrives for so long
	progress func(file string, done, total int64)
}

// Fetch downloads the files of the named set from their public addresses into
// folder dir ("" is DefaultDir), unless they are there already. A file arrives
// as NAME.part; when it is whole and has the published sha256 it is renamed,
// replacing a file of the name that has not. An interrupted download goes on
// where it stopped when Fetch is called again. progress, which may be nil, is
// called as bytes arrive, and once with done = total for a file that is whole.
func Fetch(ctx context.Context, name, dir string, progress func(file string, done, total int64)) error {
	in, err := Lookup(name)
	if err != nil {
		return err
	}
	if dir, err = folder(&in, dir); err != nil {
		return err
	}
	if progress == nil {
		progress = func(string, int64, int64) {}
	}
	f := fetcher{client: http.DefaultClient, stall: time.Minute, progress: progress}
	return f.all(ctx, &in, dir)
}

// all brings the files of a set to where Open finds them below dir.
func (f fetcher) all(ctx context.Context, in *Info, dir string) error {
	for _, file := range in.Files {
		if err := f.file(ctx, file, filepath.Join(dir, in.home)); err != nil {
			return fmt.Errorf("data: fetch %s: %w", in.Name, err)
		}
	}
	return nil
}

// file brings one file into dir.
func (f fetcher) file(ctx context.Context, file File, dir string) error {
	path := filepath.Join(dir, file.Name)
	if file.compare(path) == nil {
		f.progress(file.Name, file.Size, file.Size)
		return nil
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("%w; give a folder that can be written to with --data-dir", err)
	}
	part := path + ".part"
	if err := f.download(ctx, file, part); err != nil {
		return err
	}
	if err := file.compare(part); err != nil {
		os.Remove(part)
		return fmt.Errorf("%s: %w; what came was thrown away: try again, and if it happens again get %s from elsewhere and put it into %s",
			file.URL, err, file.Name, dir)
	}
	if err := os.Rename(part, path); err != nil {
		return err
	}
	syncDir(dir)
	return nil
}

// download appends to part what it lacks of file.
func (f fetcher) download(ctx context.Context, file File, part string) error {
	w, err := os.OpenFile(part, os.O_RDWR|os.O_CREATE, 0o644)
	if err != nil {
		return fmt.Errorf("%w; give a folder that can be written to with --data-dir", err)
	}
	defer w.Close()
	have, err := w.Seek(0, io.SeekEnd)
	if err != nil {
		return err
	}
	if have > file.Size {
		if have, err = 0, restart(w); err != nil {
			return err
		}
	}
	if have < file.Size {
		if err := f.get(ctx, file, w, have); err != nil {
			return err
		}
	}
	if err := w.Sync(); err != nil {
		return err
	}
	return w.Close()
}

// get asks the server for file from byte have on and writes what comes to w.
func (f fetcher) get(ctx context.Context, file File, w *os.File, have int64) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	idle := time.AfterFunc(f.stall, func() { cancel(fmt.Errorf("nothing arrived for %v", f.stall)) })
	defer idle.Stop()

	req, err := http.NewRequestWithContext(ctx, http.MethodGet, file.URL, nil)
	if err != nil {
		return err
	}
	req.Header.Set("Accept-Encoding", "identity") // the files are compressed as they are
	if have > 0 {
		req.Header.Set("Range", fmt.Sprintf("bytes=%d-", have))
	}
	resp, err := f.client.Do(req)
	if err != nil {
		return transferError(ctx, file, have, err)
	}
	defer resp.Body.Close()
	switch resumed := strings.HasPrefix(resp.Header.Get("Content-Range"), fmt.Sprintf("bytes %d-", have)); {
	case resp.StatusCode == http.StatusPartialContent && have > 0 && resumed:
	case resp.StatusCode == http.StatusOK: // the server does not resume: from the beginning
		if have, err = 0, restart(w); err != nil {
			return err
		}
	case resp.StatusCode == http.StatusPartialContent, resp.StatusCode == http.StatusRequestedRangeNotSatisfiable:
		if err := restart(w); err != nil {
			return err
		}
		return fmt.Errorf("%s: the server cannot go on at byte %d; what had come was thrown away: run the same again", file.URL, have)
	default:
		return fmt.Errorf("%s: the server says %s; try again later", file.URL, resp.Status)
	}
	arrived := func(n int) {
		idle.Reset(f.stall)
		have += int64(n)
		f.progress(file.Name, min(have, file.Size), file.Size)
	}
	// One byte more than the file has tells a body that is too long.
	_, err = io.Copy(writer{w, arrived}, io.LimitReader(resp.Body, file.Size-have+1))
	switch {
	case err != nil:
		return transferError(ctx, file, have, err)
	case have < file.Size:
		return transferError(ctx, file, have, io.ErrUnexpectedEOF)
	}
	return nil
}

// transferError says how far a download came, and that it can go on.
func transferError(ctx context.Context, file File, have int64, err error) error {
	if cause := context.Cause(ctx); cause != nil {
		err = cause
	}
	return fmt.Errorf("%s: stopped after %d of %d bytes (%w); run the same again to go on from there", file.URL, have, file.Size, err)
}

// restart empties a file.
func restart(w *os.File) error {
	if err := w.Truncate(0); err != nil {
		return err
	}
	_, err := w.Seek(0, io.SeekStart)
	return err
}

// writer calls arrived after each write.
type writer struct {
	w       io.Writer
	arrived func(n int)
}

func (w writer) Write(b []byte) (int, error) {
	n, err := w.w.Write(b)
	w.arrived(n)
	return n, err
}

// syncDir makes a rename in dir outlast a crash. Where a folder cannot be
// synced, as on Windows, there is nothing to do.
func syncDir(dir string) {
	if d, err := os.Open(dir); err == nil {
		_ = d.Sync()
		d.Close()
	}
}
