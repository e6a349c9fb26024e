package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"time"
)

var (
	errTooLong = errors.New("not done in time")
	errEnded   = errors.New("the process ended")
)

// A process is one side of a race.
type process struct {
	cmd   *exec.Cmd
	in    io.WriteCloser
	lines chan []byte
}

// ours starts this program as our side of a race.
func (d *driver) ours() (*process, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	return start(d.threads, self, "-serve", string(d.dir))
}

// theirs starts a peer.
func (d *driver) theirs(peer string) (*process, error) {
	python := d.python
	if peer == neuralTangents || peer == nestedJAX {
		python = d.jax
	}
	return start(d.threads, python, filepath.Join("bench", "peers", "worker.py"), string(d.dir), fmt.Sprint(d.threads), peer)
}

// start starts a process that may use so many threads, by whichever library.
func start(threads int, name string, args ...string) (*process, error) {
	cmd := exec.Command(name, args...)
	cmd.Stderr = os.Stderr
	cmd.Env = os.Environ()
	for _, v := range []string{"GOMAXPROCS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"} {
		cmd.Env = append(cmd.Env, fmt.Sprintf("%s=%d", v, threads))
	}
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	p := &process{cmd, in, make(chan []byte)}
	go func() {
		defer close(p.lines)
		for s := bufio.NewScanner(out); s.Scan(); {
			p.lines <- append([]byte(nil), s.Bytes()...)
		}
	}()
	return p, nil
}

// ask sends a request and waits for its answer, but not longer than the limit,
// after which the process is gone.
func (p *process) ask(r request, limit time.Duration) (answer, error) {
	line, err := json.Marshal(r)
	if err != nil {
		return answer{}, err
	}
	if _, err := p.in.Write(append(line, '\n')); err != nil {
		return answer{}, errEnded
	}
	timer := time.NewTimer(limit)
	defer timer.Stop()
	select {
	case line, ok := <-p.lines:
		if !ok {
			return answer{}, errEnded
		}
		return parseAnswer(line)
	case <-timer.C:
		_ = p.cmd.Process.Kill()
		return answer{}, errTooLong
	}
}

// stop ends the process.
func (p *process) stop() {
	p.in.Close()
	go func() { // what it still says, so that it can end
		for range p.lines {
		}
	}()
	time.AfterFunc(5*time.Second, func() { _ = p.cmd.Process.Kill() })
	_ = p.cmd.Wait()
}
