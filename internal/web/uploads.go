package web

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"sync"
	"time"
)

// An uploads are the checkpoints that are being received. How long that takes is up to those who send, so there are
// few at a time, none is slow for long, and a slow one makes room for the next.
type uploads struct {
	most     int           // at a time
	patience time.Duration // for the next bytes, and for a sender that has yet to reach the least rate
	least    float64       // bytes a second, that each keeps up
	brisk    float64       // bytes a second, under which one makes room

	mu   sync.Mutex // of the rest, and of each upload
	list map[*upload]bool
}

func newUploads() *uploads {
	return &uploads{most: 4, patience: 10 * time.Second, least: 64 << 10, brisk: 1 << 20, list: map[*upload]bool{}}
}

// An upload is the body of a request, read within the limits. An error is returned again by later reads.
type upload struct {
	of    *uploads
	body  io.Reader
	out   *http.ResponseController
	begun time.Time
	n     int64 // bytes so far
	err   error
}

// begin returns the body of a request.
func (u *uploads) begin(w http.ResponseWriter, r *http.Request) *upload {
	return &upload{of: u, body: r.Body, out: http.NewResponseController(w), begun: time.Now()}
}

// Read fails with a failure if the body comes too slowly, makes room for another one, or is not whole.
func (b *upload) Read(p []byte) (int, error) {
	if err := b.extend(); err != nil {
		return 0, err
	}
	n, err := b.body.Read(p)
	b.of.mu.Lock()
	defer b.of.mu.Unlock()
	b.n += int64(n)
	switch {
	case b.err != nil:
	case errors.Is(err, os.ErrDeadlineExceeded):
		b.err = failf(http.StatusRequestTimeout, "the checkpoint came too slowly: send it in one piece, at %.0f bytes a second or more", b.of.least)
	case err != nil && err != io.EOF:
		b.err = failf(http.StatusBadRequest, "the body is not whole: %v", err)
	default:
		b.err = err
	}
	return n, b.err
}

// extend gives the next bytes their time.
func (b *upload) extend() error {
	b.of.mu.Lock()
	defer b.of.mu.Unlock()
	if b.err != nil {
		return b.err
	}
	end, pace := time.Now(), b.begun.Add(time.Duration(float64(b.n)/b.of.least*float64(time.Second)))
	if pace.Before(end) {
		end = pace
	}
	_ = b.out.SetReadDeadline(end.Add(b.of.patience)) // not all writers have one
	return nil
}

// admit counts a body among those that are received until it leaves. When there are too many, the one that is furthest
// behind the brisk rate makes room; if none is behind, the new one is refused.
func (u *uploads) admit(b *upload) error {
	u.mu.Lock()
	defer u.mu.Unlock()
	if len(u.list) >= u.most {
		last := u.last()
		if last == nil {
			return failf(http.StatusServiceUnavailable, "%d checkpoints are being received already; try again in a few seconds", u.most)
		}
		last.err = failf(http.StatusServiceUnavailable, "others send their checkpoints faster, and %d are received at a time; try again in a few seconds", u.most)
		_ = last.out.SetReadDeadline(time.Unix(1, 0)) // long past, which wakes it
		delete(u.list, last)
	}
	u.list[b] = true
	return nil
}

func (u *uploads) leave(b *upload) {
	u.mu.Lock()
	defer u.mu.Unlock()
	delete(u.list, b)
}

// last returns the body that is furthest behind the brisk rate and not here as a whole; nil if none is.
func (u *uploads) last() (last *upload) {
	least := 0.0
	for b := range u.list {
		if lead := float64(b.n) - u.brisk*time.Since(b.begun).Seconds(); lead < least && b.err == nil {
			last, least = b, lead
		}
	}
	return last
}

// receive writes a body to a file that nobody else sees, so that checkpoints take no memory. Drop frees its room.
func (u *uploads) receive(w http.ResponseWriter, r *http.Request, body *upload, largest int64) (file *os.File, size int64, err error) {
	tooLarge := failf(http.StatusRequestEntityTooLarge, "a checkpoint of this network has at most %d bytes", largest)
	if r.ContentLength > largest {
		return nil, 0, tooLarge
	}
	if err := u.admit(body); err != nil {
		return nil, 0, err
	}
	defer u.leave(body)
	if file, err = os.CreateTemp("", "breakeven-checkpoint-*"); err != nil {
		return nil, 0, fmt.Errorf("receiving a checkpoint: %w", err)
	}
	_ = os.Remove(file.Name()) // now, where that can be done with an open file: nothing is left by a process that is killed
	size, err = io.Copy(file, http.MaxBytesReader(w, io.NopCloser(body), largest))
	var most *http.MaxBytesError
	var fail failure
	switch {
	case errors.As(err, &most):
		err = tooLarge
	case errors.As(err, &fail): // of the body
	case err != nil:
		err = fmt.Errorf("receiving a checkpoint: %w", err)
	case size == 0:
		err = failf(http.StatusBadRequest, "the request has no body; send a checkpoint, safetensors or what torch.save wrote")
	default:
		return file, size, nil
	}
	drop(file)
	return nil, 0, err
}

// drop closes a file that was received, and removes it where that could not be done before.
func drop(file *os.File) {
	file.Close()
	_ = os.Remove(file.Name())
}
